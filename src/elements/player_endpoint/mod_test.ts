import { describe, expect, test } from "vitest";
import { bareElement } from "../../../test/kit/fake_peer.ts";
import { type Action, AppError, type ProgramEvent } from "../../module/mod.ts";
import PlayerEndpoint from "./mod.ts";

const uri = "file:///media/clip.mp4";
const stream: ProgramEvent = {
  type: "stream",
  media: "video",
  ssrc: 1,
  format: { codec: "H264", format: "H264/1/42e0" },
};
const endOfStream: ProgramEvent = { type: "endOfStream" };
const stopped: ProgramEvent = { type: "state", state: "stopped" };
const opened: ProgramEvent = {
  type: "opened",
  isSeekable: true,
  seekableInitMs: 0,
  seekableEndMs: 10_000,
  durationMs: 10_000,
};

function aPlayer(options: object = {}, before: Parameters<typeof bareElement>[2] = {}) {
  const bare = bareElement(PlayerEndpoint, { uri, ...options }, before);
  const take = (actions: Action[] = []) => {
    for (const action of actions) if (action.do === "keep") bare.kept = action.values;
    return told(actions);
  };
  const run = (operation: string) => take(bare.run(operation).actions);
  const program = () => bare.programs.at(-1)!;
  const hear = (event: ProgramEvent) => take(program().tell(event));
  const read = (name: string) => bare.instance.computed![name]();
  /** Lets calls be answered and works for later turns run. */
  const settle = async () => {
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      for (const work of bare.laterWorks.splice(0)) take(work());
    }
  };
  /** Plays media that is open, seekable, and at `positionMs`. */
  const playing = async (positionMs: number) => {
    run("play");
    hear(stream);
    hear(opened);
    if (positionMs === 0) return;
    program().answers.position = { positionMs };
    seekTo(positionMs);
    await settle();
  };
  const seekTo = (positionMs: number) => {
    bare.properties.position = positionMs;
    return bare.instance.onProperty!("position");
  };
  return { bare, run, program, hear, read, settle, playing, seekTo, take };
}

/** Events with what they say of state or error, other actions by what they do. */
function told(actions: Action[]): string[] {
  return actions.filter((action) => action.do !== "keep").map((action) => {
    if (action.do !== "emit") return action.do;
    const detail = action.data.state ?? action.data.type;
    return detail === undefined ? action.event : `${action.event} ${detail}`;
  });
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as AppError).code;
  }
  throw new Error("it was accepted");
}

describe("states", () => {
  test("it opens nothing before it plays, and hands its options on", () => {
    const { bare, run, program, read } = aPlayer({ loop: true, networkCache: 100 });
    expect(bare.programs).toEqual([]);
    expect(read("state")).toBe("STOP");
    expect(run("play")).toEqual(["UriEndpointStateChanged START"]);
    expect(program().wish).toEqual({
      kind: "play",
      uri,
      useEncodedMedia: false,
      networkCacheMs: 100,
      loop: true,
      reconnect: true,
    });
    expect(program().calls).toEqual(["play"]);
    expect(read("state")).toBe("START");
  });

  test("it pauses, plays on and stops; what changes nothing is not told", () => {
    const { run, program, read } = aPlayer();
    expect(run("pause")).toEqual([]);
    expect(run("stop")).toEqual([]);
    run("play");
    expect(run("play")).toEqual([]);
    expect(run("pause")).toEqual(["UriEndpointStateChanged PAUSE"]);
    expect(run("pause")).toEqual([]);
    expect(run("play")).toEqual(["UriEndpointStateChanged START"]);
    expect(program().calls).toEqual(["play", "pause", "play"]);
    expect(run("stop")).toEqual(["UriEndpointStateChanged STOP"]);
    expect(program().closed).toBe(true);
    expect(read("state")).toBe("STOP");
  });

  test("played again after a stop it opens anew", () => {
    const { bare, run } = aPlayer();
    run("play");
    run("stop");
    run("play");
    expect(bare.programs.map(({ closed }) => closed)).toEqual([true, false]);
  });

  test("the end is told to clients and to what it feeds; the program stays and can play again", () => {
    const { run, hear, program, read } = aPlayer();
    run("play");
    hear(stream);
    hear(opened);
    expect(hear(stopped)).toEqual(["UriEndpointStateChanged STOP"]);
    expect(hear(endOfStream)).toEqual(["EndOfStream", "endOfStream"]);
    expect(read("state")).toBe("STOP");
    expect(run("play")).toEqual(["UriEndpointStateChanged START"]);
    expect(program().calls.filter((each) => each === "play")).toEqual(["play", "play"]);
  });

  test("some time after the end the program is closed, unless it plays again by then", () => {
    const { bare, run, hear, take, program } = aPlayer();
    run("play");
    hear(stream);
    for (let round = 0; round < 2; round++) {
      hear(opened);
      expect([...hear(stopped), ...hear(endOfStream)]).toEqual([
        "UriEndpointStateChanged STOP",
        "EndOfStream",
        "endOfStream",
      ]);
      run("play");
      expect(bare.waiting.flatMap(({ work }) => take(work()))).toEqual([]);
    }
    expect(bare.waiting.map(({ delayMs }) => delayMs)).toEqual([2000]);
    expect(program().closed).toBe(false);
    hear(opened);
    hear(stopped);
    hear(endOfStream);
    expect(bare.waiting.flatMap(({ work }) => take(work()))).toEqual([]);
    expect(program().closed).toBe(true);
    run("play");
    expect(bare.programs.length).toBe(2);
  });

  test("a fault is told by Kurento's kinds, and the stop that follows ends it", () => {
    const { run, hear, program } = aPlayer();
    run("play");
    const fault = (kind: string): ProgramEvent => ({ type: "error", kind, description: "no such file" });
    expect(hear(fault("INVALID_URI"))).toEqual(["Error INVALID_URI"]);
    expect(hear(fault("SEEK_FAILED"))).toEqual(["Error UNEXPECTED_ELEMENT_ERROR"]);
    expect(hear(stopped)).toEqual(["UriEndpointStateChanged STOP"]);
    expect(program().closed).toBe(true);
  });

  test("what a closed program still says is nobody's", () => {
    const { run, hear } = aPlayer();
    run("play");
    run("stop");
    expect(hear(endOfStream)).toEqual([]);
  });

  test("a source that is opened again is told of", () => {
    const { run, program } = aPlayer();
    run("play");
    expect(program().tell({ type: "reconnecting", attempt: 2, reason: "timed out" })).toEqual([
      { do: "emit", event: "SourceReconnecting", data: { attempt: 2, reason: "timed out" } },
    ]);
    expect(program().tell({ type: "reconnected", attempts: 2 })).toEqual([
      { do: "emit", event: "SourceReconnected", data: { attempts: 2 } },
    ]);
  });

  test("a refusal of the server's leaves it in STOP", () => {
    const fault = new AppError("not_built", "Cannot play: no frame workers");
    const { run, read } = aPlayer({}, { fault });
    expect(codeOf(() => run("play"))).toBe("not_built");
    expect(read("state")).toBe("STOP");
  });
});

describe("after a crash of the worker", () => {
  test("it is played again from where it was", async () => {
    const { bare, hear, program, playing, take, settle } = aPlayer();
    await playing(2000);
    bare.nowMs += 1000;
    expect(take(program().handlers.failed("killed", true))).toEqual(["Error UNEXPECTED_ELEMENT_ERROR"]);
    bare.nowMs += 500;
    program().calls.length = program().inputs.length = 0;
    take(program().handlers.ready!());
    hear(opened);
    await settle();
    expect(program().calls).toEqual(["play", "seek", "position"]);
    expect(program().inputs[1]).toEqual({ positionMs: 3000 });
  });

  test("it stops when the worker is not started again", () => {
    const { run, program, take, read } = aPlayer();
    run("play");
    expect(take(program().handlers.failed("killed, for the 4th time", false))).toEqual([
      "Error UNEXPECTED_ELEMENT_ERROR",
      "UriEndpointStateChanged STOP",
    ]);
    expect(read("state")).toBe("STOP");
  });
});

describe("position", () => {
  test("it moves with time while it plays, and not beyond the end", async () => {
    const { bare, read, run, playing } = aPlayer();
    await playing(2000);
    expect(read("videoInfo")).toEqual({
      isSeekable: true,
      seekableInit: 0,
      seekableEnd: 10_000,
      duration: 10_000,
    });
    bare.nowMs += 1500;
    expect(read("position")).toBe(3500);
    run("pause");
    bare.nowMs += 1500;
    expect(read("position")).toBe(3500);
    run("play");
    bare.nowMs += 60_000;
    expect(read("position")).toBe(10_000);
    run("stop");
    expect(read("position")).toBe(0);
  });

  test("setting it seeks", async () => {
    const { program, read, playing, seekTo, settle } = aPlayer();
    await playing(0);
    seekTo(7000);
    expect(program().calls.at(-1)).toBe("seek");
    expect(program().inputs.at(-1)).toEqual({ positionMs: 7000 });
    expect(read("position")).toBe(7000);
    program().answers.position = { positionMs: 6990 };
    await settle();
    expect(read("position")).toBe(6990);
  });

  test("it cannot be set before the media is open, and nothing but 0 while it does not play", async () => {
    const { run, seekTo } = aPlayer();
    expect(codeOf(() => seekTo(5000))).toBe("seek_failed");
    expect(seekTo(0)).toEqual([]);
    run("play");
    expect(codeOf(() => seekTo(5000))).toBe("seek_failed");
  });

  test("it lies within the media", async () => {
    const { program, playing, seekTo } = aPlayer();
    await playing(0);
    expect(codeOf(() => seekTo(10_001))).toBe("seek_failed");
    expect(program().calls).toEqual(["play"]);
    seekTo(10_000);
    expect(program().calls).toEqual(["play", "seek"]);
  });

  test("it cannot be given at creation, but a player of an earlier life may have one", () => {
    expect(codeOf(() => aPlayer({}, { properties: { position: 5000 } }))).toBe("seek_failed");
    aPlayer({}, { properties: { position: 5000 }, kept: { state: "STOP" } });
  });

  test("a refused seek is told as an error", async () => {
    const { bare, program, playing, seekTo } = aPlayer();
    await playing(0);
    program().answers.seek = new AppError("operation_not_supported", "Cannot seek: no index");
    seekTo(7000);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(told(bare.laterWorks.flatMap((work) => work()))).toEqual(["Error STREAM_ERROR_FAILED"]);
  });
});

describe("after a restart of the server", () => {
  test("what played plays again, what was paused waits for play", async () => {
    const played = aPlayer({}, { kept: { state: "START" } });
    expect(played.read("state")).toBe("START");
    await played.settle();
    expect(played.program().calls).toEqual(["play"]);
    const paused = aPlayer({}, { kept: { state: "PAUSE" } });
    await paused.settle();
    expect(paused.bare.programs).toEqual([]);
    expect(paused.run("play")).toEqual(["UriEndpointStateChanged START"]);
    expect(paused.program().calls).toEqual(["play"]);
  });

  test("it stops and says why when this server cannot play", () => {
    const fault = new AppError("not_built", "Cannot play: no frame workers");
    const { bare, take, read } = aPlayer({}, { kept: { state: "START" }, fault });
    expect(take(bare.laterWorks.flatMap((work) => work()))).toEqual([
      "Error RESOURCE_ERROR_OPEN",
      "UriEndpointStateChanged STOP",
    ]);
    expect(read("state")).toBe("STOP");
    expect(bare.kept).toEqual({ state: "STOP" });
  });
});

test("the drawing of its inside names the streams and no password", () => {
  const { run, hear, read } = aPlayer({ uri: 'rtsp://me:se"cret@camera/live' });
  run("play");
  hear(stream);
  const dot = String(read("elementGstreamerDot"));
  expect(dot).toContain("rtsp://me:…@camera/live\\nSTART");
  expect(dot).toContain("source -> video;");
  expect(dot).toContain("H264/1/42e0");
  expect(dot).not.toContain("cret");
});

test("a URI of nothing but blanks is none", () => {
  expect(PlayerEndpoint.options.safeParse({ uri: " \t" }).success).toBe(false);
  expect(PlayerEndpoint.options.safeParse({ uri: "my film.mp4" }).success).toBe(true);
});
