import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "../base/mod.ts";
import { FakeFrames, type FakeProgram } from "../../test/kit/fake_frames.ts";
import { openHouse, refusalOf, request, type TestHouse } from "../../test/kit/house.ts";
import { sdpOffer } from "../../test/kit/sdp_offer.ts";

let house: TestHouse;
let frames: FakeFrames;
beforeEach(async () => {
  frames = new FakeFrames();
  house = await openHouse({ frames });
});
afterEach(() => house.close());

const lines: Record<string, string[]> = {
  VP8: ["a=rtpmap:96 VP8/90000"],
  H264: ["a=rtpmap:97 H264/90000", "a=fmtp:97 packetization-mode=1;profile-level-id=42e01f"],
  HIGH: ["a=rtpmap:98 H264/90000", "a=fmtp:98 packetization-mode=1;profile-level-id=64001f"],
  AV1: ["a=rtpmap:99 AV1/90000"],
  MODE0: ["a=rtpmap:100 H264/90000", "a=fmtp:100 packetization-mode=0;profile-level-id=42e01f"],
};

const offerOf = (...codecs: string[]) =>
  sdpOffer({
    sections: [{ kind: "video", direction: "recvonly", codec: codecs.flatMap((name) => lines[name]) }],
  });

/** A stream whose publisher's video is plane source 2. */
async function publish(): Promise<{ elementId: string; pipelineId: string }> {
  const { session } = await house.commands.openSession(request("whip", { stream: "demo" }));
  return {
    elementId: session.elementId,
    pipelineId: house.commands.getElement(session.elementId).pipelineId,
  };
}

/** Gives the session's element and its id. */
async function watch(...codecs: string[]) {
  const { session } = await house.commands.openSession(
    request("whep", { stream: "demo" }, offerOf(...codecs)),
  );
  await house.quiet();
  return { elementId: session.elementId, sessionId: session.id };
}

async function flows(codec: string, format = codec, source = 2) {
  house.plane.tell({ on: "sourceFormat", source, codec, format }, {
    on: "sourceFlow",
    source,
    flowing: true,
  });
  await house.quiet();
}

/** Sources that the senders to viewers are bound to, in order of opening; senders to programs aside. */
const bound = () =>
  [...house.plane.open.senders.values()].filter(({ mid }) => mid !== "").map(({ source }) => source);

const told = () =>
  house.events().filter(({ type }) => type === "MediaTranscodingStateChanged").map(({ data }) => data.state);
const errors = () => house.events().filter(({ type }) => type === "Error");

/** The program runs: what it was asked for is answered, and it is reached on this port. */
async function run(program: FakeProgram, port = 5000) {
  program.handlers.opened(port);
  await house.quiet();
}

describe("a viewer who takes what flows", () => {
  test("is fed by the publisher's source, and no program is opened", async () => {
    await publish();
    await flows("VP8");
    await watch("H264", "VP8");
    expect(bound()).toEqual([2]);
    expect(frames.programs).toEqual([]);
    expect(told()).toEqual(["NOT_TRANSCODING"]);
  });

  test("may take a profile that holds the one that flows", async () => {
    await publish();
    await flows("H264", "H264/1/42e0");
    await watch("HIGH");
    expect(bound()).toEqual([2]);
  });
});

describe("a viewer who does not", () => {
  test("is fed by an encoding of what it likes best, made by a program that is fed by the publisher", async () => {
    const { pipelineId } = await publish();
    await flows("VP8");
    await watch("AV1", "H264");
    const [program] = frames.programs;
    expect(program).toMatchObject({ owner: pipelineId, spec: { kind: "transcode", media: "video" } });
    await run(program);
    const [output] = program.inputs("addOutput");
    expect(output).toMatchObject({ format: { codec: "AV1", format: "AV1/0" } });
    const [receiver] = [...house.plane.open.receivers.values()].filter(({ followsSinks }) => followsSinks);
    expect(receiver.ssrcs).toEqual([{ ssrc: output.ssrc, rtxSsrc: 0 }]);
    expect(receiver.payloads.map(({ format }) => format)).toEqual(["AV1/0"]);
    expect(bound()).toEqual([receiver.source]);
    const toProgram = [...house.plane.open.senders.values()].filter(({ mid }) => mid === "");
    expect(toProgram.map(({ source }) => source)).toEqual([2]);
    expect(told()).toEqual(["TRANSCODING"]);
  });

  test("shares what is encoded already, though it likes something else better", async () => {
    await publish();
    await flows("VP8");
    await watch("H264");
    await watch("AV1", "HIGH");
    await watch("H264");
    expect(frames.programs).toHaveLength(1);
    expect(frames.programs[0].inputs("addOutput")).toHaveLength(1);
    expect(new Set(bound()).size).toBe(1);
    expect(bound()).not.toContain(2);
  });

  test("has the source decoded once, whatever else is encoded from it", async () => {
    await publish();
    await flows("H264", "H264/1/42e0");
    await watch("VP8");
    await watch("AV1");
    expect(frames.programs).toHaveLength(1);
    expect(new Set(bound()).size).toBe(2);
  });

  test("is fed directly while nobody knows what flows, and hears of no error", async () => {
    await publish();
    await watch("H264");
    expect(bound()).toEqual([2]);
    const [{ sender }] = [...house.plane.open.senders.values()];
    house.plane.tell(
      { on: "sourceFormat", source: 2, codec: "VP8", format: "VP8" },
      { on: "formatMismatch", sender, codec: "VP8" },
    );
    await house.quiet();
    expect(bound()).not.toEqual([2]);
    expect(errors()).toEqual([]);
  });

  test("is refused when nothing that it takes can be encoded", async () => {
    await publish();
    await flows("VP8");
    const refusal = await refusalOf(
      house.commands.openSession(request("whep", { stream: "demo" }, offerOf("MODE0"))),
    );
    expect(refusal.code).toBe("codec_mismatch");
    expect(refusal.message).toContain("H264/1/42e0");
  });
});

describe("what changes", () => {
  test("a publisher who goes over to the viewer's codec feeds it directly again, and the program ends", async () => {
    await publish();
    await flows("VP8");
    await watch("H264");
    await run(frames.programs[0]);
    await flows("H264", "H264/1/42e0");
    expect(bound()).toEqual([2]);
    expect(told()).toEqual(["TRANSCODING", "NOT_TRANSCODING"]);
    expect(frames.running).toHaveLength(1);
    house.clock.advance(2000);
    await house.quiet();
    expect(frames.running).toEqual([]);
    const { transports, senders, sources } = house.plane.counts;
    expect({ transports, senders, sources }).toEqual({ transports: 2, senders: 1, sources: 4 });
  });

  test("an encoder that nobody uses is kept for a moment, for those who come back", async () => {
    await publish();
    await flows("VP8");
    const first = await watch("H264");
    await watch("AV1");
    const [program] = frames.programs;
    await house.commands.closeSession(first.sessionId);
    house.clock.advance(1000);
    await watch("H264");
    house.clock.advance(5000);
    expect(program.inputs("addOutput")).toHaveLength(2);
    expect(program.inputs("removeOutput")).toHaveLength(0);
  });

  test("the last viewer of another codec who leaves ends the transcoding, before the encoder", async () => {
    await publish();
    await flows("VP8");
    const { sessionId } = await watch("H264");
    await house.commands.closeSession(sessionId);
    await house.quiet();
    expect(told()).toEqual(["TRANSCODING", "NOT_TRANSCODING"]);
    expect(frames.running).toHaveLength(1);
  });

  test("one of several encoders ends alone", async () => {
    await publish();
    await flows("VP8");
    const first = await watch("H264");
    await watch("AV1");
    const [program] = frames.programs;
    const [{ ssrc }] = program.inputs("addOutput");
    await house.commands.closeSession(first.sessionId);
    house.clock.advance(3000);
    expect(program.inputs("removeOutput")).toEqual([{ ssrc }]);
    expect(program.closed).toBe(false);
  });

  test("nothing is left when the publisher's element goes", async () => {
    const { elementId } = await publish();
    await flows("VP8");
    await watch("H264");
    await run(frames.programs[0]);
    await house.commands.releaseElement(elementId);
    await house.quiet();
    expect(frames.running).toEqual([]);
    expect(bound()).toEqual([null]);
  });

  test("nothing is left when the pipeline goes", async () => {
    const { pipelineId } = await publish();
    await flows("VP8");
    await watch("H264");
    await run(frames.programs[0]);
    await house.commands.releasePipeline(pipelineId);
    await house.quiet();
    expect(frames.running).toEqual([]);
    expect(house.plane.counts).toEqual({ transports: 0, sources: 0, receivers: 0, senders: 0 });
    house.clock.advance(60_000);
  });
});

describe("the worker", () => {
  test("that broke is told of; its encodings come back on the same sources", async () => {
    const { elementId } = await publish();
    await flows("VP8");
    await watch("H264");
    const [program] = frames.programs;
    await run(program);
    const before = bound();
    program.handlers.failed("The worker was ended by SIGKILL", true);
    await run(program, 6000);
    expect(bound()).toEqual(before);
    const receivers = [...house.plane.open.receivers.values()].filter(({ followsSinks }) => followsSinks);
    expect(receivers.map(({ source }) => source)).toEqual(before);
    expect(errors().map(({ elementId, data }) => [elementId, data.type])).toEqual([
      [elementId, "STREAM_ERROR_FAILED"],
    ]);
    expect(errors()[0].data.description).toContain("SIGKILL");
    expect(program.inputs("addOutput")).toHaveLength(1);
  });

  test("that broke before it answered is asked again", async () => {
    await publish();
    await flows("VP8");
    frames.refuseNext("addOutput", new AppError("unavailable", "the worker ended meanwhile"));
    await watch("H264");
    const [program] = frames.programs;
    expect(program.inputs("addOutput")).toHaveLength(1);
    program.refusals.clear();
    await run(program);
    expect(program.inputs("addOutput")).toHaveLength(2);
    expect(errors()).toEqual([]);
  });

  test("that cannot encode a format leaves it out: the viewer gets another of its own", async () => {
    await publish();
    await flows("VP8");
    frames.refuseNext("addOutput", new AppError("operation_not_supported", "this FFmpeg has no libsvtav1"));
    await watch("AV1", "H264");
    await house.quiet();
    const formats = frames.programs.flatMap((program) => program.inputs("addOutput")).map(({ format }) =>
      format
    );
    expect(formats).toMatchObject([{ codec: "AV1" }, { codec: "H264" }]);
    expect(errors().map(({ data }) => data.type)).toEqual(["STREAM_ERROR_ENCODE"]);
    expect(bound()).not.toEqual([2]);
  });

  test("that gave up for good is told of, and left alone until another format flows", async () => {
    await publish();
    await flows("VP8");
    await watch("H264");
    await run(frames.programs[0]);
    frames.programs[0].handlers.failed("It broke for the 4th time", false);
    await house.quiet();
    expect(bound()).toEqual([2]);
    expect(told()).toEqual(["TRANSCODING", "NOT_TRANSCODING"]);
    await watch("H264");
    expect(frames.programs).toHaveLength(1);
    await flows("VP9", "VP9/0");
    expect(frames.programs).toHaveLength(2);
    expect(errors()).toHaveLength(1);
  });

  test("that there is no room for is told of, and asked for again later", async () => {
    await publish();
    await flows("VP8");
    frames.refuseToOpen = new AppError("limit_reached", "64 frame workers run vs 64 allowed");
    await watch("H264");
    expect(bound()).toEqual([2]);
    expect(errors().map(({ data }) => data.description)).toEqual([
      expect.stringContaining("64 frame workers"),
    ]);
    frames.refuseToOpen = null;
    house.clock.advance(31_000);
    await flows("VP8");
    await watch("H264");
    expect(bound()).not.toContain(2);
  });

  test("tells of damaged streams as errors of the publisher's element", async () => {
    const { elementId } = await publish();
    await flows("VP8");
    await watch("H264");
    frames.programs[0].handlers.event({ type: "error", kind: "STREAM_ERROR_DECODE", description: "rubbish" });
    await house.quiet();
    expect(errors().map(({ elementId, data }) => [elementId, data.type])).toEqual([
      [elementId, "STREAM_ERROR_DECODE"],
    ]);
  });
});

describe("what a client asks for", () => {
  test("isMediaTranscoding tells of each kind at the element that transcodes", async () => {
    const { elementId } = await publish();
    await flows("VP8");
    const viewer = await watch("H264");
    const asks = (id: string, mediaType: string) =>
      house.commands.invoke(id, "isMediaTranscoding", { mediaType });
    expect(await asks(elementId, "VIDEO")).toBe(true);
    expect(await asks(elementId, "AUDIO")).toBe(false);
    expect(await asks(viewer.elementId, "VIDEO")).toBe(false);
  });

  test("limits of the encoder are those of the publisher's element, at the start and when they change", async () => {
    const { elementId } = await publish();
    await house.commands.editElement(elementId, { properties: { maxEncoderBitrate: 400_000 } });
    await flows("VP8");
    await watch("H264");
    const [program] = frames.programs;
    expect(program.inputs("addOutput")).toMatchObject([{ bitrateBps: null, maxBitrateBps: 400_000 }]);
    await house.commands.editElement(elementId, { properties: { encoderBitrate: 200_000 } });
    expect(program.inputs("setBitrate")).toMatchObject([{ bitrateBps: 200_000, maxBitrateBps: 400_000 }]);
  });

  test("setVideoFormat at the publisher makes what flows into that, for those who take it", async () => {
    const { elementId } = await publish();
    await flows("VP8");
    await watch("H264", "VP8");
    await watch("VP8");
    expect(bound()).toEqual([2, 2]);
    const caps = (codec: string) => ({ caps: { codec, framerate: { numerator: 30, denominator: 1 } } });
    await house.commands.invoke(elementId, "setVideoFormat", caps("H264"));
    expect(frames.programs[0].inputs("addOutput")).toMatchObject([{ format: { codec: "H264" } }]);
    expect(bound().map((source) => source === 2)).toEqual([false, true]);
    await house.commands.invoke(elementId, "setVideoFormat", caps("VP8"));
    expect(bound()).toEqual([2, 2]);
  });

  test("setVideoFormat at a viewer gives it that, whatever else it takes", async () => {
    await publish();
    await flows("VP8");
    const { elementId } = await watch("H264", "VP8");
    const caps = { codec: "H264", framerate: { numerator: 30, denominator: 1 } };
    await house.commands.invoke(elementId, "setVideoFormat", { caps });
    expect(bound()).not.toEqual([2]);
  });

  test("a keyframe is asked of the encoder that feeds the viewer", async () => {
    await publish();
    await flows("VP8");
    const { elementId } = await watch("H264");
    await house.commands.invoke(elementId, "requestKeyframe", {});
    await house.quiet();
    expect(house.plane.all("requestKeyframe").map(({ source }) => source)).toEqual([2, ...bound()]);
  });
});

describe("a PassThrough that is told what to give", () => {
  const video = (codec: string) => ({ codec, framerate: { numerator: 30, denominator: 1 } });
  const setFormat = (id: string, codec: string) =>
    house.commands.invoke(id, "setVideoFormat", { caps: video(codec) });

  /** A publisher of VP8 (plane source 2), a PassThrough behind it whose media the viewers of "demo" see. */
  async function aStudio(...formats: (string | null)[]) {
    const studio = await aSilentStudio(...formats);
    await flows("VP8");
    return studio;
  }

  /** Nothing is known of what flows. */
  async function aSilentStudio(...formats: (string | null)[]) {
    const names = formats.map((_, index) => index === formats.length - 1 ? "output" : `pass${index}`);
    const view = await house.commands.createPipeline({
      name: "demo",
      elements: [
        { type: "WebRtcEndpoint", name: "in" },
        ...names.map((name, index) => ({
          type: "PassThrough",
          name,
          properties: formats[index] === null ? {} : { videoFormat: video(formats[index]!) },
        })),
      ],
      connections: names.map((sink, index) => ({ source: ["in", ...names][index], sink })),
    });
    const [input, ...passes] = view.elements.map(({ id }) => id);
    await house.commands.openSession(request("whip", { elementId: input }));
    return { pipelineId: view.id, input, passes, output: passes.at(-1)! };
  }

  const states = (elementId: string, mediaType = "VIDEO") =>
    house.events().filter((event) =>
      event.type === "MediaTranscodingStateChanged" && event.elementId === elementId &&
      event.data.mediaType === mediaType
    ).map(({ data }) => data.state);

  test("gives it to all of its sinks by one encoder, and to nobody else", async () => {
    const { input, output } = await aStudio("H264");
    await watch("VP8", "H264");
    await watch("HIGH", "VP8");
    const { session: direct } = await house.commands.openSession(
      request("whep", { elementId: input }, offerOf("H264", "VP8")),
    );
    await house.quiet();
    const [first, second, third] = bound();
    expect(frames.programs).toHaveLength(1);
    expect(frames.programs[0].inputs("addOutput")).toMatchObject([{ format: { format: "H264/1/42e0" } }]);
    expect([second, third]).toEqual([first, 2]);
    expect(first).not.toBe(2);
    expect([states(output), states(input)]).toEqual([["TRANSCODING"], ["NOT_TRANSCODING"]]);
    const asks = (id: string) => house.commands.invoke(id, "isMediaTranscoding", { mediaType: "VIDEO" });
    expect([await asks(output), await asks(input), await asks(direct.elementId)]).toEqual([
      true,
      false,
      false,
    ]);
    const encodersOf = async (id: string) =>
      Object.values(await house.commands.elementStats(id)).filter(({ type }) => type === "encoder");
    expect(await encodersOf(output)).toMatchObject([{ codec: "H264", sinkCount: 2, elementId: output }]);
    expect(await encodersOf(input)).toEqual([]);
  });

  test("gives nothing before it is known what flows, as that might be something else", async () => {
    const studio = await aSilentStudio("H264");
    await watch("VP8", "H264");
    expect(bound()).toEqual([null]);
    await flows("VP8");
    const [source] = bound();
    expect([null, 2]).not.toContain(source);
    expect(states(studio.output)).toEqual(["TRANSCODING"]);
  });

  test("changes over when it is told otherwise, and lets go when it is told nothing", async () => {
    const { output } = await aStudio(null);
    await watch("VP8", "H264", "AV1");
    expect(bound()).toEqual([2]);
    await setFormat(output, "H264");
    const [h264] = bound();
    await setFormat(output, "AV1");
    const [av1] = bound();
    expect(new Set([2, h264, av1]).size).toBe(3);
    await setFormat(output, "VP8");
    expect(bound()).toEqual([2]);
    await setFormat(output, "H264");
    expect(bound()).toEqual([h264]);
    await house.commands.editElement(output, { properties: { videoFormat: null } });
    expect(bound()).toEqual([2]);
    expect(states(output)).toEqual(["TRANSCODING", "NOT_TRANSCODING", "TRANSCODING", "NOT_TRANSCODING"]);
    house.clock.advance(2000);
    await house.quiet();
    expect(frames.running).toEqual([]);
  });

  test("leaves a viewer who does not take it what flows, or what it takes", async () => {
    const { input, output } = await aStudio("AV1");
    await watch("VP8");
    await watch("H264");
    const [first, second] = bound();
    expect(first).toBe(2);
    expect(frames.programs[0].inputs("addOutput")).toMatchObject([{ format: { codec: "H264" } }]);
    expect(second).not.toBe(2);
    expect([states(output), states(input)]).toEqual([["NOT_TRANSCODING"], [
      "NOT_TRANSCODING",
      "TRANSCODING",
    ]]);
  });

  test("has the last word over those before it and over the publisher, but not over the viewer", async () => {
    const { input, passes } = await aStudio("AV1", "H264");
    await house.commands.editElement(input, { properties: { videoFormat: video("VP9") } });
    const { elementId } = await watch("VP8", "H264", "AV1");
    const formats = () =>
      frames.programs.flatMap((each) => each.inputs("addOutput")).map(({ format }) => format);
    expect(formats()).toMatchObject([{ codec: "H264" }]);
    await house.commands.editElement(passes[1], { properties: { videoFormat: null } });
    expect(formats()).toMatchObject([{ codec: "H264" }, { codec: "AV1" }]);
    await setFormat(elementId, "VP8");
    expect(bound()).toEqual([2]);
  });

  test("makes another profile of its codec for those who do not take the one that flows", async () => {
    await aStudio("H264");
    await flows("H264", "H264/1/6400");
    await watch("VP8", "H264");
    await watch("HIGH", "VP8");
    expect(frames.programs[0].inputs("addOutput")).toMatchObject([{ format: { format: "H264/1/42e0" } }]);
    expect(bound().map((source) => source === 2)).toEqual([false, true]);
  });

  test("follows its source from publisher to publisher, whose own codec it may be", async () => {
    const { pipelineId, output } = await aStudio("H264");
    await watch("VP8", "H264");
    await run(frames.programs[0]);
    const other = await house.commands.createElement(pipelineId, { type: "WebRtcEndpoint" });
    await house.commands.openSession(request("whip", { elementId: other.id }));
    const source = [...house.plane.open.sources].findLast(([, media]) => media === "video")![0];
    await flows("H264", "H264/1/42e0", source);
    await house.commands.connect({ source: other.id, sink: output });
    await house.quiet();
    expect(bound()).toEqual([source]);
    expect(states(output)).toEqual(["TRANSCODING", "NOT_TRANSCODING"]);
    await flows("AV1", "AV1/0", source);
    expect(bound()).not.toEqual([source]);
    expect(frames.programs).toHaveLength(2);
    expect(states(output).at(-1)).toBe("TRANSCODING");
  });

  test("has limits of its own, and what its encoder cannot do is its error", async () => {
    const { input, output } = await aStudio("H264");
    await house.commands.editElement(input, { properties: { maxEncoderBitrate: 100_000 } });
    await house.commands.editElement(output, { properties: { maxEncoderBitrate: 400_000 } });
    await watch("VP8", "H264");
    const [program] = frames.programs;
    expect(program.inputs("addOutput")).toMatchObject([{ maxBitrateBps: 400_000 }]);
    await house.commands.editElement(output, { properties: { encoderBitrate: 200_000 } });
    await house.commands.editElement(input, { properties: { encoderBitrate: 50_000 } });
    expect(program.inputs("setBitrate")).toMatchObject([{ bitrateBps: 200_000, maxBitrateBps: 400_000 }]);
    await house.commands.openSession(request("whep", { elementId: input }, offerOf("H264")));
    await house.quiet();
    expect(program.inputs("addOutput")).toMatchObject([
      { format: { codec: "H264" }, maxBitrateBps: 400_000, maxFps: 30 },
      { format: { codec: "H264" }, maxBitrateBps: 100_000, maxFps: null },
    ]);
    program.refusals.set(
      "addOutput",
      new AppError("operation_not_supported", "this FFmpeg has no libsvtav1"),
    );
    await setFormat(output, "AV1");
    await watch("VP8", "AV1");
    await house.quiet();
    expect(errors().map(({ elementId, data }) => [elementId, data.type])).toEqual([
      [output, "STREAM_ERROR_ENCODE"],
    ]);
    expect(bound().at(-1)).toBe(2);
  });

  test("gives what it gave when a change of that cannot be written", async () => {
    const { output } = await aStudio("H264");
    await watch("VP8", "H264", "AV1");
    const before = bound();
    house.fault.commit = new Error("disk full");
    await refusalOf(setFormat(output, "AV1"));
    expect(bound()).toEqual(before);
  });

  test("leaves nothing behind when it goes", async () => {
    const { output } = await aStudio("H264");
    await watch("VP8", "H264");
    await run(frames.programs[0]);
    const from = house.store.events.newest();
    await house.commands.releaseElement(output);
    await house.quiet();
    expect(bound()).toEqual([null]);
    expect(house.events(from).at(-1)).toMatchObject({ type: "ObjectDestroyed", elementId: output });
    house.clock.advance(2000);
    expect(frames.running).toEqual([]);
  });

  test("gives audio its format too, at the rate that is asked for", async () => {
    const { input, output } = await aStudio(null);
    const caps = { codec: "OPUS", bitrate: 24_000 };
    await house.commands.invoke(output, "setAudioFormat", { caps });
    await house.commands.openSession(request("whep", { stream: "demo" }));
    house.plane.tell({ on: "sourceFormat", source: 1, codec: "PCMU", format: "PCMU/8000/1" });
    await house.quiet();
    expect(frames.programs[0].inputs("addOutput")).toMatchObject([
      { format: { codec: "OPUS" }, bitrateBps: 24_000 },
    ]);
    expect([states(output, "AUDIO"), states(input, "AUDIO")]).toEqual([["TRANSCODING"], ["NOT_TRANSCODING"]]);
  });
});

test("a port of a dispatcher that is told what to give makes that of what the hub gives it", async () => {
  const { elements: [input, hub], id } = await house.commands.createPipeline({
    elements: [{ type: "WebRtcEndpoint" }, { type: "Dispatcher" }],
  });
  const port = async () =>
    (await house.commands.createElement(id, { type: "HubPort", options: { hub: hub.id } })).id;
  const [into, outOf] = [await port(), await port()];
  await house.commands.connect({ source: input.id, sink: into });
  await house.commands.invoke(hub.id, "connect", { source: into, sink: outOf });
  await house.commands.openSession(request("whip", { elementId: input.id }));
  await flows("VP8");
  await house.commands.openSession(request("whep", { elementId: outOf }, offerOf("VP8", "H264")));
  await house.quiet();
  expect(bound()).toEqual([2]);
  const caps = { codec: "H264", framerate: { numerator: 30, denominator: 1 } };
  await house.commands.invoke(outOf, "setVideoFormat", { caps });
  expect(frames.programs[0].inputs("addOutput")).toMatchObject([{ format: { codec: "H264" } }]);
  expect(bound()).not.toEqual([2]);
});

test("what is encoded has figures of its own, with the worker's part once there is a worker", async () => {
  const { elementId } = await publish();
  await flows("VP8");
  const viewer = await watch("H264");
  await watch("H264");
  const encoders = async () =>
    Object.values(await house.commands.elementStats(elementId)).filter(({ type }) => type === "encoder");
  const known = { kind: "video", codec: "H264", format: "H264/1/42e0", sinkCount: 2 };
  const [before] = await encoders();
  expect(before).toMatchObject(known);
  expect(before).not.toHaveProperty("framesSent");
  const [program] = frames.programs;
  await run(program);
  const [{ ssrc }] = program.inputs("addOutput");
  program.answers.set("stats", { outputs: [{ ssrc, framesSent: 7 }] });
  expect(await encoders()).toMatchObject([{ ...known, framesSent: 7 }]);
  const pipeline = house.house.engine.homeOf(elementId, "element_not_found");
  expect(await pipeline.detourOf(viewer.elementId, "video")).toMatchObject({ latencyMs: null });
  program.answers.set("stats", { outputs: [{ ssrc, latency: { medianMs: 12 } }] });
  expect(await pipeline.detourOf(viewer.elementId, "video")).toMatchObject({ latencyMs: 12 });
  expect(await pipeline.detourOf(viewer.elementId, "audio")).toBeNull();
  program.refusals.set("stats", new AppError("unavailable", "the worker ended"));
  expect(await encoders()).toMatchObject([known]);
});
