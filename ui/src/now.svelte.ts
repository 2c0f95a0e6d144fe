// The moment that is now, for what tells how long ago something was. Nothing ticks: whoever shows
// words says until when they hold, and one timer for all waits for the first of those moments, only
// while somebody can see it.

type Reader = { due: number; read: () => void };

/** The longest that a timer of the browser's waits. */
const LONGEST = 2 ** 31 - 1;
/** Words of a minute and more change together, a little later than they could: it is painted once. */
const GRAIN = 5000;

const readers = new Set<Reader>();
let timer: ReturnType<typeof setTimeout> | undefined;
let set = Number.POSITIVE_INFINITY;

/**
 * Calls `read` once, at `due` (milliseconds since 1970) or as soon as somebody can see it after that.
 * Gives what calls that off.
 */
export function when(due: number, read: () => void): () => void {
  if (readers.size === 0) document.addEventListener("visibilitychange", look);
  const reader = { due: together(due, Date.now()), read };
  readers.add(reader);
  if (reader.due < set) wait();
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    document.removeEventListener("visibilitychange", look);
    stop();
  };
}

/** Seconds change on the second, longer times on their grain. */
export function together(due: number, now: number): number {
  const grain = due - now > GRAIN ? GRAIN : 1000;
  return Math.ceil(due / grain) * grain;
}

function stop() {
  clearTimeout(timer);
  timer = undefined;
  set = Number.POSITIVE_INFINITY;
}

function wait() {
  stop();
  if (document.visibilityState !== "visible") return;
  for (const { due } of readers) set = Math.min(set, due);
  if (set < Number.POSITIVE_INFINITY) timer = setTimeout(look, Math.min(Math.max(set - Date.now(), 0), LONGEST));
}

function look() {
  const now = Date.now();
  // Who reads waits again, and must not be read twice in one look.
  const due = [...readers].filter((reader) => reader.due <= now);
  for (const reader of due) {
    readers.delete(reader);
    reader.read();
  }
  wait();
}

/**
 * For a component: a reading of the clock that is taken again when the words made from it change.
 * @param until When they do, from the moment that is now.
 */
export function ticking(until: (now: number) => number): () => number {
  let ticks = $state(0);
  $effect(() => {
    void ticks;
    return when(until(Date.now()), () => {
      ticks += 1;
    });
  });
  return () => {
    void ticks;
    return Date.now();
  };
}
