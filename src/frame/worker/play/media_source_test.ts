import { afterEach, describe, expect, test } from "vitest";
import { AV_LOG_QUIET } from "node-av/constants";
import { Log, Packet } from "node-av/lib";
import { systemClock } from "../../../base/mod.ts";
import { ffmpegCommandIsThere } from "../../../../test/kit/clip_file.ts";
import { EgressGate } from "./egress_gate.ts";
import type { MediaAccess } from "./media_access.ts";
import { MediaFault } from "./media_fault.ts";
import { MediaSource } from "./media_source.ts";
import { timesOf } from "./packet_times.ts";
import { ReadAhead } from "./read_ahead.ts";

Log.setLevel(AV_LOG_QUIET);
const toEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of toEnd.splice(0)) await end();
});

/** Four seconds of picture and sound, as the arguments for the muxer say. */
function clip(...format: string[]): Uint8Array<ArrayBuffer> {
  const inputs = ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4"];
  const codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac"];
  const args = ["-loglevel", "error", ...inputs, ...codecs, ...format, "pipe:1"];
  const { success, stdout } = new Deno.Command("ffmpeg", { args }).outputSync();
  if (!success) throw new Error("Cannot make a clip: ffmpeg failed");
  return stdout;
}

/** Half a second of silence. */
function wave(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + 8000);
  const sizes = "\x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0";
  const head = `RIFF\x64\x1f\0\0WAVEfmt ${sizes}data\x40\x1f\0\0`;
  bytes.set(Uint8Array.from(head, (character) => character.charCodeAt(0)));
  return bytes;
}

/** What a web server answers to each connection, byte for byte; then it closes. */
function serve(...parts: (string | Uint8Array<ArrayBuffer>)[]): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  toEnd.push(() => listener.close());
  const accept = async () => {
    for await (const connection of listener) void answer(connection).catch(() => {});
  };
  const answer = async (connection: Deno.Conn) => {
    await connection.read(new Uint8Array(4096));
    const writer = connection.writable.getWriter();
    for (const part of parts) {
      await writer.write(typeof part === "string" ? new TextEncoder().encode(part) : part);
    }
    await writer.close();
  };
  void accept();
  return `http://127.0.0.1:${listener.addr.port}/x`;
}

/** Opens what is at `url` as the player does. */
async function open(url: string): Promise<MediaSource> {
  const gate = new EgressGate((host) => Promise.resolve(host), systemClock);
  const access: MediaAccess = {
    url,
    options: { http_proxy: gate.url, reconnect: "1", reconnect_delay_max: "4" },
    name: "http source",
    isLive: false,
    isProbed: true,
    isLocal: false,
    refusal: () => gate.refusal,
    body: () => gate.body,
    opened: () => {},
    close: () => gate.close(),
  };
  const source = new MediaSource(access);
  toEnd.push(() => source.close(), () => gate.close());
  await source.open();
  return source;
}

/** Decode times in seconds, in the order in which the player gets them. */
async function timesFrom(source: MediaSource): Promise<number[]> {
  const ahead = new ReadAhead(source, 0);
  using packet = new Packet();
  packet.alloc();
  const times: number[] = [];
  for (; await ahead.read(packet); packet.unref()) {
    times.push(timesOf(packet, source.streamOf(packet)!, 0).decoded);
  }
  return times;
}

const OK = "HTTP/1.1 200 OK\r\n";

describe.runIf(ffmpegCommandIsThere())("from a web server", () => {
  test("fragments of MP4 come in order of their decode times", async () => {
    const mp4 = clip("-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4");
    const times = await timesFrom(await open(serve(`${OK}Content-Length: ${mp4.length}\r\n\r\n`, mp4)));
    expect(times.length).toBeGreaterThan(250);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test("an answer without a length is at its end where it ends, unless it breaks off", async () => {
    const body = clip("-f", "mpegts");
    const whole = await timesFrom(await open(serve(`${OK}Content-Length: ${body.length}\r\n\r\n`, body)));
    expect(whole.length).toBeGreaterThan(250);
    expect(await timesFrom(await open(serve(OK, "Connection: close\r\n\r\n", body)))).toEqual(whole);
    const inChunks = [`Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`, body, "\r\n"];
    expect(await timesFrom(await open(serve(OK, ...inChunks, "0\r\n\r\n")))).toEqual(whole);
    const broken = await open(serve(OK, ...inChunks));
    await expect(timesFrom(broken)).rejects.toThrow("Cannot read on from the http source");
  });

  test.each([
    ["-f", "mpegts"],
    ["-vn", "-c:a", "libmp3lame", "-f", "mp3"],
    ["-an", "-c:v", "mjpeg", "-f", "mpjpeg"],
    ["-movflags", "frag_keyframe+empty_moov", "-f", "mp4"],
  ])("a file that breaks off has a fault at its end: %s %s", async (...format) => {
    const body = clip(...format);
    const length = `Content-Length: ${body.length}\r\n\r\n`;
    const cut = await open(serve(OK, length, body.subarray(0, body.length * 0.7)));
    await expect(timesFrom(cut)).rejects.toThrow("Cannot read on from the");
  });

  test("fragments of MP4 without an end in sight have no length, and may be lost", async () => {
    const mp4 = clip("-movflags", "frag_keyframe+empty_moov", "-f", "mp4");
    const whole = await open(serve(OK, `Content-Length: ${mp4.length}\r\n\r\n`, mp4));
    expect(whole.durationMs).toBeGreaterThan(1000);
    const fault = new MediaFault("RESOURCE_ERROR_READ", "it broke off");
    expect(whole.isLostBy(fault, 1000)).toBe(false);
    const live = await open(serve(OK, "\r\n", mp4));
    expect([live.durationMs, live.isSeekable]).toEqual([0, false]);
    expect([live.isLostBy(fault, 1000), live.isLostBy(fault, 0)]).toEqual([true, false]);
  });

  test("what a server without ranges sends has a length and no positions", async () => {
    const body = wave();
    const length = `Content-Length: ${body.length}\r\n`;
    const plain = await open(serve(OK, length, "\r\n", body));
    expect([plain.durationMs, plain.isSeekable]).toEqual([500, false]);
    const range = `Content-Range: bytes 0-${body.length - 1}/${body.length}\r\n`;
    for (const head of [`${OK}Accept-Ranges: bytes\r\n`, `HTTP/1.1 206 Partial Content\r\n${range}`]) {
      expect((await open(serve(head, length, "\r\n", body))).isSeekable).toBe(true);
    }
  });
});
