import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followEvents } from "../kit/event_follower.ts";
import { openJsonRpc } from "../kit/json_rpc.ts";
import { restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

const root = new URL("../../", import.meta.url).pathname;
const readme = readFileSync(`${root}README.md`, "utf8");
const [[make], [use]] = [...readme.matchAll(/<!-- element[^>]*-->\s+```sh\n([\s\S]*?)```/g)].map((
  match,
) => [match[1]]);
const modules = Deno.makeTempDirSync({ prefix: "kaskado_modules_" });

let server: TestServer;
beforeAll(async () => {
  const [template, start] = make.trim().split("\n");
  expect(start).toBe("KASKADO_MODULES_DIR=modules npx -y deno@2.9.6 task start");
  const command = `${template.replace("npx -y deno@2.9.6", Deno.execPath())} ${modules}`;
  execFileSync("bash", ["-euc", command], { cwd: root });
  server = await startServer({ env: { KASKADO_MODULES_DIR: modules } });
});
afterAll(async () => {
  await server?.stop();
  Deno.removeSync(modules, { recursive: true });
});

const runBlock = () =>
  JSON.parse(execFileSync("bash", ["-euc", use.replaceAll("http://localhost:8888", server.baseUrl)], {
    encoding: "utf8",
  }));

test("the README's element is there at REST, with its operation, its event and its property", async () => {
  const follower = await followEvents(`${server.baseUrl}/v1/events?type=Marked`, 0);
  expect(runBlock()).toEqual({ result: 1 });
  const deadlineMs = performance.now() + 5000;
  while (follower.events.length === 0 && performance.now() < deadlineMs) {
    await new Promise((r) => setTimeout(r, 20));
  }
  follower.stop();
  expect(follower.events[0].data.data).toEqual({ number: 1, text: "scene: sunrise" });
});

test("the API document, the list of types and Kurento's door know it without another edit", async () => {
  const rest = restClient(server.baseUrl);
  const { body: document } = await rest.get("/openapi.json");
  expect(Object.keys(document.paths)).toContain("/v1/elements/{elementId}/mark");
  const { body: types } = await rest.get("/v1/element-types");
  expect(types.items.find(({ type }: { type: string }) => type === "SceneMarks")).toMatchObject({
    status: "built",
  });
  const rpc = await openJsonRpc(server.baseUrl);
  const info = await rpc.value("invoke", { object: "manager_ServerManager", operation: "getInfo" });
  expect(info.modules).toContainEqual(
    expect.objectContaining({ name: "scenemarks", factories: ["SceneMarks"] }),
  );
  const mediaPipeline = await rpc.value("create", { type: "MediaPipeline" });
  const object = await rpc.value("create", { type: "SceneMarks", constructorParams: { mediaPipeline } });
  expect(object).toMatch(/_scenemarks\.SceneMarks$/);
  await rpc.value("subscribe", { object, type: "Marked" });
  const mark = { object, operation: "mark", operationParams: { text: "noon" } };
  expect(await rpc.value("invoke", mark)).toBe(1);
  expect((await rpc.next()).params.value).toMatchObject({
    type: "Marked",
    data: { number: 1, text: "noon" },
  });
  rpc.close();
});

test("what it keeps outlives kill -9", async () => {
  const rest = restClient(server.baseUrl);
  const { body: pipeline } = await rest.post("/v1/pipelines", {
    elements: [{ type: "SceneMarks", name: "m" }],
  });
  const path = `/v1/elements/${pipeline.elements[0].id}/mark`;
  expect((await rest.post(path, { text: "one" })).body).toEqual({ result: 1 });
  await server.kill();
  await server.restart();
  expect((await rest.post(path, { text: "two" })).body).toEqual({ result: 2 });
});
