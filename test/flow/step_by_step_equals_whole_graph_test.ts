import { afterAll, beforeAll, expect, test } from "vitest";
import { type RestClient, restClient } from "../kit/rest_client.ts";
import { startServer, type TestServer } from "../kit/server.ts";

let server: TestServer;
let rest: RestClient;
beforeAll(async () => {
  server = await startServer();
  rest = restClient(server.baseUrl);
});
afterAll(() => server?.stop());

const elements = [
  { type: "WebRtcEndpoint", name: "in", options: { recvonly: true }, tags: { side: "left" } },
  { type: "PassThrough", name: "output", properties: { sendTagsInEvents: true } },
];

/** A graph without what differs from one making to the next: ids, times, versions. */
// deno-lint-ignore no-explicit-any
function shapeOf({ tags, properties, elements, connections }: any) {
  // deno-lint-ignore no-explicit-any
  const nameOf = (id: string) => elements.find((element: any) => element.id === id).name;
  return {
    tags,
    properties,
    // deno-lint-ignore no-explicit-any
    elements: elements.map(({ type, name, options, properties, tags }: any) => ({
      type,
      name,
      options,
      properties,
      tags,
    })),
    // deno-lint-ignore no-explicit-any
    connections: connections.map(({ source, sink, media }: any) => [nameOf(source), nameOf(sink), media]),
  };
}

test("a graph made step by step is the graph made in one request", async () => {
  const whole = await rest.post("/v1/pipelines", {
    name: "whole",
    tags: { room: "7" },
    elements,
    connections: [{ source: "in", sink: "output" }],
  });
  expect(whole.status).toBe(201);

  const { body: { id } } = await rest.post("/v1/pipelines", { name: "steps" });
  const ids: string[] = [];
  for (const element of elements) {
    const made = await rest.post(`/v1/pipelines/${id}/elements`, element);
    expect(made.status).toBe(201);
    ids.push(made.body.id);
  }
  for (const media of ["audio", "video", "data"]) {
    expect((await rest.post(`/v1/elements/${ids[0]}/connections`, { sink: ids[1], media })).status).toBe(201);
  }
  await rest.put(`/v1/pipelines/${id}/tags/room`, { value: "7" });
  const steps = await rest.get(`/v1/pipelines/${id}`);
  expect(shapeOf(steps.body)).toEqual(shapeOf(whole.body));
});
