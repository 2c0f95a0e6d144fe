// The way to the engine from a browser: a WebSocket with the control socket's own messages.
//
// It keeps the promises of the connection in crates/api/src/connection.rs: a loss is told once, as
// `gone`, and ends what was asked; the next engine is looked for after a pause, each twice as long
// as the one before; and one that is found again is told as `missed`, upon which the page asks for
// the whole state.

import type { ApiError, Event, Request, Response } from "../api";
import { Refusal, type Transport } from "./transport";

/** The pause before the second attempt to connect, in milliseconds; each next is twice as long. */
const FIRST_PAUSE = 250;
/** The longest. A connection that lasts longer makes the pauses short again. */
const LONGEST_PAUSE = 10_000;

type Call = { id: number; request: Request };
type Message =
  | { answer: { id: number; result: { Ok: Response } | { Err: ApiError } } }
  | { event: Event };
type Waiting = { resolve: (response: Response) => void; reject: (refusal: Refusal) => void };

/**
 * @param open Opens the socket; called again after each loss.
 */
export function browser(open: () => WebSocket): Transport {
  const hearers: ((event: Event) => void)[] = [];
  const waiting = new Map<number, Waiting>();
  let socket: WebSocket | undefined;
  let last = 0;
  let connected: Promise<void> | undefined;
  let pause = FIRST_PAUSE;

  const tell = (event: Event) => {
    for (const hear of hearers) hear(event);
  };

  /** Resolves when the first connection stands, or has failed. */
  function connect(again: boolean): Promise<void> {
    return new Promise((settled) => {
      let since: number | undefined;
      const fresh = open();
      fresh.onopen = () => {
        socket = fresh;
        since = Date.now();
        settled();
        if (again) tell({ type: "missed" });
      };
      fresh.onmessage = (message) => take(JSON.parse(String(message.data)) as Message);
      fresh.onclose = () => {
        socket = undefined;
        settled();
        for (const call of waiting.values()) call.reject(gone());
        waiting.clear();
        if (since !== undefined || !again) tell({ type: "gone" });
        if (since !== undefined && Date.now() - since > LONGEST_PAUSE) pause = FIRST_PAUSE;
        reconnect();
      };
    });
  }

  function reconnect() {
    if (document.visibilityState === "visible") {
      setTimeout(() => connect(true), pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    } else {
      document.addEventListener("visibilitychange", reconnect, { once: true });
    }
  }

  function take(message: Message) {
    if ("event" in message) {
      tell(message.event);
      return;
    }
    const { id, result } = message.answer;
    const call = waiting.get(id);
    waiting.delete(id);
    if ("Ok" in result) call?.resolve(result.Ok);
    else call?.reject(new Refusal(result.Err));
  }

  return {
    async request(request) {
      connected ??= connect(false);
      await connected;
      const open = socket;
      if (!open) throw gone();
      last += 1;
      const call: Call = { id: last, request };
      return new Promise((resolve, reject) => {
        waiting.set(call.id, { resolve, reject });
        open.send(JSON.stringify(call));
      });
    },
    async save(name, text) {
      const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
      const link = document.createElement("a");
      link.href = address;
      link.download = `${name}.txt`;
      link.click();
      URL.revokeObjectURL(address);
      return "";
    },
    async subscribe(hear) {
      hearers.push(hear);
      connected ??= connect(false);
      await connected;
    },
  };
}

/** The page has its own words for this one. */
function gone(): Refusal {
  return new Refusal({ code: "engine-gone", message: "", fields: [] });
}
