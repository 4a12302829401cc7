import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Recording } from "../../src/graph/mod.ts";
import { openHouse, type TestHouse } from "./house.ts";

/** A house with a media folder, and files in it as recorders would have left them. */
export interface RecordedFiles {
  house: TestHouse;
  mediaDir: string;
  /** Writes a file and its row; `content` null writes the row only. */
  add(name: string, content: string | Uint8Array | null, row?: Partial<Recording>): void;
  /** A file without a row. */
  write(name: string, content: string): void;
  close(): Promise<void>;
}

export async function openRecordedFiles(): Promise<RecordedFiles> {
  const mediaDir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "kaskado_media_" }));
  const house = await openHouse({ settings: { mediaDir } });
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(mediaDir, name)), { recursive: true });
    writeFileSync(join(mediaDir, name), content);
  };
  let count = 0;
  return {
    house,
    mediaDir,
    write,
    add: (name, content, row = {}) => {
      if (content !== null) write(name, content);
      house.store.commit({
        putRecordings: [{
          id: name,
          pipelineId: "pipeline",
          elementId: "recorder",
          profile: "WEBM",
          state: "complete",
          durationMs: 2000,
          tracks: [{ media: "video", codec: "VP8" }],
          createdAtMs: 1000 * ++count,
          ...row,
        }],
      });
    },
    close: async () => {
      await house.close();
      Deno.removeSync(mediaDir, { recursive: true });
    },
  };
}
