import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeClipFile, plainH264 } from "../../../../test/kit/clip_file.ts";
import { UploadServer } from "../../../../test/kit/upload_server.ts";
import { VirtualClock } from "../../../../test/kit/virtual_clock.ts";
import { findSpools } from "../../spool_search.ts";
import type { DeliverSpec, ProgramEvent } from "../../types.ts";
import type { ProgramContext } from "../program.ts";
import { recordSpec } from "../../../../test/kit/recorder_rig.ts";
import { Delivery } from "./delivery.ts";
import { openDestination } from "./destination.ts";
import { Leftover } from "./leftover.ts";
import { playlistText } from "./playlist.ts";
import { profilePlans } from "./profile.ts";
import { type Manifest, Spool } from "./spool.ts";
import { openUploadTarget } from "./upload_target.ts";

let mediaDir: string;
let server: UploadServer;
beforeEach(async () => {
  mediaDir = Deno.realPathSync(Deno.makeTempDirSync());
  server = await UploadServer.open();
});
afterEach(async () => {
  await server.close();
  Deno.removeSync(mediaDir, { recursive: true });
});

const clip = { width: 64, height: 48, fps: 25, frameCount: 25, audio: null };
const url = (path: string) => `http://me:secret@127.0.0.1:${server.port}${path}?key=hidden`;

/** A spool that a dead recorder left, with these files in it. */
async function leave(manifest: Partial<Manifest>, files: Record<string, Uint8Array | string>) {
  const uri = url("/in/a.webm");
  const spool = await Spool.make(mediaDir, { uri, profile: "WEBM", playlist: null, ...manifest });
  const { folder } = spool;
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
  await spool.close();
  return folder;
}

const contextOf = (event: (event: ProgramEvent) => void) => {
  const guarded = <T>(step: Promise<T>) => step;
  return { clock: new VirtualClock(), event, guarded } as unknown as ProgramContext;
};

/** What the program tells until it is over, with what came of each file. */
async function deliver(folder: string, more: Partial<DeliverSpec> = {}): Promise<string[]> {
  const over = Promise.withResolvers<void>();
  const told: string[] = [];
  const places: string[] = [];
  const hear = (event: ProgramEvent) => {
    if (event.type === "leftover") {
      const { outcome, path, why } = event;
      places.push(path);
      expect(JSON.stringify(event)).not.toMatch(/secret|hidden/);
      told.push(`${outcome} ${path.slice(path.lastIndexOf("/") + 1)}${why && `: ${why}`}`);
    }
    if (event.type === "state" || (event.type === "leftover" && event.outcome === "kept")) over.resolve();
  };
  new Leftover({
    kind: "deliver",
    spool: folder.slice(folder.lastIndexOf("/") + 1),
    mediaDir,
    allowedSchemes: ["http"],
    allowPrivateHosts: true,
    s3: null,
    ...more,
  }, contextOf(hear));
  await over.promise;
  for (const place of places) expect(place).toContain(`${mediaDir}/.uploads/`);
  return told;
}

const encoded = async (name: string, video: string[]) =>
  Deno.readFileSync(await makeClipFile(`${mediaDir}/${name}`, { ...clip, video }));
const ofVp8 = () => encoded("made.webm", ["-c:v", "libvpx"]);
const ofH264 = () => encoded("made.ts", plainH264);
const paths = () => server.uploads.map(({ path }) => path);
const search = () => findSpools(mediaDir, () => false);

test("every file goes to its own URL as its profile says, and nothing of it stays", async () => {
  const bytes = await ofVp8();
  const folder = await leave({}, { "a-00002.webm": bytes, "a-00001.webm": bytes.slice(0, -100) });
  expect(await search()).toMatchObject({ left: [folder.slice(folder.lastIndexOf("/") + 1)], held: [] });
  expect(await deliver(folder)).toEqual(["sent a-00001.webm", "sent a-00002.webm"]);
  expect(paths()).toEqual(["/in/a-00001.webm?key=hidden", "/in/a-00002.webm?key=hidden"]);
  const [{ body, headers }] = server.uploads;
  expect(body).toEqual(bytes.slice(0, -100));
  expect(headers["content-type"]).toBe("video/webm");
  expect(headers.authorization).toBe(`Basic ${btoa("me:secret")}`);
  expect([...Deno.readDirSync(`${mediaDir}/.uploads`)]).toEqual([]);
});

test("what broke off before there was anything to play is removed, and whatever else is there is sent", async () => {
  const bytes = await ofVp8();
  // The head goes until the first cluster begins.
  const head = bytes.slice(0, clusterOf(bytes));
  const folder = await leave({}, {
    "a-00001.webm": bytes,
    "a-00002.webm": head,
    "a-00003.webm": "",
    // So much is no head: it is for the one who has it to find out what it is.
    "a-00004.webm": new Uint8Array(70_000),
  });
  const reason = "it broke off before there was anything to play";
  expect(await deliver(folder)).toEqual([
    "sent a-00001.webm",
    `removed a-00002.webm: ${reason}`,
    `removed a-00003.webm: ${reason}`,
    "sent a-00004.webm",
  ]);
  expect(await search()).toEqual({ left: [], held: [] });
});

describe("a playlist that broke off", () => {
  const manifest = { profile: "HLS", playlist: "live.m3u8" } as const;
  const listed = (count: number) =>
    playlistText(
      Array.from({ length: count }, (_, index) => ({
        name: `live-0000${index + 1}.ts`,
        durationMs: 1000,
      })),
      2000,
      false,
    );

  test("is ended after its segments, with those that are gone already and those it does not know yet", async () => {
    const bytes = await ofH264();
    const folder = await leave({ ...manifest, uri: url("/hls/live.m3u8") }, {
      "live.m3u8": listed(2),
      "live.m3u8.new": "half a playl",
      "live-00002.ts": bytes,
      "live-00003.ts": bytes.slice(0, -188 * 4),
      "live-00004.ts": "",
    });
    await deliver(folder);
    expect(paths().map((path) => path.split("?")[0])).toEqual([
      "/hls/live-00002.ts",
      "/hls/live-00003.ts",
      "/hls/live.m3u8",
    ]);
    const { body, headers } = server.uploads.at(-1)!;
    expect(headers["content-type"]).toBe("application/vnd.apple.mpegurl");
    expect(new TextDecoder().decode(body)).toMatch(
      /live-00001\.ts\n#EXTINF:1\.00000,\nlive-00002\.ts\n#EXTINF:[01]\.\d+,\nlive-00003\.ts\n#EXT-X-ENDLIST\n$/,
    );
    expect(await search()).toEqual({ left: [], held: [] });
  });

  test("that was ended is sent as it is, and one that names nothing is not made", async () => {
    const ended = `${listed(1)}#EXT-X-ENDLIST\n`;
    await deliver(await leave({ ...manifest, uri: url("/one.m3u8") }, { "live.m3u8": ended }));
    expect(new TextDecoder().decode(server.uploads[0].body)).toBe(ended);
    await deliver(await leave({ ...manifest, uri: url("/two.m3u8") }, { "live-00001.ts": "" }));
    expect(server.uploads.length).toBe(1);
  });
});

describe("what cannot be sent now is kept", () => {
  test("a server refuses: what it took is gone, the rest waits", async () => {
    const bytes = await ofVp8();
    const folder = await leave({}, { "a-00001.webm": bytes, "a-00002.webm": bytes, "a-00003.webm": bytes });
    server.answers.push(200, 403);
    expect(await deliver(folder)).toEqual([
      "sent a-00001.webm",
      expect.stringMatching(/^kept a-00002\.webm: Cannot put .* answered 403, .* is sent later$/),
    ]);
    expect((await search()).left.length).toBe(1);
    expect(await deliver(folder)).toEqual(["sent a-00002.webm", "sent a-00003.webm"]);
  });

  test.each<[string, Partial<DeliverSpec>, RegExp]>([
    ["its host is in a private network", { allowPrivateHosts: false }, /private network/],
    ["its scheme is not allowed any more", { allowedSchemes: ["file", "https"] }, /one of those allowed/],
  ])("%s", async (_title, rules, why) => {
    const folder = await leave({}, { "a.webm": await ofVp8() });
    expect(await deliver(folder, rules)).toEqual([expect.stringMatching(why)]);
    expect([paths(), (await search()).left.length]).toEqual([[], 1]);
  });

  test("somebody else has it", async () => {
    const spool = await Spool.make(mediaDir, { uri: url("/a.webm"), profile: "WEBM", playlist: null });
    expect(await search()).toMatchObject({ left: [], held: [expect.any(String)] });
    expect(await deliver(spool.folder)).toEqual([expect.stringContaining("another process has it")]);
    expect(await spool.close()).toBe(true);
    expect(await search()).toEqual({ left: [], held: [] });
  });

  test("its manifest cannot be read, or something other than files is there", async () => {
    const folder = await leave({}, { "a.webm": await ofVp8() });
    const manifest = Deno.readTextFileSync(`${folder}.json`);
    const ofProfile = (profile: string) =>
      `{"uri":"http://127.0.0.1/","profile":"${profile}","playlist":null}`;
    for (const broken of ["", "{}", "[]", ofProfile("CASSETTE"), ofProfile("toString")]) {
      Deno.writeTextFileSync(`${folder}.json`, broken);
      expect(await deliver(folder)).toEqual([
        expect.stringMatching(/^kept .*\.json does not say it, remove it$/),
      ]);
    }
    Deno.writeTextFileSync(`${folder}.json`, manifest);
    Deno.mkdirSync(`${folder}/folder`);
    Deno.symlinkSync("/etc/hostname", `${folder}/link.webm`);
    expect(await deliver(folder)).toEqual(["sent a.webm", expect.stringContaining("other than files")]);
    expect(paths().length).toBe(1);
  });
});

describe("a recorder that lives", () => {
  /** Of a playlist whose segments are finished one by one. */
  async function delivery() {
    const plan = profilePlans.HLS;
    const spec = recordSpec(url("/d/live.m3u8"), "HLS", mediaDir);
    const destination = await openDestination({ spec, plan, suffix: "", isEnding: () => false });
    const told: string[] = [];
    const context = contextOf((event) => void (event.type === "progress" || told.push(event.type)));
    const delivery = new Delivery(context, spec, plan, destination);
    const write = (path: string) => {
      Deno.writeTextFileSync(path, "media");
      return path;
    };
    const finish = (number: number) =>
      delivery.deliver({
        path: write(destination.partPath(number)),
        durationMs: 1000,
        bytes: 5,
        tracks: [],
      });
    const end = async () => {
      await delivery.putPlaylist(write(destination.mainPath), true);
      await destination.close();
    };
    return { finish, end, told };
  }
  const put = () => paths().map((path) => /(\d|live)\.\w+\?/.exec(path)![1]);

  test("sends what was refused once more when its server takes files again", async () => {
    const { finish, end, told } = await delivery();
    server.answers.push(403, 404, 200, 200, 403);
    const refused = ["error", "leftover"];
    for (const number of [1, 2, 3, 4]) await finish(number);
    expect(put()).toEqual(["1", "2", "3", "1", "2", "4"]);
    expect(told).toEqual([...refused, ...refused, "segment", "segment", ...refused, "segment"]);
    // The playlist waits with what is still here, and both are sent when the recorder is gone.
    await end();
    const [spool] = (await search()).left;
    expect([...Deno.readDirSync(`${mediaDir}/.uploads/${spool}`)].length).toBe(2);
    Deno.writeTextFileSync(`${mediaDir}/.uploads/${spool}/live.m3u8`, "#EXT-X-ENDLIST");
    Deno.writeFileSync(`${mediaDir}/.uploads/${spool}/live-00002.ts`, await ofH264());
    await deliver(spool);
    expect(put().slice(6)).toEqual(["live", "2", "live"]);
  });

  test("leaves nothing where its server took all", async () => {
    const { finish, end } = await delivery();
    await finish(1);
    await end();
    expect(put()).toEqual(["1", "live"]);
    expect([...Deno.readDirSync(`${mediaDir}/.uploads`)]).toEqual([]);
  });
});

test("nobody else on the machine may read where a recording goes", async () => {
  const folder = await leave({}, { "a.webm": "x" });
  expect(Deno.statSync(`${folder}.json`).mode! & 0o777).toBe(0o600);
  expect(
    [...Deno.readDirSync(`${mediaDir}/.uploads`)].map(({ name }) => name).filter((name) =>
      name.endsWith(".new")
    ),
  ).toEqual([]);
});

test("a link in the place of a spool costs nobody the files that it leads to", async () => {
  const folder = await leave({}, {});
  Deno.writeFileSync(`${mediaDir}/recording.webm`, await ofVp8());
  const before = [...Deno.readDirSync(mediaDir)].length;
  Deno.writeTextFileSync(
    `${folder}.json`,
    JSON.stringify({ uri: url("/a.webm"), profile: "WEBM", playlist: null }),
  );
  Deno.symlinkSync(mediaDir, folder);
  expect(await deliver(folder)).toEqual([expect.stringContaining("it is a link to")]);
  expect([...Deno.readDirSync(mediaDir)].length).toBe(before);
  expect(paths()).toEqual([]);
});

test.each([
  "http://me:sec/ret@127.0.0.1/a.webm",
  "http://me:sec@ret@127.0.0.1:99999/a.webm?key=hidden",
  "me:secret@127.0.0.1/a.webm",
  "http://127.0.0.1:99999/a.webm?key=hidden",
])("what is no URL is told without what may be secret in it: %s", async (uri) => {
  const rules = { mediaDir, allowedSchemes: ["http"], allowPrivateHosts: true };
  const { message } = await openUploadTarget(uri, rules).catch((error) => error);
  expect(message).toMatch(/^Cannot record to ".*127\.0\.0\.1.*": it is no UR/);
  expect(message).not.toMatch(/sec|ret\b|hidden/);
});

test("a link in the place of the folder for uploads leads nowhere", async () => {
  const elsewhere = Deno.makeTempDirSync();
  Deno.symlinkSync(elsewhere, `${mediaDir}/.uploads`);
  await expect(Spool.make(mediaDir, { uri: url("/a.webm"), profile: "WEBM", playlist: null })).rejects
    .toThrow(
      "a link leads out",
    );
  expect([...Deno.readDirSync(elsewhere)]).toEqual([]);
  Deno.removeSync(elsewhere);
});

/** Where the first cluster of a Matroska file begins (RFC 9559 section 5.1.3). */
function clusterOf(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at++) {
    if ([0x1f, 0x43, 0xb6, 0x75].every((byte, index) => bytes[at + index] === byte)) return at;
  }
  throw new Error("there is no cluster");
}
