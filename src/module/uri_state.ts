import type { z } from "zod";
import { type Action, emit } from "./action.ts";
import type { UriEndpointState } from "./media_types.ts";

type State = z.output<typeof UriEndpointState>;

/** What a player or recorder does now; a move to another state is told as UriEndpointStateChanged. */
export class UriState {
  #now: State;

  constructor(initial: State = "STOP") {
    this.#now = initial;
  }

  get now(): State {
    return this.#now;
  }

  move(state: State): Action[] {
    if (state === this.#now) return [];
    this.#now = state;
    return [emit("UriEndpointStateChanged", { state })];
  }
}
