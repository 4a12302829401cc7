import { expect, test } from "vitest";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openStore } from "./mod.ts";

const enoughCommits = 300;

/** Commits without end; says the number of an event only after the commit that gave it. */
const committer = (path: string) => `
  import { openStore } from ${JSON.stringify(new URL("./mod.ts", import.meta.url).href)};
  import { aPipeline, anElement, anEvent } from
    ${JSON.stringify(new URL("../../test/kit/graph.ts", import.meta.url).href)};
  const store = openStore(${JSON.stringify(path)});
  const write = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  for (let n = 1;; n++) {
    const [event] = store.commit({
      putPipelines: [aPipeline("p" + n)],
      putElements: [anElement("e" + n, { pipelineId: "p" + n })],
      events: [anEvent("ObjectCreated", { pipelineId: "p" + n })],
    });
    write(event.seq + "\\n");
  }
`;

/** Starts the committer, kills it without warning in the midst of its work, returns the last number it said. */
async function killedMidway(path: string): Promise<number> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const child = spawn(Deno.execPath(), ["eval", "--ext=js", committer(path)], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last >= enoughCommits) child.kill("SIGKILL");
  }
  return last;
}

test(
  "after kill -9 everything that was committed is there, rows and events alike, and nothing by halves",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "kaskado-crash-"));
    const path = join(folder, "kaskado.sqlite");
    const said = await killedMidway(path);
    const store = openStore(path);
    const newest = store.events.newest();
    expect(said).toBeGreaterThanOrEqual(enoughCommits);
    expect(newest).toBeGreaterThanOrEqual(said);
    expect(newest).toBeLessThanOrEqual(said + 1);
    const events = store.events.readSince(0, newest + 1);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: newest }, (_, index) => index + 1));
    const { pipelines, elements } = store.load();
    expect(pipelines.map((each) => each.id)).toEqual(events.map((event) => event.pipelineId));
    expect(elements.map((each) => each.pipelineId)).toEqual(pipelines.map((each) => each.id));
    store.close();
    rmSync(folder, { recursive: true });
  },
  60_000,
);
