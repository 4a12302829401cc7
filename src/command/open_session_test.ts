import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";
import { publisherName } from "./stream.ts";
import { sweep } from "./sweep.ts";

let house: TestHouse;
beforeEach(async () => {
  house = await openHouse({ settings: { maxSessions: 4, maxPipelines: 3, maxElementsPerPipeline: 4 } });
});
afterEach(() => house.close());

const whip = (place: { stream: string } | { elementId: string }, offer?: string) =>
  house.commands.openSession(request("whip", place, offer));
const whep = (place: { stream: string } | { elementId: string }, offer?: string | null) =>
  house.commands.openSession(request("whep", place, offer));
const codeOf = async (work: Promise<unknown>) => (await refusalOf(work)).code;
const nothing = { transports: 0, sources: 0, receivers: 0, senders: 0 };

test("an endpoint made for data channels offers them to peers of its operations, and not to who asks for media", async () => {
  const { elements } = await house.commands.createPipeline({
    elements: [1, 2].map(() => ({ type: "WebRtcEndpoint", options: { useDataChannels: true } })),
  });
  const [elementId, other] = elements.map(({ id }) => id);
  const { description } = await whep({ elementId }, null);
  expect(description.match(/^m=\w+/gm)).toEqual(["m=audio", "m=video"]);
  const offer = await house.commands.invoke(other, "generateOffer", {}) as string;
  expect(offer.match(/^m=\w+/gm)).toEqual(["m=audio", "m=video", "m=application"]);
});

describe("publishing a stream", () => {
  test("makes its pipeline with a publisher, and answers", async () => {
    const { session, description } = await whip({ stream: "demo" });
    expect(description).toMatch(/^v=0/);
    expect(session).toMatchObject({ kind: "whip", stream: "demo", state: "connecting", iceGeneration: "1" });
    const pipeline = house.commands.getPipeline(session.pipelineId);
    expect(pipeline).toMatchObject({ name: "demo", origin: "stream" });
    expect(pipeline.elements.map(({ name, sessionId }) => [name, sessionId])).toEqual([[
      publisherName,
      null,
    ]]);
    expect(house.store.load().sessions.map(({ id }) => id)).toEqual([session.id]);
  });

  test("leaves nothing when the offer cannot be answered", async () => {
    expect(await codeOf(whip({ stream: "demo" }, "garbage"))).toBe("sdp_invalid");
    expect(house.plane.counts).toEqual(nothing);
    expect(house.store.load()).toEqual({ pipelines: [], elements: [], connections: [], sessions: [] });
    expect(house.events()).toEqual([]);
    await house.quiet();
    expect(house.house.engine.pipelineCount).toBe(0);
  });

  test("waits for a pipeline that is being made, and makes its own when that one fails", async () => {
    const bad = codeOf(whip({ stream: "demo" }, "garbage"));
    const good = whip({ stream: "demo" });
    expect(await bad).toBe("sdp_invalid");
    expect((await good).session.stream).toBe("demo");
    expect(house.house.engine.pipelineCount).toBe(1);
  });

  test("again takes over: one session, told in one commit", async () => {
    const first = await whip({ stream: "demo" });
    await house.quiet();
    const from = house.store.events.newest();
    const second = await whip({ stream: "demo" });
    expect(second.session.elementId).toBe(first.session.elementId);
    expect(house.commands.listSessions({ limit: 9 }).items.map(({ id }) => id)).toEqual([second.session.id]);
    const told = house.events(from).filter(({ type }) => type.startsWith("Session"));
    expect(told.map(({ type, sessionId, data }) => [type, sessionId, data.reason])).toEqual([
      ["SessionEnded", first.session.id, "takenOver"],
      ["SessionStarted", second.session.id, undefined],
    ]);
    expect(house.plane.counts).toMatchObject({ transports: 1, receivers: 2, sources: 2 });
    expect(await codeOf(house.commands.closeSession(first.session.id))).toBe("session_not_found");
  });

  test("with an offer that cannot be answered leaves the running publisher alone", async () => {
    const { session } = await whip({ stream: "demo" });
    expect(await codeOf(whip({ stream: "demo" }, "garbage"))).toBe("sdp_invalid");
    await house.quiet();
    expect(house.commands.getSession(session.id).state).toBe("connecting");
    expect(house.plane.counts).toMatchObject({ transports: 1, receivers: 2 });
  });

  test("uses the pipeline of that name that a client made", async () => {
    const view = await house.commands.createPipeline({
      name: "demo",
      elements: [{ type: "WebRtcEndpoint", name: "in" }],
    });
    const { session } = await whip({ stream: "demo" });
    expect(session).toMatchObject({ pipelineId: view.id, elementId: view.elements[0].id });
  });

  test("passes over players and recorders, while viewers see the oldest that gives media", async () => {
    const { elements } = await house.commands.createPipeline({
      name: "demo",
      elements: [
        { type: "PlayerEndpoint", name: "player", options: { uri: "a.webm" } },
        { type: "RecorderEndpoint", name: "archive", options: { uri: "b.webm" } },
        { type: "WebRtcEndpoint", name: "camera" },
      ],
    });
    const { session } = await whip({ stream: "demo" });
    expect(session.elementId).toBe(elements[2].id);
    const viewer = await whep({ stream: "demo" });
    const { connections } = house.commands.getPipeline(session.pipelineId);
    expect(connections.map(({ source, sink }) => [source, sink])).toEqual(
      Array(2).fill([elements[0].id, viewer.session.elementId]),
    );
  });

  test("into what passes media through brings an endpoint of its own", async () => {
    const view = await house.commands.createPipeline({
      name: "demo",
      elements: [{ type: "PassThrough", name: "publisher" }],
    });
    const { session } = await whip({ stream: "demo" });
    const pipeline = house.commands.getPipeline(view.id);
    expect(pipeline.connections.map(({ source, sink }) => [source, sink])).toEqual([
      [session.elementId, view.elements[0].id],
      [session.elementId, view.elements[0].id],
    ]);
    await house.commands.closeSession(session.id);
    expect(house.commands.getPipeline(view.id).elements).toHaveLength(1);
  });

  test.each(["a/b", "..", "x".repeat(300)])(
    "under the odd name %j either works or is refused as a name",
    async (stream) => {
      const outcome = await whip({ stream }).then(({ session }) => session.stream, (error) => error.code);
      expect(outcome).toBe(stream === "a/b" ? "a/b" : "body_invalid");
    },
  );

  test("is refused when the server holds all the pipelines it may", async () => {
    for (const name of ["a", "b", "c"]) await house.commands.createPipeline({ name });
    expect(await codeOf(whip({ stream: "d" }))).toBe("limit_reached");
  });
});

describe("watching a stream", () => {
  test("brings a viewer, fed by the publisher, that ends with the session", async () => {
    const published = await whip({ stream: "demo" });
    const { session } = await whep({ stream: "demo" });
    const pipeline = house.commands.getPipeline(session.pipelineId);
    expect(pipeline.connections.map(({ source, sink, media }) => [source, sink, media])).toEqual([
      [published.session.elementId, session.elementId, "audio"],
      [published.session.elementId, session.elementId, "video"],
    ]);
    await house.commands.closeSession(session.id);
    expect(house.commands.getPipeline(session.pipelineId).elements).toHaveLength(1);
  });

  test("that nobody publishes is refused, with a time to come back", async () => {
    expect(await codeOf(whep({ stream: "demo" }))).toBe("stream_not_live");
    const { session } = await whip({ stream: "demo" });
    await house.commands.closeSession(session.id);
    const refusal = await refusalOf(whep({ stream: "demo" }));
    expect(refusal).toMatchObject({ code: "stream_not_live", retryAfterSeconds: 2 });
  });

  test("that ends meanwhile is not live rather than not found", async () => {
    const { session } = await whip({ stream: "demo" });
    const release = house.commands.releasePipeline(session.pipelineId);
    const refusal = codeOf(whep({ stream: "demo" }));
    await release;
    expect(await refusal).toBe("stream_not_live");
  });

  test("with an offer that cannot be answered leaves nothing of the viewer", async () => {
    const { session } = await whip({ stream: "demo" });
    const before = house.commands.getPipeline(session.pipelineId);
    expect(await codeOf(whep({ stream: "demo" }, "garbage"))).toBe("sdp_invalid");
    expect(house.commands.getPipeline(session.pipelineId)).toEqual(before);
    expect(house.plane.counts).toMatchObject({ transports: 1, sources: 2 });
  });

  test("is refused at the limits of elements and of sessions", async () => {
    await whip({ stream: "demo" });
    await Promise.all([1, 2, 3].map(() => whep({ stream: "demo" })));
    expect(await refusalOf(whep({ stream: "demo" }))).toMatchObject({
      code: "unavailable",
      retryAfterSeconds: 10,
    });
    house.house.settings.maxSessions = 100;
    expect(await codeOf(whep({ stream: "demo" }))).toBe("limit_reached");
  });
});

describe("at an element", () => {
  test("that is not there, or that another session brought, is refused", async () => {
    expect(await codeOf(whip({ elementId: "x" }))).toBe("element_not_found");
    await whip({ stream: "demo" });
    const viewer = await whep({ stream: "demo" });
    expect(await codeOf(whip({ elementId: viewer.session.elementId }))).toBe("endpoint_negotiated");
    expect(await codeOf(whep({ elementId: viewer.session.elementId }))).toBe("endpoint_negotiated");
    expect(house.commands.getSession(viewer.session.id)).toEqual(viewer.session);
  });

  test("that only sends, publishing is refused", async () => {
    const { elements: [{ id }] } = await house.commands.createPipeline({
      elements: [{ type: "WebRtcEndpoint", options: { sendonly: true } }],
    });
    expect(await codeOf(whip({ elementId: id }))).toBe("operation_not_supported");
  });
});

describe("a viewer without an offer", () => {
  test("gets one, and is gone when nobody answers it in time", async () => {
    await whip({ stream: "demo" });
    const { session, description } = await whep({ stream: "demo" }, null);
    expect(session.state).toBe("counterOffered");
    expect(description).toContain("a=setup:actpass");
    house.clock.advance(29_999);
    await house.quiet();
    expect(house.commands.listSessions({ limit: 9, kind: "whep" }).items).toHaveLength(1);
    house.clock.advance(1);
    await house.quiet();
    expect(house.commands.listSessions({ limit: 9, kind: "whep" }).items).toHaveLength(0);
    expect(house.events().findLast(({ type }) => type === "SessionEnded")).toMatchObject({
      sessionId: session.id,
      data: { reason: "answerTimeout" },
    });
    expect(house.plane.counts.senders).toBe(0);
  });

  test("that is closed before that time is not ended twice", async () => {
    await whip({ stream: "demo" });
    const { session } = await whep({ stream: "demo" }, null);
    await house.commands.closeSession(session.id);
    const ended = () =>
      house.events().filter(({ type, sessionId }) => type === "SessionEnded" && sessionId === session.id);
    house.clock.advance(60_000);
    await house.quiet();
    expect(ended()).toHaveLength(1);
  });
});

test("a session that never connects ends by itself, and its stream says so", async () => {
  const { session } = await whip({ stream: "demo" });
  house.clock.advance(15_001);
  await house.quiet();
  expect(house.commands.listSessions({ limit: 9 }).items).toEqual([]);
  const ended = house.events().findLast(({ type }) => type === "SessionEnded")!;
  expect(ended.data).toMatchObject({ sessionId: session.id, reason: expect.stringMatching(/^iceTimeout/) });
});

test("a takeover that cannot be written leaves no session that looks alive for ever", async () => {
  await whip({ stream: "demo" });
  house.fault.commit = new Error("disk full");
  await refusalOf(whip({ stream: "demo" }));
  house.fault.commit = null;

  await sweep(house.house);
  expect(house.commands.listSessions({ limit: 9 }).items).toEqual([]);
  const ended = house.events().filter(({ type }) => type === "SessionEnded");
  expect(ended).toMatchObject([{ data: { reason: "lost" } }]);
});
