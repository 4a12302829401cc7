import { AppError, createLog } from "../base/mod.ts";
import type { LivePipeline, Turn } from "../engine/mod.ts";
import type { House } from "./house.ts";
import { settle } from "./settle.ts";

const log = createLog("command");
/** How long a request may be repeated under its Idempotency-Key. */
const keepAnswersMs = 24 * 3600 * 1000;

/**
 * Looks after what nobody asks for: forgets old answers, ends pipelines that a publisher made and that nobody has used
 * for long, and sessions that their element knows nothing of any more. Pipelines of clients are never touched.
 */
export async function sweep(house: House): Promise<void> {
  try {
    house.store.idempotency.sweep(house.clock.now() - keepAnswersMs);
  } catch (error) {
    log.warn("old answers could not be forgotten, the next sweep tries again", { error });
  }
  for (const live of [...house.engine.pipelines()]) {
    try {
      await endLostSessions(house, live);
      if (isIdle(house, live)) await releaseIdle(house, live);
    } catch (error) {
      log.info("a pipeline could not be swept, the next sweep tries again", {
        pipeline: live.graph.pipeline.id,
        error: error instanceof AppError ? error.message : error,
      });
    }
  }
}

/** A turn whose commit failed may have left a session behind that its element had ended by then. */
async function endLostSessions(house: House, live: LivePipeline): Promise<void> {
  const isLost = (sessionId: string, elementId: string) =>
    live.live(elementId)?.instance.session?.current !== sessionId;
  const lost = [...live.sessions.values()].filter((session) => isLost(session.id, session.elementId));
  if (lost.length === 0) return;
  await house.engine.inTurn(live, (turn) => {
    for (const { id, elementId } of lost) if (isLost(id, elementId)) turn.endSession(id, "lost");
  });
}

/**
 * A publisher that never got through leaves nothing worth keeping: without this, strangers could fill the server with
 * empty streams.
 */
function isIdle(house: House, live: LivePipeline): boolean {
  const { idleStreamMs } = house.settings;
  if (idleStreamMs === 0 || live.graph.pipeline.origin !== "stream" || live.sessions.size > 0) return false;
  const wasTouched = live.hadPeer || live.graph.elements.size > 1;
  return !wasTouched || live.lastUsedMs <= house.clock.now() - idleStreamMs;
}

async function releaseIdle(house: House, live: LivePipeline): Promise<void> {
  const { name } = live.graph.pipeline;
  await settle(house, live, live.graph.elements.keys());
  await house.engine.release(live, (turn) => refuseUsed(house, turn));
  log.info("an idle stream is gone", { stream: name });
}

/** Somebody may have come while the release waited for its turn. */
function refuseUsed(house: House, turn: Turn): void {
  if (isIdle(house, turn.pipeline)) return;
  throw new AppError(
    "precondition_failed",
    "Cannot release an idle stream: somebody uses it again, leave it alone",
  );
}
