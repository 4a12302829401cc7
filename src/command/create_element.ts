import { AppError } from "../base/mod.ts";
import { newElement } from "./element_input.ts";
import { refuseConversion } from "./formats.ts";
import type { House } from "./house.ts";
import { withParent } from "./port.ts";
import type { ElementView, NewElement } from "./types.ts";
import { elementView } from "./views.ts";

/** Adds one element to a pipeline; a port to the hub that its options name. */
export async function createElement(
  house: House,
  pipelineId: string,
  input: NewElement,
): Promise<ElementView> {
  const pipeline = house.engine.pipeline(pipelineId);
  const made = newElement(house.registry, input, { pipelineId, nowMs: house.clock.now(), at: "" });
  return await house.engine.inTurn(pipeline, (turn) => {
    refuseOverfull(house, turn.graph.elements.size);
    const element = withParent(house, turn.graph.elements, made);
    turn.change({ kind: "addElement", element });
    const live = turn.live(element.id);
    refuseConversion(live.definition, element.properties, live);
    return elementView(pipeline, element);
  });
}

/** Throws limit_reached when a pipeline with so many elements cannot take another. */
export function refuseOverfull(house: House, elements: number): void {
  const { maxElementsPerPipeline } = house.settings;
  if (elements < maxElementsPerPipeline) return;
  throw new AppError(
    "limit_reached",
    `Cannot add an element: the pipeline has ${maxElementsPerPipeline} already, see KASKADO_MAX_ELEMENTS`,
  );
}
