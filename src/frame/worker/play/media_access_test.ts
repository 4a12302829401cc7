import { afterEach, describe, expect, test } from "vitest";
import { Log, Packet } from "node-av/lib";
import { AV_LOG_QUIET } from "node-av/constants";
import { systemClock } from "../../../base/mod.ts";
import type { PlaySpec } from "../../types.ts";
import { ffmpegCommandIsThere } from "../../../../test/kit/clip_file.ts";
import { openMediaAccess } from "./media_access.ts";
import { MediaFault } from "./media_fault.ts";
import { MediaSource } from "./media_source.ts";
import type { Resolve } from "./resolve.ts";

const toEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of toEnd.splice(0)) await end();
});
Log.setLevel(AV_LOG_QUIET);

const spec = (uri: string, mediaDir = "/tmp"): PlaySpec => ({
  kind: "play",
  uri,
  allowedSchemes: ["http", "https", "rtsp", "rtmp", "rtmps", "rtsps", "srt", "file"],
  mediaDir,
  allowPrivateHosts: false,
  networkCacheMs: 0,
  loop: false,
  reconnect: false,
  useEncodedMedia: false,
});

/** Stands for the world: one host is public, all others are private. */
const resolve: Resolve = (host) => {
  if (host === "public.test") return Promise.resolve("127.0.0.1");
  return Promise.reject(new MediaFault("INVALID_URI", `${host} is private`));
};

/** Opens a source by these rules; the number of packets that it has, or the kind of error. */
async function packetsOf(
  uri: string,
  rule: Resolve | null = resolve,
  mediaDir = "/tmp",
): Promise<number | string> {
  const access = await openMediaAccess(spec(uri, mediaDir), systemClock, rule);
  const source = new MediaSource(access);
  try {
    await source.open();
    access.opened();
    using packet = new Packet();
    packet.alloc();
    let count = 0;
    while (await source.read(packet)) {
      packet.unref();
      count++;
    }
    return count;
  } catch (error) {
    return (access.refusal() ?? error as MediaFault).kind;
  } finally {
    await source.close();
    access.close();
  }
}

/** Half a second of silence. */
function wave(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + 8000);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at);
  text(0, "RIFF");
  view.setUint32(4, 36 + 8000, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 16_000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 8000, true);
  return bytes;
}

/** Half a second of sound in MPEG-TS. */
function transportStream(): Uint8Array<ArrayBuffer> {
  const { success, stdout } = new Deno.Command("ffmpeg", {
    args: ["-loglevel", "error", "-f", "lavfi", "-i", "sine=d=0.5", "-c:a", "aac", "-f", "mpegts", "pipe:1"],
  }).outputSync();
  if (!success) throw new Error("Cannot make a segment: ffmpeg failed");
  return stdout;
}

/** A web server that is at once the public and the private one; it tells them apart by the Host field. */
function serve(page: (path: string) => Response) {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    asked.push(`${request.headers.get("host")!.split(":")[0]}${url.pathname}`);
    return url.pathname === "/x.wav" ? new Response(wave()) : page(url.pathname);
  });
  toEnd.push(() => server.shutdown());
  return { port: server.addr.port, asked };
}

const redirect = (location: string) => new Response(null, { status: 302, headers: { location } });

describe("by HTTP", () => {
  test("a source is read, and where it leads is looked at anew", async () => {
    const { port, asked } = serve((path) =>
      redirect(path === "/good" ? `http://public.test:${port}/x.wav` : `http://127.0.0.1:${port}/x.wav`)
    );
    expect(await packetsOf(`http://public.test:${port}/x.wav`)).toBeGreaterThan(0);
    expect(await packetsOf(`http://public.test:${port}/good`)).toBeGreaterThan(0);
    expect(asked.filter((page) => page.startsWith("127"))).toEqual([]);
    expect(await packetsOf(`http://public.test:${port}/evil`)).toBe("INVALID_URI");
    expect(asked.filter((page) => page.startsWith("127"))).toEqual([]);
    // Without the gate FFmpeg goes there.
    expect(await packetsOf(`http://127.0.0.1:${port}/evil`, null)).toBeGreaterThan(0);
  });

  test("a source that leads to another scheme is refused with a sentence on it", async () => {
    const { port } = serve((path) => redirect(`${path.slice(1)}:///etc/passwd`));
    for (const scheme of ["file", "FILE", "tcp", "rtsp"]) {
      const access = await openMediaAccess(
        spec(`http://public.test:${port}/${scheme}`),
        systemClock,
        resolve,
      );
      const source = new MediaSource(access);
      await expect(source.open()).rejects.toThrow();
      expect(access.refusal()).toMatchObject({
        kind: "INVALID_URI",
        message: `Cannot play from "public.test": it leads to ${scheme}:, and not to HTTP`,
      });
      await source.close();
      access.close();
    }
  });

  test("a body that is packed, which nobody asked for, is unpacked and looked at; a part of one is refused", async () => {
    const packed = (body: BodyInit, format: CompressionFormat, headers = {}) =>
      new Response(new Response(body).body!.pipeThrough(new CompressionStream(format)), {
        headers: { "content-encoding": format, "accept-ranges": "bytes", ...headers },
      });
    const { port, asked } = serve((path) => {
      if (path === "/part") return packed(wave(), "gzip", { "content-range": "bytes 44-8043/8044" });
      if (path === "/br") return new Response("?", { headers: { "content-encoding": "br" } });
      if (path === "/x.m3u8") return packed(playlist(`http://127.0.0.1:${port}/secret.ts`), "gzip");
      if (path === "/good.m3u8") return packed(playlist("packed.ts"), "gzip");
      return packed(
        path === "/packed.ts" ? transportStream() : wave(),
        path === "/deflate" ? "deflate" : "gzip",
      );
    });
    const outcomeOf = (path: string) => packetsOf(`http://public.test:${port}/${path}`);
    const plain = await outcomeOf("x.wav");
    for (const path of ["gzip", "deflate"]) expect(await outcomeOf(path)).toBe(plain);
    expect(await outcomeOf("good.m3u8")).toBeGreaterThan(0);
    expect(await outcomeOf("x.m3u8")).toBe("INVALID_URI");
    expect(await outcomeOf("part")).toBe("RESOURCE_ERROR_OPEN");
    expect(await outcomeOf("br")).toBe("RESOURCE_ERROR_OPEN");
    expect(asked.filter((page) => !page.startsWith("public.test"))).toEqual([]);
  });

  test("what a server has set as a cookie goes back to it, and not to another", async () => {
    const cookies: [string, string | null][] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const { host, pathname } = new URL(request.url);
      cookies.push([pathname, request.headers.get("cookie")]);
      if (pathname === "/shop") return redirect(`http://other.test:${host.split(":")[1]}/other`);
      if (pathname === "/other") return redirect(`http://public.test:${host.split(":")[1]}/film`);
      if (pathname === "/film") return new Response(wave());
      const headers = new Headers({ location: "/shop" });
      for (const cookie of ["pass=1; Path=/; HttpOnly", "side=2; Path=/elsewhere"]) {
        headers.append("set-cookie", cookie);
      }
      return new Response(null, { status: 302, headers });
    });
    toEnd.push(() => server.shutdown());
    const both: Resolve = (host) => resolve(host === "other.test" ? "public.test" : host);
    expect(await packetsOf(`http://public.test:${server.addr.port}/door`, both)).toBeGreaterThan(0);
    expect(cookies).toEqual([["/door", null], ["/shop", "pass=1"], ["/other", null], ["/film", "pass=1"]]);
  });

  test("no playlist, script or description leads to a private host or a file", async () => {
    const inner = (port: number): Record<string, string> => ({
      "/hls.m3u8": playlist(`http://127.0.0.1:${port}/secret.ts`),
      "/tls.m3u8": playlist(`https://127.0.0.1:${port}/secret.ts`),
      "/file.m3u8": playlist("file:///etc/passwd"),
      "/path.m3u8": playlist("/etc/passwd"),
      "/tcp.m3u8": playlist(`tcp://127.0.0.1:${port}`),
      "/key.m3u8": playlist(`http://public.test:${port}/x.ts`, `http://127.0.0.1:${port}/secret.key`),
      "/crypto.m3u8": playlist(`crypto+http://127.0.0.1:${port}/secret.ts`),
      "/variants.m3u8": `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:${port}/secret.m3u8\n`,
      "/concat.txt": `ffconcat version 1.0\nfile http://127.0.0.1:${port}/secret.ts\n`,
      "/passwd.txt": "ffconcat version 1.0\nfile /etc/passwd\n",
      "/x.sdp":
        `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`,
      "/x.mpd": mpd(`http://127.0.0.1:${port}/secret.mp4`),
      "/file.mpd": mpd("file:///etc/passwd"),
    });
    const { port, asked } = serve((path) =>
      new Response(inner(port)[path] ?? "", { status: inner(port)[path] ? 200 : 404 })
    );
    const kinds: [string, unknown][] = [];
    for (const path of Object.keys(inner(port))) {
      kinds.push([path, await packetsOf(`http://public.test:${port}${path}`)]);
    }
    for (const [path, kind] of kinds) {
      expect(["INVALID_URI", "INVALID_MEDIA", "RESOURCE_ERROR_OPEN", 0], path).toContain(kind);
    }
    expect(asked.filter((page) => page.startsWith("127") || page.includes("secret"))).toEqual([]);
    expect(asked.filter((page) => page.startsWith("public.test")).length).toBeGreaterThanOrEqual(
      kinds.length,
    );
  }, 60_000);

  test("a tunnel for TLS leads to the host that was looked at, or nowhere", async () => {
    const { port } = serve(() => new Response("hello"));
    const access = await openMediaAccess(spec(`https://public.test:${port}/`), systemClock, resolve);
    toEnd.push(() => access.close());
    const gate = Number(new URL(access.options.http_proxy).port);
    expect(await askGate(gate, `CONNECT public.test:${port} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 200 /,
    );
    for (
      const head of [
        ...[
          `CONNECT 127.0.0.1:${port} HTTP/1.1`,
          `CONNECT localhost:${port} HTTP/1.1`,
          "CONNECT [::1]:80 HTTP/1.1",
        ],
        `GET http://127.0.0.1:${port}/ HTTP/1.1`,
      ]
    ) expect(await askGate(gate, `${head}\r\nHost: public.test\r\n\r\n`), head).toMatch(/^HTTP\/1.1 403 /);
    for (
      const head of ["GET / HTTP/1.1", "nonsense", "GET file:///etc/passwd HTTP/1.1", "CONNECT  HTTP/1.1"]
    ) {
      expect(await askGate(gate, `${head}\r\n\r\n`), head).toMatch(/^HTTP\/1.1 400 /);
    }
    expect(access.refusal()?.kind).toBe("INVALID_URI");
    access.close();
    await expect(Deno.connect({ port: gate })).rejects.toThrow();
  });
});

describe("by RTSP", () => {
  test("a server that leads elsewhere is not followed, however it writes it", async () => {
    let secrets = 0;
    const secret = listen((connection) => {
      secrets++;
      connection.close();
    });
    const answers = [
      `RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:${secret}/x\r\n\r\n`,
      `RTSP/1.0 301 Moved\r\nCSeq: 1\r\nlo\rCATION: rtsp://127.0.0.1:${secret}/x\r\n\r\n`,
      `RTSP/1.0 302 Moved\r\nCSeq: 1\r\n$\0\0\0Location: rtsp://127.0.0.1:${secret}/x\r\n\r\n`,
    ];
    for (const answer of answers) {
      const port = listen(async (connection) => {
        await connection.read(new Uint8Array(4096));
        // In two pieces.
        for (const part of [answer.slice(0, 36), answer.slice(36)]) {
          await connection.write(new TextEncoder().encode(part));
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      });
      expect(await packetsOf(`rtsp://public.test:${port}/x`)).toBe("INVALID_URI");
      expect(secrets).toBe(0);
    }
    // Without the relay FFmpeg goes there.
    const port = listen(async (connection) => {
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(answers[0]));
    });
    await packetsOf(`rtsp://127.0.0.1:${port}/x`, null);
    expect(secrets).toBeGreaterThan(0);
  });

  test("a server that is not there is RESOURCE_ERROR_OPEN", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    for (const scheme of ["rtsp", "rtsps", "rtmp", "http"]) {
      expect([scheme, await packetsOf(`${scheme}://public.test:${port}/a/b`)]).toEqual([
        scheme,
        "RESOURCE_ERROR_OPEN",
      ]);
    }
  });
});

test.runIf(ffmpegCommandIsThere()).each([
  ["yuv4mpegpipe", "-pix_fmt yuv420p", 25],
  ["mpjpeg", "", 25],
  ["gif", "", 25],
  ["apng", "", 25],
  ["image2pipe", "-c:v png", 25],
  ["image2pipe", "-c:v bmp -frames:v 1", 1],
  ["webp", "-frames:v 1", 1],
])("pictures that come as %s (%s) are read from a file and from a web server", async (format, how, count) => {
  const folder = await Deno.makeTempDir();
  toEnd.push(() => Deno.remove(folder, { recursive: true }));
  const made = `-f lavfi -i testsrc=s=64x64:r=25:d=1 ${how} -f ${format}`.split(" ").filter((each) => each);
  await new Deno.Command("ffmpeg", { args: [...made, `${folder}/pictures`] }).output();
  expect(await packetsOf(`file://${folder}/pictures`, null, folder)).toBe(count);
  const bytes = await Deno.readFile(`${folder}/pictures`);
  const { port } = serve(() => new Response(bytes));
  for (const name of ["pictures", "pictures.png"]) {
    expect(await packetsOf(`http://public.test:${port}/${name}`)).toBe(count);
  }
});

test.runIf(ffmpegCommandIsThere()).each([["latm", "aac"], ["mlp", "mlp"], ["voc", "pcm_s16le"], [
  "sox",
  "pcm_s32le",
]])(
  "sound that comes as %s is read",
  async (format, codec) => {
    const made = `-f lavfi -i sine=d=1:r=48000 -c:a ${codec} -strict -2 -f ${format} pipe:1`.split(" ");
    const { stdout } = await new Deno.Command("ffmpeg", { args: made }).output();
    const { port } = serve(() => new Response(stdout));
    expect(await packetsOf(`http://public.test:${port}/sound`)).toBeGreaterThan(10);
  },
);

test.runIf(ffmpegCommandIsThere())(
  "pictures that lie one behind the other on a web server are read, as is one alone, for one request each",
  async () => {
    const made = "-f lavfi -i testsrc=s=64x64:r=25:d=1 -c:v mjpeg -f mjpeg pipe:1".split(" ");
    const { stdout: row } = await new Deno.Command("ffmpeg", { args: made }).output();
    const one = row.subarray(0, row.findIndex((byte, at) => at > 0 && byte === 0xff && row[at + 1] === 0xd8));
    const pages: Record<string, () => Response> = {
      "/row.mjpeg": () => new Response(row),
      "/row.jpg": () => new Response(row, { headers: { "content-type": "image/jpeg" } }),
      // Without a length, and it does not end.
      "/live": () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array([...row, ...row])),
            cancel() {},
          }),
        ),
      "/one.jpg": () => new Response(one, { headers: { "content-type": "image/jpeg" } }),
      "/moved": () => redirect("/row.mjpeg"),
    };
    const { port, asked } = serve((path) => pages[path]());
    const base = `http://public.test:${port}`;
    for (const name of ["row.mjpeg", "row.jpg", "moved"]) {
      expect(await packetsOf(`${base}/${name}`), name).toBe(25);
    }
    expect(await packetsOf(`${base}/one.jpg`)).toBe(1);
    expect(asked.map((page) => page.slice("public.test".length))).toEqual([
      "/row.mjpeg",
      "/row.jpg",
      ...["/moved", "/row.mjpeg", "/one.jpg"],
    ]);
    const access = await openMediaAccess(spec(`${base}/live`), systemClock, resolve);
    const source = new MediaSource(access);
    await source.open();
    const found = [source.isUntimed, source.isAtHand];
    await source.close();
    access.close();
    expect([...found, asked.length]).toEqual([true, true, 6]);
  },
);

test.runIf(ffmpegCommandIsThere())(
  "every picture of an AVI with B-frames has a time of its own",
  async () => {
    const folder = await Deno.makeTempDir();
    toEnd.push(() => Deno.remove(folder, { recursive: true }));
    const made = "-f lavfi -i testsrc=s=64x64:r=25:d=1 -c:v mpeg4 -bf 2".split(" ");
    await new Deno.Command("ffmpeg", { args: [...made, `${folder}/a.avi`] }).output();
    const source = new MediaSource(
      await openMediaAccess(spec(`file://${folder}/a.avi`, folder), systemClock, null),
    );
    toEnd.push(() => source.close());
    await source.open();
    using packet = new Packet();
    packet.alloc();
    const times = new Set<bigint>();
    while (await source.read(packet)) {
      times.add(packet.pts);
      packet.unref();
    }
    const sorted = [...times].toSorted((a, b) => Number(a - b));
    expect(sorted.map((time) => time - sorted[0])).toEqual(Array.from({ length: 25 }, (_, i) => BigInt(i)));
  },
);

test.runIf(ffmpegCommandIsThere())(
  "a playlist in the folder leads to files of the folder and nowhere else",
  async () => {
    const [folder, outside] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
    toEnd.push(
      () => Deno.remove(folder, { recursive: true }),
      () => Deno.remove(outside, { recursive: true }),
    );
    const segment = transportStream();
    await Deno.mkdir(`${folder}/some where`);
    await Deno.writeFile(`${folder}/some where/s 1.ts`, segment);
    await Deno.writeFile(`${outside}/s.ts`, segment);
    await Deno.symlink(`${outside}/s.ts`, `${folder}/link.ts`);
    const play = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return await packetsOf(`file://${folder}/${name}`, null, folder);
    };
    const good = [
      "some%20where/s%201.ts",
      "./some%20where/../some%20where/s%201.ts",
      "/some%20where/s%201.ts",
    ];
    for (const to of good) {
      expect(await play("list.m3u8", playlist(to)), to).toBeGreaterThan(0);
    }
    const name = outside.split("/").at(-1);
    for (
      const to of [
        `${outside}/s.ts`,
        `file://${outside}/s.ts`,
        `../${name}/s.ts`,
        `%2e%2e/${name}/s.ts`,
        "link.ts",
      ]
    ) {
      for (const file of ["list.m3u8", "list.mp4", "list"]) {
        expect(Number(await play(file, playlist(to))) > 0, to).toBe(false);
        expect(Number(await play(file, `ffconcat version 1.0\nfile '${to}'\n`)) > 0, to).toBe(false);
      }
    }
  },
);

test.runIf(ffmpegCommandIsThere())(
  "a file of JPEGs is a film, whatever its name; one is one picture",
  async () => {
    const made = "-f lavfi -i testsrc=s=64x64:r=25:d=1 -c:v mjpeg -f mjpeg pipe:1".split(" ");
    const row = new Deno.Command("ffmpeg", { args: ["-loglevel", "error", ...made] }).outputSync().stdout;
    const one = row.subarray(0, row.findIndex((byte, at) => byte === 0xff && row[at + 1] === 0xd9) + 2);
    const folder = Deno.realPathSync(Deno.makeTempDirSync());
    toEnd.push(() => Deno.removeSync(folder, { recursive: true }));
    const counts = async (name: string) => {
      Deno.writeFileSync(`${folder}/one-${name}`, one);
      Deno.writeFileSync(`${folder}/row-${name}`, row);
      const count = (path: string) => packetsOf(`file://${folder}/${path}`, resolve, folder);
      return [await count(`one-${name}`), await count(`row-${name}`)];
    };
    for (const name of ["a.jpg", "a.jpeg", "a.mjpeg", "a"]) expect(await counts(name)).toEqual([1, 25]);
  },
);

test.runIf(ffmpegCommandIsThere()).each([
  ["matroska", "-f matroska"],
  ["mp4", "-f mp4 -movflags frag_keyframe+delay_moov"],
  ["mjpeg", "-f mjpeg"],
])("a file that somebody writes is read to where that ends: %s", async (name, format) => {
  const codec = name === "mjpeg" ? "mjpeg" : "libx264 -g 5";
  const made = `-f lavfi -i testsrc=s=64x64:r=25:d=1 -c:v ${codec} ${format} pipe:1`.split(" ");
  const film = new Deno.Command("ffmpeg", { args: ["-loglevel", "error", ...made] }).outputSync().stdout;
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  toEnd.push(() => Deno.removeSync(folder, { recursive: true }));
  const file = Deno.openSync(`${folder}/film.jpg`, { write: true, create: true });
  file.lockSync(true);
  file.writeSync(film.subarray(0, film.length / 2));
  const count = packetsOf(`file://${folder}/film.jpg`, resolve, folder);
  await new Promise((resolve) => setTimeout(resolve, 300));
  file.writeSync(film.subarray(film.length / 2));
  file.close();
  expect(await count).toBe(25);
});

test("RTMP servers hear the name that the URI has, SRT servers are named by their address", async () => {
  const rtmp = await openMediaAccess(
    spec("rtmp://user:pass@public.test/live/clip?key=1"),
    systemClock,
    resolve,
  );
  toEnd.push(() => rtmp.close());
  expect(rtmp.url).toMatch(/^rtmp:\/\/user:pass@127\.0\.0\.1:\d+\/live\/clip\?key=1$/);
  expect(rtmp.options).toMatchObject({
    rtmp_tcurl: "rtmp://public.test/live",
    protocol_whitelist: "rtmp,tcp",
  });
  const inner = await openMediaAccess(
    spec("rtmps://public.test:1936/app/instance/clip"),
    systemClock,
    resolve,
  );
  toEnd.push(() => inner.close());
  expect(inner.options.rtmp_tcurl).toBe("rtmps://public.test:1936/app/instance");
  expect(inner.url).toMatch(/^rtmp:\/\/127/);
  const srt = await openMediaAccess(spec("srt://public.test:9000?streamid=x"), systemClock, resolve);
  expect(srt.url).toBe("srt://127.0.0.1:9000?streamid=x");
});

function listen(serve: (connection: Deno.TcpConn) => unknown): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  toEnd.push(() => listener.close());
  const accept = async () => {
    for await (const connection of listener) {
      Promise.resolve(serve(connection)).catch(() => {});
    }
  };
  void accept();
  return listener.addr.port;
}

async function askGate(port: number, request: string): Promise<string> {
  using connection = await Deno.connect({ port });
  await connection.write(new TextEncoder().encode(request));
  const answer = new Uint8Array(1000);
  const count = await connection.read(answer);
  return new TextDecoder().decode(answer.subarray(0, count ?? 0));
}

const playlist = (segment: string, key = "") =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${
    key ? `#EXT-X-KEY:METHOD=AES-128,URI="${key}"\n` : ""
  }#EXTINF:1,\n${segment}\n#EXT-X-ENDLIST\n`;

const mpd = (url: string) =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S" ` +
  `profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4">` +
  `<Representation id="1" bandwidth="1"><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`;
