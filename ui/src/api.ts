// Generated from crates/api by `cargo test -p dequeue-api --test typescript`.

export type Request = { "type": "snapshot" } | { "type": "snapshot-part", 
/**
 * How many accounts are left out before the first.
 */
from: number, 
/**
 * How many at most, up to [`ACCOUNTS_IN_PART`].
 */
at_most: number, } | { "type": "poke-now", 
/**
 * Names of accounts.
 */
accounts: Array<string>, } | { "type": "pause", 
/**
 * One account, or everything.
 */
account: string | null, 
/**
 * How long.
 */
lasts?: PauseLength, } | { "type": "resume", 
/**
 * One account, or everything.
 */
account: string | null, } | { "type": "settings" } | { "type": "save-account", 
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
dry_run: boolean, } | { "type": "set-secret", 
/**
 * Its name; or the key of the general setting that says where a secret for notices comes
 * from, one of [`dequeue_core::settings::channel::SECRETS`].
 */
account: string, 
/**
 * The secret. Never empty.
 */
secret: string, } | { "type": "clear-secret", 
/**
 * Its name.
 */
account: string, } | { "type": "remove-account", 
/**
 * Its name.
 */
account: string, } | { "type": "save-general", 
/**
 * Settings by their key in the settings file.
 */
fields: { [key in string]: string }, } | { "type": "import", 
/**
 * Settings that belong to no account, by key. What is not named stays as it is.
 */
general: { [key in string]: string }, 
/**
 * Accounts, each with its name among its settings. What is not named is as in a new
 * account.
 */
accounts: Array<{ [key in string]: string }>, 
/**
 * What has no value there, since it may hold a key: where it is set here, it stays.
 */
left_out: Array<Withheld>, 
/**
 * The passwords or tokens that come along, by the account's name. They are kept where the
 * settings of the account say, before these name it; where nothing is taken over, none is
 * kept. One that cannot be kept is no reason to take nothing over.
 */
passwords: { [account in string]?: string }, 
/**
 * Takes the place of accounts that have these names. They keep their history.
 */
replace: boolean, 
/**
 * Whether settings may start programs that those here do not start already. Without it such
 * an import is refused with [`ErrorCode::CommandsNotAllowed`], and each is in the error's
 * fields.
 */
allow_commands: boolean, 
/**
 * Only looks whether it could be done.
 */
dry_run: boolean, } | { "type": "export" } | { "type": "history", 
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
 * How many at most, up to 1000.
 */
limit: number, } | { "type": "poke", 
/**
 * Its id.
 */
id: number, } | { "type": "days", 
/**
 * Of one account, or of all together.
 */
account: string | null, 
/**
 * Not before the day that this moment is in, by the machine's calendar.
 */
since: string | null, } | { "type": "start-demo" } | { "type": "stop-demo" } | { "type": "set-start-at-login", 
/**
 * Whether it is to start then.
 */
on: boolean, } | { "type": "try-channels" } | { "type": "attach-window" } | { "type": "show-window", 
/**
 * The account that it is to show; as it is where there is none.
 */
account: string | null, } | { "type": "window-in-front", 
/**
 * Whether it is.
 */
front: boolean, } | { "type": "notices", 
/**
 * Whether somebody sees them: they count as seen from then on.
 */
seen: boolean, } | { "type": "log", 
/**
 * The newest before this place, or after it; without either the newest of all.
 */
from: LogFrom | null, 
/**
 * How many at most, up to 1000.
 */
limit: number, 
/**
 * Not older than this.
 */
since: string | null, 
/**
 * At least so important; all where that is not said.
 */
level: LogLevel | null, 
/**
 * With this in them, in whatever case; empty for all.
 */
search: string, } | { "type": "check-for-update" } | { "type": "close-window" } | { "type": "end" } | { "type": "diagnose", 
/**
 * One account, or all.
 */
account: string | null, } | { "type": "hand-over", 
/**
 * What the service will know this move by: nobody can guess it.
 */
token: string, 
/**
 * The folder of another service than this machine's own.
 */
service_in: string | null, } | { "type": "handed-over", 
/**
 * The move.
 */
token: string, } | { "type": "take-over", 
/**
 * The move.
 */
token: string, 
/**
 * As of [`Request::Import`].
 */
general: { [key in string]: string }, 
/**
 * The same. None has a name that is taken.
 */
accounts: Array<{ [key in string]: string }>, 
/**
 * The same.
 */
passwords: { [account in string]?: string }, 
/**
 * The same.
 */
allow_commands: boolean, } | { "type": "take-back", 
/**
 * The move.
 */
token: string, };

export type Response = { "type": "done" } | { "type": "secret-kept", 
/**
 * The keyring or the protected file.
 */
kept_in: Kept, } | { "type": "settings", 
/**
 * The settings that the engine goes by.
 */
settings: SettingsView, } | { "type": "imported", 
/**
 * What was left out there and stays as it is set here.
 */
kept: Array<Withheld>, 
/**
 * What became of each password.
 */
passwords: Array<PasswordKept>, } | { "type": "exported", 
/**
 * A settings file.
 */
text: string, 
/**
 * What is not in it, since it may hold a key.
 */
left_out: Array<Withheld>, } | { "type": "snapshot", 
/**
 * Everything that a client shows.
 */
snapshot: Snapshot, } | { "type": "snapshot-part", 
/**
 * The state, with these accounts alone.
 */
snapshot: Snapshot, 
/**
 * How many accounts there are together.
 */
of: number, 
/**
 * Another number with each change of the settings: parts with different ones do not belong
 * together.
 */
edition: number, } | { "type": "pokes", 
/**
 * Newest first.
 */
pokes: Array<PokeView>, 
/**
 * Whether there may be more of them, on the next page. A page ends early where its pokes
 * are long.
 */
more: boolean, } | { "type": "poke", 
/**
 * With its dialogue.
 */
poke: PokeView, } | { "type": "days", 
/**
 * Newest first.
 */
days: Array<Day>, } | { "type": "trials", 
/**
 * One for each channel that is set.
 */
trials: Array<Trial>, } | { "type": "diagnoses", 
/**
 * One for each account.
 */
diagnoses: Array<Diagnosis>, } | { "type": "notices", 
/**
 * The newest first.
 */
notices: Array<GivenNotice>, } | { "type": "log", 
/**
 * The lines.
 */
page: LogPage, } | { "type": "handed-over", 
/**
 * The settings that the engine went by.
 */
settings: SettingsView, 
/**
 * The passwords and tokens that there are, by the account's name, wherever they were kept.
 */
passwords: { [account in string]?: string }, 
/**
 * The same by the keys of the general settings that say where they come from.
 */
notice_secrets: { [key in string]?: string }, } | { "type": "taken-back", 
/**
 * Whether the service has the accounts.
 */
has_them: boolean, } | { "type": "update", 
/**
 * The version that is newer than the engine's, where there is one.
 */
newer: NewVersion | null, } | { "type": "window", 
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

export type ErrorCode = "invalid-input" | "no-such-account" | "no-such-poke" | "settings-fault" | "settings-not-writable" | "history" | "demo" | "start-at-login" | "log" | "update" | "secret" | "engine-gone" | "protocol" | "too-large" | "commands-not-allowed" | "not-allowed" | "hand-over";

export type FieldError = { 
/**
 * Its key in the settings file; as [`Request::Import`] says in an import.
 */
field: string, 
/**
 * One sentence in the user's language: the field, the fault, the remedy.
 */
message: string, };

export type Event = { "type": "changed", 
/**
 * Everything that a client shows.
 */
snapshot: Snapshot, } | { "type": "account", 
/**
 * The account as it is now.
 */
account: AccountView, 
/**
 * As the account that is most urgent.
 */
health: Health, 
/**
 * How many accounts are being poked at this moment, whatever their health.
 */
poking: number, } | { "type": "dialogue", 
/**
 * The account's name.
 */
account: string, 
/**
 * What was said, by whom and when.
 */
line: DialogueLine, } | { "type": "poke-completed", 
/**
 * The poke, without its dialogue.
 */
poke: PokeView, } | { "type": "poked", 
/**
 * The poke, without its dialogue.
 */
poke: PokeView, } | { "type": "notice", 
/**
 * What to say.
 */
notice: Notice, 
/**
 * Whether the window is in front, so that nothing has to pop up.
 */
in_window: boolean, } | { "type": "finding", 
/**
 * The account's name.
 */
account: string, 
/**
 * What it found.
 */
finding: Finding, } | { "type": "show-window", 
/**
 * The account that it is to show.
 */
account: string | null, } | { "type": "close-window", } | { "type": "moved" } | { "type": "end" } | { "type": "missed" } | { "type": "gone" };

export type Snapshot = { 
/**
 * The engine's version.
 */
version: string, 
/**
 * Whether whoever asks may change anything; else only look and poke.
 */
may_change: boolean, 
/**
 * Whether everything is paused.
 */
paused: boolean, 
/**
 * When that pause ends by itself.
 */
paused_until: string | null, 
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
 * Where the accounts are being moved into the service: how far that has come, in words.
 */
hand_over: string | null, 
/**
 * What is wrong with the history, in words.
 */
history_fault: string | null, 
/**
 * Which ways out for notices do not work, in words.
 */
channel_faults: Array<string>, 
/**
 * Notices that were given while no window was in front, and that nobody has seen since.
 */
unseen_notices: number, 
/**
 * A newer version that is known; what is to be done about it is a person's.
 */
update: NewVersion | null, 
/**
 * Whether the demo is running.
 */
demo: boolean, 
/**
 * Whether the tray starts at login; `None` where this machine cannot say.
 */
start_at_login: boolean | null, 
/**
 * As the account that is most urgent.
 */
health: Health, 
/**
 * How many accounts are being poked at this moment, whatever their health.
 */
poking: number, };

export type GivenNotice = { 
/**
 * When.
 */
at: string, 
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

export type NewVersion = { 
/**
 * Its number.
 */
version: string, 
/**
 * The day of its release, as in 2026-11-29.
 */
date: string, 
/**
 * A web address that says what is new, and where it is.
 */
notes: string, };

export type LogLevel = "error" | "warn" | "info" | "debug" | "trace";

export type LogWanted = { 
/**
 * Not older than this.
 */
since: string | null, 
/**
 * At least so important; all where that is not said.
 */
level: LogLevel | null, 
/**
 * With this in them, in whatever case; empty for all.
 */
search: string, };

export type LogFrom = { "before": LogPlace } | { "after": LogPlace };

export type LogPlace = { 
/**
 * The number of a file.
 */
file: number, 
/**
 * Octets from its beginning.
 */
at: number, };

export type LogEntry = { 
/**
 * When it was logged.
 */
at: string, 
/**
 * How important it is.
 */
level: LogLevel, 
/**
 * The program that logged it.
 */
program: string, 
/**
 * Its process.
 */
process: number, 
/**
 * Where in the program.
 */
target: string, 
/**
 * What happened, with its fields: English, without secrets and mail addresses.
 */
text: string, };

export type LogPage = { 
/**
 * The lines.
 */
entries: Array<LogEntry>, 
/**
 * Where the first of them begins: older ones come before it.
 */
begin: LogPlace, 
/**
 * Behind the last that was looked at: newer ones come after it.
 */
end: LogPlace, 
/**
 * Whether there are more in the direction that was asked for.
 */
more: boolean, };

export type PauseLength = { "seconds": number } | "tomorrow" | "until-resumed";

export type Health = "trouble" | "needs-you" | "asked" | "waiting" | "proved" | "paused" | "not-set-up";

export type General = { 
/**
 * The settings by key, as a person types them; without those of
 * [`dequeue_core::settings::definition::Secrecy::may_hold_key`].
 */
fields: { [key in string]: string }, 
/**
 * What `language` comes to: `en` or `nl`.
 */
language_in_use: string, 
/**
 * Where notices go besides the desktop.
 */
channels: Array<ChannelView>, };

export type AccountView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its other settings by key, as a person types them; without those of
 * [`dequeue_core::settings::definition::Secrecy::may_hold_key`].
 */
fields: { [key in string]: string }, 
/**
 * The provider's port: the one that is set, or the usual one.
 */
port: number, 
/**
 * The host that heartbeats go to; empty for none.
 */
heartbeat_host: string, 
/**
 * What is no longer as it was, with what to do.
 */
alarms: Array<AlarmView>, 
/**
 * Whether a poke is held until the mail server is back.
 */
held: boolean, 
/**
 * How it stands.
 */
health: Health, 
/**
 * Whether it is being poked at this moment.
 */
poking: boolean, 
/**
 * Whether it is paused, by itself or with everything.
 */
paused: boolean, 
/**
 * When it will no longer be, where that comes by itself.
 */
paused_until: string | null, 
/**
 * Whether it is the demo's, and leaves nothing behind.
 */
demo: boolean, 
/**
 * The last poke that ended, without its dialogue.
 */
last: PokeView | null, 
/**
 * When a poke last worked.
 */
last_success_at: string | null, 
/**
 * When mail was last seen to arrive.
 */
last_arrival_at: string | null, 
/**
 * Pokes in a row that did not work.
 */
failures: number, 
/**
 * When the next poke is due; `None` while paused.
 */
next_at: string | null, 
/**
 * Why then, where that is not simply the rhythm.
 */
next_reason_words: string | null, 
/**
 * What has arrived today, or that nothing has; `None` where that cannot be seen.
 */
arrived_today_words: string | null, };

export type SettingsView = { 
/**
 * Those that belong to no account.
 */
general: { [key in string]: string }, 
/**
 * Those of each account, its name among them, in the order of the settings file.
 */
accounts: Array<{ [key in string]: string }>, };

export type AlarmView = { 
/**
 * What it is about.
 */
kind: AlarmKind, 
/**
 * The heading: one line.
 */
title: string, 
/**
 * What happened, and what to do.
 */
body: string, };

export type AlarmKind = "silence" | "seen-address" | "provider-addresses" | "certificate" | "answer" | "unproved" | "slow";

export type Notify = "never" | "problems" | "everything";

export type PokeView = { 
/**
 * What came of the asking.
 */
summary: string, 
/**
 * The summary, then what there is to say of the mail server, of other hosts and of what arrived.
 */
explanation: string, 
/**
 * How the mail server stood before it; `None` where it was not looked at.
 */
mail_server_words: string | null, 
/**
 * What came of it at the mail server; `None` while nothing is known of that.
 */
arrivals_words: string | null, 
/**
 * Why what arrives cannot be seen; `None` where it can be, or was not looked for.
 */
unseen_words: string | null, 
/**
 * How long it took.
 */
duration_words: string, 
/**
 * How long the provider kept the connection open after its goodbye; `None` where that is not
 * as long as a delivery takes.
 */
busy_words: string | null, 
/**
 * Whether it shows by itself that mail gets through ([`Poke::proves`]): nothing else is green.
 */
proves: boolean, 
/**
 * Whether mail may have come of it, so that it can be said that none has.
 */
may_bring_mail: boolean, 
/**
 * Whether pinning the certificate that the provider showed is a way out.
 */
can_be_pinned: boolean, 
/**
 * The exit status that goes with it on the command line.
 */
exit_status: number, 
/**
 * Its place in the history; 0 where it is in none.
 */
id: number, 
/**
 * The account; empty for a poke by host.
 */
account: string, 
/**
 * The provider's host; of several, the one that the answer came from, or that was tried last.
 * All that is told beside [`Poke::tried`] is of it alone.
 */
host: string, 
/**
 * The address and port that were connected to, or tried last.
 */
address: string | null, 
/**
 * The account's hosts that were tried before it in vain, in this order.
 */
tried: Array<Tried>, 
/**
 * The method that was used; `auto` only where it did not come to choosing one.
 */
method: Method, 
/**
 * Why it was chosen, where the account leaves that open.
 */
choice: Choice | null, 
/**
 * How it ended.
 */
outcome: Outcome, 
/**
 * What the outcome was read from.
 */
reason: Reason, 
/**
 * The code of the reply that the outcome was read from.
 */
code: number | null, 
/**
 * What the provider said, as it said it; never words of ours.
 */
text: string | null, 
/**
 * Why the secret of the login could not be had, where that kept the poke from going out.
 */
secret_fault: { kind: string } | null, 
/**
 * How each domain fared.
 */
domains: Array<DomainView>, 
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
 * The certificate that the provider showed, also where it does not hold: it can be pinned.
 */
certificate: Certificate | null, 
/**
 * Why TLS failed, where it did; also where the poke went on without it.
 */
tls_fault: { kind: string } | null, 
/**
 * What came over the connection, where the method is one that turns it round.
 */
delivered: Delivered | null, 
/**
 * How long the provider kept the connection open after its goodbye, in milliseconds: at
 * AutoTURN providers the time of its delivery. Known some time after the poke.
 */
busy_ms: number | null, 
/**
 * How the mail server stood before the poke, where it was looked at.
 */
mail_server: MailServerState | null, 
/**
 * The mail server that was set when it was made; `None` for this machine's own.
 */
mail_server_address: string | null, 
/**
 * Whether what arrives at the mail server can be seen; `None` where it was not looked for.
 */
monitoring: ArrivalMonitoring | null, 
/**
 * What has arrived at the mail server since, as far as it was seen.
 */
arrivals: Arrivals | null, 
/**
 * The address that the provider saw us come from.
 */
seen_address: string | null, 
/**
 * What was said. Empty in lists and events; ask for the poke.
 */
dialogue: Array<DialogueLine>, };

export type Tried = { 
/**
 * The provider's host, as it was set.
 */
host: string, 
/**
 * The address and port that were connected to, or tried last.
 */
address: string | null, 
/**
 * How it ended.
 */
outcome: Outcome, 
/**
 * What the outcome was read from.
 */
reason: Reason, 
/**
 * The code of the reply that the outcome was read from.
 */
code: number | null, 
/**
 * What the host said, as it said it.
 */
text: string | null, 
/**
 * Why TLS with it failed, where it did.
 */
tls_fault: { kind: string } | null, 
/**
 * How long it took, in milliseconds.
 */
duration_ms: number, };

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
 * What the outcome was read from.
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

export type Delivered = { 
/**
 * Messages that the mail server took; `None` where it and the provider protected the line, so
 * that they could not be counted.
 */
messages: number | null, 
/**
 * Messages that the mail server refused.
 */
refused: number, 
/**
 * Recipients that the mail server refused of messages that it took for others.
 */
recipients_refused: number, 
/**
 * Recipients that were refused before they reached the mail server, since they are not at the
 * account's domains.
 */
foreign: number, 
/**
 * Octets that the provider sent.
 */
octets: number, };

export type ArrivalMonitoring = { "monitoring": "watching" } | { "monitoring": "not-here" } | { "monitoring": "not-listening" } | { "monitoring": "not-possible", "reason": MonitoringUnavailable };

export type MonitoringUnavailable = "system" | "no-module" | "forbidden" | "failed";

export type MailServerState = { "state": "answering", 
/**
 * What it says after the 220.
 */
greeting: string, } | { "state": "trusts-us", 
/**
 * The foreign domain.
 */
domain: string, } | { "state": "open-relay", 
/**
 * The foreign domain.
 */
domain: string, 
/**
 * The address that we came from.
 */
from: string, } | { "state": "untestable", 
/**
 * Its reply.
 */
answer: string, } | { "state": "postpones", 
/**
 * The domain that was asked about.
 */
domain: string, 
/**
 * Its reply.
 */
answer: string, } | { "state": "refuses-domain", 
/**
 * The domain that was asked about.
 */
domain: string, 
/**
 * Its reply.
 */
answer: string, } | { "state": "turns-away", 
/**
 * Its reply.
 */
answer: string, } | { "state": "silent" } | { "state": "hangs-up" } | { "state": "refusing" } | { "state": "unreachable" } | { "state": "not-smtp" };

export type Arrivals = { 
/**
 * From the provider's addresses, or from the same /24 (IPv4) or /64 (IPv6).
 */
provider: Count, 
/**
 * From anywhere else but this machine: mail that has nothing to do with the poke, or the
 * provider's from addresses that nobody knows as such.
 */
elsewhere: Count, 
/**
 * Too much happened at once to see all of it: the numbers are the least there was.
 */
overrun: boolean, };

export type Count = { 
/**
 * Connections that brought mail; or all, where the system does not tell what they brought.
 */
connections: number, 
/**
 * Octets that those connections brought, the commands of SMTP among them; none where the
 * system does not tell.
 */
bytes: number | null, 
/**
 * From the poke to the first of those connections: to its end, where the system tells of the
 * end, so that it includes the delivery.
 */
first_after_ms: number | null, 
/**
 * Connections without mail, beside the others.
 */
bare: number, };

export type Trigger = "schedule" | "user" | "second" | "network-up" | "woke" | "mail-server-back" | "host";

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

export type NoticeKind = "first-success" | "failure" | "recovery" | "poked" | "reminder" | "alarm" | "alarm-over" | "paused" | "summary" | "trial";

export type Day = { 
/**
 * The day, by the machine's calendar.
 */
day: string, 
/**
 * How many pokes began.
 */
pokes: number, 
/**
 * How many of them had each outcome, by its name; one that none had is left out.
 */
outcomes: Record<string, number>, 
/**
 * What arrived by them.
 */
arrived: ArrivedAmount, 
/**
 * How long all of them took together, in milliseconds.
 */
duration_ms: number, 
/**
 * How long the shortest took, in milliseconds.
 */
shortest_ms: number, 
/**
 * How long the longest took, in milliseconds.
 */
longest_ms: number, };

export type ArrivedAmount = { 
/**
 * Connections that brought mail.
 */
connections: number, 
/**
 * Messages, where they can be counted.
 */
messages: number, 
/**
 * The size of the messages, in octets.
 */
bytes: number, };

export type Channel = "command" | "webhook" | "mail" | "heartbeat";

export type ChannelView = { 
/**
 * The kind of channel.
 */
channel: Channel, 
/**
 * Where it leads, for people: mail addresses, a host, a program. Nothing that is a key.
 */
to: string, };

export type Kept = "keyring" | "file";

export type PasswordKept = { 
/**
 * The account's name.
 */
account: string, 
/**
 * Where it was put; `None` where it could not be kept.
 */
kept_in: Kept | null, 
/**
 * In the user's language: why it could not be kept, and what to do.
 */
fault?: string, };

export type Withheld = { 
/**
 * Whose it is, where it is of an account.
 */
account: string | null, 
/**
 * Its key in the settings file.
 */
key: string, };

export type Trial = { 
/**
 * Which channel was tried.
 */
channel: Channel, 
/**
 * Whether the notice went out.
 */
ok: boolean, 
/**
 * In the user's language: that it did, or what happened and what to do.
 */
message: string, };

export type Check = "folders" | "hosts" | "name" | "connection" | "greeting" | "capabilities" | "certificate" | "login" | "method" | "mail-server" | "firewall" | "mx" | "public-address" | "clock";

export type CheckState = "passed" | "warning" | "failed" | "cannot-know";

export type Finding = { 
/**
 * What was looked at.
 */
check: Check, 
/**
 * The host that was looked at, where the account has several.
 */
host: string | null, 
/**
 * What it is about, where the check is done for several: a domain.
 */
subject: string | null, 
/**
 * How it ended.
 */
state: CheckState, 
/**
 * What that means, in the user's language; may say what to do as well.
 */
meaning: string, 
/**
 * What to do, where the meaning does not say it.
 */
advice: string | null, 
/**
 * For a help desk: what came, as it came, without secrets.
 */
details: Array<string>, };

export type DiagnosisVerdict = "all-well" | "unsure" | "warnings" | "will-not-work";

export type Diagnosis = { 
/**
 * The account; empty where a provider was tested by its host.
 */
account: string, 
/**
 * What it comes to.
 */
verdict: DiagnosisVerdict, 
/**
 * The check that explains most.
 */
cause: Check | null, 
/**
 * The verdict in the user's language: with its cause, and what to do.
 */
sentence: string, 
/**
 * The exit status that goes with it on the command line.
 */
exit_status: number, 
/**
 * Each finding, by its check; those of one host together.
 */
findings: Array<Finding>, 
/**
 * Text for the provider's help desk, in English: no secret is in it, nor the user's name.
 */
report: string, };

export type Method = "auto" | "signal" | "etrn" | "atrn" | "turn" | "qsnd" | "finger" | "hello";

export type Choice = "no-domains" | "etrn-offered" | "etrn-answered" | "etrn-unknown" | "atrn-offered" | "remembered";

export type Security = "none" | "opportunistic" | "required" | "implicit";

export type Tls = { 
/**
 * The version of TLS, as in `TLSv1.3`.
 */
version: string, 
/**
 * The cipher suite, as in `TLS13_AES_256_GCM_SHA384`.
 */
cipher: string, 
/**
 * The name against which the certificate was verified.
 */
peer: string, 
/**
 * Why the certificate is trusted, if it is.
 */
trust: CertificateTrust, 
/**
 * What the server proved itself with.
 */
certificate: Certificate, };

export type CertificateTrust = "verified" | "pinned" | "unverified";

export type Certificate = { 
/**
 * SHA-256 of the whole certificate (DER), in upper-case hexadecimal pairs with colons between.
 */
fingerprint: string, 
/**
 * When it begins, in seconds since 1970, UTC.
 */
valid_from: number, 
/**
 * When it expires, in seconds since 1970, UTC.
 */
expires_at: number, };

export type Outcome = "started" | "nothing-waiting" | "signalled" | "delivered" | "refused" | "unreachable" | "unknown" | "held" | "failed";

export type Reason = "queuing-started" | "pending-started" | "already-running" | "no-messages" | "quit-signals" | "normal-here" | "masked-by-firewall" | "try-later" | "service-closing" | "password-transition" | "cannot-queue" | "not-allowed" | "syntax" | "not-implemented" | "bad-sequence" | "finger-signals" | "hello-signals" | "messages-delivered" | "delivered-uncounted" | "mail-server-refused" | "foreign-recipients" | "delivery-broken" | "turn-abandoned" | "did-not-turn" | "domains-needed" | "login-needed" | "mail-server-unset" | "mail-server-down" | "mail-server-not-ready" | "tls-required" | "tls-not-offered" | "tls-failed" | "injected" | "certificate-unknown" | "certificate-expired" | "certificate-not-yet-valid" | "certificate-wrong-name" | "certificate-revoked" | "certificate-changed" | "certificate-invalid" | "tls-local" | "client-certificate-required" | "login-not-offered" | "login-mechanism" | "login-in-clear" | "login-unverified" | "login-confused" | "server-not-proved" | "secret-missing" | "login-required" | "login-refused" | "token-refused" | "denied" | "denied-without-login" | "ehlo-refused" | "not-asked" | "not-smtp" | "bad-reply" | "too-much" | "no-answer" | "hung-up" | "not-greeted" | "implicit-tls-expected" | "silent-before-request" | "hung-up-before-request" | "interrupted" | "interrupted-before-request" | "no-address" | "no-ipv4-address" | "no-ipv6-address" | "no-interface" | "connection-refused" | "no-route" | "connect-timeout" | "local-fault";

export type DialogueLine = { 
/**
 * Who said it.
 */
from: Speaker, 
/**
 * When, in milliseconds since the session with this host began.
 */
at_ms: number, 
/**
 * The line without its line end, as it came: whoever shows it sees to it that no control character
 * acts there.
 */
line: string, };

export type Speaker = "provider" | "us" | "connection";
