// What the account form is made of, and what follows from what is chosen in it. Pure.

import type { AccountView, General, Method, Notify, Reason, Security } from "./api";
import { setting } from "./setting";
import { ACCOUNT, type AccountKey, GENERAL, type Group, KEPT_HERE, type Setting, TURNING, USUAL_PORTS } from "./settings";

/** The definition of an account's setting. */
function definition(key: AccountKey): Setting<AccountKey> {
  const found = ACCOUNT.find((it) => it.key === key);
  if (!found) throw new Error(`no setting ${key}`);
  return found;
}

/** In the order in which a person is shown them. */
export const METHODS = definition("method").choices as readonly Method[];
export const SECURITIES = definition("tls").choices as readonly Security[];
export const NOTIFICATIONS = definition("notify").choices as readonly Notify[];

/** As the settings file has it. */
export type Flag = "true" | "false";

/** Those with a control of their own, as a person types them, by their key in the settings file. */
type OwnFields = {
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
  /** Empty for only where the method cannot do without. */
  mail_server_test: Flag | "";
  tls: Security;
  user: string;
  /** Empty for any certificate that holds. */
  pin: string;
  notify: Notify;
  notify_after: string;
  /** Empty for none. */
  silence_alarm: string;
};

/** Those, and what is shown by its kind alone, as far as the engine tells it. */
export type Fields = OwnFields & Partial<Record<AccountKey, string>>;

const OWN: ReadonlySet<string> = new Set<keyof OwnFields>([
  "name", "host", "port", "domains", "every", "hours", "outside", "cron", "time_zone", "jitter", "method", "mail_server",
  "mail_server_first", "mail_server_test", "tls", "user", "pin", "notify", "notify_after", "silence_alarm",
]);

/** What no account can do without. */
export const FIRST: readonly string[] = ACCOUNT.filter(({ depth }) => depth === "first").map(({ key }) => key);

/** What belongs to a part of the form. */
export const keysOf = (group: Group): readonly string[] => ACCOUNT.filter((it) => it.group === group).map(({ key }) => key);

/**
 * The settings without a control of their own whose values are known: those of `group` that more than a few need, or of
 * all groups those that only a few do.
 */
export function others(fields: Fields, group: Group | "expert"): readonly Setting<AccountKey>[] {
  const is = (it: Setting) =>
    group === "security" || (group !== "expert" && it.depth !== "expert")
      ? it.group === group
      : group === "expert" && it.depth === "expert" && it.group !== "security";
  return ACCOUNT.filter((it) => !OWN.has(it.key) && !it.secret && it.key in fields && is(it));
}

/** The settings for all accounts' notices without a control of their own whose values are known. */
export function otherNotices(general: General): readonly Setting[] {
  return GENERAL.filter((it) => it.group === "notices" && it.key !== "notice_quiet" && !it.secret && generalText(general, it.key) !== undefined);
}

/** A value that belongs to no account, as it is typed, where the engine tells it. */
export function generalText(general: General, key: string): string | undefined {
  return general.fields[key];
}

/** What a setting is where nobody says anything. */
export const usual = (key: AccountKey): string => definition(key).default;

/** The time zone of this machine. */
export const SYSTEM_ZONE = usual("time_zone");
/** A tenth of the interval, a minute at most. */
export const USUAL_JITTER = usual("jitter");
/** The mail server, where it runs on this machine and nothing says otherwise. */
export const USUAL_MAIL_SERVER = "127.0.0.1:25";

/** The account's own, or those that a new one begins with. */
export function fieldsOf(account: AccountView | null): Fields {
  if (account) {
    const domains = (account.fields.domains ?? "").split(", ").join("\n");
    return { ...account.fields, name: account.name, domains } as Fields;
  }
  return Object.fromEntries(ACCOUNT.filter(({ secret }) => !secret).map((it) => [it.key, it.default])) as Fields;
}

/** The port that is used where none is entered. */
export function usualPort(method: Method, tls: Security): number {
  return USUAL_PORTS[method][tls === "implicit" ? 1 : 0];
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
  const set = tls !== usual("tls") || user !== "" || pin !== "";
  return set || TURNING.has(method) || demand(account) !== null;
}

/** Whether a password can be kept from here: others come from a file, a variable or a program. */
export function keepsSecret(account: AccountView | null): boolean {
  return account === null || KEPT_HERE.has(setting(account, "secret"));
}
