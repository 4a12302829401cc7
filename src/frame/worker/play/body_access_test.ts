import { AV_LOG_QUIET } from "node-av/constants";
import { Log, Packet } from "node-av/lib";
import { expect, test } from "vitest";
import { ffmpegCommandIsThere } from "../../../../test/kit/clip_file.ts";
import { systemClock } from "../../../base/mod.ts";
import { BodyDoor } from "../../body_door.ts";
import { bodyRules } from "./body_access.ts";
import { MediaSource } from "./media_source.ts";

Log.setLevel(AV_LOG_QUIET);

test.runIf(ffmpegCommandIsThere())(
  "pictures that lie one behind the other are read as they come, small as they are",
  async () => {
    const made = "-f lavfi -i testsrc=s=64x64:r=25:d=1 -c:v mjpeg -f mjpeg pipe:1".split(" ");
    const { stdout } = await new Deno.Command("ffmpeg", { args: made }).output();
    const door = new BodyDoor();
    // More may follow.
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(stdout) });
    const { url } = door.offerBody(body, () => {});
    const context = { clock: systemClock, event: () => {} };
    const { openAccess } = bodyRules({ kind: "receive", url, useEncodedMedia: false }, context);
    const access = await openAccess();
    const source = new MediaSource(access);
    await source.open();
    using packet = new Packet();
    packet.alloc();
    for (let count = 0; count < 20; count++) {
      expect(await source.read(packet)).toBe(true);
      packet.unref();
    }
    access.close();
    await source.close();
    door.close();
  },
);
