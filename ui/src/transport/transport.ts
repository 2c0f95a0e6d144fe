// What a way to the engine offers. The page cannot tell which one it has.

import type { ApiError, Event, Request, Response } from "../api";

export interface Transport {
  /** The engine's answer. Rejects with a {@link Refusal}. */
  request(request: Request): Promise<Response>;
  /** Calls `hear` for each event from here on; resolves once no event can be missed any more. */
  subscribe(hear: (event: Event) => void): Promise<void>;
  /**
   * Saves a text as a new file where this user finds it; gives where that is, nothing where the browser
   * says so itself. Rejects with what the system says.
   */
  save(name: string, text: string): Promise<string>;
  /**
   * Opens the window anew as an administrator, whom the system asks for; then this one closes. Rejects
   * with why not. Missing where there is no such way.
   */
  readonly asAdministrator?: (() => Promise<void>) | undefined;
}

/** The engine's error as something that can be thrown. */
export class Refusal extends Error {
  readonly error: ApiError;

  constructor(error: ApiError) {
    super(error.message);
    this.name = "Refusal";
    this.error = error;
  }

  /** Whatever a way to the engine threw. A text without a code comes from the way itself. */
  static from(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) return thrown;
    if (isApiError(thrown)) return new Refusal(thrown);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Refusal({ code: "protocol", message, fields: [] });
  }
}

function isApiError(thrown: unknown): thrown is ApiError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "fields" in thrown;
}
