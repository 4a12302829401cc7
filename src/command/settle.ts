import { AppError, createLog } from "../base/mod.ts";
import type { LivePipeline } from "../engine/mod.ts";
import type { House } from "./house.ts";

const log = createLog("command");
/** As long as Kurento waits for the end of a file. */
const limitMs = 4000;

/**
 * Has elements complete what must not be lost, such as files, before they go; what takes longer than 4 s goes unfinished.
 * Null where there is nothing to complete, so that nobody else's turn comes between.
 */
export function settle(
  house: House,
  pipeline: LivePipeline,
  elementIds: Iterable<string>,
): Promise<void> | null {
  const works = [...elementIds].flatMap((elementId) => {
    const instance = pipeline.live(elementId)?.instance;
    return instance?.settle ? [finish(elementId, () => instance.settle!())] : [];
  });
  return works.length === 0 ? null : withinLimit(house, pipeline, Promise.all(works));
}

async function withinLimit(house: House, { graph }: LivePipeline, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = house.clock.after(limitMs, () => {
    log.warn("elements go with their work unfinished", { pipeline: graph.pipeline.id, limitMs });
    late.resolve();
  });
  await Promise.race([work, late.promise]);
  timer.cancel();
}

/** The same for all that lives, before the server stops. */
export async function settleAll(house: House): Promise<void> {
  const all = [...house.engine.pipelines()].map((live) => settle(house, live, live.graph.elements.keys()));
  await Promise.all(all);
}

async function finish(elementId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // What somebody could expect needs no trace of the stack.
    const why = error instanceof AppError ? error.message : error;
    log.warn("an element could not finish its work", { element: elementId, why });
  }
}
