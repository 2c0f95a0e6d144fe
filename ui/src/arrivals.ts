// What arrived at the mail server after a poke, in the engine's own sentences. Pure.

import type { Arrivals, Count, PokeView, ArrivalMonitoring } from "./api";
import { serverOf } from "./mail-server";

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

/**
 * Why arrivals cannot be seen, as a sentence and its values; `null` while they are watched.
 * As `ArrivalMonitoring::explain` of the engine; `mailServer` as in the settings, empty for this machine's.
 */
export function unseenBecause(monitoring: ArrivalMonitoring, mailServer: string): { key: string; values: Record<string, string> } | null {
  const { host, port } = serverOf(mailServer);
  switch (monitoring.monitoring) {
    case "watching":
      return null;
    case "not-here":
      return { key: "arrivals-not-here", values: { host } };
    case "not-listening":
      // Where nobody says that it runs here, it may well be another machine.
      return { key: mailServer === "" ? "window-arrivals-no-mail-server" : "arrivals-not-listening", values: { port } };
    case "not-possible":
      return { key: `arrivals-not-possible-${monitoring.reason}`, values: {} };
  }
}

/** Whether something may have come of a poke, so that it can be said that nothing has. */
export function mayBring({ outcome }: PokeView): boolean {
  switch (outcome) {
    case "started":
    case "signalled":
    case "delivered":
    case "unknown":
      return true;
    case "nothing-waiting":
    case "refused":
    case "unreachable":
    case "held":
    case "failed":
      return false;
  }
}

/** Whether there is anything to say of what arrived after a poke, or of why that cannot be seen. */
export function tells(poke: PokeView): boolean {
  if (poke.arrivals || poke.delivered) return true;
  return poke.monitoring !== null && (poke.monitoring.monitoring !== "watching" || mayBring(poke));
}

/** For how long, in milliseconds, the provider stayed on the line as it does while it delivers; `null` where it did not. */
export function busyFor({ busy_ms, is_busy }: PokeView): number | null {
  return is_busy ? busy_ms : null;
}
