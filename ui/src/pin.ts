// When a provider's certificate may be trusted by hand, and how its fingerprint is read out. Pure.

import type { AccountView, Certificate } from "./api";

export type Offer = {
  account: string;
  host: string;
  certificate: Certificate;
  /** Whether another one was trusted before. */
  changed: boolean;
};

/** What the account's last poke found and can be trusted; a certificate seen earlier is not offered. */
export function offer(account: AccountView): Offer | null {
  const { last } = account;
  if (account.demo || !last?.certificate || !last.can_be_pinned) return null;
  return {
    account: account.name,
    host: last.host,
    certificate: last.certificate,
    changed: last.reason === "certificate-changed",
  };
}

const PAIRS_IN_A_GROUP = 4;

/** A fingerprint in groups that can be read out, as in `AB CD EF 01`. */
export function groups(fingerprint: string): string[] {
  const pairs = fingerprint.split(":");
  const found: string[] = [];
  for (let at = 0; at < pairs.length; at += PAIRS_IN_A_GROUP) {
    found.push(pairs.slice(at, at + PAIRS_IN_A_GROUP).join(" "));
  }
  return found;
}
