import { afterAll, beforeAll, describe, expect, test, type TestContext, vi } from "vitest";
import type { PlaySpec } from "../../src/frame/mod.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264, runFfmpeg, startFfmpeg } from "../kit/clip_file.ts";
import { freeTcpPort } from "../kit/free_port.ts";
import { type LiveMedium, LivePage, piecesOf } from "../kit/live_page.ts";
import { openPlayer, type PlayerUnderTest } from "../kit/player.ts";

// All of it is waiting while small pictures are played in real time.
vi.setConfig({ maxConcurrency: 6 });

const clip = { width: 320, height: 240, fps: 30, frameCount: 300 };
const SECONDS = 10;
let dir = "";
let stream: Uint8Array;
beforeAll(async () => {
  dir = await Deno.makeTempDir({ prefix: "kaskado_play_" });
  const path = `${dir}/clip.ts`;
  stream = await Deno.readFile(
    await makeClipFile(path, { ...clip, video: plainH264, audio: ["-c:a", "aac"] }),
  );
});
afterAll(() => Deno.remove(dir, { recursive: true }));

/** A player of what a server sends live, until the test is over. */
async function playLive(
  { onTestFinished }: TestContext,
  medium: Partial<LiveMedium>,
  spec: Partial<PlaySpec> = {},
): Promise<{ page: LivePage; player: PlayerUnderTest }> {
  const pieces = piecesOf(stream, SECONDS * 20, 188);
  const page = await LivePage.open({ pieces, periodMs: 50, fields: [], ...medium });
  onTestFinished(() => page.stop());
  const player = await openPlayer(page.url, spec);
  onTestFinished(player.close);
  await player.program.call("play");
  return { page, player };
}

const framesCame = (player: PlayerUnderTest) => {
  const video = player.streamOf("video");
  return video ? new Set(player.peer.of(video.ssrc).map(({ timestamp }) => timestamp)).size : 0;
};
const soundsCame = (player: PlayerUnderTest) => {
  const audio = player.streamOf("audio");
  return audio ? player.peer.of(audio.ssrc).length : 0;
};
/** What was told of losses, in order. */
const story = ({ events }: PlayerUnderTest) =>
  events.map(({ type }) => type).filter((type) => /^(reconnect|error|endOfStream)/.test(type));

const together = ffmpegCommandIsThere() ? describe.concurrent : describe.skip;
const chunked = ["Content-Type: video/mp2t", "Transfer-Encoding: chunked"];

together("MPEG-TS without a length", () => {
  test(
    "that breaks off is opened again, also when that takes a while; it ends where the server says so",
    async (context) => {
      const { page, player } = await playLive(context, { fields: chunked });
      await player.peer.until("a second", () => framesCame(player) >= 30);
      page.isAway = true;
      page.lose("closed");
      await player.untilEvent("reconnecting", 10_000, 2);
      page.isAway = false;
      await player.untilEvent("reconnected");
      const before = framesCame(player);
      await player.peer.until("a second more", () => framesCame(player) >= before + 30);
      page.lose("said");
      await player.untilEvent("endOfStream");
      expect(player.eventsOf("reconnecting").map(({ attempt }) => attempt)).toEqual(
        player.eventsOf("reconnecting").map((_, index) => index + 1),
      );
      expect(player.eventsOf("reconnecting")[0].reason).toContain("Cannot read on from the http source");
      expect(story(player).slice(-2)).toEqual(["reconnected", "endOfStream"]);
      expect(player.eventsOf("error")).toEqual([]);
      expect(player.eventsOf("stream").length).toBe(2);
      expect(player.states()).toEqual(["playing", "stopped"]);
      const counters = player.pictures().map(({ counter }) => counter);
      expect(counters.length).toBeGreaterThan(60);
      expect(counters.filter((counter) => counter === null)).toEqual([]);
      const times = player.pictures().map(({ timestamp }) => timestamp);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    },
    40_000,
  );

  test("that only closes was live if it had been waited for", async (context) => {
    const { page, player } = await playLive(context, {});
    await player.peer.until("a second", () => framesCame(player) >= 30);
    page.lose("closed");
    await player.untilEvent("reconnected");
    const before = framesCame(player);
    await player.peer.until("more", () => framesCame(player) >= before + 15);
    expect(story(player)).toEqual(["reconnecting", "reconnected"]);
  });

  test("that only closes and had come at once was a file", async (context) => {
    const { page, player } = await playLive(context, {
      pieces: [stream.subarray(0, 188 * 300)],
      periodMs: 1000,
    });
    await player.peer.until("its beginning", () => framesCame(player) > 0);
    page.lose("closed");
    await player.untilEvent("endOfStream");
    expect(story(player)).toEqual(["endOfStream"]);
    expect(page.visits).toBe(1);
  });
});

together("a radio", () => {
  const icecast = { fields: ["icy-name: test", "Transfer-Encoding: chunked"], end: "said" as const };
  const shoutcast = {
    status: "ICY 200 OK",
    fields: ["icy-notice1:<BR>test<BR>", "icy-br:128"],
    end: "closed" as const,
  };
  test.for<[string, string, number, Partial<LiveMedium> & { end: "said" | "closed" }]>([
    ["mp3", "libmp3lame", 65_536, shoutcast],
    ["aac", "aac", 1000, shoutcast],
    ["ogg", "libopus", 1000, icecast],
  ])(
    "of %s is waited for, however it ends",
    async ([format, codec, least, { end, ...server }], context) => {
      const path = `${dir}/radio.${format}`;
      await runFfmpeg(["-f", "lavfi", "-i", "sine=d=10", "-c:a", codec, "-b:a", "128k", path]);
      const bytes = await Deno.readFile(path);
      // Radios give every listener some seconds at once, and the head of an Ogg stream.
      const beginning = bytes.subarray(0, least);
      const pieces = piecesOf(bytes.subarray(least), 100, 1);
      const fields = [...server.fields!, `content-type:audio/${format}`];
      const { page, player } = await playLive(context, {
        ...server,
        pieces,
        beginning,
        periodMs: 100,
        fields,
      });
      await player.peer.until("a second", () => soundsCame(player) >= 50);
      page.lose(end);
      await player.untilEvent("reconnected");
      const before = soundsCame(player);
      await player.peer.until("more", () => soundsCame(player) >= before + 50);
      expect(story(player)).toEqual(["reconnecting", "reconnected"]);
      expect(player.eventsOf("stream").length).toBe(1);
    },
  );
});

together("a file of known length that breaks off", () => {
  test.for<[string, boolean]>([["is read on by a range", true], ["is an error where there are none", false]])(
    "%s",
    async ([_name, hasRanges], context) => {
      const path = await makeClipFile(`${dir}/broken_${hasRanges}.mp4`, {
        ...clip,
        frameCount: 90,
        video: plainH264,
        audio: null,
        format: ["-movflags", "+faststart"],
      });
      const bytes = await Deno.readFile(path);
      const asked: string[] = [];
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      context.onTestFinished(() => listener.close());
      const answer = async (connection: Deno.Conn) => {
        const buffer = new Uint8Array(4096);
        const head = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
        const from = Number(/^range: bytes=(\d+)-/im.exec(head)?.[1] ?? 0);
        asked.push(String(from));
        const start = hasRanges ? from : 0;
        const range = hasRanges ? [`Content-Range: bytes ${start}-${bytes.length - 1}/${bytes.length}`] : [];
        const status = hasRanges ? "206 Partial Content" : "200 OK";
        const fields = [`HTTP/1.1 ${status}`, `Content-Length: ${bytes.length - start}`, ...range, "", ""];
        const part = bytes.subarray(start, start < bytes.length / 2 ? bytes.length * 0.6 : bytes.length);
        const writer = connection.writable.getWriter();
        await writer.write(new TextEncoder().encode(fields.join("\r\n")));
        await writer.write(part);
        await writer.close();
      };
      void (async () => {
        for await (const connection of listener) void answer(connection).catch(() => {});
      })();
      const player = await openPlayer(`http://127.0.0.1:${listener.addr.port}/x.mp4`);
      context.onTestFinished(player.close);
      await player.program.call("play");
      await player.untilEvent("endOfStream");
      const counters = player.pictures().map(({ counter }) => counter);
      expect(story(player)).toEqual(hasRanges ? ["endOfStream"] : ["error", "endOfStream"]);
      if (hasRanges) expect(counters).toEqual(Array.from({ length: 90 }, (_, index) => index));
      else expect(player.eventsOf("error")[0]).toMatchObject({ kind: "RESOURCE_ERROR_READ" });
    },
  );
});

together("pictures without times", () => {
  const make = (name: string, video: string[], format: string) =>
    makeClipFile(`${dir}/${name}`, {
      ...clip,
      fps: 10,
      frameCount: 40,
      video,
      audio: null,
      format: ["-f", format],
    });
  const jpeg = ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"];
  /** One part each, with what stands before it. */
  const partsOf = (bytes: Uint8Array) => {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    const starts = [...text.matchAll(/--ffmpeg\r\n(?=C)/g)].map(({ index }) => index);
    return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? bytes.length));
  };
  /** How much later or earlier nine of ten came than their time says, against the first, in ms. */
  const jitterOf = (player: PlayerUnderTest) => {
    const [first, ...others] = player.pictures();
    const late = others.map(({ atMs, timestamp }) => atMs - first.atMs - (timestamp - first.timestamp) / 90);
    return late.map(Math.abs).toSorted((one, other) => one - other)[Math.floor(late.length * 0.9)];
  };
  const stepsOf = (player: PlayerUnderTest) => {
    const times = player.pictures().map(({ timestamp }) => timestamp / 90);
    return times.slice(1).map((time, index) => time - times[index]);
  };

  /** As they lie one behind the other. */
  const picturesOf = (bytes: Uint8Array) => {
    const starts = [...bytes.keys()].filter((at) => bytes[at] === 0xff && bytes[at + 1] === 0xd8);
    return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? bytes.length));
  };

  // As some cameras do, it says a length that is never reached.
  const inParts = ["Content-Type: multipart/x-mixed-replace;boundary=ffmpeg", "Content-Length: 999999999"];
  test.for<[string, string, (bytes: Uint8Array) => Uint8Array[], string[]]>([
    ["in parts", "mpjpeg", partsOf, inParts],
    ["one behind the other", "mjpeg", picturesOf, ["Content-Type: video/x-motion-jpeg"]],
  ])("that a camera sends %s are shown as they come, and it is waited for", async (
    [_name, format, piecesIn, fields],
    context,
  ) => {
    const pieces = piecesIn(await Deno.readFile(await make(`camera_${format}`, jpeg, format)));
    expect(pieces.length).toBe(40);
    const { page, player } = await playLive(context, { pieces, periodMs: 100, fields });
    await player.peer.until("a second", () => framesCame(player) >= 10);
    page.lose("closed");
    await player.untilEvent("reconnected");
    const before = framesCame(player);
    await player.peer.until("a second more", () => framesCame(player) >= before + 10);
    expect(story(player)).toEqual(["reconnecting", "reconnected"]);
    expect(player.streamOf("video")?.format.format).toBe("H264/1/42e0");
    const counters = player.pictures().map(({ counter }) => counter!);
    expect(counters.slice(0, 10)).toEqual(
      Array.from({ length: 10 }, (_, index) => (counters[0] + index) % 40),
    );
    expect(jitterOf(player)).toBeLessThan(150);
    // Those that are looked at first come at once.
    const even = stepsOf(player).filter((step) => Math.abs(step - 100) < 15);
    expect(even.length).toBeGreaterThanOrEqual(8);
    expect(page.visits).toBe(2);
  });

  test("that lie one behind the other are shown 25 times a second, whether a length is said or not", async (context) => {
    const bytes = await Deno.readFile(await make("lying", jpeg, "mjpeg"));
    const lying = { pieces: [bytes], beginning: bytes, periodMs: 60_000 };
    for (const fields of [[`Content-Length: ${bytes.length}`], ["Content-Type: image/jpeg"]]) {
      const { page, player } = await playLive(context, { ...lying, fields });
      await player.peer.until("pictures", () => framesCame(player) > 10);
      page.lose("closed");
      await player.untilEvent("endOfStream");
      expect(story(player)).toEqual(["endOfStream"]);
      expect(player.pictures().map(({ counter }) => counter)).toEqual(
        Array.from({ length: 40 }, (_, index) => index),
      );
      for (const step of stepsOf(player).slice(5)) expect(Math.abs(step - 40)).toBeLessThan(5);
    }
  });

  test("that come as bare H264 are shown as they come", async (context) => {
    const bytes = await Deno.readFile(await make("bare.h264", [...plainH264, "-g", "10"], "h264"));
    const pieces = piecesOf(bytes, 80, 1);
    const { player } = await playLive(context, {
      pieces,
      periodMs: 50,
      fields: ["Transfer-Encoding: chunked"],
    });
    await player.peer.until("pictures", () => framesCame(player) >= 40);
    expect(jitterOf(player)).toBeLessThan(150);
    expect(player.pictures().map(({ counter }) => counter)).not.toContain(null);
  });

  test("that ffmpeg serves are played to the end that it tells", async (context) => {
    const [port, path] = [freeTcpPort(), await make("served", jpeg, "mpjpeg")];
    const output = ["-c", "copy", "-f", "mpjpeg", "-listen", "1", `http://127.0.0.1:${port}/x`];
    const server = startFfmpeg(["-re", "-f", "mpjpeg", "-i", path, ...output]);
    context.onTestFinished(() => server.kill());
    const player = await openPlayer(`http://127.0.0.1:${port}/x`);
    context.onTestFinished(player.close);
    // The server needs a moment before it listens.
    await player.peer.until("the server", () => {
      if (player.states().at(-1) !== "playing") void player.program.call("play");
      return framesCame(player) > 0;
    });
    await player.untilEvent("endOfStream");
    expect(player.pictures().map(({ counter }) => counter)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
    expect(player.eventsOf("reconnecting")).toEqual([]);
  });
});
