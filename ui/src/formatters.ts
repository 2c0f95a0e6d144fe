// The formatters of Intl, kept: one takes a thousand times as long to make as to use, and some MB of
// memory for as long as nobody collects it.

const kept = new Map<string, unknown>();

function keep<T>(kind: string, locale: string, options: object, make: () => T): T {
  const key = `${kind} ${locale} ${JSON.stringify(options)}`;
  const known = kept.get(key) as T | undefined;
  if (known) return known;
  const made = make();
  kept.set(key, made);
  return made;
}

/** Writes moments. */
export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return keep("date", locale, options, () => new Intl.DateTimeFormat(locale, options));
}

/** Writes how long ago or ahead something is, as in "1 day ago", never as "yesterday". */
export function relativeFormat(locale: string, style: Intl.RelativeTimeFormatStyle): Intl.RelativeTimeFormat {
  const options: Intl.RelativeTimeFormatOptions = { numeric: "always", style };
  return keep("relative", locale, options, () => new Intl.RelativeTimeFormat(locale, options));
}

/** Writes several things in one sentence. */
export function listFormat(locale: string): Intl.ListFormat {
  return keep("list", locale, {}, () => new Intl.ListFormat(locale, { type: "conjunction" }));
}

/** Compares names as a person orders them: "office 2" before "Office 10". */
export function collator(locale: string): Intl.Collator {
  return keep("collator", locale, {}, () => new Intl.Collator(locale, { numeric: true }));
}

/** Writes numbers. */
export function numberFormat(locale: string): Intl.NumberFormat {
  return keep("number", locale, {}, () => new Intl.NumberFormat(locale));
}
