// What can happen to a connection, as the lines of a dialogue name it: CONNECTION_EVENTS of dequeue-smtp.

export const EVENTS = [
  "connected",
  "connect-failed",
  "closed",
  "reset",
  "timed-out",
  "tls-started",
  "tls-failed",
  "own-server-connected",
  "own-server-failed",
  "turned",
  "bridge-ended",
] as const;

/** Whether there is a sentence for it. One that a later engine names stands as it is. */
export function isEvent(line: string): boolean {
  return (EVENTS as readonly string[]).includes(line);
}
