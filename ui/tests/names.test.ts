// The first idea for an account's name, and the addresses of the window's parts.

import { expect, test } from "vitest";
import { suggestName } from "../src/names";
import { address, parse, type Route } from "../src/route.svelte";

test("a name is suggested from the host", () => {
  const suggestions = {
    "bsmtp.vevida.com": "vevida",
    "vevida.nl": "vevida",
    "mail.provider.co.uk": "provider",
    localhost: "localhost",
    " mx.kpn.nl. ": "kpn",
    "192.0.2.7": "192.0.2.7",
    "2001:db8::1": "2001:db8::1",
    "": "",
    "...": "",
  };
  for (const [host, name] of Object.entries(suggestions)) expect(suggestName(host), host).toBe(name);
});

test("every part has an address that leads back to it", () => {
  const routes: Route[] = [
    { part: "overview" },
    { part: "overview", account: "oud kantoor / 2 #é%" },
    { part: "new" },
    { part: "edit", account: "oud kantoor / 2 #é%" },
    { part: "recent", poke: null },
    { part: "recent", poke: 41 },
    { part: "recent", poke: -1 },
    { part: "settings" },
  ];
  for (const route of routes) expect(parse(address(route))).toEqual(route);
  expect(parse("")).toEqual({ part: "overview" });
  expect(parse("#/nonsense")).toEqual({ part: "overview" });
  expect(parse("#/recent/x")).toEqual({ part: "recent", poke: null });
});
