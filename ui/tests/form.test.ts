// What follows from an account and its last poke: the form's fields, what it shows, and the offer to pin.

import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import type { Method, PokeView, Security } from "../src/api";
import { demand, fieldsOf, keysOf, others, showsMore, usualPort } from "../src/form";
import OtherFields from "../src/parts/OtherFields.svelte";
import { groups, offer } from "../src/pin";
import { ACCOUNT, type Group, type Setting } from "../src/settings";
import { say } from "../src/text.svelte";
import { account, CERTIFICATE, poke } from "./samples";

describe("the form", () => {
  test.each<[Method, Security, number]>([
    ["auto", "opportunistic", 25],
    ["signal", "none", 25],
    ["etrn", "required", 25],
    ["etrn", "implicit", 465],
    ["turn", "implicit", 465],
    ["atrn", "required", 366],
    ["atrn", "implicit", 366],
    ["finger", "opportunistic", 79],
    ["hello", "implicit", 1789],
  ])("%s with TLS %s goes to port %d", (method, tls, port) => {
    expect(usualPort(method, tls)).toBe(port);
  });

  test("a usual port is not entered, so that it follows the method", () => {
    expect(fieldsOf(account({ port: 366 })).port).toBe("");
    expect(fieldsOf(account({ port: 366 }, { port: "366" })).port).toBe("366");
  });

  test("each setting stands in it once, by a control of its own or by its kind", () => {
    const fields = fieldsOf(null);
    const parts: (Group | "expert")[] = ["provider", "rhythm", "mail-server", "security", "notices", "conversation", "program", "expert"];
    const byKind = parts.flatMap((part) => others(fields, part)).map(({ key }) => key);
    expect(new Set(byKind).size).toBe(byKind.length);
    for (const { key, secret } of ACCOUNT) {
      // A pin is not typed, so it has no label of a field.
      const own = key === "pin" || say(`window-field-${key}`) !== `window-field-${key}`;
      expect(byKind.includes(key), key).toBe(!own && !secret);
      for (const sentence of [`field-${key}`, `remedy-${key}`]) expect(say(sentence)).not.toBe(sentence);
    }
    expect(keysOf("security")).toContain("pin");
  });

  test("nothing that the engine does not tell is sent back to it", () => {
    expect(others(fieldsOf(account()), "expert")).toEqual([]);
  });

  test("a setting without a control of its own is shown by its kind", async () => {
    const shown = (key: string) => ACCOUNT.find((it) => it.key === key) as Setting;
    const onchange = vi.fn();
    const settings = ["login_in_clear", "ip", "finger"].map(shown);
    const values = { login_in_clear: "true", ip: "4", finger: "me" };
    render(OtherFields, { settings, values, faultOf: () => undefined, onchange });
    const check = screen.getByRole("checkbox", { name: "Password in the clear" }) as HTMLInputElement;
    const choice = screen.getByRole("combobox", { name: "IP version" }) as HTMLSelectElement;
    const text = screen.getByRole("textbox", { name: "Finger request" }) as HTMLInputElement;
    expect([check.checked, choice.value, text.value]).toEqual([true, "4", "me"]);
    await fireEvent.click(check);
    await fireEvent.change(choice, { target: { value: "6" } });
    await fireEvent.input(text, { target: { value: "you" } });
    expect(onchange.mock.calls).toEqual([["login_in_clear", "false"], ["ip", "6"], ["finger", "you"]]);
  });

  test("encryption and login show where they are set or asked for", () => {
    expect([null, account(), account({ last: null })].map(showsMore)).toEqual([false, false, false]);
    const asked = account({ last: poke(1, { reason: "login-required", explanation: "A login first." }) });
    expect(demand(asked)).toBe("A login first.");
    for (const set of [account({}, { tls: "required" }), account({}, { user: "anna" }), account({}, { method: "atrn" }), asked]) {
      expect(showsMore(set)).toBe(true);
    }
  });
});

describe("a certificate", () => {
  const seen = (change: Partial<PokeView>) => offer(account({ last: poke(1, { certificate: CERTIFICATE, ...change }) }));

  test("is offered for trust where the engine says that it can be pinned", () => {
    const pinnable = { can_be_pinned: true, reason: "certificate-unknown" } as const;
    expect(seen(pinnable)).toEqual({ account: "vevida", host: "bsmtp.example.org", certificate: CERTIFICATE, changed: false });
    expect(seen({ ...pinnable, reason: "certificate-changed" })?.changed).toBe(true);
  });

  test("is not where the engine says that it cannot, where none was seen, nor in the demo", () => {
    expect(seen({ can_be_pinned: false, reason: "certificate-revoked" })).toBeNull();
    expect(seen({ can_be_pinned: true, certificate: null })).toBeNull();
    expect(offer(account({ last: null }))).toBeNull();
    expect(offer(account({ demo: true, last: poke(1, { can_be_pinned: true, certificate: CERTIFICATE }) }))).toBeNull();
  });

  test("has a fingerprint in groups, with nothing left out", () => {
    const found = groups(CERTIFICATE.fingerprint);
    expect(found).toHaveLength(8);
    expect(found[0]).toBe("6B 0E 3F 91");
    expect(found.join(" ").replaceAll(" ", ":")).toBe(CERTIFICATE.fingerprint);
  });
});
