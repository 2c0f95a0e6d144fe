// The page's model: what is known, and what can be asked of the engine. It decides nothing itself.

import type { ApiError, Event, FieldError, PokeView, Request, Response, Snapshot } from "./api";
import { withPicture } from "./picture";
import { FEW, type Query } from "./roster";
import { go } from "./route.svelte";
import { setting } from "./setting";
import { type Heard, oldest, reduceAll, START, type State } from "./state";
import { say, speak } from "./text.svelte";
import { Refusal, type Transport } from "./transport";

/** Pokes fetched at a time. */
export const PAGE = 50;

/** What changes the state, and may be told twice. */
const CHANGES: ReadonlySet<Event["type"]> = new Set<Event["type"]>(["account", "changed", "poke-completed"]);
/** Between two times that the whole state is asked for because events were missed. */
const REST = 3000;

/** What somebody has chosen to see of the accounts; it outlives a visit to another part. */
export class Choice {
  query: Query = $state.raw({ filter: "all", search: "", sort: "urgency" });
  /** Names of the accounts whose rows are unfolded. */
  open: ReadonlySet<string> = $state.raw(new Set());

  toggle(name: string): void {
    const open = new Set(this.open);
    if (!open.delete(name)) open.add(name);
    this.open = open;
  }
}

export class App {
  /** What is known. */
  state: State = $state.raw(START);
  /** Why the last thing asked for was not done, to be shown until it is put away. */
  refusal: ApiError | null = $state.raw(null);
  /** What has just been done, for those who hear the page. */
  said: { words: string } = $state.raw({ words: "" });

  /** The newer version that somebody has read about, and does not want to be told of on top any more. */
  putOff: string | null = $state(null);

  readonly choice = new Choice();

  readonly #transport: Transport;
  /** Heard since the last picture of the screen. */
  #heard: Event[] = [];
  /** Calls off taking it in, where that waits for the next picture. */
  #callOff: (() => void) | null = null;
  /** What has been heard since each whole state that is on its way was asked for. */
  readonly #meanwhile = new Set<Event[]>();
  #catching: ReturnType<typeof setTimeout> | null = null;
  #rested = 0;
  /** Whether the window is in front of somebody. */
  #front = false;
  /** Whether the engine has gone: known here before it is shown. */
  #gone = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Whether this user may change anything; else only look and poke. */
  get mayChange(): boolean {
    return this.state.snapshot?.may_change ?? true;
  }

  /** Opens the window anew as an administrator, where there is a way to that. */
  get asAdministrator(): (() => Promise<void>) | null {
    const open = this.#transport.asAdministrator;
    if (!open) return null;
    return async () => {
      this.refusal = null;
      try {
        await open();
      } catch (thrown) {
        this.refusal = Refusal.from(thrown).error;
      }
    };
  }

  /** Listens first, then asks for the whole state, so that nothing falls in between. */
  async start(): Promise<void> {
    await this.#transport.subscribe((event) => {
      this.#heard.push(event);
      if (CHANGES.has(event.type)) for (const since of this.#meanwhile) since.push(event);
      if (event.type === "gone") {
        this.#rested = 0;
        this.#gone = true;
      }
      if (event.type === "missed") {
        this.#gone = false;
        this.#catchUp();
        // Another engine does not know yet.
        void this.#tellFront();
      }
      if (event.type === "show-window" && event.account !== null) go({ part: "overview", account: event.account });
      this.#callOff ??= withPicture(() => this.#hear());
    });
    await this.refresh();
  }

  async refresh(): Promise<void> {
    this.#rested = Date.now() + REST;
    const since: Event[] = [];
    this.#meanwhile.add(since);
    try {
      const response = await this.#transport.request({ type: "snapshot" });
      // A large state takes longer on its way than the events that came after it.
      if (response.type === "snapshot") this.#take(response, ...since);
    } catch (thrown) {
      this.#take({ type: "no-engine", fault: Refusal.from(thrown).error });
    } finally {
      this.#meanwhile.delete(since);
    }
  }

  /** Asks for the whole state: once, however often something is missed meanwhile. */
  #catchUp(): void {
    if (this.#catching) return;
    const pause = Math.max(this.#rested - Date.now(), 0);
    this.#catching = setTimeout(() => {
      this.#catching = null;
      void this.refresh();
    }, pause);
  }

  /** Takes in what has been heard, all at once: events may come faster than a screen shows. */
  #hear(): void {
    const heard = this.#heard;
    this.#callOff?.();
    this.#callOff = null;
    this.#heard = [];
    if (heard.length === 0) return;
    this.#reduce(heard);
    // Of many accounts, only what somebody has asked for is worth a word.
    const many = (this.state.snapshot?.accounts.length ?? 0) > FEW;
    const told = heard.findLast((event) => event.type === "poked" && (event.poke.trigger === "user" || !many));
    if (told?.type === "poked") {
      const { account, host, explanation } = told.poke;
      this.tell(say("window-said-poked", { account: account || host, explanation }));
    }
  }

  /** The window has come in front of somebody, or is there no longer. */
  async inFront(front: boolean): Promise<void> {
    this.#front = front;
    // To ask an engine that has gone would start it again.
    if (!this.#gone && this.state.link !== "gone") await this.#tellFront();
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

  putOffUpdate(version: string): void {
    this.putOff = version;
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

  /** Saves a text as a new file; gives where it is, empty where the browser says so itself. */
  async saveText(name: string, text: string): Promise<string | null> {
    try {
      return await this.#transport.save(name, text);
    } catch (thrown) {
      const { error } = Refusal.from(thrown);
      this.refusal = { ...error, message: say("window-not-saved", { error: error.message }) };
      return null;
    }
  }

  /** One poke with its dialogue. */
  async fetchPoke(id: number): Promise<PokeView | null> {
    const response = await this.ask({ type: "poke", id });
    return response?.type === "poke" ? response.poke : null;
  }

  /** Takes in an answer, after everything that was heard before it. */
  #take(...heard: Heard[]): void {
    this.#hear();
    this.#reduce(heard);
  }

  #reduce(heard: readonly Heard[]): void {
    const before: Snapshot | null = this.state.snapshot;
    this.state = reduceAll(this.state, heard);
    const { snapshot } = this.state;
    if (snapshot && snapshot.general !== before?.general) speak(snapshot.general.language_in_use);
  }
}
