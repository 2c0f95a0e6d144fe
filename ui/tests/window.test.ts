// The page as a person meets it, over a stand-in for the engine.

import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ApiError, MailServerState, PokeView, Request, Response, Snapshot } from "../src/api";
import { App } from "../src/app.svelte";
import { route } from "../src/route.svelte";
import { speak } from "../src/text.svelte";
import Window from "../src/Window.svelte";
import { account, at, CERTIFICATE, DIALOGUE, general, MAIL_SERVER_STATES, poke, refusal, snapshot, StandIn } from "./samples";

type Answer = Response | ApiError | Promise<Response | ApiError>;

/** Shows the window over an engine with this state, which answers the rest with "done". */
function show(state: Snapshot, answer: (request: Request) => Answer | undefined = () => undefined) {
  const engine = new StandIn((request) => {
    const own = answer(request);
    if (own) return own;
    if (request.type === "snapshot") return { type: "snapshot", snapshot: state };
    if (request.type === "history") return { type: "pokes", pokes: [], more: false };
    return { type: "done" };
  });
  render(Window, { app: new App(engine) });
  return engine;
}

const asked = <T extends Request["type"]>(engine: StandIn, type: T) =>
  engine.asked.filter((request): request is Request & { type: T } => request.type === type);
const hostFault = "Host: “a b” contains a space. Enter only the provider's name or address.";
const nameFault = "Name: nothing is filled in.";
const twoFaults = refusal({
  fields: [
    { field: "name", message: nameFault },
    { field: "host", message: hostFault },
  ],
});

beforeEach(() => {
  window.location.hash = "";
  speak("en");
});

describe("starting", () => {
  test("listens before it asks for the state", async () => {
    const order: string[] = [];
    class Ordered extends StandIn {
      override async subscribe() {
        order.push("subscribe");
      }
    }
    const engine = new Ordered((request) => {
      order.push(request.type);
      return { type: "snapshot", snapshot: snapshot() };
    });
    render(Window, { app: new App(engine) });
    await screen.findByRole("heading", { name: "Accounts" });
    expect(order).toEqual(["subscribe", "snapshot"]);
  });

  test("says why there is no engine, and tries again when asked to", async () => {
    let up = false;
    const fault = refusal({ code: "engine-gone", message: "The engine could not be started." });
    const engine = show(snapshot(), (request) => (request.type === "snapshot" && !up ? fault : undefined));
    expect(await screen.findByText("The engine could not be started.")).toBeTruthy();
    up = true;
    await fireEvent.click(screen.getByRole("button", { name: "Start Dequeue" }));
    await screen.findByRole("heading", { name: "Accounts" });
    expect(asked(engine, "snapshot")).toHaveLength(2);
  });

  test("an engine that ends is told, nothing can be asked of it, and it comes back by itself", async () => {
    const engine = show(snapshot());
    await screen.findByRole("heading", { name: "Accounts" });
    engine.tell({ type: "gone" });
    expect(await screen.findByText("Dequeue is not running")).toBeTruthy();
    expect(document.querySelector<HTMLElement>(".parts")?.inert).toBe(true);
    engine.tell({ type: "missed" });
    await waitFor(() => expect(screen.queryByText("Dequeue is not running")).toBeNull());
    expect(document.querySelector<HTMLElement>(".parts")?.inert).toBe(false);
  });

  test("speaks Dutch where the settings come to that, and says so to screen readers", async () => {
    show(snapshot({ general: general({ fields: { language: "nl", notice_quiet: "" }, language_in_use: "nl" }) }));
    expect(await screen.findByRole("button", { name: "Nu opvragen: vevida" })).toBeTruthy();
    expect(document.documentElement.lang).toBe("nl");
  });
});

describe("welcome", () => {
  const empty = snapshot({ accounts: [], health: "not-set-up" });

  test("three fields are enough, and they go out as they were typed", async () => {
    const engine = show(empty);
    await fireEvent.input(await screen.findByLabelText("Provider's host"), { target: { value: "bsmtp.vevida.com" } });
    await fireEvent.input(screen.getByLabelText("Domains"), { target: { value: "Example.NET, example.nl" } });
    await fireEvent.input(screen.getByLabelText("Poke every"), { target: { value: "20 m" } });
    await fireEvent.click(screen.getByRole("button", { name: "Start asking for mail" }));
    await waitFor(() => expect(asked(engine, "save-account").some((request) => !request.dry_run)).toBe(true));
    expect(asked(engine, "save-account").find((request) => !request.dry_run)).toEqual({
      type: "save-account",
      original: null,
      dry_run: false,
      fields: {
        name: "vevida",
        host: "bsmtp.vevida.com",
        port: "",
        domains: "Example.NET, example.nl",
        every: "20 m",
        hours: "",
        outside: "never",
        cron: "",
        time_zone: "system",
        jitter: "auto",
        method: "auto",
        mail_server: "",
        mail_server_first: "true",
        mail_server_test: "",
        tls: "opportunistic",
        user: "",
        pin: "",
        notify: "problems",
        notify_after: "1",
        silence_alarm: "",
        other_hosts: "",
        heartbeat: "",
        heartbeat_on_failure: "nothing",
        heartbeat_failure: "",
        ca_file: "",
        client_cert: "",
        client_key: "",
        auth: "auto",
        login_in_clear: "false",
        watch: "5m",
        finger: "",
        ehlo: "",
        bind: "",
        ip: "auto",
        normal_codes: "",
        connect_timeout: "30s",
        greeting_timeout: "5m",
        command_timeout: "5m",
        turn_timeout: "10m",
      },
    });
  });

  test("a fault in a field that is not shown brings the field", async () => {
    show(empty, (request) => (request.type === "save-account" ? twoFaults : undefined));
    await fireEvent.click(await screen.findByRole("button", { name: "Start asking for mail" }));
    expect(await screen.findByText(nameFault)).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText("Name"));
  });

  test("the demo is one click away", async () => {
    const engine = show(empty);
    await fireEvent.click(await screen.findByRole("button", { name: "Try the built-in demo" }));
    expect(asked(engine, "start-demo")).toHaveLength(1);
  });

  test("a demo that cannot run says why", async () => {
    const fault = refusal({ code: "demo", message: "The demo cannot run (no port is free)." });
    show(empty, (request) => (request.type === "start-demo" ? fault : undefined));
    await fireEvent.click(await screen.findByRole("button", { name: "Try the built-in demo" }));
    expect((await screen.findByRole("alert")).textContent).toContain("no port is free");
  });
});

describe("in front", () => {
  /** What the browser says of the page, and that it has changed. */
  function become(visible: boolean, focus: boolean, event: string) {
    vi.spyOn(document, "hasFocus").mockReturnValue(focus);
    vi.spyOn(document, "visibilityState", "get").mockReturnValue(visible ? "visible" : "hidden");
    (event === "visibilitychange" ? document : window).dispatchEvent(new Event(event));
  }
  afterEach(() => void vi.restoreAllMocks());

  test("the engine knows whether the window is in front, from the start and at each change", async () => {
    become(true, true, "focus");
    const engine = show(snapshot());
    await screen.findByRole("heading", { name: "Accounts" });
    expect(engine.front).toEqual([true]);
    become(true, false, "blur");
    await waitFor(() => expect(engine.front).toEqual([true, false]));
    become(true, true, "focus");
    expect(engine.front).toEqual([true, false, true]);
    become(false, true, "visibilitychange");
    become(false, true, "focus");
    expect(engine.front).toEqual([true, false, true, false]);
  });

  test("the next engine is told as well, and one that has gone is not asked back", async () => {
    become(true, true, "focus");
    const engine = show(snapshot());
    await screen.findByRole("heading", { name: "Accounts" });
    engine.tell({ type: "gone" });
    become(false, true, "visibilitychange");
    expect(engine.front).toEqual([true]);
    engine.tell({ type: "missed" });
    await waitFor(() => expect(engine.front).toEqual([true, false]));
  });
});

describe("an account that is asked for", () => {
  test("is gone to from any part, and again from where it is shown already", async () => {
    const engine = show(snapshot());
    await screen.findByRole("heading", { name: "Accounts" });
    await fireEvent.click(screen.getByRole("link", { name: "Settings" }));
    await screen.findByRole("heading", { name: "Settings" });
    engine.tell({ type: "show-window", account: null });
    expect(route()).toEqual({ part: "settings" });
    engine.tell({ type: "show-window", account: "a / b" });
    await screen.findByRole("heading", { name: "Accounts" });
    expect(route()).toEqual({ part: "overview", account: "a / b" });
    const again = vi.fn();
    window.addEventListener("hashchange", again);
    engine.tell({ type: "show-window", account: "a / b" });
    await waitFor(() => expect(again).toHaveBeenCalledTimes(1));
    window.removeEventListener("hashchange", again);
  });
});

describe("overview", () => {
  test("an account tells its state, its last poke and what can be done, in words", async () => {
    const failing = account({
      health: "trouble",
      failures: 3,
      last: poke(7, { outcome: "unreachable", explanation: "It did not answer. Check the host." }),
    });
    show(snapshot({ accounts: [failing], health: "trouble" }));
    const card = within(await screen.findByRole("article", { name: "vevida" }));
    for (const words of ["Trouble", "Unreachable", "It did not answer. Check the host.", "The last 3 pokes did not work."]) {
      expect(card.getByText(words)).toBeTruthy();
    }
    expect(card.getByRole("link", { name: "Show the dialogue: vevida" }).getAttribute("href")).toBe("#/recent/7");
  });

  test("what is no longer as it was, and a poke that is held, are told on the card", async () => {
    const alarm = { kind: "slow" as const, title: "vevida: the provider is slow", body: "Check your line." };
    show(snapshot({ accounts: [account({ alarms: [alarm], held: true })] }));
    const card = within(await screen.findByRole("article", { name: "vevida" }));
    for (const words of [alarm.title, alarm.body, "As soon as your mail server answers again"]) expect(card.getByText(words)).toBeTruthy();
  });

  test.each<[MailServerState["state"], string]>([
    ["answering", "Answers"],
    ["turns-away", "Accepts no mail now"],
    ["refusing", "Does not answer"],
  ])("a mail server that is %s is told on the card with its address", async (name, words) => {
    const mail_server = MAIL_SERVER_STATES.find(({ state }) => state === name) ?? null;
    show(snapshot({ accounts: [account({ last: poke(41, { mail_server, mail_server_words: "A sentence." }) }, { mail_server: "127.0.0.1:2525" })] }));
    const card = within(await screen.findByRole("article", { name: "vevida" }));
    expect(card.getByText(words).textContent).toBe(`${words}127.0.0.1:2525`);
  });

  test("what a poke brought, and a mail server that puts mail off, are told once", async () => {
    const mail_server = { state: "postpones" as const, domain: "example.net", answer: "450 4.7.1 Greylisted" };
    const summary = "The provider has started to deliver 3 messages.";
    const mail_server_words = "Your mail server defers mail for example.net (450 4.7.1 Greylisted).";
    const arrivals_words = "Nothing has come from the provider.";
    const explanation = `${summary} ${mail_server_words} ${arrivals_words}`;
    const count = { connections: 0, bytes: null, first_after_ms: null, bare: 0 };
    const arrivals = { provider: count, elsewhere: count, overrun: false };
    show(snapshot({ accounts: [account({ last: poke(41, { summary, explanation, mail_server, mail_server_words, arrivals, arrivals_words }) })] }));
    const card = within(await screen.findByRole("article", { name: "vevida" }));
    for (const words of [summary, mail_server_words, arrivals_words]) {
      expect(card.getByText(words)).toBeTruthy();
    }
  });

  describe("what arrived", () => {
    const none = { connections: 0, bytes: null, first_after_ms: null, bare: 0 };
    const mail = { connections: 3, bytes: 1_234_567, first_after_ms: 4210, bare: 0 };
    const counted = "3 connections from the provider brought 1.2 MB, the first after 4 s.";
    const another = "Your mail server at mail.example.net is another machine, so arrivals cannot be seen from here. Run Dequeue there to see them.";

    test.each<[string, Partial<PokeView>, string, string]>([
      ["is counted", { arrivals: { provider: mail, elsewhere: none, overrun: false }, arrivals_words: counted }, "", counted],
      ["is nothing so far", { monitoring: { monitoring: "watching" } }, "", "Nothing has come from the provider so far."],
      ["came over the same connection", { delivered: { messages: 2, refused: 0, recipients_refused: 0, foreign: 0, octets: 2048 }, arrivals_words: "2 messages, 2.0 kB" }, "", "2 messages, 2.0 kB"],
      ["cannot be seen", { monitoring: { monitoring: "not-here" }, unseen_words: another }, "mail.example.net:25", another],
      ["can be told by the provider's patience", { monitoring: { monitoring: "not-here" }, busy_ms: 1834, busy_words: "1.8 s" }, "mail.example.net:25", "The provider stayed connected for 1.8 s, as it does while it delivers."],
    ])("%s, and the card says so", async (_, change, mail_server, words) => {
      show(snapshot({ accounts: [account({ last: poke(41, change) }, { mail_server })] }));
      const card = within(await screen.findByRole("article", { name: "vevida" }));
      expect(card.getByText("Arrivals")).toBeTruthy();
      expect(card.getByText(words)).toBeTruthy();
    });

    test.each<[string, Partial<PokeView>]>([
      ["after a poke that did not work", { outcome: "unreachable", may_bring_mail: false, monitoring: { monitoring: "watching" } }],
      ["where nobody has said where to look", { monitoring: { monitoring: "not-listening" } }],
    ])("is no matter %s", async (_, change) => {
      show(snapshot({ accounts: [account({ last: poke(41, change) })] }));
      const card = within(await screen.findByRole("article", { name: "vevida" }));
      expect(card.queryByText("Arrivals")).toBeNull();
    });

    test("last is told with its time", async () => {
      show(snapshot({ accounts: [account({ last_arrival_at: at(-7200, Date.now()) })] }));
      const card = within(await screen.findByRole("article", { name: "vevida" }));
      expect(card.getByText(/^Last mail arrived/).textContent).toContain("2 hours ago");
    });
  });

  test("a fault of the history, and of ways out for notices, stand on top", async () => {
    show(snapshot({ history_fault: "The disk is full.", channel_faults: ["The webhook failed.", "The heartbeat failed."] }));
    expect(await screen.findByText("The disk is full.")).toBeTruthy();
    expect(screen.getByText(/The webhook failed\./).textContent).toBe("The webhook failed.\nThe heartbeat failed.");
  });

  test("poke now, and pause, ask for just that account", async () => {
    const engine = show(snapshot({ accounts: [account(), account({ name: "other", paused: true, health: "paused" })] }));
    await fireEvent.click(await screen.findByRole("button", { name: "Poke now: vevida" }));
    await fireEvent.click(screen.getByRole("button", { name: "Pause: vevida" }));
    await fireEvent.click(screen.getByRole("menuitem", { name: "For an hour" }));
    await fireEvent.click(screen.getByRole("button", { name: "Resume: other" }));
    await fireEvent.click(screen.getByRole("button", { name: "Poke all now" }));
    await fireEvent.click(screen.getByRole("button", { name: "Pause everything" }));
    await fireEvent.click(screen.getByRole("menuitem", { name: "Until tomorrow, 8:00" }));
    expect(engine.asked.slice(1)).toEqual([
      { type: "poke-now", accounts: ["vevida"] },
      { type: "pause", account: "vevida", lasts: { seconds: 3600 } },
      { type: "resume", account: "other" },
      { type: "poke-now", accounts: [] },
      { type: "pause", account: null, lasts: "tomorrow" },
    ]);
  });

  test("a pause is chosen by keyboard, and left without one", async () => {
    const engine = show(snapshot());
    const button = await screen.findByRole("button", { name: "Pause: vevida" });
    await fireEvent.click(button);
    const items = screen.getAllByRole("menuitem");
    await waitFor(() => expect(document.activeElement).toBe(items[0]));
    await fireEvent.keyDown(items[0] as HTMLElement, { key: "ArrowUp" });
    expect(document.activeElement).toBe(items[2]);
    await fireEvent.keyDown(items[2] as HTMLElement, { key: "Escape" });
    expect(screen.queryByRole("menuitem")).toBeNull();
    expect(document.activeElement).toBe(button);
    expect(engine.asked.slice(1)).toEqual([]);
  });

  test("what was given meanwhile is told above the overview, and shown as a list", async () => {
    const at = "2026-11-25T03:12:00Z";
    const failure = { at, kind: "failure" as const, account: "vevida", title: "vevida: could not request mail", body: "Nobody answers." };
    const engine = show(snapshot({ unseen_notices: 2 }), (request) =>
      request.type === "notices" ? { type: "notices", notices: [failure] } : undefined,
    );
    expect(await screen.findByText("While you were away, 2 notices were given.")).toBeTruthy();
    window.location.hash = "#/notices";
    expect(await screen.findByText("vevida: could not request mail")).toBeTruthy();
    expect(screen.getByText("Nobody answers.")).toBeTruthy();
    expect(engine.asked).toContainEqual({ type: "notices", seen: true });
  });

  test("a poke under way shows its lines as they come, and its outcome is said aloud", async () => {
    const engine = show(snapshot({ accounts: [account({ poking: true })] }));
    await screen.findByRole("article", { name: "vevida" });
    for (const line of DIALOGUE.slice(0, 3)) engine.tell({ type: "dialogue", account: "vevida", line });
    expect(await screen.findByText("EHLO office.example.net")).toBeTruthy();
    expect(screen.getByText("Connected")).toBeTruthy();
    engine.tell({ type: "poked", poke: poke(50, { trigger: "user", explanation: "It worked." }) });
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("vevida: It worked."));
    await fireEvent.click(await screen.findByRole("button", { name: "Hide the dialogue: vevida" }));
    expect(screen.queryByText("EHLO office.example.net")).toBeNull();
  });

  test("removing asks first, and does nothing on the way back", async () => {
    const engine = show(snapshot());
    await fireEvent.click(await screen.findByRole("button", { name: "Remove: vevida" }));
    const dialog = within(screen.getByRole("dialog", { name: "Remove “vevida”?" }));
    await fireEvent.click(dialog.getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(asked(engine, "remove-account")).toEqual([]);
    await fireEvent.click(screen.getByRole("button", { name: "Remove: vevida" }));
    await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Remove" }));
    expect(asked(engine, "remove-account")).toEqual([{ type: "remove-account", account: "vevida" }]);
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("“vevida” has been removed."));
  });

  test("a fault in the settings file, the demo and a pause stand on top", async () => {
    const engine = show(snapshot({ settings_fault: "Line 7: no.", demo: true, paused: true }));
    expect(await screen.findByText("Line 7: no.")).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "End the demo" }));
    await fireEvent.click(screen.getByRole("button", { name: "Resume everything" }));
    expect(engine.asked.slice(1)).toEqual([{ type: "stop-demo" }, { type: "resume", account: null }]);
  });

  test("what could not be done says why, and can be put away", async () => {
    const fault = refusal({ code: "settings-fault", message: "Nothing was changed." });
    show(snapshot(), (request) => (request.type === "pause" ? fault : undefined));
    await fireEvent.click(await screen.findByRole("button", { name: "Pause: vevida" }));
    await fireEvent.click(screen.getByRole("menuitem", { name: "Until I resume" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing was changed.");
    await fireEvent.click(screen.getByRole("button", { name: "Close this message" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("the account form", () => {
  test("the engine's faults stand beside their fields, and the first wrong field has the focus", async () => {
    window.location.hash = "#/new";
    show(snapshot(), (request) => (request.type === "save-account" ? twoFaults : undefined));
    await fireEvent.input(await screen.findByLabelText("Provider's host"), { target: { value: "a b" } });
    await fireEvent.click(screen.getByRole("button", { name: "Start asking for mail" }));
    const fault = await screen.findByText(hostFault);
    const host = screen.getByLabelText("Provider's host");
    expect(host.getAttribute("aria-invalid")).toBe("true");
    expect(host.getAttribute("aria-describedby")?.split(" ")).toContain(fault.id);
    expect(document.activeElement).toBe(screen.getByLabelText("Name"));
    expect(screen.getByRole("status").textContent).toBe("2 fields need another look.");
  });

  test("while typing, only what was touched is blamed, and nothing is saved", async () => {
    window.location.hash = "#/new";
    const engine = show(snapshot(), (request) => (request.type === "save-account" ? twoFaults : undefined));
    await fireEvent.input(await screen.findByLabelText("Provider's host"), { target: { value: "a b" } });
    expect(await screen.findByText(hostFault)).toBeTruthy();
    expect(screen.queryByText(nameFault)).toBeNull();
    expect(asked(engine, "save-account").map((request) => request.dry_run)).toEqual([true]);
  });

  test("rhythm, mail server and notices come as they are set, and go back as they are changed", async () => {
    window.location.hash = "#/account/vevida";
    const set = account({}, { hours: "mon-fri 07:00-19:00", outside: "2h", mail_server: "[::1]:2525", notify_after: "3", silence_alarm: "2d" });
    const engine = show(snapshot({ accounts: [set] }));
    await fireEvent.click(await screen.findByRole("checkbox", { name: "Saturday" }));
    await fireEvent.input(screen.getByLabelText("Alarm after silence"), { target: { value: "3d" } });
    await fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByRole("heading", { name: "Accounts" });
    expect(asked(engine, "save-account").find((request) => !request.dry_run)?.fields).toMatchObject({
      hours: "mon-sat 07:00-19:00",
      outside: "2h",
      mail_server: "[::1]:2525",
      notify_after: "3",
      silence_alarm: "3d",
    });
  });

  test("a rhythm by cron is shown in its parts and kept as it is", async () => {
    window.location.hash = "#/account/vevida";
    const set = account({}, { cron: "*/15 7-19 * * 1-5", time_zone: "Europe/Amsterdam", jitter: "30s" });
    const engine = show(snapshot({ accounts: [set] }));
    expect(((await screen.findByLabelText("Cron expression")) as HTMLInputElement).value).toBe(set.fields.cron);
    expect(screen.getByText("Mon-Fri")).toBeTruthy();
    expect(screen.queryByLabelText("Poke every")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByRole("heading", { name: "Accounts" });
    expect(screen.getByText("by cron: */15 7-19 * * 1-5")).toBeTruthy();
    const saved = asked(engine, "save-account").find((request) => !request.dry_run)?.fields;
    expect(saved).toMatchObject({ cron: set.fields.cron, time_zone: "Europe/Amsterdam", jitter: "30s" });
  });

  test("a cron expression gives way to an interval, and the keyboard goes on there", async () => {
    window.location.hash = "#/account/vevida";
    const engine = show(snapshot({ accounts: [account({}, { cron: "0 9 * * *", every: "20m" })] }));
    await fireEvent.click(await screen.findByRole("button", { name: "Use an interval instead" }));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Poke every")));
    await fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByRole("heading", { name: "Accounts" });
    expect(asked(engine, "save-account").find((request) => !request.dry_run)?.fields).toMatchObject({ cron: "", every: "20m" });
  });

  test("a mail server on this machine is one click, and is looked at first unless that is turned off", async () => {
    window.location.hash = "#/account/vevida";
    const engine = show(snapshot());
    await fireEvent.click(await screen.findByRole("button", { name: "On this machine" }));
    const first = screen.getByRole("checkbox", { name: "Ask for mail only while it answers" }) as HTMLInputElement;
    expect(first.checked).toBe(true);
    await fireEvent.click(screen.getByRole("checkbox", { name: "Also test what it accepts" }));
    await fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByRole("heading", { name: "Accounts" });
    expect(asked(engine, "save-account").find((request) => !request.dry_run)?.fields).toMatchObject({
      mail_server: "127.0.0.1:25",
      mail_server_first: "true",
      mail_server_test: "true",
    });
  });

  test("a method that turns the connection round has your mail server in it anyway", async () => {
    window.location.hash = "#/account/vevida";
    show(snapshot({ accounts: [account({}, { method: "atrn", mail_server: "127.0.0.1:25" })] }));
    await screen.findByLabelText("Mail server");
    expect(screen.queryByRole("checkbox", { name: "Ask for mail only while it answers" })).toBeNull();
  });

  test("an alarm that could never come says why, as long as your mail server stays the same", async () => {
    window.location.hash = "#/account/vevida";
    const unseen_words = "Your mail server at mail.example.net is another machine, so arrivals cannot be seen from here.";
    const last = poke(41, { monitoring: { monitoring: "not-here" }, unseen_words });
    show(snapshot({ accounts: [account({ last }, { mail_server: "mail.example.net:25", silence_alarm: "2d" })] }));
    expect(await screen.findByText(/^This alarm cannot go off\. Your mail server at mail\.example\.net/)).toBeTruthy();
    await fireEvent.input(screen.getByLabelText("Mail server"), { target: { value: "127.0.0.1:25" } });
    expect(screen.queryByText(/^This alarm cannot go off/)).toBeNull();
  });

  test("where else it is told is said, but for an account that is never told of", async () => {
    window.location.hash = "#/account/vevida";
    const channels = [
      { channel: "mail" as const, to: "anna@example.net" },
      { channel: "command" as const, to: "pager" },
    ];
    show(snapshot({ accounts: [account({ heartbeat_host: "hc-ping.com" })], general: general({ channels }) }));
    const also = await screen.findByText(/^Also sent by e-mail to anna@example\.net and by the program pager\./);
    expect(also.textContent).toContain("sends a heartbeat to hc-ping.com");
    await fireEvent.click(within(screen.getByRole("radiogroup", { name: "Notices" })).getByRole("radio", { name: "Never" }));
    expect(also.textContent?.trim()).toMatch(/^Each poke that worked/);
  });

  test("an account comes as it is set, goes back under its old name, and the overview follows", async () => {
    window.location.hash = "#/account/vevida";
    const set = account({ port: 2525 }, { port: "2525", method: "etrn", domains: "example.net, example.nl", every: "1h", notify: "everything" });
    const engine = show(snapshot({ accounts: [set] }));
    const name = await screen.findByLabelText("Name");
    await fireEvent.input(name, { target: { value: "renamed" } });
    await fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByRole("heading", { name: "Accounts" });
    expect(asked(engine, "save-account").find((request) => !request.dry_run)).toMatchObject({
      original: "vevida",
      fields: {
        name: "renamed",
        host: "bsmtp.example.org",
        port: "2525",
        method: "etrn",
        domains: "example.net\nexample.nl",
        every: "1h",
        notify: "everything",
      },
    });
  });

  test("what is being typed outlives a change from elsewhere", async () => {
    window.location.hash = "#/account/vevida";
    const engine = show(snapshot());
    await fireEvent.input(await screen.findByLabelText("Provider's host"), { target: { value: "half.typ" } });
    engine.tell({ type: "changed", snapshot: snapshot({ accounts: [account({}, { host: "other.example" })] }) });
    await waitFor(() => expect((screen.getByLabelText("Provider's host") as HTMLInputElement).value).toBe("half.typ"));
  });

  describe("encryption and login", () => {
    const secret = "correct horse battery staple";
    const withLogin = account({}, { user: "anna", tls: "required" });
    const fold = () => screen.getByText("Encryption and login").closest("details") as HTMLDetailsElement;
    const save = () => fireEvent.click(screen.getByRole("button", { name: "Save" }));
    const typePassword = async () => fireEvent.input(await screen.findByLabelText("Password"), { target: { value: secret } });
    const changes = (engine: StandIn) =>
      engine.asked.filter((request) => request.type !== "snapshot" && !(request.type === "save-account" && request.dry_run));

    test.each([
      ["stay folded where nothing is set", account(), false],
      ["are shown where they are set", withLogin, true],
      ["are shown where the provider asks for them", account({ last: poke(9, { reason: "tls-required", explanation: "It wants TLS." }) }), true],
    ])("%s", async (_, set, open) => {
      window.location.hash = "#/account/vevida";
      show(snapshot({ accounts: [set] }));
      await screen.findByLabelText("Name");
      expect(fold().open).toBe(open);
      expect(within(fold()).queryByText("It wants TLS.") !== null).toBe(set.last?.reason === "tls-required");
    });

    test("the usual port follows the method and the encryption", async () => {
      window.location.hash = "#/new";
      show(snapshot());
      const port = (await screen.findByLabelText("Port")) as HTMLInputElement;
      expect([port.value, port.placeholder]).toEqual(["", "25"]);
      await fireEvent.click(screen.getByRole("radio", { name: "From the first byte" }));
      expect(port.placeholder).toBe("465");
      await fireEvent.click(screen.getByRole("radio", { name: "ATRN" }));
      expect(port.placeholder).toBe("366");
      expect(fold().open).toBe(true);
    });

    test("the account is saved first, then its password, which is in nothing else", async () => {
      window.location.hash = "#/account/vevida";
      const engine = show(snapshot({ accounts: [withLogin] }));
      await typePassword();
      await save();
      await screen.findByRole("heading", { name: "Accounts" });
      expect(changes(engine).map(({ type }) => type)).toEqual(["save-account", "set-secret"]);
      expect(asked(engine, "set-secret")).toEqual([{ type: "set-secret", account: "vevida", secret }]);
      expect(JSON.stringify(asked(engine, "save-account"))).not.toContain(secret);
    });

    test("it goes to the account under its new name", async () => {
      window.location.hash = "#/account/vevida";
      const engine = show(snapshot({ accounts: [withLogin] }));
      await typePassword();
      await fireEvent.input(screen.getByLabelText("Name"), { target: { value: " office " } });
      await save();
      await waitFor(() => expect(asked(engine, "set-secret").map((request) => request.account)).toEqual(["office"]));
    });

    test("a field left empty keeps the stored one, which is never shown", async () => {
      window.location.hash = "#/account/vevida";
      const engine = show(snapshot({ accounts: [withLogin] }));
      const field = (await screen.findByLabelText("Password")) as HTMLInputElement;
      expect([field.type, field.value]).toEqual(["password", ""]);
      await save();
      await screen.findByRole("heading", { name: "Accounts" });
      expect(changes(engine).map(({ type }) => type)).toEqual(["save-account"]);
    });

    test("where it cannot be kept, the form stays and says why, and what was saved is not added again", async () => {
      window.location.hash = "#/new";
      let locked = true;
      const fault = refusal({ code: "secret", message: "The keyring is locked." });
      const engine = show(snapshot(), (request) => (request.type === "set-secret" && locked ? fault : undefined));
      await fireEvent.input(await screen.findByLabelText("Provider's host"), { target: { value: "h.example" } });
      await fireEvent.input(screen.getByLabelText("Name"), { target: { value: "new" } });
      await fireEvent.input(screen.getByLabelText("User name"), { target: { value: "anna" } });
      await typePassword();
      await fireEvent.click(screen.getByRole("button", { name: "Start asking for mail" }));
      expect((await screen.findByRole("alert")).textContent).toContain("The keyring is locked.");
      locked = false;
      await save();
      await screen.findByRole("heading", { name: "Accounts" });
      const saved = asked(engine, "save-account").filter((request) => !request.dry_run);
      expect(saved.map(({ original }) => original)).toEqual([null, "new"]);
      expect(asked(engine, "set-secret")).toHaveLength(2);
    });

    test("an account that is not saved gets no password", async () => {
      window.location.hash = "#/account/vevida";
      const engine = show(snapshot({ accounts: [withLogin] }), (request) => (request.type === "save-account" ? twoFaults : undefined));
      await typePassword();
      await save();
      expect(await screen.findByText(hostFault)).toBeTruthy();
      expect(asked(engine, "set-secret")).toEqual([]);
    });

    test("a password without a user name is asked about before anything is sent", async () => {
      window.location.hash = "#/account/vevida";
      const engine = show(snapshot());
      await typePassword();
      await save();
      await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("User name")));
      expect(changes(engine)).toEqual([]);
    });

    test("one that comes from elsewhere is named, and not asked for", async () => {
      window.location.hash = "#/account/vevida";
      show(snapshot({ accounts: [account({}, { user: "anna", secret: "env:DEQUEUE_PASSWORD" })] }));
      expect(await screen.findByText("env:DEQUEUE_PASSWORD")).toBeTruthy();
      expect(screen.queryByLabelText("Password")).toBeNull();
      expect(screen.queryByRole("button", { name: "Delete the stored password…" })).toBeNull();
    });

    test("a certificate that was trusted by hand is shown, and need no longer be the one", async () => {
      window.location.hash = "#/account/vevida";
      const engine = show(snapshot({ accounts: [account({}, { pin: CERTIFICATE.fingerprint })] }));
      await fireEvent.click(await screen.findByRole("button", { name: "No longer require it" }));
      expect(screen.queryByText("Trusted certificate")).toBeNull();
      await save();
      await screen.findByRole("heading", { name: "Accounts" });
      expect(asked(engine, "save-account").find((request) => !request.dry_run)?.fields.pin).toBe("");
    });

    test("a stored one is forgotten when that is confirmed", async () => {
      window.location.hash = "#/account/vevida";
      const engine = show(snapshot({ accounts: [withLogin] }));
      await fireEvent.click(await screen.findByRole("button", { name: "Delete the stored password…" }));
      expect(changes(engine)).toEqual([]);
      await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
      expect(changes(engine)).toEqual([{ type: "clear-secret", account: "vevida" }]);
      await waitFor(() => expect(screen.getByRole("status").textContent).toBe("The password of “vevida” has been deleted."));
    });
  });

  test("a fault of no field stands on top", async () => {
    window.location.hash = "#/account/vevida";
    const fault = refusal({ code: "settings-not-writable", message: "The settings cannot be written." });
    show(snapshot(), (request) => (request.type === "save-account" ? fault : undefined));
    await fireEvent.click(await screen.findByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toContain("The settings cannot be written.");
  });
});

describe("a certificate that does not hold", () => {
  const failed = (reason: PokeView["reason"]) => poke(7, { outcome: "refused", reason, can_be_pinned: true, certificate: CERTIFICATE });
  const open = async () => fireEvent.click(await screen.findByRole("button", { name: "Trust this certificate…: vevida" }));

  test("is trusted only after its fingerprint has been shown and confirmed", async () => {
    const engine = show(snapshot({ accounts: [account({ last: failed("certificate-unknown") })] }));
    await open();
    const dialog = screen.getByRole("dialog", { name: "Trust the certificate of bsmtp.example.org?" });
    const fingerprint = within(dialog).getByRole("group", { name: "Fingerprint (SHA-256)" });
    expect(fingerprint.textContent?.trim().split(/\s+/).join(":")).toBe(CERTIFICATE.fingerprint);
    expect(within(dialog).queryByText(/not the certificate that you trusted before/)).toBeNull();
    expect(engine.asked).toHaveLength(1);
    await fireEvent.click(within(dialog).getByRole("button", { name: "It is the same, trust it" }));
    await waitFor(() => expect(engine.asked).toHaveLength(3));
    expect(engine.asked.slice(1)).toEqual([
      { type: "save-account", original: "vevida", fields: { pin: CERTIFICATE.fingerprint, tls: "required" }, dry_run: false },
      { type: "poke-now", accounts: ["vevida"] },
    ]);
  });

  test("is not trusted on the way back", async () => {
    const engine = show(snapshot({ accounts: [account({ last: failed("certificate-expired") })] }));
    await open();
    await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(engine.asked).toHaveLength(1);
  });

  test("one that has changed comes with a warning", async () => {
    show(snapshot({ accounts: [account({ last: failed("certificate-changed") })] }));
    await open();
    expect(within(screen.getByRole("dialog")).getByText(/not the certificate that you trusted before/)).toBeTruthy();
  });

  test("what is confirmed is what was shown, whatever comes meanwhile", async () => {
    const engine = show(snapshot({ accounts: [account({ last: failed("certificate-unknown") })] }));
    await open();
    const other = { ...CERTIFICATE, fingerprint: CERTIFICATE.fingerprint.replaceAll("0", "F") };
    engine.tell({ type: "account", account: account({ last: { ...failed("certificate-unknown"), certificate: other } }), health: "trouble", poking: 0 });
    await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "It is the same, trust it" }));
    expect(asked(engine, "save-account").map(({ fields }) => fields.pin)).toEqual([CERTIFICATE.fingerprint]);
  });

  test("one that cannot be kept is not poked with", async () => {
    const fault = refusal({ code: "settings-not-writable", message: "It cannot be written." });
    const engine = show(snapshot({ accounts: [account({ last: failed("certificate-unknown") })] }), (request) =>
      request.type === "save-account" ? fault : undefined,
    );
    await open();
    await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "It is the same, trust it" }));
    expect((await screen.findByRole("alert")).textContent).toContain("It cannot be written.");
    expect(asked(engine, "poke-now")).toEqual([]);
  });
});

describe("recent pokes", () => {
  const history = (pages: Record<string, number[]>) => (request: Request) => {
    if (request.type === "history") {
      return { type: "pokes" as const, pokes: (pages[String(request.before)] ?? []).map((id) => poke(id)), more: pages[String(request.before)]?.length === 50 };
    }
    if (request.type === "poke") return { type: "poke" as const, poke: poke(request.id, { dialogue: DIALOGUE }) };
    return undefined;
  };
  const rows = () => screen.queryAllByRole("button", { expanded: false }).filter((row) => row.classList.contains("row"));
  const hundred = Array.from({ length: 50 }, (_, n) => 100 - n);

  test("opening one shows what was said, exactly", async () => {
    window.location.hash = "#/recent";
    const engine = show(snapshot(), history({ null: [12] }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    await fireEvent.click(rows()[0] as HTMLElement);
    expect(await screen.findByText("253 2.0.0 OK, 3 pending messages for node example.net started")).toBeTruthy();
    expect(screen.getByText("Closed")).toBeTruthy();
    expect(screen.getByText("192.0.2.7:25")).toBeTruthy();
    expect(screen.getByText("Delivery started, 3 messages")).toBeTruthy();
    expect(asked(engine, "poke")).toEqual([{ type: "poke", id: 12 }]);
    await fireEvent.click(screen.getByRole("button", { expanded: true }));
    await waitFor(() => expect(screen.queryByText("Closed")).toBeNull());
  });

  test("everything that is known of one is told in words", async () => {
    window.location.hash = "#/recent/12";
    const line = (text: string) => ({ from: "connection" as const, at_ms: 1, line: text });
    const one = poke(12, {
      method: "atrn",
      choice: "atrn-offered",
      outcome: "delivered",
      tls: { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384", peer: "odmr.example.org", trust: "pinned", certificate: CERTIFICATE },
      certificate: CERTIFICATE,
      delivered: { messages: 3, refused: 1, recipients_refused: 0, foreign: 0, octets: 1_234_567 },
      arrivals_words: "3 messages, 1.2 MB, 1 refused by your mail server",
      busy_ms: 1800,
      busy_words: "1.8 s",
      tried: [
        { host: "mail1.example.org", address: "192.0.2.1:366", outcome: "refused", reason: "service-closing", code: 421, text: "too busy", duration_ms: 30, tls_fault: null },
        { host: "mail2.example.org", address: null, outcome: "unreachable", reason: "no-address", code: null, text: null, duration_ms: 2, tls_fault: null },
      ],
    });
    const dialogue = ["next-host bsmtp.example.org", "tls-started", "mail-server-connected", "turned", "bridge-ended", "a-later-one"].map(line);
    show(snapshot(), (request) => {
      if (request.type === "history") return { type: "pokes", pokes: [one], more: false };
      return request.type === "poke" ? { type: "poke", poke: { ...one, dialogue } } : undefined;
    });
    for (const words of [
      "Chosen because the provider offers ATRN and this account has a login.",
      "TLSv1.3, TLS13_AES_256_GCM_SHA384",
      "odmr.example.org showed the certificate that you trust.",
      "Valid until March 1, 2027.",
      "3 messages, 1.2 MB, 1 refused by your mail server",
      "1.8 s",
      "mail1.example.org",
      "Refused: 421 too busy",
      "mail2.example.org",
      "Unreachable",
      "Next host: bsmtp.example.org",
      "Encrypted from here on",
      "Connected to your mail server",
      "Turned around: the provider now speaks with your mail server",
      "The delivery over this connection has ended",
      "a-later-one",
    ]) {
      expect(await screen.findByText(words), words).toBeTruthy();
    }
  });

  test("what arrived is told with the poke, and why a second one went out", async () => {
    window.location.hash = "#/recent/12";
    const count = { connections: 3, bytes: 1_234_567, first_after_ms: 4210, bare: 0 };
    const arrivals_words = "3 connections from the provider brought 1.2 MB, the first after 4 s.";
    const arrivals = { provider: count, elsewhere: { ...count, connections: 0 }, overrun: false };
    const one = poke(12, { trigger: "second", arrivals, arrivals_words });
    show(snapshot(), (request) => {
      if (request.type === "history") return { type: "pokes", pokes: [one], more: false };
      return request.type === "poke" ? { type: "poke", poke: one } : undefined;
    });
    expect(await screen.findByText(arrivals_words)).toBeTruthy();
    expect(screen.getByText("a second attempt, in case mail was missed")).toBeTruthy();
  });

  test("where arrivals cannot be seen, that is said", async () => {
    window.location.hash = "#/recent/12";
    const unseen_words = "Your mail server at mail.example.net is another machine, so arrivals cannot be seen from here.";
    const one = poke(12, { monitoring: { monitoring: "not-here" }, unseen_words });
    show(snapshot({ accounts: [account({}, { mail_server: "mail.example.net:25" })] }), (request) => {
      if (request.type === "history") return { type: "pokes", pokes: [one], more: false };
      return request.type === "poke" ? { type: "poke", poke: one } : undefined;
    });
    expect(await screen.findByText(unseen_words)).toBeTruthy();
  });

  test("what becomes known later comes by itself, and the dialogue stays", async () => {
    window.location.hash = "#/recent/12";
    const engine = show(snapshot(), history({ null: [12] }));
    expect(await screen.findByText("QUIT")).toBeTruthy();
    expect(screen.queryByText("Provider busy with us for")).toBeNull();
    engine.tell({ type: "poke-completed", poke: poke(12, { busy_ms: 2500, busy_words: "2.5 s" }) });
    expect(await screen.findByText("2.5 s")).toBeTruthy();
    expect(screen.getByText("QUIT")).toBeTruthy();
  });

  test("a certificate is offered only with the account's last poke", async () => {
    window.location.hash = "#/recent/12";
    const failed = (id: number) => poke(id, { outcome: "refused", reason: "certificate-unknown", can_be_pinned: true, certificate: CERTIFICATE });
    show(snapshot({ accounts: [account({ last: failed(13) })] }), (request) => {
      if (request.type === "history") return { type: "pokes", pokes: [failed(13), failed(12)], more: false };
      return request.type === "poke" ? { type: "poke", poke: failed(request.id) } : undefined;
    });
    expect(await screen.findByText("Valid until March 1, 2027.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Trust/ })).toBeNull();
    await fireEvent.click(rows()[0] as HTMLElement);
    expect(await screen.findByRole("button", { name: /^Trust/ })).toBeTruthy();
  });

  test("older ones come when asked for, until there are none", async () => {
    window.location.hash = "#/recent";
    const engine = show(snapshot(), history({ null: hundred, 51: [50] }));
    await waitFor(() => expect(rows()).toHaveLength(50));
    await fireEvent.click(screen.getByRole("button", { name: "Show older pokes" }));
    await waitFor(() => expect(rows()).toHaveLength(51));
    expect(asked(engine, "history").map((request) => request.before)).toEqual([null, 51]);
    expect(screen.queryByRole("button", { name: "Show older pokes" })).toBeNull();
  });

  test("a poke that ends comes on top", async () => {
    window.location.hash = "#/recent";
    const engine = show(snapshot(), history({ null: [12] }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    engine.tell({ type: "poked", poke: poke(13, { outcome: "refused" }) });
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(rows()[0]?.textContent).toContain("Refused");
  });

  test("an empty history says so", async () => {
    window.location.hash = "#/recent";
    show(snapshot());
    expect(await screen.findByRole("heading", { name: "No pokes yet" })).toBeTruthy();
  });

  test("a history that cannot be read is asked for once, not for ever", async () => {
    window.location.hash = "#/recent";
    const fault = refusal({ code: "history", message: "The history cannot be read." });
    const engine = show(snapshot(), (request) => (request.type === "history" ? fault : undefined));
    expect((await screen.findByRole("alert")).textContent).toContain("The history cannot be read.");
    engine.tell({ type: "account", account: account({ failures: 1 }), health: "trouble", poking: 0 });
    await waitFor(() => expect(asked(engine, "history")).toHaveLength(1));
  });

  test("one that is no longer at hand is fetched by its number", async () => {
    window.location.hash = "#/recent/3";
    const engine = show(snapshot(), history({ null: [12] }));
    expect(await screen.findByText("QUIT")).toBeTruthy();
    expect(asked(engine, "poke")).toEqual([{ type: "poke", id: 3 }]);
  });
});

describe("settings", () => {
  test("language and start at login go to the engine", async () => {
    window.location.hash = "#/settings";
    const engine = show(snapshot());
    await fireEvent.change(await screen.findByLabelText("Language"), { target: { value: "nl" } });
    await fireEvent.click(screen.getByRole("switch", { name: "Start at login" }));
    expect(engine.asked.slice(1)).toEqual([
      { type: "save-general", fields: { language: "nl" } },
      { type: "set-start-at-login", on: false },
    ]);
    expect(screen.getByText("/home/anna/.config/dequeue/settings.toml")).toBeTruthy();
  });

  describe("notices", () => {
    const open = () => {
      window.location.hash = "#/settings";
    };
    const quiet = () => screen.findByRole("switch", { name: "Quiet hours" });
    const saved = (engine: StandIn) => asked(engine, "save-general").map(({ fields }) => fields.notice_quiet);

    test("quiet hours begin with the usual night, and are off again at a click", async () => {
      open();
      const engine = show(snapshot());
      await fireEvent.click(await quiet());
      await waitFor(() => expect(saved(engine)).toEqual(["22:00-07:00"]));
      engine.tell({ type: "changed", snapshot: snapshot({ general: general({ fields: { language: "system", notice_quiet: "22:00-07:00" } }) }) });
      await fireEvent.change(await screen.findByLabelText("to"), { target: { value: "8:00" } });
      await waitFor(() => expect(saved(engine)).toEqual(["22:00-07:00", "22:00-8:00"]));
      await fireEvent.click(await quiet());
      await waitFor(() => expect(saved(engine).at(-1)).toBe(""));
    });

    test("hours that are none are said beside them, and stay as they were typed", async () => {
      open();
      const message = "Quiet hours: “25-07:00” is not from one time of day to another.";
      const fault = refusal({ fields: [{ field: "notice_quiet", message }] });
      show(snapshot({ general: general({ fields: { language: "system", notice_quiet: "22:00-07:00" } }) }), (request) => (request.type === "save-general" ? fault : undefined));
      const from = (await screen.findByLabelText("from")) as HTMLInputElement;
      await fireEvent.change(from, { target: { value: "25" } });
      const told = await screen.findByText(message, { selector: "p" });
      expect(screen.getByRole("status").textContent).toBe(message);
      expect([from.value, from.getAttribute("aria-invalid"), from.getAttribute("aria-describedby")]).toEqual(["25", "true", told.id]);
    });

    test("the ways out are named, and say how they fare when they are tried", async () => {
      open();
      const set = snapshot({ general: general({ channels: [{ channel: "webhook", to: "ntfy.example.org" }] }) });
      const message = "The webhook for notices was answered with 404. Check the address.";
      show(set, (request) =>
        request.type === "try-channels" ? { type: "trials", trials: [{ channel: "webhook", ok: false, message }] } : undefined,
      );
      expect(await screen.findByText("by webhook to ntfy.example.org")).toBeTruthy();
      await fireEvent.click(screen.getByRole("button", { name: "Send a test notice" }));
      expect(await screen.findByText(message, { selector: "p span" })).toBeTruthy();
      expect(screen.getByRole("status").textContent).toBe(message);
    });

    test("where there is none, nothing is to be tried", async () => {
      open();
      show(snapshot());
      await quiet();
      expect(screen.queryByRole("button", { name: "Send a test notice" })).toBeNull();
    });
  });

  test("a switch that could not be moved goes back", async () => {
    window.location.hash = "#/settings";
    const fault = refusal({ code: "start-at-login", message: "Start at login cannot be changed." });
    show(snapshot(), (request) => (request.type === "set-start-at-login" ? fault : undefined));
    const box = (await screen.findByRole("switch", { name: "Start at login" })) as HTMLInputElement;
    await fireEvent.click(box);
    expect((await screen.findByRole("alert")).textContent).toContain("cannot be changed");
    expect(box.checked).toBe(true);
  });

  test("a machine that cannot say has no switch", async () => {
    window.location.hash = "#/settings";
    show(snapshot({ start_at_login: null }));
    expect(await screen.findByText("This system does not say whether Dequeue starts at login.")).toBeTruthy();
    expect(screen.queryByRole("switch", { name: "Start at login" })).toBeNull();
  });
});
