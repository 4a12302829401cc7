import { z } from "zod";
import {
  type Action,
  defineElement,
  emit,
  gives,
  givesLater,
  MediaElement,
  operation,
  sessionConnected,
  sessionEnded,
  settable,
} from "../../src/module/mod.ts";

/** Fails half-way through its start, with a peer open. */
export const Fragile = defineElement({
  type: "Fragile",
  module: "test",
  extends: MediaElement,
  summary: "Fails while it starts",
  pads: { audio: "endpoint", video: "endpoint" },
  create: (ctx) => {
    ctx.openPeer({ receive: true, send: false, rules: null, maxReceiveKbps: { audio: 0, video: 0 } }, {
      iceState: () => [],
      dtlsState: () => [],
      selected: () => [],
      ended: () => [],
    });
    throw new Error("the camera is on fire");
  },
});

/** Opened by tests that let a Slow element go on. */
export const gate = { open: () => {}, passed: Promise.resolve() };

/** Takes as long as the gate is closed. */
export const Slow = defineElement({
  type: "Slow",
  module: "test",
  extends: MediaElement,
  summary: "Waits for the gate of the test",
  operations: {
    wait: operation("Waits"),
    waitOutside: operation("Waits, while others have their turns", { output: z.string() }),
    fail: operation("Throws what is no error for callers"),
  },
  events: { Waited: z.object({}) },
  create: () => ({
    operations: {
      wait: async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate.open = resolve;
        gate.passed = promise;
        await promise;
        return gives(null, emit("Waited"));
      },
      waitOutside: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate.open = resolve;
        gate.passed = promise;
        return givesLater(promise.then(() => "passed"), emit("Waited"));
      },
      fail: () => {
        throw new TypeError("a bug of the element");
      },
    },
  }),
});

/** Does what its operation is told, and takes sessions without any peer. */
export const Puppet = defineElement({
  type: "Puppet",
  module: "test",
  extends: MediaElement,
  summary: "Does what a test wants",
  pads: { audio: "endpoint", video: "endpoint" },
  properties: { volume: settable("How loud", z.int().min(0).max(10), 5) },
  operations: { act: operation("Acts", { input: z.object({ actions: z.array(z.any()) }) }) },
  events: { Acted: z.object({}) },
  create: () => {
    let current: string | null = null;
    return {
      operations: { act: ({ actions }: { actions: Action[] }) => gives(null, ...actions) },
      onEndOfStream: () => [emit("Acted", { heard: "endOfStream" })],
      session: {
        open: ({ sessionId }) => {
          const takenOver = current;
          current = sessionId;
          return gives(
            { description: "v=0", takenOver },
            ...(takenOver === null ? [] : [sessionEnded(takenOver, "takenOver")]),
            sessionConnected(sessionId),
          );
        },
        answer: () => gives(null),
        patch: () => gives({ fragment: null, iceGeneration: "1" }),
        close: () => {
          const sessionId = current!;
          current = null;
          return gives(null, sessionEnded(sessionId, "closed"));
        },
        get current() {
          return current;
        },
        iceGeneration: "1",
      },
    };
  },
});

/** Says messages of kind data, and remembers those that it hears. */
export const Parrot = defineElement({
  type: "Parrot",
  module: "test",
  extends: MediaElement,
  summary: "Says and hears messages",
  pads: { data: "endpoint" },
  operations: {
    say: operation("Says a message", { input: z.object({ text: z.string() }) }),
    heard: operation("What it heard", { output: z.array(z.string()) }),
  },
  create: (ctx) => {
    const heard: string[] = [];
    return {
      operations: {
        say: ({ text }: { text: string }) => {
          ctx.sendData({ payload: text, label: "" });
          return gives(null);
        },
        heard: () => gives([...heard]),
      },
      onData: ({ payload }) => void heard.push(String(payload)),
    };
  },
});
