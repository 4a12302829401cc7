import { elementOf, type Graph } from "../graph/mod.ts";
import type { House } from "./house.ts";
import { settle } from "./settle.ts";
import { requireVersion } from "./precondition.ts";
import type { Precondition } from "./types.ts";

/** Ends a pipeline and all that is in it. */
export async function releasePipeline(
  house: House,
  pipelineId: string,
  precondition?: Precondition,
): Promise<void> {
  const pipeline = house.engine.pipeline(pipelineId);
  const mayGo = ({ graph }: { graph: Graph }) =>
    requireVersion(graph.pipeline.version, `pipeline "${pipelineId}"`, precondition);
  mayGo(pipeline);
  const settling = settle(house, pipeline, pipeline.graph.elements.keys());
  if (settling) await settling;
  await house.engine.release(pipeline, mayGo);
}

/** Ends an element and its connections. */
export async function releaseElement(
  house: House,
  elementId: string,
  precondition?: Precondition,
): Promise<void> {
  const pipeline = house.engine.homeOf(elementId, "element_not_found");
  const mayGo = ({ graph }: { graph: Graph }) =>
    requireVersion(elementOf(graph, elementId).version, `element "${elementId}"`, precondition);
  mayGo(pipeline);
  const settling = settle(house, pipeline, [elementId]);
  if (settling) await settling;
  await house.engine.inTurn(pipeline, (turn) => {
    mayGo(turn);
    turn.change({ kind: "removeElement", elementId });
  });
}
