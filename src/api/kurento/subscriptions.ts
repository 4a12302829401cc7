import type { z } from "zod";

/** Who is told of an event, and how. */
export interface Listener {
  readonly sessionId: string;
  /** Name that the client asked by, which may be an older one. */
  readonly name: string;
  /** The payload as the object's definition has it. */
  readonly fields: Readonly<Record<string, z.ZodType>>;
}

/** One wish to hear of events of one object. */
export interface Subscription extends Listener {
  readonly id: string;
  readonly objectId: string;
  /** Name of the event in the object's definition. */
  readonly type: string;
}

/** Who wants to hear of what. They outlive connections and end with their session or their object. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #bySession = new Map<string, Set<Subscription>>();
  /** By object, then by type of event. */
  readonly #byObject = new Map<string, Map<string, Set<Subscription>>>();

  add(subscription: Subscription): void {
    const { id, objectId, type } = subscription;
    this.#byId.set(id, subscription);
    const ofSession = this.#bySession.get(subscription.sessionId);
    if (ofSession) ofSession.add(subscription);
    else this.#bySession.set(subscription.sessionId, new Set([subscription]));
    let types = this.#byObject.get(objectId);
    if (!types) this.#byObject.set(objectId, types = new Map());
    let listeners = types.get(type);
    if (!listeners) types.set(type, listeners = new Set());
    listeners.add(subscription);
  }

  /** Ends a subscription; one that the session does not have is nothing to end. */
  remove(sessionId: string, id: string): void {
    const subscription = this.#byId.get(id);
    if (subscription?.sessionId === sessionId) this.#drop(subscription);
  }

  /** True when anybody wants to hear of events of this object. */
  watches(objectId: string): boolean {
    return this.#byObject.has(objectId);
  }

  /** Whom to tell of an event: each session once per name that it asked by, however often it subscribed. */
  listeners(objectId: string, type: string): Listener[] {
    const told = new Map<string, Listener>();
    for (const listener of this.#byObject.get(objectId)?.get(type) ?? []) {
      told.set(JSON.stringify([listener.sessionId, listener.name]), listener);
    }
    return [...told.values()];
  }

  forgetObject(objectId: string): void {
    for (const listeners of this.#byObject.get(objectId)?.values() ?? []) {
      for (const subscription of listeners) this.#forget(subscription);
    }
    this.#byObject.delete(objectId);
  }

  forgetSession(sessionId: string): void {
    for (const subscription of this.#bySession.get(sessionId) ?? []) this.#drop(subscription);
  }

  get size(): number {
    return this.#byId.size;
  }

  #drop(subscription: Subscription): void {
    this.#forget(subscription);
    const { objectId, type } = subscription;
    const types = this.#byObject.get(objectId);
    const listeners = types?.get(type);
    listeners?.delete(subscription);
    if (listeners?.size === 0) types?.delete(type);
    if (types?.size === 0) this.#byObject.delete(objectId);
  }
  /** Its object may have others yet. */
  #forget(subscription: Subscription): void {
    this.#byId.delete(subscription.id);
    const ofSession = this.#bySession.get(subscription.sessionId);
    ofSession?.delete(subscription);
    if (ofSession?.size === 0) this.#bySession.delete(subscription.sessionId);
  }
}
