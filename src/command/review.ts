import { type FieldError, toAppError } from "../base/mod.ts";
import type { Registry } from "../graph/mod.ts";
import { newElement } from "./element_input.ts";

/**
 * What only the registry knows to be wrong with a pipeline body whose shape is wrong as well, so that its sender hears
 * of everything at once. Parts that cannot be judged are passed over: their shape has been refused already.
 */
export function reviewPipeline(registry: Registry, body: unknown): FieldError[] {
  const elements = recordOf(body).elements;
  if (!Array.isArray(elements)) return [];
  return elements.flatMap((element, index) => reviewElement(registry, element, `/elements/${index}`));
}

/** The same for the body of one element, which stands at pointer `at`. */
export function reviewElement(registry: Registry, body: unknown, at = ""): FieldError[] {
  const { type, options, properties } = recordOf(body);
  if (typeof type !== "string") return [];
  const input = { type, options: recordOf(options), properties: recordOf(properties) };
  try {
    newElement(registry, input, { pipelineId: "", nowMs: 0, at });
    return [];
  } catch (error) {
    return toAppError(error).fields;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};
}
