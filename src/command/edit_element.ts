import { elementOf } from "../graph/mod.ts";
import { mergedTags, mergedValues } from "./edit.ts";
import { checkedProperties } from "./element_input.ts";
import { refuseConversion } from "./formats.ts";
import type { House } from "./house.ts";
import { requireVersion } from "./precondition.ts";
import type { Edit, ElementView, Precondition } from "./types.ts";
import { elementView } from "./views.ts";

/** Changes name, settable properties and tags of an element. */
export async function editElement(
  house: House,
  elementId: string,
  edit: Edit,
  precondition?: Precondition,
): Promise<ElementView> {
  const pipeline = house.engine.homeOf(elementId, "element_not_found");
  return await house.engine.inTurn(pipeline, (turn) => {
    const element = elementOf(turn.graph, elementId);
    requireVersion(element.version, `element "${elementId}"`, precondition);
    const definition = house.registry.get(element.type);
    const properties = edit.properties &&
      checkedProperties(definition, edit.properties, "/properties", `change a ${element.type}`);
    refuseConversion(definition, properties ?? {}, turn.live(elementId));
    turn.change({
      kind: "editElement",
      elementId,
      name: edit.name,
      properties: mergedValues(element.properties, properties),
      tags: mergedTags(element.tags, edit.tags),
    });
    for (const name of Object.keys(properties ?? {})) {
      turn.perform(elementId, turn.live(elementId).instance.onProperty?.(name) ?? []);
    }
    return elementView(pipeline, elementOf(turn.graph, elementId));
  });
}
