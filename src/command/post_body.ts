import { AppError } from "../base/mod.ts";
import type { House } from "./house.ts";

/** Gives a body to the element that takes some; resolves when its client may be answered. */
export async function postBody(
  house: House,
  elementId: string,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  const pipeline = house.engine.homeOf(elementId, "element_not_found");
  const outcome = await house.engine.inTurn(pipeline, (turn) => {
    // Of other ids nobody is to learn here whether they are some.
    const instance = turn.pipeline.live(elementId)?.instance;
    if (!instance?.takeBody) throw notTaken(elementId);
    const outcome = instance.takeBody(body);
    outcome.completion?.catch(() => {});
    turn.perform(elementId, outcome.actions ?? []);
    return outcome;
  });
  await outcome.completion;
}

function notTaken(elementId: string): AppError {
  return new AppError("element_not_found", `Cannot find element "${elementId}": there is none with this id`);
}
