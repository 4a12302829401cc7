import { elementOf } from "../graph/mod.ts";
import type { House } from "./house.ts";
import { requireVersion } from "./precondition.ts";
import type { Precondition } from "./types.ts";

/** Ends a pipeline and all that is in it. */
export async function releasePipeline(
  house: House,
  pipelineId: string,
  precondition?: Precondition,
): Promise<void> {
  const pipeline = house.engine.pipeline(pipelineId);
  await house.engine.release(pipeline, (turn) => {
    requireVersion(turn.graph.pipeline.version, `pipeline "${pipelineId}"`, precondition);
  });
}

/** Ends an element and its connections. */
export async function releaseElement(
  house: House,
  elementId: string,
  precondition?: Precondition,
): Promise<void> {
  const pipeline = house.engine.homeOf(elementId, "element_not_found");
  await house.engine.inTurn(pipeline, (turn) => {
    requireVersion(elementOf(turn.graph, elementId).version, `element "${elementId}"`, precondition);
    turn.change({ kind: "removeElement", elementId });
  });
}
