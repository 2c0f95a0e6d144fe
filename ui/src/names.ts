// A first idea for an account's name, which the user can change.

/** Second levels that name no one, as in example.co.uk. */
const GENERAL = ["ac", "co", "com", "edu", "gov", "net", "org"];

/** As in `vevida` for `bsmtp.vevida.com`; an address stays as it is. */
export function suggestName(host: string): string {
  const trimmed = host.trim();
  if (trimmed.includes(":") || /^\d[\d.]*$/.test(trimmed)) return trimmed;
  const labels = trimmed.split(".").filter((label) => label !== "");
  const last = labels.length - 2;
  const general = last > 0 && GENERAL.includes(labels[last]?.toLowerCase() ?? "");
  return labels[general ? last - 1 : Math.max(last, 0)] ?? "";
}
