// Which part of the window is shown: the part of the address behind #, so that "back" works.

import { createSubscriber } from "svelte/reactivity";

export type Route =
  /** With the account that is to be shown, where somebody has asked for one. */
  | { part: "overview"; account?: string }
  | { part: "new" }
  | { part: "edit"; account: string }
  | { part: "recent"; poke: number | null }
  | { part: "notices" }
  | { part: "settings" }
  | { part: "log" };

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
    case "log":
      return { part: "log" };
    case "overview":
      return second === "" ? { part: "overview" } : { part: "overview", account: decodeURIComponent(second) };
    default:
      return { part: "overview" };
  }
}

export function address(route: Route): string {
  switch (route.part) {
    case "overview":
      return route.account === undefined ? "#/" : `#/overview/${encodeURIComponent(route.account)}`;
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
    case "log":
      return "#/log";
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

/**
 * To where one is already as well: an account that was folded again is asked for anew.
 * @param instead Whether "back" skips the part that is left.
 */
export function go(to: Route, instead = false): void {
  const there = address(to);
  if (window.location.hash === there) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else if (instead) window.location.replace(there);
  else window.location.hash = there;
}
