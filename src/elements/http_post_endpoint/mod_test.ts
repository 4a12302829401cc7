import { expect, test } from "vitest";
import { bareElement } from "../../../test/kit/fake_peer.ts";
import { type Action, AppError, type BodyEnd, type ProgramEvent } from "../../module/mod.ts";
import HttpPostEndpoint from "./mod.ts";

const opened: ProgramEvent = {
  type: "opened",
  isSeekable: false,
  seekableInitMs: 0,
  seekableEndMs: 0,
  durationMs: 0,
};
const stopped: ProgramEvent = { type: "state", state: "stopped" };
const ended: ProgramEvent[] = [stopped, { type: "endOfStream" }];
const fault: ProgramEvent = { type: "error", kind: "INVALID_MEDIA", description: "it is text" };

function anEndpoint(options: object = {}, before: Parameters<typeof bareElement>[2] = {}) {
  const bare = bareElement(HttpPostEndpoint, options, before);
  const take = (actions: Action[] = []) => {
    for (const action of actions) if (action.do === "keep") bare.kept = action.values;
    return told(actions);
  };
  /** Sends a body; `answer` is what its client gets so far. */
  const send = () => {
    const stream = new ReadableStream<Uint8Array>();
    const outcome = bare.instance.takeBody!(stream);
    const sent = { stream, answer: "none", told: take(outcome.actions) };
    outcome.completion!.then(
      () => sent.answer = "ok",
      (error) => sent.answer = error instanceof AppError ? error.code : String(error),
    );
    return sent;
  };
  const hear = (...events: ProgramEvent[]) =>
    take(events.flatMap((event) => bare.programs.at(-1)!.tell(event)));
  const read = (end: BodyEnd = "whole") => take(bare.programs.at(-1)!.handlers.bodyEnded!(end));
  const pass = () => take(bare.waiting.shift()!.work());
  return { bare, send, hear, read, pass, settle: () => new Promise((resolve) => setTimeout(resolve, 0)) };
}

function told(actions: Action[]): string[] {
  return actions.filter((action) => action.do !== "keep").map((action) => {
    if (action.do !== "emit") return action.do;
    return action.data.type === undefined ? action.event : `${action.event} ${action.data.type}`;
  });
}

test("the URL is the house's", () => {
  expect(anEndpoint().bare.run("getUrl").result).toBe("http://server.example/post/element");
});

test("a body is played, its client answered when it is read, and the session ends some time after the media", async () => {
  const { bare, send, hear, read, pass, settle } = anEndpoint({ useEncodedMedia: true });
  const sent = send();
  expect(sent.told).toEqual(["MediaSessionStarted"]);
  expect(bare.programs[0]).toMatchObject({
    wish: { kind: "receive", body: sent.stream, useEncodedMedia: true },
    calls: ["play"],
  });
  expect(hear(opened)).toEqual([]);
  await settle();
  expect(sent.answer).toBe("none");
  expect(read()).toEqual([]);
  await settle();
  expect(sent.answer).toBe("ok");
  expect(bare.waiting).toEqual([]);
  expect(hear(...ended)).toEqual(["EndOfStream", "endOfStream"]);
  expect(bare.programs[0].closed).toBe(true);
  expect(bare.waiting.map(({ delayMs }) => delayMs)).toEqual([2000]);
  expect(pass()).toEqual(["MediaSessionTerminated"]);
});

test("a request within the time-out goes on with the session, one after it begins another", () => {
  const { bare, send, hear, read, pass } = anEndpoint();
  send();
  hear(opened);
  read();
  hear(...ended);
  expect(send().told).toEqual([]);
  expect(bare.waiting).toEqual([]);
  hear(opened, ...ended);
  expect(pass()).toEqual(["MediaSessionTerminated"]);
  expect(send().told).toEqual(["MediaSessionStarted"]);
});

test("one body may wait for the end of the one before, when that is read; any other is refused", async () => {
  const { bare, send, hear, read, settle } = anEndpoint();
  send();
  hear(opened);
  expect(send).toThrow(expect.objectContaining({ code: "body_in_flight" }));
  read();
  const next = send();
  expect(next.told).toEqual([]);
  expect(send).toThrow(expect.objectContaining({ code: "body_in_flight" }));
  expect(bare.programs.length).toBe(1);
  expect(hear(...ended)).toEqual(["EndOfStream", "endOfStream"]);
  expect(bare.programs[1].wish).toMatchObject({ body: next.stream });
  hear(opened);
  read();
  await settle();
  expect(next.answer).toBe("ok");
});

test("what is no media is told to its client and as an event, and the next body is taken", async () => {
  const { send, hear, pass, settle } = anEndpoint({ disconnectionTimeout: 0 });
  const sent = send();
  expect(hear(fault, stopped)).toEqual(["Error INVALID_MEDIA"]);
  await settle();
  expect(sent.answer).toBe("media_invalid");
  expect(pass()).toEqual(["MediaSessionTerminated"]);
  expect(send().told).toEqual(["MediaSessionStarted"]);
});

test("a client that goes away in the middle is told of and told so, and what came of it is played", async () => {
  const { send, hear, read, settle } = anEndpoint();
  const sent = send();
  hear(opened);
  expect(read("broken")).toEqual(["Error STREAM_ERROR_FAILED"]);
  await settle();
  expect(sent.answer).toBe("body_malformed");
  expect(hear(...ended)).toEqual(["EndOfStream", "endOfStream"]);
});

test("a client that falls silent is told so, as of an end that is none, and hears of nothing that follows from it", async () => {
  const { send, hear, read, settle } = anEndpoint();
  const sent = send();
  expect(hear(opened, { type: "bodyStalled", silentMs: 15_000 })).toEqual(["Error STREAM_ERROR_FAILED"]);
  await settle();
  expect(sent.answer).toBe("body_stalled");
  // The door closes on it, and FFmpeg finds the medium cut.
  expect([...read("broken"), ...hear(fault)]).toEqual([]);
  expect(hear(...ended)).toEqual(["EndOfStream", "endOfStream"]);
});

test.each([
  ["ends", ended, "ok"],
  ["has a fault", [fault, ...ended], "media_invalid"],
  ["has a fault before anything was shown", [fault, stopped], "media_invalid"],
])(
  "where the worker wants no more of the body, its client hears of it when the media %s",
  async (_title, events, answer) => {
    const { send, hear, read, settle } = anEndpoint();
    const sent = send();
    hear(opened);
    read("left");
    await settle();
    expect(sent.answer).toBe("none");
    expect(hear(...events).slice(-2)).toEqual(["EndOfStream", "endOfStream"]);
    await settle();
    expect(sent.answer).toBe(answer);
    send();
  },
);

test("a worker that breaks ends the body, even where the house would start it again", async () => {
  const { bare, send, hear, settle } = anEndpoint();
  const sent = send();
  hear(opened);
  expect(told(bare.programs[0].handlers.failed("it broke", true))).toEqual([
    "Error UNEXPECTED_ELEMENT_ERROR",
  ]);
  expect(bare.programs[0].closed).toBe(true);
  await settle();
  expect(sent.answer).toBe("unavailable");
  expect(hear(...ended)).toEqual([]);
  send();
  bare.programs[1].answers.play = null;
});

test("clients of an endpoint that is released are told so", async () => {
  const { bare, send, hear, read, settle } = anEndpoint();
  const first = send();
  hear(opened);
  read();
  await settle();
  const second = send();
  bare.instance.onGone!();
  await settle();
  expect([first.answer, second.answer]).toEqual(["ok", "unavailable"]);
});

test("where no program can be had, the body is refused and no session begins", () => {
  const { bare, send } = anEndpoint({}, { fault: new AppError("limit_reached", "Cannot open: a reason") });
  expect(send).toThrow("Cannot open: a reason");
  expect(bare.kept).toEqual({});
});

test("a session that a restart of the server cut off ends after its time-out", () => {
  const { pass } = anEndpoint({ disconnectionTimeout: 5 }, { kept: { session: true } });
  expect(pass()).toEqual(["MediaSessionTerminated"]);
});
