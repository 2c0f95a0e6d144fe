// What the account form is made of, and what follows from what is chosen in it. Pure.

import type { AccountView, Method, Notify, Reason, Security } from "./api";
import { setting } from "./setting";

/** In the order in which a person is shown them. */
export const METHODS: readonly Method[] = ["auto", "signal", "etrn", "atrn", "turn", "qsnd", "finger", "hello"];
export const SECURITIES: readonly Security[] = ["none", "opportunistic", "required", "implicit"];
export const NOTIFICATIONS: readonly Notify[] = ["never", "problems", "everything"];

/** As the settings file has it. */
export type Flag = "true" | "false";

/** As a person types them, by their key in the settings file. */
export type Fields = {
  name: string;
  host: string;
  /** Empty for the usual one. */
  port: string;
  domains: string;
  every: string;
  /** Empty for always. */
  hours: string;
  outside: string;
  /** Empty for none; it takes the place of the hours and of `every`. */
  cron: string;
  time_zone: string;
  jitter: string;
  method: Method;
  /** Empty for this machine's. */
  mail_server: string;
  mail_server_first: Flag;
  mail_server_test: Flag;
  tls: Security;
  user: string;
  /** Empty for any certificate that holds. */
  pin: string;
  notify: Notify;
  notify_after: string;
  /** Empty for none. */
  silence_alarm: string;
};

/** The time zone of this machine. */
export const SYSTEM_ZONE = "system";
/** A tenth of the interval, a minute at most. */
export const USUAL_JITTER = "auto";
/** The mail server, where it runs on this machine and nothing says otherwise. */
export const USUAL_MAIL_SERVER = "127.0.0.1:25";

/** The account's own, or those that a new one begins with. */
export function fieldsOf(account: AccountView | null): Fields {
  const of = (key: keyof Fields, first: string) => (account ? setting(account, key) : first);
  return {
    name: account?.name ?? "",
    host: of("host", ""),
    port: of("port", ""),
    domains: of("domains", "").split(", ").join("\n"),
    every: of("every", "15m"),
    hours: of("hours", ""),
    outside: of("outside", "never"),
    cron: of("cron", ""),
    time_zone: of("time_zone", SYSTEM_ZONE),
    jitter: of("jitter", USUAL_JITTER),
    method: of("method", "auto") as Method,
    mail_server: of("mail_server", ""),
    mail_server_first: of("mail_server_first", "true") as Flag,
    mail_server_test: of("mail_server_test", "false") as Flag,
    tls: of("tls", "opportunistic") as Security,
    user: of("user", ""),
    pin: of("pin", ""),
    notify: of("notify", "problems") as Notify,
    notify_after: of("notify_after", "1"),
    silence_alarm: of("silence_alarm", ""),
  };
}

/** The port that is used where none is entered; as in `Account::port` of the engine. */
export function usualPort(method: Method, tls: Security): number {
  switch (method) {
    case "atrn":
      return 366;
    case "finger":
      return 79;
    case "hello":
      return 1789;
    case "auto":
    case "signal":
    case "etrn":
    case "turn":
    case "qsnd":
      return tls === "implicit" ? 465 : 25;
  }
}

/** Whether the mail comes over the same connection. */
export function turns(method: Method): boolean {
  return method === "atrn" || method === "turn";
}

/** Answers to a poke that encryption or a login has to do with. */
const DEMANDS: ReadonlySet<Reason> = new Set<Reason>([
  "tls-required",
  "tls-not-offered",
  "tls-failed",
  "login-required",
  "login-refused",
  "login-not-offered",
  "login-mechanism",
  "login-in-clear",
  "login-confused",
  "server-not-proved",
  "secret-missing",
]);

/** What the last poke says of encryption or a login, in the engine's words; `null` where nothing. */
export function demand(account: AccountView | null): string | null {
  const last = account?.last;
  return last && DEMANDS.has(last.reason) ? last.summary : null;
}

/** Whether encryption and login are shown at once: they are set, or the provider asks for them. */
export function showsMore(account: AccountView | null): boolean {
  if (!account) return false;
  const { tls, user, pin, method } = fieldsOf(account);
  const set = tls !== "opportunistic" || user !== "" || pin !== "";
  return set || turns(method) || demand(account) !== null;
}

/** Whether a password can be kept from here: others come from a file, a variable or a program. */
export function keepsSecret(account: AccountView | null): boolean {
  return account === null || ["stored", "keyring", "file"].includes(setting(account, "secret"));
}
