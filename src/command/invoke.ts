import { AppError } from "../base/mod.ts";
import { allOf } from "../graph/mod.ts";
import { checked } from "./check.ts";
import type { House } from "./house.ts";

/** Runs an operation of an element and gives its result. */
export async function invoke(
  house: House,
  elementId: string,
  operation: string,
  input: unknown,
): Promise<unknown> {
  const pipeline = house.engine.homeOf(elementId, "element_not_found");
  return await house.engine.inTurn(pipeline, async (turn) => {
    const live = turn.live(elementId);
    const specs = allOf(live.definition, "operations");
    const handler = live.instance.operations?.[operation];
    if (!Object.hasOwn(specs, operation) || !handler) {
      const names = Object.keys(specs).join(", ") || "none";
      throw new AppError(
        "operation_not_found",
        `Cannot invoke "${operation}": ${live.definition.type} has no such operation, it has ${names}`,
      );
    }
    const body = checked(specs[operation].input, input ?? {}, "", `invoke ${operation}`);
    const outcome = await handler(body as never);
    turn.perform(elementId, outcome.actions ?? []);
    return outcome.result;
  });
}
