// Example answers of the engine, and a stand-in for it. For the tests and the gallery.

import type { AccountView, ApiError, Certificate, DialogueLine, Event, General, MailServerState, PokeView, Request, Response, Snapshot } from "../src/api";
import { Refusal, type Transport } from "../src/transport";

/** The moment that the samples are told from. */
export const NOON = Date.parse("2026-11-25T12:00:00Z");

/** @param seconds After (or, below zero, before) `from`. */
export function at(seconds: number, from = NOON): string {
  return new Date(from + seconds * 1000).toISOString();
}

export const DIALOGUE: DialogueLine[] = [
  { from: "connection", at_ms: 21, line: "connected" },
  { from: "provider", at_ms: 58, line: "220 bsmtp.example.org ESMTP" },
  { from: "us", at_ms: 58, line: "EHLO office.example.net" },
  { from: "provider", at_ms: 96, line: "250-bsmtp.example.org Hello office.example.net [198.51.100.7]" },
  { from: "provider", at_ms: 96, line: "250-PIPELINING" },
  { from: "provider", at_ms: 96, line: "250-ETRN" },
  { from: "provider", at_ms: 96, line: "250 8BITMIME" },
  { from: "us", at_ms: 97, line: "ETRN example.net" },
  { from: "us", at_ms: 97, line: "QUIT" },
  { from: "provider", at_ms: 139, line: "253 2.0.0 OK, 3 pending messages for node example.net started" },
  { from: "provider", at_ms: 140, line: "221 2.0.0 Bye" },
  { from: "connection", at_ms: 184, line: "closed" },
];

export const CERTIFICATE: Certificate = {
  fingerprint:
    "6B:0E:3F:91:C4:22:5D:A8:17:F0:9C:4B:E3:68:02:7A:D5:31:BE:86:4F:90:1C:E7:58:A3:0D:72:F9:24:B6:1E",
  valid_from: Date.parse("2026-03-01T12:00:00Z") / 1000,
  expires_at: Date.parse("2027-03-01T12:00:00Z") / 1000,
};

/** One of each. */
export const MAIL_SERVER_STATES: MailServerState[] = [
  { state: "answering", greeting: "mail.example.net ESMTP" },
  { state: "trusts-us", domain: "example.com" },
  { state: "open-relay", domain: "example.com", from: "198.51.100.7" },
  { state: "untestable", answer: "530 5.7.0 Must issue a STARTTLS command first" },
  { state: "postpones", domain: "example.net", answer: "450 4.7.1 Greylisted" },
  { state: "refuses-domain", domain: "example.net", answer: "554 5.7.1 Relay access denied" },
  { state: "turns-away", answer: "421 Too busy" },
  { state: "silent" },
  { state: "hangs-up" },
  { state: "refusing" },
  { state: "unreachable" },
  { state: "not-smtp" },
];

export function poke(id: number, change: Partial<PokeView> = {}): PokeView {
  return {
    id,
    account: "vevida",
    host: "bsmtp.example.org",
    address: "192.0.2.7:25",
    tried: [],
    method: "etrn",
    outcome: "started",
    reason: "pending-started",
    code: 253,
    text: "OK, 3 pending messages for node example.net started",
    domains: [
      {
        domain: "example.net",
        outcome: "started",
        reason: "pending-started",
        pending: 3,
        code: 253,
        enhanced: "2.0.0",
        text: "OK, 3 pending messages for node example.net started",
      },
    ],
    // The summary, and what the engine says of mail server and arrivals behind it.
    summary: change.explanation ?? "The provider has started to deliver 3 messages.",
    explanation: "The provider has started to deliver 3 messages.",
    trigger: "schedule",
    started_at: at(-130),
    duration_ms: 184,
    round_trips: 4,
    tls: null,
    choice: null,
    certificate: null,
    delivered: null,
    busy_ms: null,
    mail_server_words: null,
    arrivals_words: null,
    unseen_words: null,
    may_bring_mail: true,
    can_be_pinned: false,
    duration_words: "184 ms",
    busy_words: null,
    proves: false,
    mail_server: null,
    mail_server_address: null,
    secret_fault: null,
    tls_fault: null,
    monitoring: null,
    arrivals: null,
    seen_address: "198.51.100.7",
    exit_status: 0,
    dialogue: [],
    ...change,
  };
}

/** Settings as the engine tells them, of an account that is set up plainly. */
const SETTINGS = {
  host: "bsmtp.example.org",
  port: "",
  tls: "opportunistic",
  user: "",
  auth: "auto",
  secret: "stored",
  pin: "",
  method: "auto",
  domains: "example.net",
  every: "15m",
  hours: "",
  outside: "never",
  time_zone: "system",
  cron: "",
  jitter: "auto",
  mail_server: "",
  mail_server_first: "true",
  mail_server_test: "",
  notify: "problems",
  notify_after: "1",
  silence_alarm: "",
};

/** @param set Settings that are other than plain. */
export function account(change: Partial<AccountView> = {}, set: Partial<typeof SETTINGS> = {}): AccountView {
  return {
    name: "vevida",
    fields: { ...SETTINGS, ...set },
    port: 25,
    heartbeat_host: "",
    alarms: [],
    held: false,
    health: "proved",
    poking: false,
    paused: false,
    paused_until: null,
    demo: false,
    last: poke(41),
    last_success_at: at(-130),
    last_arrival_at: null,
    failures: 0,
    next_at: at(770),
    next_reason_words: null,
    arrived_today_words: null,
    ...change,
  };
}

export function general(change: Partial<General> = {}): General {
  return { fields: { language: "system", log_level: "info", update_check: "off", notice_quiet: "" }, language_in_use: "en", channels: [], ...change };
}

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    version: "0.1.0",
    may_change: true,
    health: "proved",
    poking: 0,
    paused: false,
    paused_until: null,
    unseen_notices: 0,
    update: null,
    accounts: [account()],
    general: general(),
    settings_path: "/home/anna/.config/dequeue/settings.toml",
    settings_fault: null,
    hand_over: null,
    history_fault: null,
    channel_faults: [],
    demo: false,
    start_at_login: true,
    ...change,
  };
}

export function refusal(change: Partial<ApiError> = {}): ApiError {
  return { code: "invalid-input", message: "One field is wrong.", fields: [], ...change };
}

/** An engine that answers as it is told, and remembers what it was asked. */
export class StandIn implements Transport {
  readonly asked: Request[] = [];
  /** Whether the window was in front, each time that it said so. */
  readonly front: boolean[] = [];
  /** What was saved. */
  readonly saved: { name: string; text: string }[] = [];
  readonly #answer: (request: Request) => Response | ApiError | Promise<Response | ApiError>;
  #hear: (event: Event) => void = () => {};
  asAdministrator: (() => Promise<void>) | undefined;

  constructor(answer: (request: Request) => Response | ApiError | Promise<Response | ApiError>) {
    this.#answer = answer;
  }

  async request(request: Request): Promise<Response> {
    if (request.type === "window-in-front") {
      this.front.push(request.front);
      return { type: "done" };
    }
    this.asked.push(request);
    const answer = await this.#answer(request);
    if ("code" in answer) throw new Refusal(answer);
    return answer;
  }

  async subscribe(hear: (event: Event) => void): Promise<void> {
    this.#hear = hear;
  }

  async save(name: string, text: string): Promise<string> {
    this.saved.push({ name, text });
    return `/home/anna/Downloads/${name}.txt`;
  }

  tell(event: Event): void {
    this.#hear(event);
  }
}
