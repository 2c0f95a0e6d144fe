// The settings of an account, or those that belong to none, as the engine tells them.

/** By their key in the settings file, as a person types them. */
type Settings = { fields: { [key in string]: string } };

/** One of them; empty where it has no value. */
export function setting({ fields }: Settings, key: string): string {
  return fields[key] ?? "";
}
