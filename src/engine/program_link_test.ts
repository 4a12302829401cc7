import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineElement,
  emit,
  gives,
  MediaElement,
  operation,
  type ProgramHandle,
  type ProgramWish,
} from "../module/mod.ts";
import { FakeFrames } from "../../test/kit/fake_frames.ts";
import { openHouse, refusalOf, type TestHouse } from "../../test/kit/house.ts";

const wishes = {
  play: {
    kind: "play",
    uri: "file:///media/a.webm",
    networkCacheMs: 2000,
    useEncodedMedia: false,
    loop: false,
    reconnect: true,
  },
  record: {
    kind: "record",
    uri: "file:///media/b.webm",
    profile: "WEBM",
    segmentMs: null,
    segmentBytes: null,
    graceMs: 2000,
    bitrate: { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null },
    s3: null,
  },
} as const;

/** Opens the program that its operation names, and tells what it hears. */
const Studio = defineElement({
  type: "Studio",
  module: "test",
  extends: MediaElement,
  summary: "Opens programs",
  pads: { audio: "endpoint", video: "endpoint" },
  operations: {
    open: operation("Opens a program", { input: z.object({ wish: z.any() }) }),
    call: operation("Calls it", { input: z.object({ operation: z.string() }), output: z.any() }),
    close: operation("Closes it"),
  },
  events: { Heard: z.object({ what: z.string() }) },
  create: (ctx) => {
    let program: ProgramHandle;
    return {
      operations: {
        open: ({ wish }: { wish: ProgramWish }) => {
          program = ctx.openProgram(wish, {
            event: (event) => [emit("Heard", { what: event.type })],
            failed: (reason, restarting) => [emit("Heard", { what: `${reason} ${restarting}` })],
            ready: () => [emit("Heard", { what: "ready" })],
          });
          return gives(null);
        },
        call: async ({ operation }: { operation: string }) => gives(await program.call(operation, { a: 1 })),
        close: () => {
          program.close();
          return gives(null);
        },
      },
    };
  },
});

let house: TestHouse;
let frames: FakeFrames;
let elementId: string;
let pipelineId: string;
beforeEach(async () => {
  frames = new FakeFrames();
  house = await openHouse({ definitions: [Studio], frames });
  const view = await house.commands.createPipeline({
    elements: [{ type: "Studio", name: "s" }, { type: "WebRtcEndpoint", name: "w" }],
    connections: [{ source: "w", sink: "s" }],
  });
  pipelineId = view.id;
  elementId = view.elements[0].id;
});
afterEach(() => house.close());

const open = (wish: ProgramWish) => house.commands.invoke(elementId, "open", { wish });
const heard = () => house.events().filter(({ type }) => type === "Heard").map(({ data }) => data.what);
const vp8 = { codec: "VP8", format: "VP8" };

test("a program is opened for its pipeline, under the rules of the house, next to the pipeline's plane", async () => {
  await open(wishes.play);
  const [program] = frames.programs;
  expect(program).toMatchObject({ owner: pipelineId, planePort: 8888 });
  expect(program.spec).toEqual({ ...wishes.play, ...frames.rules });
});

test("once it listens it is a peer on loopback without encryption", async () => {
  await open(wishes.play);
  expect(house.plane.counts.transports).toBe(0);
  frames.programs[0].handlers.opened(5000);
  await house.quiet();
  const [{ transport }] = house.plane.all("openTransport");
  const address = { address: "127.0.0.1", port: 5000 };
  expect(house.plane.all("admit")).toEqual([{ do: "admit", transport, address }]);
  expect(house.plane.all("select")).toEqual([{ do: "select", transport, address }]);
  expect(house.plane.all("key")).toMatchObject([{ transport, keys: { profile: "NONE" } }]);
  expect(heard()).toEqual(["ready"]);
});

describe("what a program plays", () => {
  beforeEach(() => open(wishes.play));

  test("fills the element's sources, stream by stream, even when it was told of before the port was", async () => {
    const { handlers } = frames.programs[0];
    handlers.event({ type: "stream", media: "video", ssrc: 77, format: vp8 });
    handlers.opened(5000);
    handlers.event({
      type: "stream",
      media: "audio",
      ssrc: 78,
      format: { codec: "OPUS", format: "OPUS/48000/2" },
    });
    await house.quiet();
    const receivers = [...house.plane.open.receivers.values()];
    expect(receivers.map(({ source, media, ssrcs }) => ({ source, media, ssrcs }))).toEqual([
      { source: 2, media: "video", ssrcs: [{ ssrc: 77, rtxSsrc: 0 }] },
      { source: 1, media: "audio", ssrcs: [{ ssrc: 78, rtxSsrc: 0 }] },
    ]);
    expect(receivers.map(({ payloads }) => payloads.map(({ payloadType, format }) => [payloadType, format])))
      .toEqual([[[96, "VP8"]], [[111, "OPUS/48000/2"]]]);
    expect(heard()).toEqual(["stream", "ready", "stream"]);
  });

  test("says that a stream may begin when the plane expects it, and not before", async () => {
    const program = frames.programs[0];
    program.handlers.opened(5000);
    const work = Promise.withResolvers<void>();
    house.plane.isBusy = work.promise;
    program.handlers.event({ type: "stream", media: "video", ssrc: 77, format: vp8 });
    await house.quiet();
    expect(house.plane.counts.receivers).toBe(1);
    expect(program.inputs("taken")).toEqual([]);
    work.resolve();
    await house.quiet();
    expect(program.inputs("taken")).toEqual([{ ssrc: 77 }]);
  });

  test("goes on filling the same source when the file's next part has another stream", async () => {
    const { handlers } = frames.programs[0];
    handlers.opened(5000);
    handlers.event({ type: "stream", media: "video", ssrc: 77, format: vp8 });
    handlers.event({ type: "stream", media: "video", ssrc: 79, format: { codec: "VP9", format: "VP9/0" } });
    await house.quiet();
    expect([...house.plane.open.receivers.values()].map(({ source, ssrcs }) => [source, ssrcs[0].ssrc]))
      .toEqual([[2, 79]]);
  });

  test("comes back by another transport when its worker was replaced", async () => {
    const { handlers } = frames.programs[0];
    handlers.opened(5000);
    handlers.event({ type: "stream", media: "video", ssrc: 77, format: vp8 });
    handlers.failed("The worker was ended", true);
    await house.quiet();
    expect(house.plane.counts).toMatchObject({ transports: 0, receivers: 0 });
    handlers.opened(6000);
    handlers.event({ type: "stream", media: "video", ssrc: 80, format: vp8 });
    await house.quiet();
    expect(house.plane.all("select").at(-1)!.address.port).toBe(6000);
    expect([...house.plane.open.receivers.values()].map(({ ssrcs }) => ssrcs[0].ssrc)).toEqual([80]);
    expect(heard()).toEqual(["ready", "stream", "The worker was ended true", "ready", "stream"]);
  });
});

describe("what a program records", () => {
  test("is what feeds the element, in any codec, and again after a restart", async () => {
    await open(wishes.record);
    const { handlers } = frames.programs[0];
    handlers.opened(5000);
    await house.quiet();
    const senders = () => [...house.plane.open.senders.values()];
    expect(senders().map(({ media, source }) => [media, source])).toEqual([["audio", 3], ["video", 4]]);
    expect(senders()[1].payloads.map(({ codec }) => codec)).toEqual(["VP8", "VP9", "H264", "H265", "AV1"]);
    handlers.failed("The worker was ended", true);
    handlers.opened(6000);
    await house.quiet();
    expect(senders().map(({ media, source }) => [media, source])).toEqual([["audio", 3], ["video", 4]]);
  });

  test("is one kind alone where the profile has one", async () => {
    await open({ ...wishes.record, profile: "WEBM_VIDEO_ONLY" });
    frames.programs[0].handlers.opened(5000);
    await house.quiet();
    expect([...house.plane.open.senders.values()].map(({ media }) => media)).toEqual(["video"]);
  });

  test("counts as media that flows into the element", async () => {
    await open(wishes.record);
    frames.programs[0].handlers.opened(5000);
    await house.quiet();
    const [, { sender }] = house.plane.open.senders.values();
    const flows = () => house.commands.invoke(elementId, "isMediaFlowingIn", { mediaType: "VIDEO" });
    house.plane.tell({ on: "senderFlow", sender, flowing: true });
    await house.quiet();
    expect(await flows()).toBe(true);
    await house.commands.invoke(elementId, "close", {});
    await house.quiet();
    expect(await flows()).toBe(false);
  });
});

test("calls reach the program, and what it refuses reaches the caller", async () => {
  await open(wishes.play);
  expect(await house.commands.invoke(elementId, "call", { operation: "pause" })).toEqual({ a: 1 });
  const refused = new Error("not now");
  frames.programs[0].refusals.set("seek", refused);
  expect(await refusalOf(house.commands.invoke(elementId, "call", { operation: "seek" }))).toBe(refused);
});

test("a program that gives up is told of once and leaves nothing on the plane", async () => {
  await open(wishes.record);
  const { handlers } = frames.programs[0];
  handlers.opened(5000);
  handlers.failed("The file is full", false);
  await house.quiet();
  expect(heard()).toEqual(["ready", "The file is full false"]);
  expect(house.plane.counts).toMatchObject({ transports: 0, senders: 0 });
});

test("a program ends with its element, and is not heard of after", async () => {
  await open(wishes.record);
  const [program] = frames.programs;
  program.handlers.opened(5000);
  await house.commands.releaseElement(elementId);
  program.handlers.opened(5000);
  program.handlers.event({ type: "endOfStream" });
  program.handlers.failed("late", false);
  await house.quiet();
  expect(program.closed).toBe(true);
  expect(house.plane.counts).toMatchObject({ transports: 0, senders: 0 });
});

test("a server without the frame room says so", async () => {
  const bare = await openHouse({ definitions: [Studio] });
  const view = await bare.commands.createPipeline({ elements: [{ type: "Studio" }] });
  const refusal = await refusalOf(bare.commands.invoke(view.elements[0].id, "open", { wish: wishes.play }));
  expect(refusal.code).toBe("not_built");
  expect(refusal.message).toContain("KASKADO_FRAME_WORKERS");
  await bare.close();
});
