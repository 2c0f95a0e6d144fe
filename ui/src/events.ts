// What can happen to a connection, as the lines of a dialogue name it: CONNECTION_EVENTS of dequeue-smtp.

export const EVENTS = [
  "connected",
  "connect-failed",
  "closed",
  "reset",
  "timed-out",
  "interrupted",
  "tls-started",
  "tls-failed",
  "mail-server-connected",
  "mail-server-failed",
  "turned",
  "bridge-ended",
  "next-host",
] as const;

/** What happened, and the host that it names. None for what a later engine names: that stands as it is. */
export function event(line: string): { name: string; host: string } | null {
  const [name = "", host = ""] = line.split(" ");
  return (EVENTS as readonly string[]).includes(name) ? { name, host } : null;
}
