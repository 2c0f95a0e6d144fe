// Newer versions as a person meets them.

import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, expect, test } from "vitest";
import type { ApiError, NewVersion, Response, Snapshot } from "../src/api";
import { App } from "../src/app.svelte";
import { speak } from "../src/text.svelte";
import Window from "../src/Window.svelte";
import { refusal, snapshot, StandIn } from "./samples";

const NEWER: NewVersion = { version: "9.9.9", date: "2026-12-24", notes: "https://dequeue.example/9.9.9" };

function show(state: Snapshot, looked: Response | ApiError = { type: "update", newer: null }) {
  const engine = new StandIn((request) => {
    if (request.type === "snapshot") return { type: "snapshot", snapshot: state };
    return request.type === "check-for-update" ? looked : { type: "done" };
  });
  render(Window, { app: new App(engine) });
  return engine;
}

beforeEach(() => {
  window.location.hash = "";
  speak("en");
});

test("a newer version stands on top until it is put away, and under the settings with its address", async () => {
  show(snapshot({ update: NEWER }));
  await screen.findByText("Dequeue 9.9.9 is there");
  await fireEvent.click(screen.getByRole("link", { name: "Read more" }));
  expect(await screen.findByText("https://dequeue.example/9.9.9")).toBeTruthy();
  expect(screen.getByText(/released on 2026-12-24/)).toBeTruthy();
  window.location.hash = "#/";
  await fireEvent.click(await screen.findByRole("button", { name: "Close this message" }));
  await waitFor(() => expect(screen.queryByText("Dequeue 9.9.9 is there")).toBeNull());
});

test("it is off until it is switched on, and looked now for whoever asks", async () => {
  window.location.hash = "#/settings";
  const engine = show(snapshot());
  const box = await screen.findByRole("switch", { name: "Look for newer versions" });
  expect((box as HTMLInputElement).checked).toBe(false);
  await fireEvent.click(box);
  await waitFor(() => expect(engine.asked).toContainEqual({ type: "save-general", fields: { update_check: "weekly" } }));
  expect(engine.asked.some(({ type }) => type === "check-for-update")).toBe(false);
  await fireEvent.click(screen.getByRole("button", { name: "Look now" }));
  expect((await screen.findAllByText("No newer version is announced.")).length).toBeGreaterThan(0);
});

test("why it could not be looked is said", async () => {
  window.location.hash = "#/settings";
  show(snapshot(), refusal({ code: "update", message: "This build does not know where." }));
  await fireEvent.click(await screen.findByRole("button", { name: "Look now" }));
  expect((await screen.findByRole("alert")).textContent).toContain("This build does not know where.");
});
