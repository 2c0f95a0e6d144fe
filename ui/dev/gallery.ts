// The real page over a stand-in for the engine, to look at: /dev/gallery.html?scene=overview&language=nl

import { mount } from "svelte";
import "../src/app.css";
import type { ApiError, Poke, Request, Response, Snapshot } from "../src/api";
import { App } from "../src/app.svelte";
import Window from "../src/Window.svelte";
import { account, at, DIALOGUE, poke, refusal, snapshot, StandIn } from "../tests/samples";

const query = new URLSearchParams(window.location.search);
const scene = query.get("scene") ?? "overview";
const language = query.get("language") ?? "en";
const dutch = language === "nl";
const NOW = Date.now();

const general = { language: "system", language_in_use: language };
const words = (english: string, nederlands: string) => (dutch ? nederlands : english);

const started = poke(41, {
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
    "backup-mx.example.com did not answer. Check the host, and whether a firewall here or at the access provider blocks the port.",
    "backup-mx.example.com antwoordde niet. Controleer de host, en of een firewall hier of bij de internetaanbieder de poort blokkeert.",
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
const outcomes: Poke["outcome"][] = ["nothing-waiting", "signalled", "started", "unknown", "held", "failed", "nothing-waiting"];
const older = outcomes.map((outcome, n) =>
  poke(37 - n, { outcome, domains: [], started_at: at(-91_000 - n * 900, NOW), trigger: n === 2 ? "user" : "schedule", duration_ms: 90 + n * 713 }),
);

const first = account({ last: started, next_at: at(770, NOW), last_success_at: at(-130, NOW), domains: ["example.net", "example.nl"] });
const failing = account({
  name: "kpn", host: "backup-mx.example.com", standing: "trouble", last: unreachable, failures: 3,
  domains: ["example.com"], every: "1h", next_at: at(41, NOW), last_success_at: at(-14_000, NOW),
});
const paused = account({ name: "oud kantoor", host: "etrn.example.org", port: 2525, standing: "paused", paused: true, next_at: null, last: null, last_success_at: null });

const scenes: Record<string, () => Snapshot> = {
  welcome: () => snapshot({ accounts: [], standing: "not-set-up", general }),
  overview: () => snapshot({ accounts: [first, failing], standing: "trouble", general }),
  one: () => snapshot({ accounts: [first], general }),
  paused: () => snapshot({ accounts: [first, paused].map((a) => ({ ...a, paused: true, standing: "paused" as const, next_at: null })), paused: true, standing: "paused", general }),
  poking: () => snapshot({ accounts: [{ ...first, standing: "poking" }, { ...paused, paused: false, standing: "ok", next_at: at(3, NOW) }], standing: "poking", general }),
  demo: () => snapshot({ accounts: [account({ name: "Demo", host: "127.0.0.1", port: 40025, demo: true, last: started, next_at: at(25, NOW), every: "30s" })], demo: true, general }),
  fault: () =>
    snapshot({
      accounts: [first], general,
      settings_fault: words(
        "Line 7 of /home/anna/.config/dequeue/settings.toml: there is no setting named “intervall”. The last good settings go on running until it is corrected.",
        "Regel 7 van /home/anna/.config/dequeue/settings.toml: er is geen instelling met de naam “intervall”. De laatste goede instellingen blijven gelden tot het is verbeterd.",
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
      return { type: "pokes", pokes: scene === "empty" || request.before !== null ? [] : [started, unreachable, refused, ...older] };
    case "poke": {
      const found = [started, unreachable, refused, ...older].find((one) => one.id === request.id) ?? started;
      const lines = found === unreachable ? [{ from: "connection" as const, at_ms: 30_000, line: "timed-out" }] : DIALOGUE;
      return { type: "poke", poke: { ...found, dialogue: lines } };
    }
    case "save-account":
      if (/\s/.test(request.fields.host?.trim() ?? "") || !request.fields.host) {
        return refusal({ fields: [{ field: "host", message: words("Host: nothing is filled in. Enter only the provider's name or address, as in bsmtp.example.org.", "Host: er is niets ingevuld. Vul alleen de naam of het adres van de provider in, zoals bsmtp.example.org.") }] });
      }
      return { type: "done" };
    default:
      return { type: "done" };
  }
}

const engine = new StandIn(answer);
const target = document.getElementById("app");
if (target) {
  mount(Window, { target, props: { app: new App(engine) } });
  setTimeout(() => {
    if (scene === "gone") engine.tell({ type: "gone" });
    if (scene === "poking") for (const line of DIALOGUE.slice(0, 8)) engine.tell({ type: "dialogue", account: "vevida", line });
  }, 100);
}
