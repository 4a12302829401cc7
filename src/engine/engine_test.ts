import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newPipeline } from "../command/create_pipeline.ts";
import { Fragile, gate, Puppet, Slow } from "../../test/kit/odd_elements.ts";
import { openHouse, refusalOf, type TestHouse, turnDeadlineMs } from "../../test/kit/house.ts";
import { anElement } from "../../test/kit/graph.ts";

let house: TestHouse;
beforeEach(async () => void (house = await openHouse({ definitions: [Fragile, Puppet, Slow] })));
afterEach(() => house.close());

const typesSince = (after: number) => house.events(after).map((event) => event.type);

describe("creating", () => {
  test("a pipeline is there, with its rows and events, once its first turn is over", async () => {
    const view = await house.commands.createPipeline({ name: "p", elements: [{ type: "PassThrough" }] });
    expect([...house.house.engine.pipelines()].map((live) => live.graph.pipeline.id)).toEqual([view.id]);
    expect(house.store.load().pipelines.map((row) => row.id)).toEqual([view.id]);
    expect(house.events().map((event) => [event.type, event.pipelineId])).toEqual([
      ["ObjectCreated", view.id],
      ["ObjectCreated", view.id],
    ]);
  });

  test("nothing is left of one whose first turn fails", async () => {
    const refusal = await refusalOf(house.commands.createPipeline({
      name: "p",
      elements: [{ type: "WebRtcEndpoint" }, { type: "Fragile" }],
    }));
    expect(refusal.code).toBe("element_start_failed");
    expect(house.house.engine.pipelineCount).toBe(0);
    expect(house.plane.counts).toEqual({ transports: 0, sources: 0, receivers: 0, senders: 0 });
    expect(house.house.engine.planes[0].load).toBe(0);
    expect(house.events()).toEqual([]);
    await house.commands.createPipeline({ name: "p" });
  });

  test("nothing is left of one whose commit fails, and those who waited for it are told", async () => {
    house.fault.commit = new Error("disk full");
    const input = newPipeline(house.house, { name: "p" }, "client");
    const first = refusalOf(house.house.engine.create(input, () => {}));
    const [live] = house.house.engine.pipelines();
    const second = refusalOf(house.house.engine.inTurn(live, () => {}));
    expect((await first).message).toBe("disk full");
    expect((await second).code).toBe("pipeline_not_found");
    expect(house.house.engine.pipelineCount).toBe(0);
  });
});

describe("a turn", () => {
  test("that fails leaves graph, plane, rows and ids as they were", async () => {
    const { id } = await house.commands.createPipeline({ elements: [{ type: "WebRtcEndpoint", name: "a" }] });
    const live = house.house.engine.pipeline(id);
    const [before, counts, newest] = [live.graph, house.plane.counts, house.store.events.newest()];
    const added = anElement("new", { pipelineId: id, type: "WebRtcEndpoint", name: "b" });
    await refusalOf(house.house.engine.inTurn(live, (turn) => {
      turn.change({ kind: "addElement", element: added });
      throw new Error("no");
    }));
    expect(live.graph).toBe(before);
    expect(house.plane.counts).toEqual(counts);
    expect(house.store.events.newest()).toBe(newest);
    expect((await refusalOf(() => house.house.engine.homeOf("new", "element_not_found"))).code).toBe(
      "element_not_found",
    );
  });

  test("that misses its deadline is undone, and what it does later counts for nothing", async () => {
    const { id, elements: [slow] } = await house.commands.createPipeline({ elements: [{ type: "Slow" }] });
    const stuck = refusalOf(house.commands.invoke(slow.id, "wait", {}));
    const next = house.commands.editElement(slow.id, { name: "renamed" });
    await house.quiet();
    house.clock.advance(turnDeadlineMs);
    expect((await stuck).code).toBe("turn_deadline");
    expect((await next).name).toBe("renamed");
    const newest = house.store.events.newest();
    gate.open();
    await house.quiet();
    expect(house.store.events.newest()).toBe(newest);
    expect(house.commands.getPipeline(id).elements[0].name).toBe("renamed");
  });

  test("runs after those before it, whatever these wait for", async () => {
    const { elements: [slow] } = await house.commands.createPipeline({ elements: [{ type: "Slow" }] });
    const order: string[] = [];
    const waiting = house.commands.invoke(slow.id, "wait", {}).then(() => order.push("wait"));
    const edit = house.commands.editElement(slow.id, { name: "x" }).then(() => order.push("edit"));
    await house.quiet();
    expect(order).toEqual([]);
    gate.open();
    await Promise.all([waiting, edit]);
    expect(order).toEqual(["wait", "edit"]);
    expect(typesSince(2)).toEqual(["Waited", "ElementChanged"]);
  });
});

describe("releasing", () => {
  test("ends everything in the pipeline, and the ids lead nowhere", async () => {
    const { id, elements } = await house.commands.createPipeline({
      elements: [{ type: "WebRtcEndpoint", name: "a" }, { type: "PassThrough", name: "b" }],
      connections: [{ source: "a", sink: "b" }],
    });
    await house.commands.releasePipeline(id);
    expect(house.plane.counts).toEqual({ transports: 0, sources: 0, receivers: 0, senders: 0 });
    expect(house.store.load()).toEqual({ pipelines: [], elements: [], connections: [], sessions: [] });
    for (const { id } of elements) {
      expect((await refusalOf(() => house.commands.getElement(id))).code).toBe("element_not_found");
    }
    expect(house.house.engine.planes[0].load).toBe(0);
  });

  test("that fails to be written leaves the pipeline alive", async () => {
    const { id } = await house.commands.createPipeline({ elements: [{ type: "WebRtcEndpoint" }] });
    house.fault.commit = new Error("disk full");
    await refusalOf(house.commands.releasePipeline(id));
    house.fault.commit = null;
    expect(house.commands.getPipeline(id).elements).toHaveLength(1);
    expect(house.plane.counts.sources).toBe(2);
    await house.commands.releasePipeline(id);
    expect(house.house.engine.pipelineCount).toBe(0);
  });

  test("lets turns that wait fail with the pipeline's end", async () => {
    const { id } = await house.commands.createPipeline({});
    const release = house.commands.releasePipeline(id);
    const late = refusalOf(house.commands.createElement(id, { type: "PassThrough" }));
    await release;
    expect((await late).code).toBe("pipeline_not_found");
    expect(house.store.load().elements).toEqual([]);
  });
});

test("closing ends every peer and the planes", async () => {
  await house.commands.createPipeline({ elements: [{ type: "WebRtcEndpoint" }] });
  await house.house.engine.close();
  expect(house.plane.counts).toEqual({ transports: 0, sources: 0, receivers: 0, senders: 0 });
  expect(house.plane.closed).toBe(true);
  expect(house.clock.pending).toBe(0);
});
