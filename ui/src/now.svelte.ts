// The moment that is now, for what tells how long ago something was. It ticks once a second, and
// only while somebody can see it.

import { createSubscriber } from "svelte/reactivity";

const TICK = 1000;

const subscribe = createSubscriber((update) => {
  let timer: ReturnType<typeof setInterval> | undefined;
  const look = () => {
    clearInterval(timer);
    timer = undefined;
    if (document.visibilityState !== "visible") return;
    timer = setInterval(update, TICK);
    update();
  };
  document.addEventListener("visibilitychange", look);
  if (document.visibilityState === "visible") timer = setInterval(update, TICK);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
});

/** In milliseconds since 1970. */
export function now(): number {
  subscribe();
  return Date.now();
}
