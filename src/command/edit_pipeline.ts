import { mayShareNames } from "../graph/mod.ts";
import { refuseOddName, refuseTakenName } from "./create_pipeline.ts";
import { mergedTags, mergedValues } from "./edit.ts";
import type { House } from "./house.ts";
import { checkedPipelineProperties } from "./pipeline_properties.ts";
import { requireVersion } from "./precondition.ts";
import type { Edit, PipelineView, Precondition } from "./types.ts";
import { pipelineView } from "./views.ts";

/** Changes name, properties and tags of a pipeline. */
export async function editPipeline(
  house: House,
  pipelineId: string,
  edit: Edit,
  precondition?: Precondition,
): Promise<PipelineView> {
  const pipeline = house.engine.pipeline(pipelineId);
  return await house.engine.inTurn(pipeline, (turn) => {
    const { version, properties, tags } = turn.graph.pipeline;
    requireVersion(version, `pipeline "${pipelineId}"`, precondition);
    if (edit.name !== undefined) {
      refuseOddName(edit.name);
      if (!mayShareNames(turn.graph.pipeline)) refuseTakenName(house, edit.name, pipelineId);
    }
    const checkedEdit = edit.properties && checkedPipelineProperties(edit.properties, "change a pipeline");
    turn.change({
      kind: "editPipeline",
      name: edit.name,
      properties: mergedValues(properties, checkedEdit),
      tags: mergedTags(tags, edit.tags),
    });
    return pipelineView(pipeline);
  });
}
