import { AppError } from "../base/mod.ts";
import { allOf, type Definition, type Element, placeOf } from "../graph/mod.ts";
import type { House } from "./house.ts";

/** The element, or for a port the port with the hub that its option `hub` names; `elements` are those it may be in. */
export function withParent(
  house: House,
  elements: ReadonlyMap<string, Element>,
  element: Element,
  pointer = "/options/hub",
): Element {
  if (!isPort(house.registry.get(element.type))) return element;
  const hub = hubOf(elements, String(element.options.hub));
  if (!hub) throw noHub(house, element, pointer);
  if (placeOf(house.registry.get(hub.type)) === "hub") {
    return { ...element, parentId: hub.id, options: { ...element.options, hub: hub.id } };
  }
  throw refusal("object_kind_mismatch", element, pointer, `"${hub.id}" is a ${hub.type} and no hub`);
}

/** True for types whose elements belong to a hub. */
export function isPort(definition: Definition): boolean {
  return Object.values(allOf(definition, "pads")).includes("port");
}

/** By id, or by name: a request that makes the hub as well cannot know its id. */
function hubOf(elements: ReadonlyMap<string, Element>, hub: string): Element | undefined {
  return elements.get(hub) ?? [...elements.values()].find((element) => element.name === hub);
}

function noHub(house: House, element: Element, pointer: string): AppError {
  const hub = String(element.options.hub);
  const stranger = [...house.engine.pipelines()].find(({ graph }) => graph.elements.has(hub));
  return stranger
    ? refusal("pipelines_differ", element, pointer, `its hub "${hub}" is in another pipeline`)
    : refusal("element_not_found", element, pointer, `the pipeline has no hub "${hub}"`);
}

function refusal(
  code: "object_kind_mismatch" | "pipelines_differ" | "element_not_found",
  element: Element,
  pointer: string,
  detail: string,
): AppError {
  return new AppError(code, `Cannot create a ${element.type}: ${detail}`, { fields: [{ pointer, detail }] });
}
