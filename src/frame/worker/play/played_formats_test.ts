import { createSocket } from "node:dgram";
import { AV_LOG_QUIET } from "node-av/constants";
import { Log, Packet } from "node-av/lib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../base/mod.ts";
import type { PlaySpec } from "../../types.ts";
import { openMediaAccess } from "./media_access.ts";
import { MediaFault } from "./media_fault.ts";
import { MediaSource } from "./media_source.ts";
import type { Resolve } from "./resolve.ts";

Log.setLevel(AV_LOG_QUIET);
const toEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of toEnd.splice(0)) await end();
});

/** A place on this machine that nobody is to come to, by TCP or UDP. */
let place: { port: number; visits: number };
beforeEach(async () => {
  const listener = Deno.listen({ hostname: "127.0.0.2", port: 0 });
  place = { port: listener.addr.port, visits: 0 };
  const datagrams = createSocket("udp4", () => place.visits++);
  await new Promise<void>((resolve) => datagrams.bind(place.port, "127.0.0.2", resolve));
  toEnd.push(() => listener.close(), () => datagrams.close());
  const accept = async () => {
    for await (const connection of listener) {
      place.visits++;
      connection.close();
    }
  };
  void accept();
});

const cpl = (asset: string) =>
  `<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">
  <Id>urn:uuid:0eb3d1b9-b77b-4d3f-bbe5-7c69b15dca84</Id><ContentTitle>x</ContentTitle><EditRate>24 1</EditRate>
  <SegmentList><Segment><Id>urn:uuid:81fed4e5-9722-400a-b9d1-7f2bd21df4b6</Id><SequenceList>
  <MainImageSequence xmlns="http://www.smpte-ra.org/schemas/2067-2/2016">
  <Id>urn:uuid:80e59c4a-8e6f-4d1f-b1a7-5fbe2e3d7f3a</Id><TrackId>urn:uuid:1ae0a1ce-ee61-4e22-9d4c-b4a1a4e7b6b1</TrackId>
  <ResourceList><Resource><Id>urn:uuid:6ae100b0-92d1-41be-9321-85e0933dfc42</Id>
  <IntrinsicDuration>24</IntrinsicDuration><TrackFileId>${asset}</TrackFileId></Resource></ResourceList>
  </MainImageSequence></SequenceList></Segment></SegmentList></CompositionPlaylist>`;
const ASSET = "urn:uuid:ec9f8003-655e-438a-b30a-d7700ec4cb6f";
const assetMap = (to: string) =>
  `<?xml version="1.0"?><AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><Id>urn:uuid:1</Id><AssetList>
  <Asset><Id>${ASSET}</Id><ChunkList><Chunk><Path>${to}</Path></Chunk></ChunkList></Asset></AssetList></AssetMap>`;
const hls = (to: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${to}\n#EXT-X-ENDLIST\n`;
const mpd = (to: string) =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT4S" ` +
  `profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4">` +
  `<Representation id="1" bandwidth="1"><BaseURL>${to}</BaseURL></Representation></AdaptationSet></Period></MPD>`;

/** Everything that leads FFmpeg to other places, as one set of files each; the first is the one that is opened. */
function hostileSets({ port }: { port: number }): [string, Record<string, string>][] {
  const sets: [string, Record<string, string>][] = [];
  const list = (name: string, text: string) => sets.push([name, { [name]: text }]);
  for (const to of [`tcp://127.0.0.2:${port}`, `udp://127.0.0.2:${port}`, `http://127.0.0.2:${port}/x.ts`]) {
    list("list.m3u8", hls(to));
    list("list.mp4", hls(to));
    list("key.m3u8", hls("x.ts").replace("#EXTINF", `#EXT-X-KEY:METHOD=AES-128,URI="${to}"\n#EXTINF`));
    // Everything else that a playlist may name, where the rest of it is what it may be.
    list("map.m3u8", hls("x.ts").replace("#EXTINF", `#EXT-X-MAP:URI="${to}"\n#EXTINF`));
    const sound = `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="${to}"`;
    list("media.m3u8", `#EXTM3U\n${sound}\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n${to}\n`);
    const locked = `#EXT-X-KEY:METHOD=AES-128,URI="good.key"\n#EXTINF`;
    sets.push(["aes.m3u8", {
      "aes.m3u8": hls(to).replace("#EXTINF", locked),
      "good.key": "0123456789abcdef",
    }]);
    list("concat.txt", `ffconcat version 1.0\nfile '${to}'\n`);
    list("concat.mp4", `ffconcat version 1.0\noption safe 0\nfile '${to}'\n`);
    list("x.mpd", mpd(to));
    sets.push(["cpl.xml", { "cpl.xml": cpl(ASSET), "ASSETMAP.xml": assetMap(to) }]);
  }
  const session =
    `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;
  list("x.sdp", session);
  list("sdp.mp4", session);
  list("x.asx", `<asx version="3.0"><entry><ref href="http://127.0.0.2:${port}/x"/></entry></asx>`);
  list("x.ram", `rtsp://127.0.0.2:${port}/x\n`);
  // Its pictures are in a file of the same name beside it.
  sets.push(["x.idx", {
    "x.idx":
      "# VobSub index file, v7\nsize: 720x480\nid: en, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n",
    "x.sub": "moved",
  }]);
  // A pattern for names of pictures.
  sets.push(["%01d.jpg", { "%01d.jpg": "no picture", "0.jpg": "moved", "1.jpg": "moved" }]);
  return sets;
}

const specOf = (uri: string, mediaDir: string): PlaySpec => ({
  kind: "play",
  uri,
  allowedSchemes: ["http", "https", "rtsp", "rtmp", "srt", "file"],
  mediaDir,
  allowPrivateHosts: false,
  networkCacheMs: 0,
  loop: false,
  reconnect: false,
  useEncodedMedia: false,
});

/** Only this address is public: FFmpeg could go there without asking, and must not. */
const resolve: Resolve = (host) => {
  if (host === "127.0.0.1") return Promise.resolve(host);
  return Promise.reject(new MediaFault("INVALID_URI", `${host} is private`));
};

/** What comes of a URI: the number of its packets, or the kind of error. */
async function outcomeOf(uri: string, mediaDir: string): Promise<number | string> {
  const access = await openMediaAccess(
    specOf(uri, mediaDir),
    systemClock,
    uri.startsWith("file") ? null : resolve,
  );
  const source = new MediaSource(access);
  try {
    await source.open();
    using packet = new Packet();
    packet.alloc();
    let count = 0;
    for (; await source.read(packet); packet.unref()) count++;
    return count;
  } catch (error) {
    return (access.refusal() ?? error as MediaFault).kind;
  } finally {
    await source.close();
    access.close();
  }
}

describe("what names other places leads to none of them", () => {
  test("as a file of the media folder", async () => {
    const dir = await Deno.makeTempDir();
    toEnd.push(() => Deno.remove(dir, { recursive: true }));
    for (const [name, files] of hostileSets(place)) {
      for (const [each, text] of Object.entries(files)) await Deno.writeTextFile(`${dir}/${each}`, text);
      const outcome = await outcomeOf(`file://${dir}/${name}`, dir);
      // One picture is what it may be at most, damaged as it is.
      const harmless: unknown[] = ["INVALID_MEDIA", "INVALID_URI", ...(name.endsWith(".jpg") ? [1] : [])];
      expect(harmless, name).toContain(outcome);
      expect([name, place.visits]).toEqual([name, 0]);
    }
  });

  test("from a web server, that may send its own readers elsewhere too", async () => {
    let files: Record<string, string> = {};
    const asked: string[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const name = decodeURI(new URL(request.url).pathname.slice(1));
      asked.push(name);
      const text = files[name];
      if (text === undefined) return new Response("", { status: 404 });
      return text === "moved"
        ? Response.redirect(`http://127.0.0.2:${place.port}/x.sub`, 302)
        : new Response(text);
    });
    toEnd.push(() => server.shutdown());
    for (const [name, set] of hostileSets(place)) {
      files = set;
      const outcome = await outcomeOf(`http://127.0.0.1:${server.addr.port}/${name}`, "/tmp");
      expect([name, typeof outcome === "string" || outcome === 0]).toEqual([name, true]);
      expect([name, place.visits]).toEqual([name, 0]);
    }
    expect(asked).not.toContain("x.sub");
    expect(asked).not.toContain("ASSETMAP.xml");
    expect(asked).not.toContain("0.jpg");
  }, 30_000);
});

test("no scheme is read without a list of formats", async () => {
  for (
    const uri of ["rtsp", "rtmp", "srt", "http", "https"].map((scheme) => `${scheme}://127.0.0.1:9999/a/b`)
  ) {
    const access = await openMediaAccess(specOf(uri, "/tmp"), systemClock, resolve);
    access.close();
    const formats = access.options.format_whitelist.split(",");
    for (const leading of ["concat", "imf", "sdp", "vobsub"]) expect(formats).not.toContain(leading);
  }
});
