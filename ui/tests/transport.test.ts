// Both ways to the engine keep the same promises.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Event, Request, Response } from "../src/api";
import { browser } from "../src/transport/browser";
import { tauri } from "../src/transport/tauri";
import { Refusal } from "../src/transport/transport";
import { refusal, snapshot } from "./samples";

const answer: Response = { type: "snapshot", snapshot: snapshot() };
const event: Event = { type: "missed" };

/** The engine's end of a WebSocket. */
class Socket {
  static opened: Socket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  sent: { id: number; request: Request }[] = [];

  constructor() {
    Socket.opened.push(this);
  }

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  says(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const open = () => new Socket() as unknown as WebSocket;
const newest = () => {
  const socket = Socket.opened.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
};
/** Lets what hangs on a promise happen. */
const settle = async () => {
  for (let n = 0; n < 5; n += 1) await Promise.resolve();
};

describe("from a browser", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    Socket.opened = [];
  });
  afterEach(() => vi.useRealTimers());

  async function connected() {
    const way = browser(open);
    const heard: Event[] = [];
    const subscribed = way.subscribe((one) => heard.push(one));
    newest().onopen?.();
    await subscribed;
    return { way, heard, socket: newest() };
  }

  test("each answer finds its own request, in any order", async () => {
    const { way, socket } = await connected();
    const first = way.request({ type: "snapshot" });
    const second = way.request({ type: "start-demo" });
    await settle();
    const [a, b] = socket.sent;
    expect([a?.request.type, b?.request.type]).toEqual(["snapshot", "start-demo"]);
    socket.says({ answer: { id: b?.id, result: { Ok: { type: "done" } } } });
    socket.says({ answer: { id: a?.id, result: { Ok: answer } } });
    expect(await first).toEqual(answer);
    expect(await second).toEqual({ type: "done" });
  });

  test("an error of the engine is thrown with its code and fields", async () => {
    const { way, socket } = await connected();
    const asked = way.request({ type: "snapshot" });
    await settle();
    const error = refusal({ fields: [{ field: "host", message: "Host: no." }] });
    socket.says({ answer: { id: socket.sent[0]?.id, result: { Err: error } } });
    await expect(asked).rejects.toMatchObject({ error });
  });

  test("events are heard", async () => {
    const { heard, socket } = await connected();
    socket.says({ event });
    expect(heard).toEqual([event]);
  });

  test("a lost connection is told, ends what was asked, and comes back by itself", async () => {
    const { way, heard, socket } = await connected();
    const asked = way.request({ type: "snapshot" });
    await settle();
    socket.onclose?.();
    await expect(asked).rejects.toMatchObject({ error: { code: "engine-gone" } });
    expect(heard).toEqual([{ type: "gone" }]);
    await expect(way.request({ type: "snapshot" })).rejects.toBeInstanceOf(Refusal);

    vi.advanceTimersByTime(1000);
    newest().onclose?.();
    expect(heard).toEqual([{ type: "gone" }]);
    vi.advanceTimersByTime(1000);
    expect(Socket.opened).toHaveLength(3);
    newest().onopen?.();
    expect(heard).toEqual([{ type: "gone" }, { type: "missed" }]);
    const again = way.request({ type: "snapshot" });
    await settle();
    newest().says({ answer: { id: newest().sent[0]?.id, result: { Ok: answer } } });
    expect(await again).toEqual(answer);
  });

  test("the pauses between attempts grow, and are short again after a connection that lasted", async () => {
    const { heard, socket } = await connected();
    /** How long it takes until the next attempt. */
    const pause = () => {
      const before = Socket.opened.length;
      const began = Date.now();
      while (Socket.opened.length === before) vi.advanceTimersByTime(50);
      return Date.now() - began;
    };
    const pauses: number[] = [];
    // Also one that takes each connection and ends it.
    for (let n = 0; n < 8; n += 1) {
      newest().onclose?.();
      pauses.push(pause());
      if (n % 2 === 0) newest().onopen?.();
    }
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(socket).not.toBe(newest());
    expect(heard.filter(({ type }) => type === "gone")).toHaveLength(5);

    newest().onopen?.();
    vi.advanceTimersByTime(10_001);
    newest().onclose?.();
    expect(pause()).toBe(250);
  });

  test("an engine that is not there is told as well", async () => {
    const way = browser(open);
    const heard: Event[] = [];
    const subscribed = way.subscribe((one) => heard.push(one));
    newest().onclose?.();
    await subscribed;
    expect(heard).toEqual([{ type: "gone" }]);
  });
});

describe("from the window's shell", () => {
  afterEach(() => clearMocks());

  test("a request goes out as the one command, and its answer comes back", async () => {
    const asked: unknown[] = [];
    mockIPC((command, payload) => {
      asked.push([command, payload]);
      return answer;
    });
    expect(await tauri().request({ type: "snapshot" })).toEqual(answer);
    expect(asked).toEqual([["request", { request: { type: "snapshot" } }]]);
  });

  test("an error of the engine is thrown with its code and fields", async () => {
    const error = refusal({ fields: [{ field: "host", message: "Host: no." }] });
    mockIPC(() => Promise.reject(error));
    await expect(tauri().request({ type: "snapshot" })).rejects.toMatchObject({ error });
  });

  test("an error of the shell itself is one of the protocol", async () => {
    mockIPC(() => Promise.reject("request not allowed"));
    await expect(tauri().request({ type: "snapshot" })).rejects.toMatchObject({
      error: { code: "protocol", message: "request not allowed", fields: [] },
    });
  });

  test("events are fetched, and the next only when the page has drawn those before", async () => {
    const batches: Event[][] = [[event, { type: "gone" }], [{ type: "missed" }]];
    const heard: Event[] = [];
    const drawn: FrameRequestCallback[] = [];
    vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => drawn.push(callback));
    let fetched = 0;
    mockIPC((command) => {
      expect(command).toBe("events");
      fetched += 1;
      return batches.shift() ?? new Promise(() => undefined);
    });
    await tauri().subscribe((one) => heard.push(one));
    await vi.waitFor(() => expect(heard).toEqual([event, { type: "gone" }]));
    expect(fetched).toBe(1);
    drawn.shift()?.(0);
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ type: "missed" }));
    expect(fetched).toBe(2);
    drawn.shift()?.(0);
    // It waits for more when the test ends, and asks nobody any more.
    await vi.waitFor(() => expect(fetched).toBe(3));
    vi.unstubAllGlobals();
  });
});
