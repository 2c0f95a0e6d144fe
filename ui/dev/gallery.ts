// The real page over a stand-in for the engine, to look at: /dev/gallery.html?scene=overview&language=nl
// The part behind # is the window's own: &scene=login#/account/kpn, &scene=overview#/recent/44

import { mount } from "svelte";
import "../src/app.css";
import type { ApiError, DialogueLine, LogEntry, PokeView, Request, Response, Snapshot } from "../src/api";
import { App } from "../src/app.svelte";
import { speak } from "../src/text.svelte";
import Window from "../src/Window.svelte";
import { account, at, CERTIFICATE, DIALOGUE, general as base, poke, refusal, snapshot, StandIn } from "../tests/samples";
import Parts from "./Parts.svelte";

const query = new URLSearchParams(window.location.search);
const scene = query.get("scene") ?? "overview";
const language = query.get("language") ?? "en";
const dutch = language === "nl";
const NOW = Date.now();

const alone = { ...base(), language_in_use: language };
const general = {
  ...alone,
  fields: { ...alone.fields, notice_quiet: "22:00-07:00" },
  channels: [
    { channel: "mail" as const, to: "anna@example.net, beheer@example.net" },
    { channel: "webhook" as const, to: "ntfy.example.org" },
    { channel: "command" as const, to: "pager" },
  ],
};
const words = (english: string, nederlands: string) => (dutch ? nederlands : english);

const none = { connections: 0, bytes: null, first_after_ms: null, bare: 0 };
const mail = { connections: 3, bytes: 1_234_567, first_after_ms: 4210, bare: 0 };
const started = poke(41, {
  monitoring: { monitoring: "watching" },
  mail_server: { state: "answering", greeting: "mail.example.net ESMTP" },
  arrivals: { provider: mail, elsewhere: none, overrun: false },
  started_at: at(-130, NOW),
  explanation: words("The provider has started to deliver 3 messages.", "De provider is begonnen met het afleveren van 3 berichten."),
});
const unreachable = poke(40, {
  account: "kpn",
  host: "backup-mx.example.com",
  outcome: "unreachable",
  reason: "connect-timeout",
  code: null,
  text: null,
  domains: [],
  started_at: at(-412, NOW),
  duration_ms: 30_012,
  round_trips: 0,
  seen_address: null,
  method: "auto",
  explanation: words(
    "backup-mx.example.com did not answer. Check the host, and whether a firewall here or at your Internet provider blocks the port.",
    "backup-mx.example.com antwoordde niet. Controleer de host, en of een firewall hier of bij je internetprovider de poort blokkeert.",
  ),
});
const refused = poke(38, {
  outcome: "refused",
  reason: "not-allowed",
  code: 459,
  text: "second.example: service unavailable",
  started_at: at(-90_000, NOW),
  domains: [
    ...started.domains,
    { domain: "second.example", outcome: "refused", reason: "not-allowed", pending: null, code: 459, enhanced: null, text: "second.example: service unavailable" },
  ],
  explanation: words(
    "second.example: The provider does not deliver this domain on request. Ask the provider whether it holds mail for it.",
    "second.example: De provider levert dit domein niet op verzoek af. Vraag de provider of hij er mail voor vasthoudt.",
  ),
});
const certificate = { ...CERTIFICATE, expires_at: Math.floor(NOW / 1000) + 96 * 86_400 };
const protectedLine = poke(43, {
  choice: "etrn-offered",
  started_at: at(-1030, NOW),
  tls: { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384", peer: "bsmtp.example.org", trust: "verified", certificate },
  certificate,
  busy_ms: 1834, busy_words: "1,8 s",
  explanation: started.explanation,
});
const turned = poke(44, {
  account: "odmr",
  host: "odmr.example.org",
  address: "192.0.2.9:366",
  method: "atrn",
  choice: "atrn-offered",
  outcome: "delivered",
  reason: "messages-delivered",
  code: 250,
  started_at: at(-1400, NOW),
  duration_ms: 3911,
  round_trips: 9,
  domains: [{ domain: "example.net", outcome: "delivered", reason: "messages-delivered", pending: null, code: 250, enhanced: "2.0.0", text: "OK now reversing the connection" }],
  tls: { version: "TLSv1.2", cipher: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", peer: "odmr.example.org", trust: "pinned", certificate },
  certificate,
  delivered: { messages: 3, refused: 1, recipients_refused: 0, foreign: 0, octets: 1_234_567 },
  explanation: words("Your mail server refused a message that the provider delivered. Look in its log for the reason; if it was refused for good, the message goes back to its sender.", "Je mailserver weigerde een bericht dat de provider afleverde. Zoek de reden in zijn logboek; een definitief geweigerd bericht gaat terug naar de afzender."),
});
const TURNED: DialogueLine[] = [
  { from: "connection", at_ms: 2, line: "mail-server-connected" },
  { from: "connection", at_ms: 24, line: "connected" },
  { from: "provider", at_ms: 61, line: "220 odmr.example.org ODMR" },
  { from: "us", at_ms: 61, line: "EHLO office.example.net" },
  { from: "provider", at_ms: 99, line: "250-odmr.example.org" },
  { from: "provider", at_ms: 99, line: "250-ATRN" },
  { from: "provider", at_ms: 99, line: "250 STARTTLS" },
  { from: "us", at_ms: 100, line: "STARTTLS" },
  { from: "provider", at_ms: 140, line: "220 2.0.0 Ready to start TLS" },
  { from: "connection", at_ms: 190, line: "tls-started" },
  { from: "us", at_ms: 231, line: "AUTH PLAIN ********" },
  { from: "provider", at_ms: 270, line: "235 2.7.0 Authentication successful" },
  { from: "us", at_ms: 271, line: "ATRN example.net" },
  { from: "provider", at_ms: 330, line: "250 2.0.0 OK now reversing the connection" },
  { from: "connection", at_ms: 330, line: "turned" },
  { from: "connection", at_ms: 3880, line: "bridge-ended" },
  { from: "connection", at_ms: 3911, line: "closed" },
];
const mistrusted = poke(45, {
  account: "odmr", host: "odmr.example.org", address: "192.0.2.9:366", method: "auto", outcome: "refused",
  reason: scene === "changed" ? "certificate-changed" : "certificate-unknown",
  code: null, text: null, domains: [], started_at: at(-61, NOW), seen_address: null, certificate, can_be_pinned: true,
  explanation: scene === "changed"
    ? words("The certificate of odmr.example.org is not the one that you pinned, so nothing was asked for. Ask the provider whether it has a new one before you pin that.", "Het certificaat van odmr.example.org is niet het certificaat dat je vertrouwt, dus is er niets opgevraagd. Vraag de provider of hij een nieuw heeft, voordat je dat vertrouwt.")
    : words("No authority that this machine trusts vouches for the certificate of odmr.example.org, so nothing was asked for. Ask the provider whether the certificate is theirs: then you can pin it, or set their CA file.", "Geen instantie die deze machine vertrouwt staat in voor het certificaat van odmr.example.org, dus is er niets opgevraagd. Vraag de provider of het van hem is: dan kun je het vertrouwen, of zijn CA-bestand opgeven."),
});
const shut = poke(46, {
  account: "odmr", host: "odmr.example.org", method: "etrn", outcome: "refused", reason: "login-required", code: 530, started_at: at(-61, NOW),
  domains: [], text: "5.7.0 Authentication required",
  explanation: words("The provider wants a login first. Enter the user name and password that it gave you.", "De provider wil dat je eerst inlogt. Vul de gebruikersnaam en het wachtwoord in die hij je gaf."),
});
const outcomes: PokeView["outcome"][] = ["nothing-waiting", "signalled", "started", "unknown", "held", "failed", "nothing-waiting"];
const older = outcomes.map((outcome, n) =>
  poke(37 - n, { outcome, domains: [], started_at: at(-91_000 - n * 900, NOW), trigger: n === 2 ? "user" : "schedule", duration_ms: 90 + n * 713 }),
);

const first = account({ last_arrival_at: at(-126, NOW), last: started, next_at: at(770, NOW), last_success_at: at(-130, NOW) }, { mail_server: "127.0.0.1:25", domains: "example.net, example.nl" });
const office = account({
  name: "kantoor", last_success_at: at(-130, NOW), next_at: at(770, NOW), last_arrival_at: at(-7600, NOW),
  last: { ...started, id: 47, account: "kantoor", arrivals: null, mail_server: { state: "postpones", domain: "example.net", answer: "450 4.7.1 Greylisted" } },
}, { hours: "mon-fri 07:00-19:00", outside: "2h", silence_alarm: "2d", mail_server: "127.0.0.1:25", mail_server_test: "true" });
const byCron = account({
  name: "cron", last_success_at: at(-130, NOW), next_at: at(770, NOW), heartbeat_host: "hc-ping.com",
  last: { ...started, id: 49, account: "cron", arrivals: null, monitoring: { monitoring: "not-here" }, busy_ms: 1834, busy_words: "1,8 s", mail_server: { state: "open-relay", domain: "example.com", from: "198.51.100.7" } },
}, { cron: "*/15 7-19 * * 1-5", time_zone: "Europe/Amsterdam", mail_server: "mail.example.net:2525", silence_alarm: "2d", secret: "env:DEQUEUE_PASSWORD", user: "anna", pin: CERTIFICATE.fingerprint, tls: "required" });
const bridged = account({ name: "odmr", last: turned, last_arrival_at: at(-1396, NOW), next_at: at(770, NOW) }, { host: "odmr.example.org", method: "atrn", user: "anna", tls: "required" });
const failing = account({
  name: "kpn", health: "trouble", last: unreachable, failures: 3, next_at: at(41, NOW), last_success_at: at(-14_000, NOW),
}, { host: "backup-mx.example.com", domains: "example.com", every: "1h" });
const paused = account({ name: "oud kantoor", port: 2525, health: "paused", paused: true, next_at: null, last: null, last_success_at: null }, { host: "etrn.example.org" });

const odmr = account({
  name: "odmr", port: 366, health: "trouble", failures: 1,
  last: mistrusted, last_success_at: at(-4_000, NOW), next_at: at(839, NOW),
}, { host: "odmr.example.org", method: "atrn", tls: "required", user: "anna" });
const pokes = [mistrusted, byCron.last as PokeView,  started, unreachable, protectedLine, turned, refused, ...older];

/** As many accounts as a service firm has, a few of them in trouble. */
function firm(count: number): Snapshot {
  const accounts = Array.from({ length: count }, (_, n) => {
    const name = `${FIRMS[n % FIRMS.length]} ${n + 1}`;
    const set = { host: `bsmtp${n % 7}.example.org`, domains: `klant${n + 1}.example.nl` };
    const last = { ...started, id: 1000 + n, account: name, proves: true, started_at: at(-(n * 37) % 880, NOW) };
    const good = { name, last, next_at: at((n * 53) % 900, NOW) };
    if (n % 31 === 4) return account({ ...good, health: "trouble", failures: 3, last: { ...unreachable, id: 1000 + n, account: name } }, set);
    if (n % 23 === 9) return account({ ...good, health: "paused", paused: true, next_at: null }, set);
    if (n % 41 === 6) return account({ ...good, health: "needs-you", failures: 1, last: { ...shut, id: 1000 + n, account: name } }, set);
    if (n % 3 === 0) return account({ ...good, health: "asked", poking: n % 12 === 0, last: { ...last, outcome: "signalled" } }, set);
    if (n % 17 === 3) return account({ ...good, last: { ...last, outcome: "nothing-waiting" }, held: n % 34 === 3 }, set);
    if (n % 29 === 1) return account({ ...good, last: null, health: "waiting" }, set);
    return account(good, set);
  });
  return snapshot({ accounts, health: "trouble", general });
}
const FIRMS = ["Bakkerij de Vries", "Kantoor Noord", "Tandarts Jansen", "Administratie Willems", "Garage Pietersen", "Notaris Van den Berg"];

const logged = (ago: number, level: LogEntry["level"], target: string, text: string): LogEntry =>
  ({ at: at(-ago, NOW), level, program: "dequeue-tray", process: 812, target: `dequeue_engine::${target}`, text });
const LOG: LogEntry[] = [
  logged(90_000, "info", "host", "the engine runs version=\"0.1.0\" system=\"linux\" data=/home/anna/.local/share/dequeue"),
  logged(89_990, "info", "poke", "poked account=\"vevida\" outcome=\"started\" duration_ms=184"),
  logged(4000, "error", "history::buffered", "the history cannot be written; it waits in memory error=database or disk is full"),
  logged(3000, "info", "history::buffered", "the history can be written again; nothing waits any more"),
  logged(412, "info", "poke", "poked account=\"kpn\" outcome=\"unreachable\" duration_ms=30012"),
  logged(411, "warn", "controller::announcer", "not told fault=The webhook for notices was answered with 404. Check the address."),
  logged(131, "debug", "control", "a client has come id=3"),
  logged(130, "info", "poke", "poked account=\"vevida\" outcome=\"started\" duration_ms=201"),
];

const scenes: Record<string, () => Snapshot> = {
  update: () => snapshot({ accounts: [first, failing], health: "trouble", general, update: { version: "1.4.0", date: "2026-11-29", notes: "https://dequeue.example/1.4.0" } }),
  welcome: () => snapshot({ accounts: [], health: "not-set-up", general }),
  overview: () => snapshot({ accounts: [first, failing], health: "trouble", general }),
  alarm: () =>
    snapshot({
      accounts: [
        {
          ...office, held: true, health: "trouble", failures: 1,
          last: { ...poke(48), account: "kantoor", started_at: at(-130, NOW), outcome: "held", reason: "mail-server-down", arrivals: null, mail_server: { state: "refusing" }, summary: words("Your mail server is not running: nothing listens at 127.0.0.1, port 25. Start it, or correct its host and port in the settings. Nothing has been asked for yet; Dequeue will ask as soon as your server is ready.", "Je mailserver draait niet: niets luistert op 127.0.0.1, poort 25. Start hem, of verbeter zijn host en poort in de instellingen. Daarom is er nog niets opgevraagd; Dequeue doet dat zodra je server er klaar voor is.") },
          alarms: [
            { kind: "silence", title: words("kantoor: nothing has arrived for 2d", "kantoor: er is al 2d niets gekomen"), body: words("The pokes work, but no mail has come in for 2d. Send yourself a message from elsewhere, and ask the provider whether it holds mail for your domains.", "Het opvragen lukt, maar er is al 2d geen mail binnengekomen. Stuur jezelf een bericht van elders, en vraag de provider of hij mail voor je domeinen vasthoudt.") },
            { kind: "slow", title: words("kantoor: the provider is slow", "kantoor: de provider is traag"), body: words("The poke took 12 seconds; 1 is usual. If this continues, check your connection and your DNS, then ask the provider.", "De opvraging duurde 12 seconden; normaal is 1. Blijft het zo, controleer dan je verbinding en je DNS, en vraag het daarna de provider.") },
          ],
        },
      ],
      health: "trouble", general,
      history_fault: words("The disk is full, so nothing new can be written to the history /home/anna/.local/share/dequeue/history.db. Pokes go on; what happens is kept in memory and written once there is room. Free some space on the disk.", "De schijf is vol, dus de geschiedenis neemt niets nieuws op. Het opvragen gaat door; wat er gebeurt blijft in het geheugen en wordt geschreven zodra er ruimte is. Maak ruimte vrij op de schijf."),
      channel_faults: ["The webhook for notices was answered with 404. Check the address.", "The heartbeat did not get through (no address). Check the address and the network."],
    }),
  thirty: () => firm(30),
  thousand: () => firm(1000),
  myriad: () => firm(10_000),
  look: () => snapshot({ accounts: [first, failing], health: "trouble", general, may_change: false }),
  office: () => snapshot({ accounts: [first, office], general }),
  arrivals: () => snapshot({ accounts: [first, office, byCron, bridged], general }),
  one: () => snapshot({ accounts: [first], general }),
  alone: () => snapshot({ accounts: [account({ last: started, next_at: at(770, NOW) })], general: alone }),
  trust: () => snapshot({ accounts: [odmr, first], health: "trouble", general }),
  changed: () => snapshot({ accounts: [odmr], health: "trouble", general }),
  login: () => snapshot({ accounts: [{ ...odmr, fields: { ...odmr.fields, method: "auto", tls: "opportunistic", user: "" }, last: shut }], health: "trouble", general }),
  paused: () => snapshot({ accounts: [first, paused].map((a) => ({ ...a, paused: true, health: "paused" as const, next_at: null })), paused: true, health: "paused", general }),
  poking: () => snapshot({ accounts: [{ ...first, poking: true }, { ...paused, paused: false, health: "proved", next_at: at(3, NOW) }], poking: 1, general }),
  demo: () => snapshot({ accounts: [account({ name: "Demo", port: 40025, demo: true, last: started, next_at: at(25, NOW) }, { host: "127.0.0.1", every: "30s" })], demo: true, general }),
  fault: () =>
    snapshot({
      accounts: [first], general,
      settings_fault: words(
        "Line 7 of /home/anna/.config/dequeue/settings.toml: there is no setting named “intervall”. The last good settings stay in use until it is corrected.",
        "Regel 7 van /home/anna/.config/dequeue/settings.toml: er is geen instelling met de naam “intervall”. De laatste goede instellingen blijven gelden tot de fout is verbeterd.",
      ),
    }),
  gone: () => snapshot({ accounts: [first], general }),
};

function answer(request: Request): Response | ApiError | Promise<Response | ApiError> {
  switch (request.type) {
    case "snapshot":
      if (scene === "nothing") return refusal({ code: "engine-gone", message: "" });
      if (scene === "starting") return new Promise(() => {});
      return { type: "snapshot", snapshot: (scenes[scene] ?? snapshot)() };
    case "history":
      return { type: "pokes", pokes: scene === "empty" || request.before !== null ? [] : pokes, more: false };
    case "poke": {
      const found = pokes.find((one) => one.id === request.id) ?? started;
      const lines = found === unreachable ? [{ from: "connection" as const, at_ms: 30_000, line: "timed-out" }] : found === turned ? TURNED : DIALOGUE;
      return { type: "poke", poke: { ...found, dialogue: lines } };
    }
    case "log":
      return { type: "log", page: { entries: request.from === null ? LOG : [], begin: { file: 1, at: 0 }, end: { file: 1, at: 9 }, more: request.from === null } };
    case "check-for-update":
      return { type: "update", newer: null };
    case "try-channels":
      return { type: "trials", trials: [
        { channel: "mail", ok: true, message: words("The e-mail for notices works: the test notice was sent.", "De e-mail voor meldingen werkt: de testmelding is verstuurd.") },
        { channel: "webhook", ok: false, message: words("The webhook for notices was answered with 404. Check the address.", "De webhook voor meldingen kreeg als antwoord 404. Controleer het adres.") },
      ] };
    case "save-general":
      if (request.fields.notice_quiet?.startsWith("25")) {
        return refusal({ fields: [{ field: "notice_quiet", message: words("Quiet hours: “25:00-07:00” is not from one time of day to another. Enter two times as in 22:00-07:00, or leave it out.", "Stille uren: “25:00-07:00” is niet van het ene tijdstip tot het andere. Vul twee tijden in zoals 22:00-07:00, of laat het weg.") }] });
      }
      return { type: "done" };
    case "save-account":
      if (!request.fields.name) return { type: "done" };
      if (/\s/.test(request.fields.host?.trim() ?? "") || !request.fields.host) {
        return refusal({ fields: [{ field: "host", message: words("Host: nothing is filled in. Enter only the provider's name or address, as in bsmtp.example.org.", "Host: er is niets ingevuld. Vul alleen de naam of het adres van de provider in, zoals bsmtp.example.org.") }] });
      }
      return { type: "done" };
    default:
      return { type: "done" };
  }
}

const engine = new StandIn(answer);
engine.asAdministrator = async () => {};
const target = document.getElementById("app");
if (target && scene === "parts") {
  speak(language);
  mount(Parts, { target });
} else if (target) {
  mount(Window, { target, props: { app: new App(engine) } });
  setTimeout(() => {
    // What a click would open, for who looks at pictures only.
    const press = query.get("press");
    if (press) document.querySelector<HTMLElement>(press)?.click();
    if (scene === "gone") engine.tell({ type: "gone" });
    if (scene === "poking") for (const line of DIALOGUE.slice(0, 8)) engine.tell({ type: "dialogue", account: "vevida", line });
  }, 100);
}
