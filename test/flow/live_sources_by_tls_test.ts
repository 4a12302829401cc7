import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeClip } from "../interop/received_clip.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264, startFfmpeg } from "../kit/clip_file.ts";
import { freeTcpPort } from "../kit/free_port.ts";
import { watch } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { rtspServerIsThere, startRtspServer } from "../kit/rtsp_server.ts";
import { makeIdentity } from "../kit/tls_identity.ts";
import { continueUntil } from "../kit/until.ts";

const fps = 25;
const toEnd: (() => unknown)[] = [];
let media: MediaServer;
let clip = "";
beforeAll(async () => {
  media = await startMediaServer({ env: { KASKADO_MEDIA_PRIVATE_HOSTS: "true" } });
  toEnd.push(() => media.stop());
  clip = await makeClipFile(`${media.mediaDir}/clip.mkv`, {
    ...{ width: 192, height: 96, fps, frameCount: 500 },
    video: [...plainH264, "-profile:v", "baseline"],
    audio: ["-c:a", "libopus"],
  });
});
afterAll(async () => {
  for (const end of toEnd.splice(0).reverse()) await end();
});

/** Speaks TLS for a server that does not, with a certificate that nobody vouches for, as cameras have. */
async function tlsBefore(port: number): Promise<number> {
  const { directory, certificate, key } = await makeIdentity();
  const [cert, secret] = [certificate, key].map((path) => Deno.readTextFileSync(path));
  Deno.removeSync(directory, { recursive: true });
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key: secret });
  toEnd.push(() => listener.close());
  const accept = async () => {
    for await (const client of listener) {
      const server = await connectOnceThere(port);
      void Promise.allSettled([
        client.readable.pipeTo(server.writable),
        server.readable.pipeTo(client.writable),
      ]);
    }
  };
  void accept();
  return listener.addr.port;
}

/** The server may need a moment before it listens. */
async function connectOnceThere(port: number): Promise<Deno.TcpConn> {
  for (;;) {
    const server = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
    if (server) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Two seconds of it reach a viewer, picture after picture. */
async function expectPictures(uri: string): Promise<void> {
  const { player: id, pipeline } = await media.make([{
    type: "PlayerEndpoint",
    name: "player",
    options: { uri },
  }]);
  const viewer = await watch({ whepUrl: `${media.server.baseUrl}/v1/elements/${id}/whep` });
  await media.call(id, "play");
  await continueUntil(
    `two seconds, heard was ${media.story(id).join(", ")}`,
    () => viewer.video.markerCount > 2 * fps,
    20_000,
  );
  const { counters } = decodeClip(viewer.video, viewer.audio);
  expect(counters).toEqual(counters.map((_, index) => counters[0]! + index));
  expect(media.heard(id, "Error")).toEqual([]);
  await viewer.close();
  await media.rest.delete(`/v1/pipelines/${pipeline}`);
}

describe.runIf(ffmpegCommandIsThere())(
  "what sends live by TLS is played, whoever has signed its certificate",
  () => {
    test.runIf(rtspServerIsThere())("rtsps", async () => {
      const server = await startRtspServer(freeTcpPort(), clip);
      toEnd.push(() => server.kill());
      await expectPictures(`rtsps://127.0.0.1:${await tlsBefore(server.port)}/clip`);
    });

    test("rtmps", async () => {
      const port = freeTcpPort();
      const server = startFfmpeg([
        ...["-re", "-i", clip, "-c:v", "copy", "-c:a", "aac", "-f", "flv", "-listen", "1"],
        `rtmp://127.0.0.1:${port}/live/clip`,
      ]);
      toEnd.push(() => server.kill());
      await expectPictures(`rtmps://127.0.0.1:${await tlsBefore(port)}/live/clip`);
    });
  },
);
