// The log as the page knows it: lines that were fetched, and how they are written into a file. Pure.

import type { LogEntry, LogLevel, LogPage, LogPlace } from "./api";
import type { Look } from "./marks";

/** The most important first; each takes those before it along. */
export const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug", "trace"];

export const LOG: Record<LogLevel, Look> = {
  error: { shape: "alert", tone: "trouble" },
  warn: { shape: "info", tone: "calm" },
  info: { shape: "info", tone: "quiet" },
  debug: { shape: "dash", tone: "quiet" },
  trace: { shape: "dash", tone: "quiet" },
};

/** Lines that are kept at hand while new ones come. */
const AT_HAND = 2000;

export type Lines = {
  /** The newest first. */
  entries: readonly LogEntry[];
  /** Before the oldest, and behind the newest. */
  begin: LogPlace;
  end: LogPlace;
  /** Whether older ones exist. */
  more: boolean;
};

/** The newest lines of all. */
export function first({ entries, begin, end, more }: LogPage): Lines {
  return { entries: entries.toReversed(), begin, end, more };
}

/** With a page of older ones. */
export function withOlder(lines: Lines, { entries, begin, more }: LogPage): Lines {
  return { ...lines, entries: [...lines.entries, ...entries.toReversed()], begin, more };
}

/** With a page of newer ones; the oldest make room for them, until somebody looks anew. */
export function withNewer(lines: Lines, { entries, end }: LogPage): Lines {
  if (entries.length === 0) return { ...lines, end };
  const all = [...entries.toReversed(), ...lines.entries];
  // The place of the oldest one kept is not known: those that go cannot be asked for from here.
  return all.length > AT_HAND ? { ...lines, entries: all.slice(0, AT_HAND), end, more: false } : { ...lines, entries: all, end };
}

/** A line as it stands in the log's files. */
export function line({ at, level, program, process, target, text }: LogEntry): string {
  return `${at} ${level.toUpperCase()} ${program}[${process}] ${target}: ${text}\n`;
}
