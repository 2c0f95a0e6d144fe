// Generated from crates/engine/src/api.rs by `cargo test -p dequeue-engine --test typescript`.

export type Request = { "type": "snapshot" } | { "type": "poke-now", 
/**
 * Names of accounts.
 */
accounts: Array<string>, } | { "type": "pause", 
/**
 * One account, or everything.
 */
account: string | null, } | { "type": "resume", 
/**
 * One account, or everything.
 */
account: string | null, } | { "type": "save-account", 
/**
 * The account to change; `None` adds one.
 */
original: string | null, 
/**
 * Settings by their key in the settings file, as a person types them. What is not named
 * stays as it is.
 */
fields: { [key in string]: string }, 
/**
 * Only looks whether it could be saved.
 */
dry_run: boolean, } | { "type": "remove-account", 
/**
 * Its name.
 */
account: string, } | { "type": "save-general", 
/**
 * Settings by their key in the settings file.
 */
fields: { [key in string]: string }, } | { "type": "history", 
/**
 * Of one account, or of all.
 */
account: string | null, 
/**
 * Not older than this.
 */
since: string | null, 
/**
 * Only pokes with a smaller id, for the next page.
 */
before: number | null, 
/**
 * At most so many; at most 1000.
 */
limit: number, } | { "type": "poke", 
/**
 * Its id.
 */
id: number, } | { "type": "start-demo" } | { "type": "stop-demo" } | { "type": "set-start-at-login", 
/**
 * The wish.
 */
on: boolean, } | { "type": "attach-window" } | { "type": "show-window" } | { "type": "close-window" };

export type Response = { "type": "done" } | { "type": "snapshot", 
/**
 * The state.
 */
snapshot: Snapshot, } | { "type": "pokes", 
/**
 * The pokes.
 */
pokes: Array<Poke>, } | { "type": "poke", 
/**
 * The poke.
 */
poke: Poke, } | { "type": "window", 
/**
 * Whether a window was open already. It has been brought to the front.
 */
open: boolean, };

export type ApiError = { 
/**
 * For programs.
 */
code: ErrorCode, 
/**
 * For people, in their language: what is wrong, and what to do.
 */
message: string, 
/**
 * The fields that are wrong, where it is about fields.
 */
fields: Array<FieldError>, };

export type ErrorCode = "invalid-input" | "no-such-account" | "no-such-poke" | "settings-fault" | "settings-not-writable" | "history" | "demo" | "start-at-login" | "engine-gone" | "protocol";

export type FieldError = { 
/**
 * Its key in the settings file.
 */
field: string, 
/**
 * One sentence in the user's language: the field, the fault, the remedy.
 */
message: string, };

export type Event = { "type": "changed", 
/**
 * The state.
 */
snapshot: Snapshot, } | { "type": "account", 
/**
 * The account as it is now.
 */
account: AccountView, 
/**
 * How everything stands now.
 */
standing: Standing, } | { "type": "dialogue", 
/**
 * The account.
 */
account: string, 
/**
 * The line.
 */
line: DialogueLine, } | { "type": "poked", 
/**
 * The poke, without its dialogue.
 */
poke: Poke, } | { "type": "notice", 
/**
 * What to say.
 */
notice: Notice, } | { "type": "show-window" } | { "type": "close-window" } | { "type": "missed" } | { "type": "gone" };

export type Snapshot = { 
/**
 * The engine's version.
 */
version: string, 
/**
 * How everything stands.
 */
standing: Standing, 
/**
 * Whether everything is paused.
 */
paused: boolean, 
/**
 * The accounts, in the order of the settings file; the demo's last.
 */
accounts: Array<AccountView>, 
/**
 * The settings that belong to no account.
 */
general: General, 
/**
 * The settings file.
 */
settings_path: string, 
/**
 * What is wrong with the settings file: the last good settings go on running.
 */
settings_fault: string | null, 
/**
 * Whether the demo is running.
 */
demo: boolean, 
/**
 * Whether the tray starts at login; `None` where this machine cannot say.
 */
start_at_login: boolean | null, };

export type Standing = "ok" | "poking" | "trouble" | "paused" | "not-set-up";

export type General = { 
/**
 * What the user chose: `system`, `en` or `nl`.
 */
language: string, 
/**
 * What that comes to: `en` or `nl`.
 */
language_in_use: string, };

export type AccountView = { 
/**
 * Its name.
 */
name: string, 
/**
 * The provider's host.
 */
host: string, 
/**
 * The provider's port.
 */
port: number, 
/**
 * How it is poked.
 */
method: Method, 
/**
 * What mail is held for.
 */
domains: Array<string>, 
/**
 * The time between pokes, as in the settings file.
 */
every: string, 
/**
 * Which notifications the user wants.
 */
notify: Notify, 
/**
 * How it stands.
 */
standing: Standing, 
/**
 * Whether it is paused, by itself or with everything.
 */
paused: boolean, 
/**
 * Whether it is the demo's, and leaves nothing behind.
 */
demo: boolean, 
/**
 * The last poke that ended, without its dialogue.
 */
last: Poke | null, 
/**
 * When a poke last worked.
 */
last_success_at: string | null, 
/**
 * Pokes in a row that did not work.
 */
failures: number, 
/**
 * When the next poke is due; `None` while paused.
 */
next_at: string | null, };

export type Notify = "never" | "problems" | "everything";

export type Poke = { 
/**
 * Its place in the history; 0 where it is in none.
 */
id: number, 
/**
 * The account; empty for a poke by host.
 */
account: string, 
/**
 * The provider's host.
 */
host: string, 
/**
 * The address and port that were connected to, or tried last.
 */
address: string | null, 
/**
 * The method that was used; `auto` only where it did not come to choosing one.
 */
method: Method, 
/**
 * How it ended.
 */
outcome: Outcome, 
/**
 * Why.
 */
reason: Reason, 
/**
 * The code of the reply that the outcome was read from.
 */
code: number | null, 
/**
 * What the provider said, as it said it.
 */
text: string | null, 
/**
 * How each domain fared.
 */
domains: Array<DomainView>, 
/**
 * One or two sentences in the user's language.
 */
explanation: string, 
/**
 * What set it off.
 */
trigger: Trigger, 
/**
 * When it began.
 */
started_at: string, 
/**
 * How long it took, in milliseconds.
 */
duration_ms: number, 
/**
 * Round trips waited for, the TCP handshake and the greeting included.
 */
round_trips: number, 
/**
 * The line's protection, where there was one.
 */
tls: Tls | null, 
/**
 * The address that the provider saw us come from.
 */
seen_address: string | null, 
/**
 * The exit status that goes with it on the command line.
 */
exit_status: number, 
/**
 * What was said. Empty in lists and events; ask for the poke.
 */
dialogue: Array<DialogueLine>, };

export type DomainView = { 
/**
 * The domain as it was asked for.
 */
domain: string, 
/**
 * How it ended.
 */
outcome: Outcome, 
/**
 * Why.
 */
reason: Reason, 
/**
 * How many messages are on their way, where the provider says.
 */
pending: number | null, 
/**
 * The reply's code.
 */
code: number | null, 
/**
 * The reply's enhanced status code.
 */
enhanced: string | null, 
/**
 * The reply's text, as it came.
 */
text: string | null, };

export type Tls = { 
/**
 * As in `TLSv1.3`.
 */
version: string, 
/**
 * The cipher suite.
 */
cipher: string, 
/**
 * The name that the certificate was checked against.
 */
peer: string, };

export type Trigger = "schedule" | "user" | "host";

export type Notice = { 
/**
 * What it is about.
 */
kind: NoticeKind, 
/**
 * The account, where it is about one.
 */
account: string | null, 
/**
 * The heading, with the account's name.
 */
title: string, 
/**
 * What happened, and what to do.
 */
body: string, };

export type NoticeKind = "first-success" | "failure" | "recovery" | "poked" | "reminder" | "alarm" | "alarm-over";

export type Method = "auto" | "signal" | "etrn" | "qsnd";

export type Outcome = "started" | "nothing-waiting" | "signalled" | "refused" | "unreachable" | "unknown" | "held" | "failed";

export type Reason = "queuing-started" | "pending-started" | "already-running" | "no-messages" | "quit-signals" | "normal-here" | "masked-by-firewall" | "try-later" | "service-closing" | "cannot-queue" | "not-allowed" | "syntax" | "not-implemented" | "bad-sequence" | "tls-required" | "login-required" | "login-refused" | "denied" | "not-asked" | "not-smtp" | "too-much" | "no-answer" | "hung-up" | "no-address" | "connection-refused" | "no-route" | "connect-timeout" | "local-fault";

export type DialogueLine = { 
/**
 * Who said it.
 */
from: Speaker, 
/**
 * When, in milliseconds since the session began.
 */
at_ms: number, 
/**
 * The line without its line end, control characters made visible.
 */
line: string, };

export type Speaker = "provider" | "us" | "connection";
