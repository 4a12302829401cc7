import { expect, test } from "vitest";
import { openHouse, request } from "../../test/kit/house.ts";

test("the server tells what it is, can, and carries now", async () => {
  const house = await openHouse();
  await house.commands.openSession(request("whip", { stream: "demo" }));
  const view = await house.commands.describeServer();
  expect(view).toMatchObject({
    name: "kaskado",
    version: "0.0.0",
    media: [{ port: 8888, addresses: ["127.0.0.1"], native: "portable", drops: { stunUnknown: 0 } }],
    limits: { maxPipelines: 100, maxElementsPerPipeline: 100, maxSessions: 100 },
    load: { pipelines: 1, elements: 1, sessions: 1 },
  });
  expect(view.load.rssBytes).toBeGreaterThan(1e6);
  expect(view.load.cpuSeconds).toBeGreaterThan(0);
  expect(view.load.cpuCount).toBeGreaterThan(0);
  await house.close();
});
