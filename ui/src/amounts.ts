// Amounts of data in words. Pure.

const UNITS = [
  { key: "size-kb", of: 1e3 },
  { key: "size-mb", of: 1e6 },
  { key: "size-gb", of: 1e9 },
] as const;

/** An amount as the text to look up and its values. */
export type Size = { key: "size-bytes" | (typeof UNITS)[number]["key"]; values: { number: string } };

/** As the engine words it: a tenth below ten, whole numbers from there on. */
export function size(octets: number, locale: string): Size {
  // What would round to a thousand of a unit is one of the next.
  const unit = UNITS.findLast(({ of }) => octets >= (of === 1e3 ? of : of * 0.9995));
  if (!unit) return { key: "size-bytes", values: { number: String(octets) } };
  const amount = octets / unit.of;
  const digits = amount < 9.95 ? 1 : 0;
  const number = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount);
  return { key: unit.key, values: { number } };
}
