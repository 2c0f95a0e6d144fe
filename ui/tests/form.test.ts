// What follows from an account and its last poke: the form's fields, what it shows, and the offer to pin.

import { describe, expect, test } from "vitest";
import { size } from "../src/amounts";
import type { Method, Poke, Security } from "../src/api";
import { demand, fieldsOf, showsMore, turns, usualPort } from "../src/form";
import { groups, offer } from "../src/pin";
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

  test("two methods turn the connection round", () => {
    expect((["auto", "signal", "etrn", "atrn", "turn", "qsnd", "finger", "hello"] as const).filter(turns)).toEqual(["atrn", "turn"]);
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
  const seen = (reason: Poke["reason"], certificate: Poke["certificate"] = CERTIFICATE) =>
    offer(account({ last: poke(1, { reason, certificate }) }));

  test("is offered for trust where a person can judge it", () => {
    for (const reason of ["certificate-unknown", "certificate-expired", "certificate-not-yet-valid", "certificate-wrong-name"] as const) {
      expect(seen(reason), reason).toEqual({ account: "vevida", host: "bsmtp.example.org", certificate: CERTIFICATE, changed: false });
    }
    expect(seen("certificate-changed")?.changed).toBe(true);
  });

  test("is not where it holds, is revoked or cannot be used, where none was seen, nor in the demo", () => {
    for (const reason of ["pending-started", "certificate-revoked", "certificate-invalid", "tls-failed"] as const) {
      expect(seen(reason), reason).toBeNull();
    }
    expect(seen("certificate-unknown", null)).toBeNull();
    expect(offer(account({ last: null }))).toBeNull();
    expect(offer(account({ demo: true, last: poke(1, { reason: "certificate-unknown", certificate: CERTIFICATE }) }))).toBeNull();
  });

  test("has a fingerprint in groups, with nothing left out", () => {
    const found = groups(CERTIFICATE.fingerprint);
    expect(found).toHaveLength(8);
    expect(found[0]).toBe("6B 0E 3F 91");
    expect(found.join(" ").replaceAll(" ", ":")).toBe(CERTIFICATE.fingerprint);
  });
});

test.each<[number, string, string]>([
  [0, "size-bytes", "0"],
  [999, "size-bytes", "999"],
  [1000, "size-kb", "1.0"],
  [9949, "size-kb", "9.9"],
  [9950, "size-kb", "10"],
  [999_499, "size-kb", "999"],
  [999_500, "size-mb", "1.0"],
  [1_234_567, "size-mb", "1.2"],
  [999_500_000, "size-gb", "1.0"],
  [20_000_000_000, "size-gb", "20"],
])("%d octets are %s %s", (octets, key, number) => {
  expect(size(octets, "en-GB")).toEqual({ key, values: { number } });
});
