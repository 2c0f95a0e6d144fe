// When there is something to say of what arrived at the mail server after a poke. Pure.

import type { PokeView } from "./api";

/** Whether there is anything to say of what arrived after a poke, or of why that cannot be seen. */
export function tells(poke: PokeView): boolean {
  if (poke.arrivals || poke.delivered) return true;
  return poke.monitoring !== null && (poke.monitoring.monitoring !== "watching" || poke.may_bring_mail);
}
