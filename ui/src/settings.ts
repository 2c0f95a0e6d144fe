// Generated from crates/core/src/settings by `cargo test -p dequeue-core --test generated`.

import type { Method } from "./api";

export type Kind = "text" | "number" | "flag" | "time" | "choice" | "command" | "texts" | "numbers";
export type Group = "provider" | "rhythm" | "mail-server" | "security" | "notices" | "conversation" | "program";
export type Depth = "first" | "usual" | "expert";

/** A setting, with its values as they are entered. */
export type Setting<Key extends string = string> = {
  key: Key;
  kind: Kind;
  default: string;
  choices: readonly string[];
  /** From where to where a number or a time goes. */
  range: readonly [string, string] | null;
  group: Group;
  depth: Depth;
  /** Whether it says where a secret comes from. */
  secret: boolean;
};

export type AccountKey =
  | "name"
  | "host"
  | "port"
  | "other_hosts"
  | "method"
  | "domains"
  | "every"
  | "hours"
  | "outside"
  | "time_zone"
  | "cron"
  | "jitter"
  | "notify"
  | "notify_after"
  | "silence_alarm"
  | "heartbeat"
  | "heartbeat_on_failure"
  | "heartbeat_failure"
  | "tls"
  | "ca_file"
  | "pin"
  | "client_cert"
  | "client_key"
  | "user"
  | "auth"
  | "secret"
  | "login_in_clear"
  | "mail_server"
  | "mail_server_first"
  | "mail_server_test"
  | "watch"
  | "finger"
  | "ehlo"
  | "bind"
  | "ip"
  | "normal_codes"
  | "connect_timeout"
  | "greeting_timeout"
  | "command_timeout"
  | "turn_timeout";

export const ACCOUNT: readonly Setting<AccountKey>[] = [
  { key: "name", kind: "text", default: "", choices: [], range: null, group: "provider", depth: "usual", secret: false },
  { key: "host", kind: "text", default: "", choices: [], range: null, group: "provider", depth: "first", secret: false },
  { key: "port", kind: "number", default: "", choices: [], range: ["1","65535"], group: "provider", depth: "usual", secret: false },
  { key: "other_hosts", kind: "texts", default: "", choices: [], range: null, group: "provider", depth: "expert", secret: false },
  { key: "method", kind: "choice", default: "auto", choices: ["auto","signal","etrn","atrn","turn","qsnd","finger","hello"], range: null, group: "provider", depth: "usual", secret: false },
  { key: "domains", kind: "texts", default: "", choices: [], range: null, group: "provider", depth: "first", secret: false },
  { key: "every", kind: "time", default: "15m", choices: [], range: ["10s","31d"], group: "rhythm", depth: "first", secret: false },
  { key: "hours", kind: "text", default: "", choices: [], range: null, group: "rhythm", depth: "usual", secret: false },
  { key: "outside", kind: "text", default: "never", choices: [], range: ["10s","31d"], group: "rhythm", depth: "usual", secret: false },
  { key: "time_zone", kind: "text", default: "system", choices: [], range: null, group: "rhythm", depth: "expert", secret: false },
  { key: "cron", kind: "text", default: "", choices: [], range: null, group: "rhythm", depth: "expert", secret: false },
  { key: "jitter", kind: "text", default: "auto", choices: [], range: ["0s","31d"], group: "rhythm", depth: "expert", secret: false },
  { key: "notify", kind: "choice", default: "problems", choices: ["never","problems","everything"], range: null, group: "notices", depth: "usual", secret: false },
  { key: "notify_after", kind: "number", default: "1", choices: [], range: ["1","100"], group: "notices", depth: "usual", secret: false },
  { key: "silence_alarm", kind: "time", default: "", choices: [], range: ["1h","366d"], group: "notices", depth: "usual", secret: false },
  { key: "heartbeat", kind: "text", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "heartbeat_on_failure", kind: "choice", default: "nothing", choices: ["nothing","fail"], range: null, group: "notices", depth: "expert", secret: false },
  { key: "heartbeat_failure", kind: "text", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "tls", kind: "choice", default: "opportunistic", choices: ["none","opportunistic","required","implicit"], range: null, group: "security", depth: "usual", secret: false },
  { key: "ca_file", kind: "text", default: "", choices: [], range: null, group: "security", depth: "expert", secret: false },
  { key: "pin", kind: "text", default: "", choices: [], range: null, group: "security", depth: "usual", secret: false },
  { key: "client_cert", kind: "text", default: "", choices: [], range: null, group: "security", depth: "expert", secret: false },
  { key: "client_key", kind: "text", default: "", choices: [], range: null, group: "security", depth: "expert", secret: false },
  { key: "user", kind: "text", default: "", choices: [], range: null, group: "security", depth: "usual", secret: false },
  { key: "auth", kind: "choice", default: "auto", choices: ["auto","token","external","scram-sha-256","scram-sha-1","oauthbearer","xoauth2","cram-md5","plain","login"], range: null, group: "security", depth: "expert", secret: false },
  { key: "secret", kind: "text", default: "stored", choices: [], range: null, group: "security", depth: "usual", secret: true },
  { key: "login_in_clear", kind: "flag", default: "false", choices: ["true","false"], range: null, group: "security", depth: "expert", secret: false },
  { key: "mail_server", kind: "text", default: "", choices: [], range: null, group: "mail-server", depth: "usual", secret: false },
  { key: "mail_server_first", kind: "flag", default: "true", choices: ["true","false"], range: null, group: "mail-server", depth: "usual", secret: false },
  { key: "mail_server_test", kind: "flag", default: "", choices: ["true","false"], range: null, group: "mail-server", depth: "usual", secret: false },
  { key: "watch", kind: "time", default: "5m", choices: [], range: ["0s","1h"], group: "mail-server", depth: "expert", secret: false },
  { key: "finger", kind: "text", default: "", choices: [], range: null, group: "conversation", depth: "expert", secret: false },
  { key: "ehlo", kind: "text", default: "", choices: [], range: null, group: "conversation", depth: "expert", secret: false },
  { key: "bind", kind: "text", default: "", choices: [], range: null, group: "conversation", depth: "expert", secret: false },
  { key: "ip", kind: "choice", default: "auto", choices: ["auto","4","6"], range: null, group: "conversation", depth: "expert", secret: false },
  { key: "normal_codes", kind: "numbers", default: "", choices: [], range: ["400","599"], group: "conversation", depth: "expert", secret: false },
  { key: "connect_timeout", kind: "time", default: "30s", choices: [], range: ["1s","1h"], group: "conversation", depth: "expert", secret: false },
  { key: "greeting_timeout", kind: "time", default: "5m", choices: [], range: ["1s","1h"], group: "conversation", depth: "expert", secret: false },
  { key: "command_timeout", kind: "time", default: "5m", choices: [], range: ["1s","1h"], group: "conversation", depth: "expert", secret: false },
  { key: "turn_timeout", kind: "time", default: "10m", choices: [], range: ["1s","1h"], group: "conversation", depth: "expert", secret: false },
];

export type GeneralKey =
  | "language"
  | "keep_for"
  | "keep_at_most"
  | "log_level"
  | "log_at_most"
  | "update_check"
  | "notice_quiet"
  | "notice_snooze"
  | "notice_command"
  | "notice_webhook"
  | "notice_webhook_secret"
  | "notice_webhook_body"
  | "notice_mail_host"
  | "notice_mail_port"
  | "notice_mail_tls"
  | "notice_mail_user"
  | "notice_mail_secret"
  | "notice_mail_from"
  | "notice_mail_to"
  | "notice_summary"
  | "heartbeat_secret";

export const GENERAL: readonly Setting<GeneralKey>[] = [
  { key: "language", kind: "choice", default: "system", choices: ["system","en","nl"], range: null, group: "program", depth: "usual", secret: false },
  { key: "keep_for", kind: "time", default: "400d", choices: [], range: ["1d","3660d"], group: "program", depth: "expert", secret: false },
  { key: "keep_at_most", kind: "number", default: "100", choices: [], range: ["1","1000000"], group: "program", depth: "expert", secret: false },
  { key: "log_level", kind: "choice", default: "info", choices: ["error","warn","info","debug","trace"], range: null, group: "program", depth: "usual", secret: false },
  { key: "log_at_most", kind: "number", default: "10", choices: [], range: ["1","10000"], group: "program", depth: "expert", secret: false },
  { key: "update_check", kind: "choice", default: "off", choices: ["off","weekly"], range: null, group: "program", depth: "usual", secret: false },
  { key: "notice_quiet", kind: "text", default: "", choices: [], range: null, group: "notices", depth: "usual", secret: false },
  { key: "notice_snooze", kind: "time", default: "1d", choices: [], range: ["1h","31d"], group: "notices", depth: "usual", secret: false },
  { key: "notice_command", kind: "command", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_webhook", kind: "text", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_webhook_secret", kind: "text", default: "stored", choices: [], range: null, group: "notices", depth: "expert", secret: true },
  { key: "notice_webhook_body", kind: "text", default: "", choices: ["json","text","slack","discord","teams","google-chat","gotify","ntfy","mattermost","pushover","telegram"], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_mail_host", kind: "text", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_mail_port", kind: "number", default: "", choices: [], range: ["1","65535"], group: "notices", depth: "expert", secret: false },
  { key: "notice_mail_tls", kind: "choice", default: "implicit", choices: ["implicit","required","none"], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_mail_user", kind: "text", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_mail_secret", kind: "text", default: "stored", choices: [], range: null, group: "notices", depth: "expert", secret: true },
  { key: "notice_mail_from", kind: "text", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_mail_to", kind: "texts", default: "", choices: [], range: null, group: "notices", depth: "expert", secret: false },
  { key: "notice_summary", kind: "choice", default: "never", choices: ["never","weekly"], range: null, group: "notices", depth: "usual", secret: false },
  { key: "heartbeat_secret", kind: "text", default: "stored", choices: [], range: null, group: "notices", depth: "expert", secret: true },
];

/** The port that is used where none is entered: without TLS or with STARTTLS, and with TLS from the first byte. */
export const USUAL_PORTS: Readonly<Record<Method, readonly [number, number]>> = {
  auto: [25,465],
  signal: [25,465],
  etrn: [25,465],
  atrn: [366,366],
  turn: [25,465],
  qsnd: [25,465],
  finger: [79,79],
  hello: [1789,1789],
};

/** The methods whose mail comes over the same connection. */
export const TURNING: ReadonlySet<Method> = new Set<Method>(["atrn", "turn"]);

/** The sources of secrets that are kept here; from the others they are only read. */
export const KEPT_HERE: ReadonlySet<string> = new Set<string>(["stored", "keyring", "file"]);
