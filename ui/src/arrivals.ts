// What arrived at the own server after a poke, in the engine's own sentences. Pure.

/** Connections to the own server. */
export type Count = {
  /** That brought mail; all of them, where the system does not tell what they brought. */
  connections: number;
  bytes: number | null;
  first_after_ms: number | null;
  /** Without mail. */
  bare: number;
};

export type Arrivals = {
  provider: Count;
  elsewhere: Count;
  /** Whether some may not have been counted. */
  overrun: boolean;
};

/** A sentence as its key and its values; octets and milliseconds are still to be put in words. */
export type Sentence = { key: string; count: number; octets: number; after_ms: number };

/** As `Arrivals::explain` of the engine. */
export function sentences({ provider, elsewhere, overrun }: Arrivals): Sentence[] {
  const found: Sentence[] = [];
  const add = (key: string, count = 0, octets = 0, after_ms = 0) => found.push({ key, count, octets, after_ms });
  const addMail = (key: string, { connections, bytes, first_after_ms }: Count) =>
    add(bytes === null ? `${key}-unmeasured` : key, connections, bytes ?? 0, first_after_ms ?? 0);
  if (provider.connections > 0) addMail("arrivals-provider", provider);
  else if (provider.bare === 0) add("arrivals-none");
  if (provider.bare > 0) add("arrivals-bare", provider.bare);
  // What comes from elsewhere without mail is the noise of the Internet.
  if (elsewhere.connections > 0) addMail("arrivals-elsewhere", elsewhere);
  if (overrun) add("arrivals-overrun");
  return found;
}
