// Which rows of a long list are on the screen, and where each begins. Pure: all in pixels.

/** An unfolded row, and how much taller than a folded one it is. */
export type Extra = { place: number; height: number };

export type List = {
  count: number;
  /** The height of a folded row. */
  row: number;
  /** By place. */
  extras: readonly Extra[];
};

/** Rows from `first` up to, not including, `end`. */
export type Span = { first: number; end: number };

/** Where a row begins; for the number of rows, where the list ends. */
export function begins({ row, extras }: List, place: number): number {
  let at = place * row;
  for (const extra of extras) {
    if (extra.place >= place) break;
    at += extra.height;
  }
  return at;
}

/** The row that this point is in: the first above the list, the last below it. */
export function rowAt(list: List, point: number): number {
  let above = 0;
  for (const { place, height } of list.extras) {
    if (point < (place + 1) * list.row + above + height) return clamp(Math.min(Math.floor((point - above) / list.row), place), list.count);
    above += height;
  }
  return clamp(Math.floor((point - above) / list.row), list.count);
}

/** The rows that can be seen between two points, with `spare` more on either side. */
export function span(list: List, top: number, bottom: number, spare: number): Span {
  if (list.count === 0) return { first: 0, end: 0 };
  const first = Math.max(rowAt(list, top) - spare, 0);
  const end = Math.min(rowAt(list, bottom) + 1 + spare, list.count);
  return { first, end };
}

/** Whether `inner` needs no row that `outer` has not. */
export function covers(outer: Span, inner: Span): boolean {
  return outer.first <= inner.first && outer.end >= inner.end;
}

function clamp(place: number, count: number): number {
  return Math.max(0, Math.min(place, count - 1));
}
