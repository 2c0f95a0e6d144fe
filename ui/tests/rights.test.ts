// The page of a user who may look and poke, and change nothing.

import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, test } from "vitest";
import type { Request, Snapshot } from "../src/api";
import { App } from "../src/app.svelte";
import { route } from "../src/route.svelte";
import { speak } from "../src/text.svelte";
import { Refusal } from "../src/transport";
import Window from "../src/Window.svelte";
import { account, refusal, snapshot, StandIn } from "./samples";

/** What changes nothing for anybody else. */
const LOOKING: ReadonlySet<Request["type"]> = new Set(["snapshot", "poke-now", "history", "poke", "notices"]);

function show(change: Partial<Snapshot>, elevate?: () => Promise<void>): StandIn {
  const state = snapshot({ may_change: false, ...change });
  const engine = new StandIn((request) => {
    if (request.type === "snapshot") return { type: "snapshot", snapshot: state };
    if (request.type === "history") return { type: "pokes", pokes: [], more: false };
    return { type: "done" };
  });
  engine.asAdministrator = elevate;
  render(Window, { app: new App(engine) });
  return engine;
}

const LINE = "You may look and poke. Changing needs an administrator.";

beforeEach(() => {
  window.location.hash = "";
  speak("en");
});

describe("who may only look", () => {
  test("is told so, pokes, and finds nothing to change", async () => {
    const engine = show({ accounts: [account(), account({ name: "kpn", paused: true, health: "paused" })] });
    expect(await screen.findByText(LINE)).toBeTruthy();
    expect(screen.queryByText("Change as administrator")).toBeNull();
    expect(screen.queryByText("Add an account")).toBeNull();
    expect(screen.queryByText("Remove")).toBeNull();
    for (const name of ["Pause: vevida", "Resume: kpn", "Pause everything"]) {
      const button = screen.getByRole("button", { name }) as HTMLButtonElement;
      expect(button.disabled, name).toBe(true);
    }
    await fireEvent.click(screen.getByRole("button", { name: "Poke now: vevida" }));
    expect(engine.asked.at(-1)).toEqual({ type: "poke-now", accounts: ["vevida"] });
    expect(engine.asked.filter(({ type }) => !LOOKING.has(type))).toEqual([]);
  });

  test("sees the forms, and types into none", async () => {
    const engine = show({});
    await screen.findByLabelText("Settings: vevida");
    window.location.hash = "#/account/vevida";
    const host = (await screen.findByLabelText("Provider's host")) as HTMLInputElement;
    expect(host.value).toBe("bsmtp.example.org");
    const inputs = [...document.querySelectorAll<HTMLElement>("form :is(input, select, textarea, button)")];
    expect(inputs.length).toBeGreaterThan(10);
    expect(inputs.filter((input) => !input.matches(":disabled"))).toEqual([]);
    expect(screen.getByText("Save").closest("[hidden]")).toBeTruthy();
    expect(engine.asked.filter(({ type }) => !LOOKING.has(type))).toEqual([]);
    await fireEvent.click(screen.getByText("Back"));
    await waitFor(() => expect(route().part).toBe("overview"));
  });

  test("sees the settings of the program, and changes none", async () => {
    show({});
    await screen.findByText(LINE);
    window.location.hash = "#/settings";
    const language = await screen.findByLabelText("Language");
    expect(language.matches(":disabled")).toBe(true);
    const controls = [...document.querySelectorAll("main :is(input, select, textarea, button):not(.banner *)")];
    expect(controls.length).toBeGreaterThan(4);
    expect(controls.filter((control) => !control.matches(":disabled"))).toEqual([]);
  });

  test("does not come to the log, which is the service's", async () => {
    show({});
    await screen.findByText(LINE);
    window.location.hash = "#/settings";
    await screen.findByLabelText("Language");
    window.location.hash = "#/log";
    expect(await screen.findByText("Accounts")).toBeTruthy();
  });

  test("finds no form where nothing is set up", async () => {
    show({ accounts: [], health: "not-set-up" });
    expect(await screen.findByText(/No accounts have been set up/)).toBeTruthy();
    expect(document.querySelector("form")).toBeNull();
  });

  test("can have the window opened as an administrator, or learns why not", async () => {
    let consents = false;
    let opened = 0;
    show({}, async () => {
      opened += 1;
      if (!consents) throw new Refusal(refusal({ code: "not-allowed", message: "Nothing was opened." }));
    });
    const button = await screen.findByRole("button", { name: "Change as administrator" });
    await fireEvent.click(button);
    expect(await screen.findByText("Nothing was opened.")).toBeTruthy();
    consents = true;
    await fireEvent.click(button);
    await waitFor(() => expect(screen.queryByText("Nothing was opened.")).toBeNull());
    expect(opened).toBe(2);
  });
});
