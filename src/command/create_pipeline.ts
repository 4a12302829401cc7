import { AppError, assert, newId } from "../base/mod.ts";
import { type Change, type Element, mayShareNames, type Pipeline } from "../graph/mod.ts";
import { newConnections } from "./connect.ts";
import { newElement } from "./element_input.ts";
import { mergedTags } from "./edit.ts";
import { Faults } from "./faults.ts";
import { refuseConversion } from "./formats.ts";
import type { House } from "./house.ts";
import { checkedPipelineProperties } from "./pipeline_properties.ts";
import { withParent } from "./port.ts";
import type { NewConnection, NewPipeline, PipelineView } from "./types.ts";
import { pipelineView } from "./views.ts";

const longestName = 256;

/** Makes a pipeline with the whole graph that `input` describes, or nothing at all. */
export async function createPipeline(house: House, input: NewPipeline): Promise<PipelineView> {
  const { pipeline, elements } = newRows(house, input);
  requirePipelineRoom(house);
  refuseTooMany(house, elements.length);
  const changes: Change[] = withHubs(house, elements).map((element) => ({ kind: "addElement", element }));
  await house.engine.create(pipeline, (turn) => {
    turn.change(...changes);
    for (const [index, { id, properties }] of elements.entries()) {
      const live = turn.live(id);
      refuseConversion(live.definition, properties, live, `/elements/${index}`);
    }
    for (const [index, link] of (input.connections ?? []).entries()) {
      const named = withIds(link, elements, `/connections/${index}`);
      turn.change(...newConnections(house, turn.graph, named));
    }
  });
  return pipelineView(house.engine.pipeline(pipeline.id));
}

/** Ports with their hubs, and behind them: a port cannot be before its hub is. */
function withHubs(house: House, elements: readonly Element[]): Element[] {
  const known = new Map(elements.map((element) => [element.id, element]));
  const whole = elements.map((element, index) =>
    withParent(house, known, element, `/elements/${index}/options/hub`)
  );
  return [
    ...whole.filter(({ parentId }) => parentId === null),
    ...whole.filter(({ parentId }) => parentId !== null),
  ];
}

function newRows(house: House, input: NewPipeline): { pipeline: Pipeline; elements: Element[] } {
  const faults = new Faults();
  const pipeline = faults.attempt(() => newPipeline(house, input, input.origin ?? "client"));
  const pipelineId = pipeline?.id ?? "";
  const elements = (input.elements ?? []).map((element, index) =>
    faults.attempt(() =>
      newElement(house.registry, element, { pipelineId, nowMs: house.clock.now(), at: `/elements/${index}` })
    )
  );
  faults.throwAny("create a pipeline");
  assert(pipeline, "a missing row was reported as a fault");
  return { pipeline, elements: elements.filter((element) => element !== undefined) };
}

/** A pipeline row; refuses a name that another one has, because a stream is a pipeline by name. */
export function newPipeline(house: House, input: NewPipeline, origin: Pipeline["origin"]): Pipeline {
  if (input.name !== undefined) {
    refuseOddName(input.name);
    if (!mayShareNames({ origin })) refuseTakenName(house, input.name, null);
  }
  const id = newId();
  return {
    id,
    name: input.name ?? id,
    origin,
    tags: mergedTags({}, input.tags) ?? {},
    properties: checkedPipelineProperties(input.properties, "create a pipeline"),
    createdAtMs: house.clock.now(),
    version: 1,
  };
}

/** Throws body_invalid for a name that could not be a path segment, or not be read back from the database. */
export function refuseOddName(name: string): void {
  const isSound = name.length > 0 && name.length <= longestName && name.isWellFormed() &&
    !/\p{Cc}/u.test(name) &&
    name !== "." && name !== "..";
  if (isSound) return;
  const detail =
    `A name has 1 to ${longestName} characters, no control characters, and is neither "." nor ".."`;
  throw new AppError(
    "body_invalid",
    `Cannot name a pipeline ${JSON.stringify(name.slice(0, 40))}: ${detail}`,
    {
      fields: [{ pointer: "/name", detail }],
    },
  );
}

export function refuseTakenName(house: House, name: string, ownId: string | null): void {
  for (const { graph: { pipeline } } of house.engine.pipelines()) {
    if (pipeline.name !== name || pipeline.id === ownId) continue;
    throw new AppError(
      "pipeline_name_taken",
      `Cannot name a pipeline "${name}": pipeline ${pipeline.id} has this name, choose another or use that one`,
    );
  }
}

/** Throws limit_reached when this server cannot hold another pipeline. */
export function requirePipelineRoom(house: House): void {
  const { maxPipelines } = house.settings;
  if (house.engine.pipelineCount < maxPipelines) return;
  throw new AppError(
    "limit_reached",
    `Cannot create a pipeline: this server holds ${maxPipelines} already, release some or raise KASKADO_MAX_PIPELINES`,
  );
}

function refuseTooMany(house: House, elements: number): void {
  const { maxElementsPerPipeline } = house.settings;
  if (elements <= maxElementsPerPipeline) return;
  throw new AppError(
    "limit_reached",
    `Cannot create a pipeline of ${elements} elements: this server allows ${maxElementsPerPipeline}, see KASKADO_MAX_ELEMENTS`,
  );
}

/** Ends of a connection may be names of elements of the same request. */
function withIds(link: NewConnection, elements: readonly Element[], at: string): NewConnection {
  const idOf = (end: "source" | "sink"): string => {
    const found = elements.find((element) => element.name === link[end] || element.id === link[end]);
    if (found) return found.id;
    const names = elements.map((element) => `"${element.name}"`).join(", ") || "none";
    throw new AppError(
      "element_not_found",
      `Cannot connect "${link.source}" to "${link.sink}": the request has no element "${
        link[end]
      }", its elements are ${names}`,
      { fields: [{ pointer: `${at}/${end}`, detail: "No element of the request has this name" }] },
    );
  };
  return { ...link, source: idOf("source"), sink: idOf("sink") };
}
