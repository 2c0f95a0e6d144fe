// The page's model: what is known, and what can be asked of the engine. It decides nothing itself.

import type { ApiError, FieldError, PokeView, Request, Response, Snapshot } from "./api";
import { go } from "./route.svelte";
import { setting } from "./setting";
import { type Heard, oldest, reduce, START, type State } from "./state";
import { say, speak } from "./text.svelte";
import { Refusal, type Transport } from "./transport";

/** Pokes fetched at a time. */
export const PAGE = 50;

export class App {
  /** What is known. */
  state: State = $state.raw(START);
  /** Why the last thing asked for was not done, to be shown until it is put away. */
  refusal: ApiError | null = $state.raw(null);
  /** What has just been done, for those who hear the page. */
  said: { words: string } = $state.raw({ words: "" });

  readonly #transport: Transport;
  /** Whether the window is in front of somebody. */
  #front = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Listens first, then asks for the whole state, so that nothing falls in between. */
  async start(): Promise<void> {
    await this.#transport.subscribe((event) => {
      this.#take(event);
      if (event.type === "missed") {
        void this.refresh();
        // Another engine does not know yet.
        void this.#tellFront();
      }
      if (event.type === "show-window" && event.account !== null) go({ part: "overview", account: event.account });
      if (event.type === "poked" && this.state.heard) this.tell(say("window-said-poked", this.state.heard));
    });
    await this.refresh();
  }

  async refresh(): Promise<void> {
    try {
      const response = await this.#transport.request({ type: "snapshot" });
      if (response.type === "snapshot") this.#take(response);
    } catch (thrown) {
      this.#take({ type: "no-engine", fault: Refusal.from(thrown).error });
    }
  }

  /** The window has come in front of somebody, or is there no longer. */
  async inFront(front: boolean): Promise<void> {
    this.#front = front;
    // To ask an engine that has gone would start it again.
    if (this.state.link !== "gone") await this.#tellFront();
  }

  async #tellFront(): Promise<void> {
    try {
      await this.#transport.request({ type: "window-in-front", front: this.#front });
    } catch {
      // Nobody has asked for it.
    }
  }

  /** Does it, or shows why not. */
  async ask(request: Request): Promise<Response | null> {
    try {
      const response = await this.#transport.request(request);
      this.refusal = null;
      return response;
    } catch (thrown) {
      this.refusal = Refusal.from(thrown).error;
      return null;
    }
  }

  /** Says something to those who hear the page, also when it is the same again. */
  tell(words: string): void {
    this.said = { words };
  }

  putAway(): void {
    this.refusal = null;
  }

  hideLive(account: string): void {
    this.#take({ type: "hide-live", account });
  }

  /**
   * Saves an account, or only looks whether it could be saved.
   * Gives what is wrong: nothing where it is right; faults of no field are shown on top.
   */
  async save(original: string | null, fields: Record<string, string>, dry_run: boolean): Promise<FieldError[] | null> {
    return this.#save({ type: "save-account", original, fields, dry_run }, dry_run);
  }

  /** Saves what belongs to no account; gives what is wrong, as for an account. */
  async saveGeneral(fields: Record<string, string>): Promise<FieldError[] | null> {
    return this.#save({ type: "save-general", fields }, false);
  }

  async #save(request: Request, quietly: boolean): Promise<FieldError[] | null> {
    try {
      await this.#transport.request(request);
      this.refusal = null;
      return null;
    } catch (thrown) {
      const { error } = Refusal.from(thrown);
      if (error.fields.length === 0 && !quietly) this.refusal = error;
      return error.fields;
    }
  }

  /** Trusts this certificate of the provider from here on, and sees at once whether that helps. */
  async trust(account: string, fingerprint: string): Promise<void> {
    const known = this.state.snapshot?.accounts.find(({ name }) => name === account);
    // A pin counts only where every connection is encrypted.
    const tls = known && setting(known, "tls") === "opportunistic" ? { tls: "required" } : {};
    const fields = { pin: fingerprint, ...tls };
    if ((await this.ask({ type: "save-account", original: account, fields, dry_run: false })) === null) return;
    this.tell(say("window-said-trusted", { account }));
    await this.ask({ type: "poke-now", accounts: [account] });
  }

  /** Fetches the newest pokes of an account, or of all, or those older than the ones at hand. */
  async fetchPokes(account: string | null, first: boolean): Promise<void> {
    const before = first ? null : oldest(this.state.pages);
    const response = await this.ask({ type: "history", account, since: null, before, limit: PAGE });
    if (response?.type === "pokes") {
      this.#take({ type: "page", account, pokes: response.pokes, more: response.more, first });
    }
  }

  /** One poke with its dialogue. */
  async fetchPoke(id: number): Promise<PokeView | null> {
    const response = await this.ask({ type: "poke", id });
    return response?.type === "poke" ? response.poke : null;
  }

  #take(heard: Heard): void {
    const before: Snapshot | null = this.state.snapshot;
    this.state = reduce(this.state, heard);
    const { snapshot } = this.state;
    if (snapshot && snapshot !== before) speak(snapshot.general.language_in_use);
  }
}
