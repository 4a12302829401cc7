import { describe, expect, test } from "vitest";
import { bareElement } from "../../../test/kit/fake_peer.ts";
import { type Action, AppError, type ProgramEvent } from "../../module/mod.ts";
import RecorderEndpoint from "./mod.ts";

const uri = "file:///media/clip.webm";
const state = (now: "recording" | "paused" | "stopped"): ProgramEvent => ({ type: "state", state: now });
const tracks = [{ media: "video" as const, codec: "VP8", width: 640, height: 480 }];
const begun = (path: string, durationMs = 0): ProgramEvent => ({ type: "file", path, tracks, durationMs });
const closed = (path: string): ProgramEvent => ({
  type: "segment",
  path,
  durationMs: 2000,
  bytes: 500,
  tracks,
});

function aRecorder(options: object = {}, before: Parameters<typeof bareElement>[2] = {}) {
  const bare = bareElement(RecorderEndpoint, { uri, ...options }, before);
  const take = (actions: Action[] = []) => {
    for (const action of actions) if (action.do === "keep") bare.kept = action.values;
    return told(actions);
  };
  const run = (operation: string) => take(bare.run(operation).actions);
  const program = () => bare.programs.at(-1)!;
  const hear = (event: ProgramEvent) => take(program().tell(event));
  const read = (name: string) => bare.instance.computed![name]();
  return { bare, take, run, program, hear, read };
}

/** Events with what they say of state, error or file, other actions by what they do. */
function told(actions: Action[]): string[] {
  return actions.filter((action) => action.do !== "keep").map((action) => {
    if (action.do === "recorded") return `${action.file.path} ${action.file.state}`;
    if (action.do !== "emit") return action.do;
    const detail = action.data.state ?? action.data.type ?? action.data.name;
    return detail === undefined ? action.event : `${action.event} ${detail}`;
  });
}

const fail = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    return error as AppError;
  }
  throw new Error("it was accepted");
};

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return settled;
}

describe("states", () => {
  test("it opens nothing before it records, and hands its options on", () => {
    const { bare, run, program } = aRecorder({ mediaProfile: "MP4", segmentMs: 60_000 });
    expect(bare.programs).toEqual([]);
    expect(run("record")).toEqual(["UriEndpointStateChanged START"]);
    expect(program().wish).toEqual({
      kind: "record",
      uri,
      profile: "MP4",
      segmentMs: 60_000,
      segmentBytes: null,
      graceMs: 3000,
      bitrate: { bitrateBps: null, minBitrateBps: null, maxBitrateBps: null },
    });
    expect(program().calls).toEqual(["record"]);
    expect(program().inputs).toEqual([{ continued: false }]);
  });

  test("limits of its encoder go with it, and follow what a client sets while it records", () => {
    const { bare, run, program, take } = aRecorder();
    const noLimits = bare.videoLimits;
    expect(bare.instance.onProperty!("encoderBitrate")).toEqual([]);
    bare.videoLimits = { ...noLimits, maxBitrateBps: 100_000 };
    run("record");
    expect(program().wish).toMatchObject({ bitrate: bare.videoLimits });
    bare.videoLimits = { ...noLimits, bitrateBps: 500_000 };
    bare.instance.onProperty!("sendTagsInEvents");
    bare.instance.onProperty!("maxEncoderBitrate");
    expect(program().calls).toEqual(["record", "setBitrate"]);
    expect(program().inputs[1]).toEqual(bare.videoLimits);
    // Its worker forgets what it was told, and begins with what the program was opened with.
    take(program().handlers.failed("killed", true));
    take(program().handlers.ready!());
    expect(program().inputs[2]).toEqual(bare.videoLimits);
  });

  test("what it converts is told of, until it does so no more", () => {
    const { bare, run, hear, program, take } = aRecorder();
    const converts = (media: "audio" | "video", isOn: boolean): ProgramEvent => ({
      type: "transcoding",
      media,
      isOn,
    });
    run("record");
    expect(program().tell(converts("video", true))).toEqual([{
      do: "emit",
      event: "MediaTranscodingStateChanged",
      data: { state: "TRANSCODING", binName: "default", mediaType: "VIDEO" },
    }]);
    expect(hear(converts("audio", false))).toEqual(["MediaTranscodingStateChanged NOT_TRANSCODING"]);
    const transcoded = () =>
      (["audio", "video"] as const).filter((media) => bare.instance.transcodes!(media));
    expect(transcoded()).toEqual(["video"]);
    expect(take(program().handlers.failed("killed", true))).toEqual([
      "Error UNEXPECTED_ELEMENT_ERROR",
      "MediaTranscodingStateChanged NOT_TRANSCODING",
    ]);
    expect(transcoded()).toEqual([]);
    take(program().handlers.ready!());
    hear(converts("audio", true));
    expect(transcoded()).toEqual(["audio"]);
    run("stop");
    expect(hear(state("stopped"))).toEqual([
      "MediaTranscodingStateChanged NOT_TRANSCODING",
      "UriEndpointStateChanged STOP",
      "Stopped",
    ]);
    expect(transcoded()).toEqual([]);
  });

  test("media is told of when it is there, pause at once, the stop when the file is closed", () => {
    const { run, hear, program, read } = aRecorder();
    run("record");
    expect(hear(state("recording"))).toEqual([]);
    expect(hear(begun("clip.webm"))).toEqual(["clip.webm recording", "Recording"]);
    expect(run("pause")).toEqual(["UriEndpointStateChanged PAUSE", "Paused"]);
    expect(hear(state("paused"))).toEqual([]);
    // Media that came before the pause.
    expect(hear(state("recording"))).toEqual([]);
    expect(run("record")).toEqual(["UriEndpointStateChanged START"]);
    expect(hear(state("recording"))).toEqual(["Recording"]);
    expect(run("stop")).toEqual([]);
    expect(hear(closed("clip.webm"))).toEqual(["clip.webm complete", "FileCompleted clip.webm"]);
    expect(read("state")).toBe("START");
    expect(hear(state("stopped"))).toEqual(["UriEndpointStateChanged STOP", "Stopped"]);
    expect(program().calls).toEqual(["record", "pause", "record", "stop"]);
    expect(program().closed).toBe(true);
  });

  test("what changes nothing succeeds and is not told", () => {
    const { run, bare } = aRecorder();
    for (const operation of ["pause", "stop", "stopAndWait"]) expect(run(operation)).toEqual([]);
    expect(bare.programs).toEqual([]);
    run("record");
    expect(run("record")).toEqual([]);
    run("stop");
    expect(run("stop")).toEqual([]);
    expect(run("pause")).toEqual([]);
    expect(bare.programs[0].calls).toEqual(["record", "stop"]);
  });

  test("a stop is for good: to record again fails as an event", () => {
    const { run, hear, bare } = aRecorder();
    run("record");
    run("stop");
    expect(run("record")).toEqual(["Error UNEXPECTED_ELEMENT_ERROR"]);
    hear(state("stopped"));
    expect(run("record")).toEqual(["Error UNEXPECTED_ELEMENT_ERROR"]);
    expect(bare.programs.length).toBe(1);
    expect(bare.kept).toEqual({ state: "STOP", finished: true });
  });

  test("stopAndWait answers when the file is closed, however often it is asked", async () => {
    const { bare, run, hear } = aRecorder();
    run("record");
    const first = bare.run("stopAndWait").completion!;
    const second = bare.run("stopAndWait").completion!;
    expect(await isSettled(first)).toBe(false);
    hear(state("stopped"));
    expect(await Promise.all([first, second])).toEqual([null, null]);
    expect(bare.run("stopAndWait").completion).toBeUndefined();
  });

  test("stopAndWait fails with what the program says when it takes too long, and can be asked again", async () => {
    const { bare, run, program, hear } = aRecorder();
    run("record");
    program().answers.stop = new AppError("unavailable", "Cannot stop: no answer within 10000 ms, ask again");
    await expect(bare.run("stopAndWait").completion).rejects.toThrow("ask again");
    program().answers.stop = null;
    const again = bare.run("stopAndWait").completion!;
    hear(state("stopped"));
    expect(await again).toBeNull();
  });

  test("stopAndWait fails when the recorder is released meanwhile", async () => {
    const { bare, run } = aRecorder();
    run("record");
    const waits = bare.run("stopAndWait").completion!;
    bare.instance.onGone!();
    await expect(waits).rejects.toMatchObject({ code: "element_not_found" });
  });

  test("the end of what feeds it stops it where that is wished", () => {
    const plain = aRecorder();
    plain.run("record");
    plain.take(plain.bare.instance.onEndOfStream!());
    expect(plain.program().calls).toEqual(["record"]);
    const wished = aRecorder({ stopOnEndOfStream: true });
    expect(wished.take(wished.bare.instance.onEndOfStream!())).toEqual([]);
    wished.run("record");
    wished.take(wished.bare.instance.onEndOfStream!());
    expect(wished.program().calls).toEqual(["record", "stop"]);
  });
});

describe("faults", () => {
  test("a fault of the program is told, and the stop that follows ends it; it may be tried again", () => {
    const { run, hear, program } = aRecorder();
    run("record");
    hear(begun("clip.webm"));
    expect(hear({ type: "error", kind: "RESOURCE_ERROR_NO_SPACE_LEFT", description: "disk full" })).toEqual([
      "Error RESOURCE_ERROR_NO_SPACE_LEFT",
    ]);
    expect(hear(state("stopped"))).toEqual([
      "clip.webm interrupted",
      "UriEndpointStateChanged STOP",
      "Stopped",
    ]);
    expect(run("record")).toEqual(["UriEndpointStateChanged START"]);
    expect(program().inputs).toEqual([{ continued: true }]);
  });

  test("a worker that died is told of; its file is marked, and it records on", () => {
    const { run, hear, program, take, read } = aRecorder();
    run("record");
    hear(begun("clip.webm"));
    expect(take(program().handlers.failed("killed", true))).toEqual([
      "Error UNEXPECTED_ELEMENT_ERROR",
      "clip.webm interrupted",
    ]);
    take(program().handlers.ready!());
    expect(program().calls).toEqual(["record", "setBitrate", "record"]);
    expect(program().inputs.at(-1)).toEqual({ continued: true });
    expect(read("state")).toBe("START");
  });

  test("stopped while its worker is started again, it has nothing to wait for", () => {
    const { bare, run, program, take } = aRecorder();
    run("record");
    take(program().handlers.failed("killed", true));
    const { completion, actions } = bare.run("stopAndWait");
    expect(completion).toBeUndefined();
    expect(take(actions)).toEqual(["UriEndpointStateChanged STOP", "Stopped"]);
    expect(program().closed).toBe(true);
  });

  test("a worker that dies while the file is closed ends the recording, and who waits is answered", async () => {
    const { bare, run, hear, program, take } = aRecorder();
    run("record");
    hear(begun("clip.webm"));
    const waits = bare.run("stopAndWait").completion!;
    expect(take(program().handlers.failed("killed", true))).toEqual([
      "Error UNEXPECTED_ELEMENT_ERROR",
      "clip.webm interrupted",
      "UriEndpointStateChanged STOP",
      "Stopped",
    ]);
    expect(await waits).toBeNull();
    expect(program().closed).toBe(true);
  });

  test("a profile that needs a plug-in of Kurento's is refused at creation", () => {
    expect(fail(() => aRecorder({ mediaProfile: "KURENTO_SPLIT_RECORDER" })).code).toBe("value_unacceptable");
    const both = { container: "HLS", mediaProfile: "WEBM_VIDEO_ONLY" };
    expect(fail(() => aRecorder(both)).message).toContain("leave mediaProfile out");
  });
});

describe("files", () => {
  test("each file is listed from its beginning, and again when it is complete", () => {
    const { bare, run, program, hear } = aRecorder();
    run("record");
    const [first] = program().tell(begun("clip-00001.webm"));
    expect(first).toEqual({
      do: "recorded",
      file: {
        path: "clip-00001.webm",
        profile: "WEBM",
        state: "recording",
        durationMs: 0,
        tracks: [{ media: "video", codec: "VP8" }],
        startedAtMs: bare.nowMs,
      },
    });
    const startedAtMs = bare.nowMs;
    bare.nowMs += 2000;
    expect(program().tell(begun("clip-00001.webm", 1900))).toMatchObject([
      { file: { state: "recording", durationMs: 1900, startedAtMs } },
    ]);
    hear(begun("clip-00002.webm"));
    expect(program().tell(closed("clip-00001.webm"))).toMatchObject([
      { file: { path: "clip-00001.webm", state: "complete", durationMs: 2000, startedAtMs } },
      { event: "FileCompleted", data: { name: "clip-00001.webm", durationMs: 2000, bytes: 500 } },
    ]);
    hear(closed("clip-00002.webm"));
    expect(hear(state("stopped"))).toEqual(["UriEndpointStateChanged STOP", "Stopped"]);
  });

  test("a relative URI is one below the media folder, and an upload is no file of this server", () => {
    const { run, hear, program, read } = aRecorder({ uri: "clip.webm" });
    expect(read("uri")).toBe("file:///media/clip.webm");
    run("record");
    expect(program().wish).toMatchObject({ uri: "file:///media/clip.webm" });
    const url = "https://store/clip.webm";
    expect(hear(begun(url))).toEqual(["Recording"]);
    run("pause");
    run("record");
    expect(hear(state("recording"))).toEqual(["Recording"]);
    expect(hear(closed(url))).toEqual([`FileCompleted ${url}`]);
    expect(hear(state("stopped"))).toEqual(["UriEndpointStateChanged STOP", "Stopped"]);
  });

  test("an upload that broke off is not listed either", () => {
    for (const options of [{}, { container: "HLS" }]) {
      const { run, hear } = aRecorder(options);
      run("record");
      hear(begun("https://store/live"));
      expect(hear(closed("https://store/live-1"))).toEqual(["FileCompleted https://store/live-1"]);
      expect(hear(state("stopped"))).toEqual(["UriEndpointStateChanged STOP", "Stopped"]);
    }
  });

  test("a completed file tells its length in whole milliseconds", () => {
    const { run, program } = aRecorder();
    run("record");
    expect(program().tell({ ...closed("clip.webm"), durationMs: 3900.004 } as ProgramEvent)).toContainEqual(
      { do: "emit", event: "FileCompleted", data: { name: "clip.webm", durationMs: 3900, bytes: 500 } },
    );
  });

  test("a file of whose beginning nothing was told began as long ago as it is long", () => {
    const { bare, run, program } = aRecorder();
    run("record");
    expect(program().tell(closed("clip.webm"))).toMatchObject([
      { file: { state: "complete", startedAtMs: bare.nowMs - 2000, tracks: [{ codec: "VP8" }] } },
      { event: "FileCompleted" },
    ]);
  });

  test("HLS is listed as its playlist, that grows with each segment", () => {
    const { run, hear, program } = aRecorder({ container: "HLS" });
    run("record");
    expect(program().wish).toMatchObject({ profile: "HLS" });
    expect(hear(begun("live.m3u8"))).toEqual(["live.m3u8 recording", "Recording"]);
    hear(closed("live-00001.ts"));
    expect(program().tell(begun("live.m3u8"))).toMatchObject([{ file: { durationMs: 2000 } }]);
    expect(program().tell(closed("live-00002.ts"))).toMatchObject([
      { file: { path: "live.m3u8", state: "recording", durationMs: 4000 } },
      { event: "FileCompleted", data: { name: "live-00002.ts", durationMs: 2000 } },
    ]);
    run("stop");
    expect(program().tell(state("stopped"))[0]).toMatchObject({
      file: { path: "live.m3u8", state: "complete", durationMs: 4000 },
    });
  });
});

test("an upload tells how far it is", () => {
  const { run, program } = aRecorder({ uri: "https://store/clip.webm" });
  run("record");
  const event: ProgramEvent = {
    type: "progress",
    job: "upload",
    path: "https://store/clip.webm",
    done: 5,
    total: 10,
  };
  expect(program().tell(event)).toEqual([
    {
      do: "emit",
      event: "UploadProgress",
      data: { name: "https://store/clip.webm", doneBytes: 5, totalBytes: 10 },
    },
  ]);
});

test("a recording tells how long and how large it has become", () => {
  const { run, program } = aRecorder();
  run("record");
  const event: ProgramEvent = { type: "progress", job: "record", durationMs: 5000.4, bytes: 70_000 };
  expect(program().tell(event)).toEqual([
    { do: "emit", event: "RecordingProgress", data: { durationMs: 5000, bytes: 70_000 } },
  ]);
});

describe("over a restart of the server", () => {
  test("it is settled before the server stops, and goes on in another file", async () => {
    const { bare, run, hear } = aRecorder();
    run("record");
    hear(begun("clip.webm"));
    const settling = bare.instance.settle!();
    hear(closed("clip.webm"));
    expect(hear(state("stopped"))).toEqual(["UriEndpointStateChanged STOP", "Stopped"]);
    await settling;
    expect(bare.kept).toEqual({ state: "START", finished: false });
    const next = aRecorder({}, { kept: bare.kept });
    expect(next.read("state")).toBe("START");
    next.take(next.bare.laterWorks.flatMap((work) => work()));
    expect(next.program().inputs).toEqual([{ continued: true }]);
    expect(next.program().calls).toEqual(["record"]);
  });

  test("one that was being stopped stays stopped", () => {
    const { bare, run } = aRecorder();
    run("record");
    run("stop");
    const next = aRecorder({}, { kept: bare.kept });
    expect(next.read("state")).toBe("STOP");
    expect(next.bare.laterWorks).toEqual([]);
    expect(next.run("record")).toEqual(["Error UNEXPECTED_ELEMENT_ERROR"]);
  });
});
