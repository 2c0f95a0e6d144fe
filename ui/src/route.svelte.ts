// Which part of the window is shown: the part of the address behind #, so that "back" works.

import { createSubscriber } from "svelte/reactivity";

export type Route =
  | { part: "overview" }
  | { part: "new" }
  | { part: "edit"; account: string }
  | { part: "recent"; poke: number | null }
  | { part: "notices" }
  | { part: "settings" };

export function parse(hash: string): Route {
  const [first = "", second = ""] = hash.replace(/^#?\/?/, "").split("/");
  switch (first) {
    case "new":
      return { part: "new" };
    case "account":
      return { part: "edit", account: decodeURIComponent(second) };
    case "recent":
      return { part: "recent", poke: /^-?\d+$/.test(second) ? Number(second) : null };
    case "notices":
      return { part: "notices" };
    case "settings":
      return { part: "settings" };
    default:
      return { part: "overview" };
  }
}

export function address(route: Route): string {
  switch (route.part) {
    case "overview":
      return "#/";
    case "new":
      return "#/new";
    case "edit":
      return `#/account/${encodeURIComponent(route.account)}`;
    case "recent":
      return route.poke === null ? "#/recent" : `#/recent/${route.poke}`;
    case "notices":
      return "#/notices";
    case "settings":
      return "#/settings";
  }
}

const subscribe = createSubscriber((update) => {
  window.addEventListener("hashchange", update);
  return () => window.removeEventListener("hashchange", update);
});

/** The part that is shown. */
export function route(): Route {
  subscribe();
  return parse(window.location.hash);
}

/** @param instead Whether "back" skips the part that is left. */
export function go(to: Route, instead = false): void {
  if (instead) window.location.replace(address(to));
  else window.location.hash = address(to);
}
