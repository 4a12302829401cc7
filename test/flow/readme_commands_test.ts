import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startServer } from "../kit/server.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/<!-- run -->\s+```sh\n([\s\S]*?)```/g)].map((match) => match[1]);

test("the README's commands do what it says, in its order", async () => {
  expect(blocks.length).toBe(5);
  const server = await startServer();
  try {
    const script = blocks.join("echo; echo ----\n").replaceAll("http://localhost:8888", server.baseUrl);
    const output = execFileSync("bash", ["-euo", "pipefail", "-c", script], { encoding: "utf8" });
    const [made, seen, followed, extended, released] = output.split("----\n");
    expect(JSON.parse(made)).toMatchObject({
      name: "studio",
      connections: [{ media: "audio" }, { media: "video" }, { media: "data" }],
    });
    expect(seen).toContain("digraph");
    expect(followed).toContain("event: ElementConnected");
    expect(JSON.parse(extended)).toMatchObject({
      items: [{ media: "audio" }, { media: "video" }, { media: "data" }],
    });
    expect(released.trim()).toBe("");
    const pipelines = await (await fetch(`${server.baseUrl}/v1/pipelines`)).json();
    expect(pipelines.items).toEqual([]);
  } finally {
    await server.stop();
  }
});
