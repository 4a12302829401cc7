import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeClip } from "../interop/received_clip.ts";
import { makeClipFile, plainH264, runFfmpeg } from "../kit/clip_file.ts";
import { watch } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { makeIdentity } from "../kit/tls_identity.ts";

const fps = 25;
const frameCount = 50;
const size = { width: 192, height: 96 };
const folder = Deno.makeTempDirSync({ prefix: "kaskado_tls_media_" });
const toEnd: (() => unknown)[] = [];
let media: MediaServer;
/** One whose certificate the settings name, and one whose they do not. */
let known: WebServer;
let unknown: WebServer;

beforeAll(async () => {
  const identities = [await makeIdentity(), await makeIdentity()];
  [known, unknown] = identities.map(serve);
  media = await startMediaServer({
    env: { KASKADO_MEDIA_PRIVATE_HOSTS: "true", KASKADO_MEDIA_CA_FILE: identities[0].certificate },
  });
  toEnd.push(() => media.stop(), () => Deno.removeSync(folder, { recursive: true }));
  for (const { directory } of identities) toEnd.push(() => Deno.removeSync(directory, { recursive: true }));
  await makeClipFile(`${folder}/clip.mp4`, {
    ...{ ...size, fps, frameCount, format: ["-movflags", "+faststart"] },
    video: [...plainH264, "-profile:v", "baseline"],
    audio: ["-c:a", "aac"],
  });
  Deno.copyFileSync(`${folder}/clip.mp4`, `${media.mediaDir}/clip.mp4`);
  const hls = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "0", `${folder}/list.m3u8`];
  await runFfmpeg(["-i", `${folder}/clip.mp4`, "-c", "copy", ...hls]);
  Deno.writeTextFileSync(`${folder}/key.bin`, "0123456789abcdef");
  Deno.writeTextFileSync(`${folder}/key.txt`, `${known.url}/key.bin\n${folder}/key.bin\n`);
  const locked = ["-hls_key_info_file", `${folder}/key.txt`, `${folder}/locked.m3u8`];
  await runFfmpeg(["-i", `${folder}/clip.mp4`, "-c", "copy", ...hls.slice(0, -1), ...locked]);
  const list = Deno.readTextFileSync(`${folder}/list.m3u8`);
  // By whole addresses, as other machines that deliver pieces are named.
  for (const [name, { url }] of [["all", known], ["some", unknown]] as const) {
    Deno.writeTextFileSync(`${folder}/${name}.m3u8`, list.replace(/^(\w+\.ts)$/gm, `${url}/$1`));
  }
});
afterAll(async () => {
  for (const end of toEnd.splice(0)) await end();
});

interface WebServer {
  url: string;
  port: number;
  uploads: Map<string, Uint8Array>;
}

/** Gives out the folder by https, takes uploads, and sends whoever asks below /to/ elsewhere. */
function serve({ certificate, key }: { certificate: string; key: string }): WebServer {
  const uploads = new Map<string, Uint8Array>();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: Deno.readTextFileSync(certificate),
    key: Deno.readTextFileSync(key),
    onListen: () => {},
  }, async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "PUT") {
      uploads.set(pathname, new Uint8Array(await request.arrayBuffer()));
      return new Response(null, { status: 201 });
    }
    if (pathname === "/to/known") return Response.redirect(`${known.url}/clip.mp4`, 302);
    if (pathname === "/to/unknown") return Response.redirect(`${unknown.url}/clip.mp4`, 302);
    const bytes = await Deno.readFile(folder + pathname).catch(() => null);
    return bytes ? new Response(bytes) : new Response(null, { status: 404 });
  });
  toEnd.push(() => server.shutdown());
  return { url: `https://127.0.0.1:${server.addr.port}`, port: server.addr.port, uploads };
}

const player = (uri: string) => ({ type: "PlayerEndpoint", name: "player", options: { uri } });

describe("a player", () => {
  test.each(["clip.mp4", "all.m3u8", "locked.m3u8", "to/known"])(
    "reads %s from a server that the settings name",
    async (path) => {
      const { player: id, pipeline } = await media.make([player(`${known.url}/${path}`)]);
      const viewer = await watch({ whepUrl: `${media.server.baseUrl}/v1/elements/${id}/whep` });
      await expect.poll(async () => (await media.rest.get("/v1/sessions")).body.items[0]?.state).toBe(
        "connected",
      );
      await media.call(id, "play");
      await media.event(id, "EndOfStream");
      const { counters } = decodeClip(viewer.video, viewer.audio);
      expect(counters).toEqual(Array.from({ length: frameCount }, (_, index) => index));
      expect(media.heard(id, "Error")).toEqual([]);
      await viewer.close();
      await media.rest.delete(`/v1/pipelines/${pipeline}`);
    },
  );

  test.each([
    [
      "that nobody vouches for",
      () => `${unknown.url}/clip.mp4`,
      /"127\.0\.0\.1": no TLS that can be trusted \(.*certificate/,
    ],
    [
      "of another name",
      () => `https://127.0.0.2:${elsewhere()}/clip.mp4`,
      /"127\.0\.0\.2": no TLS .*certificate/,
    ],
    [
      "to which a trusted one leads",
      () => `${known.url}/to/unknown`,
      /no TLS that can be trusted \(.*certificate/,
    ],
    [
      "with the pieces of a trusted playlist",
      () => `${known.url}/some.m3u8`,
      /no TLS that can be trusted \(.*certificate/,
    ],
    [
      "that speaks no TLS",
      () => media.server.baseUrl.replace("http:", "https:"),
      /no TLS that can be trusted/,
    ],
  ])("takes nothing from a server %s, and says why", async (_title, uri, why) => {
    const { player: id, pipeline } = await media.make([player(uri())]);
    await media.call(id, "play");
    expect(await media.event(id, "Error")).toMatchObject({
      type: "RESOURCE_ERROR_OPEN",
      description: expect.stringMatching(why),
    });
    await media.event(id, "UriEndpointStateChanged", ({ state }) => state === "STOP");
    expect(media.heard(id, "MediaFlowOutStateChanged")).toEqual([]);
    await media.rest.delete(`/v1/pipelines/${pipeline}`);
  });
});

test("a recording is put to a server that the settings name, and stays here where nobody vouches for the server", async () => {
  const recorders = [known, unknown].map(({ url }, index) => ({
    type: "RecorderEndpoint",
    name: `recorder${index}`,
    options: { uri: `${url}/up.mkv`, mediaProfile: "MKV", stopOnEndOfStream: true },
  }));
  const ids = await media.make(
    [player("clip.mp4"), ...recorders],
    recorders.map(({ name }) => ({ source: "player", sink: name })),
  );
  for (const { name } of recorders) await media.call(ids[name], "record");
  await media.call(ids.player, "play");
  for (const { name } of recorders) await media.event(ids[name], "Stopped", () => true, 30_000);
  expect(known.uploads.get("/up.mkv")!.length).toBeGreaterThan(1000);
  expect(media.heard(ids.recorder0, "Error")).toEqual([]);
  expect(unknown.uploads.size).toBe(0);
  const [{ type, description }] = media.heard(ids.recorder1, "Error");
  expect([type, description]).toEqual([
    "RESOURCE_ERROR_WRITE",
    expect.stringMatching(/certificate.* kept in /),
  ]);
});

/** The known server's pages under an address that its certificate does not have. */
function elsewhere(): number {
  const listener = Deno.listen({ hostname: "127.0.0.2", port: 0 });
  toEnd.push(() => listener.close());
  const accept = async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: known.port });
      void Promise.allSettled([
        client.readable.pipeTo(server.writable),
        server.readable.pipeTo(client.writable),
      ]);
    }
  };
  void accept();
  return listener.addr.port;
}
