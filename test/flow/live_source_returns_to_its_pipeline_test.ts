import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeClip } from "../interop/received_clip.ts";
import { ffmpegCommandIsThere, makeClipFile, plainH264 } from "../kit/clip_file.ts";
import { freeTcpPort } from "../kit/free_port.ts";
import { watch } from "../kit/libdatachannel.ts";
import { type MediaServer, startMediaServer } from "../kit/media_server.ts";
import { rtspServerIsThere, startRtspServer } from "../kit/rtsp_server.ts";
import { continueUntil } from "../kit/until.ts";

const fps = 25;
let media: MediaServer;
beforeAll(async () => {
  media = await startMediaServer({ env: { KASKADO_MEDIA_PRIVATE_HOSTS: "true" } });
});
afterAll(() => media?.stop());

const player = (uri: string, options: object = {}) => ({
  type: "PlayerEndpoint",
  name: "player",
  options: { uri, ...options },
});

describe.runIf(ffmpegCommandIsThere() && rtspServerIsThere())("an RTSP source that is killed", () => {
  test("and started again is played on: the viewer stays and sees it again, followers are told", async () => {
    const path = await makeClipFile(`${media.mediaDir}/rtsp.mkv`, {
      width: 320,
      height: 192,
      fps,
      frameCount: 1000,
      video: [...plainH264, "-profile:v", "baseline"],
      audio: ["-c:a", "libopus"],
    });
    const port = freeTcpPort();
    const first = await startRtspServer(port, path, ["ad min", "p@ss:w#rd%"]);
    const uri = `rtsp://ad min:p@ss:w#rd%@127.0.0.1:${port}/clip`;
    const { player: id } = await media.make([player(uri)]);
    const viewer = await watch({ whepUrl: `${media.server.baseUrl}/v1/elements/${id}/whep` });
    await media.call(id, "play");
    await continueUntil("two seconds", () => viewer.video.accessUnits().length > 2 * fps, 20_000);
    expect((await media.read(id)).videoInfo).toMatchObject({ isSeekable: false });
    await first.kill();
    expect(await media.event(id, "SourceReconnecting")).toMatchObject({ attempt: 1 });
    expect((await media.read(id)).state).toBe("START");
    const seen = viewer.video.accessUnits().length;
    const second = await startRtspServer(port, path, ["ad min", "p@ss:w#rd%"]);
    await media.event(id, "SourceReconnected", () => true, 30_000);
    await continueUntil("two seconds more", () => viewer.video.accessUnits().length > seen + 2 * fps, 20_000);
    const { counters } = decodeClip(viewer.video, viewer.audio);
    const later = counters.slice(seen).filter((counter) => counter !== null);
    expect(later.length).toBeGreaterThan(fps);
    expect(viewer.state()).toBe("connected");
    expect(media.heard(id, "EndOfStream")).toEqual([]);
    expect(media.heard(id, "Error")).toEqual([]);
    await media.call(id, "stop");
    await viewer.close();
    await second.kill();
  });

  test("ends the player where it is not to reconnect", async () => {
    const port = freeTcpPort();
    const source = await startRtspServer(port, `${media.mediaDir}/rtsp.mkv`);
    const uri = `rtsp://127.0.0.1:${port}/clip`;
    const { player: id } = await media.make([player(uri, { reconnect: false })]);
    await media.call(id, "play");
    await media.event(id, "MediaFlowOutStateChanged");
    await source.kill();
    await media.event(id, "UriEndpointStateChanged", ({ state }) => state === "STOP", 30_000);
    expect(media.heard(id, "SourceReconnecting")).toEqual([]);
    expect((await media.read(id)).state).toBe("STOP");
  });
});
