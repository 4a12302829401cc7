import { AppError, createLog } from "../../base/mod.ts";
import { type ObjectView, serverObjectId } from "../../command/mod.ts";
import { placeOf } from "../../graph/mod.ts";
import type { Books } from "./books.ts";

const log = createLog("kurento");

/** Ends objects and what is in them. Never throws: what is gone already is what was wanted. */
export async function destroy(books: Books, objectIds: readonly string[]): Promise<void> {
  const views = objectIds.flatMap((objectId) => books.ids.look(objectId) ?? []);
  const dying = new Set(views.map(({ id }) => id));
  // What stands in an object that dies goes with it.
  const outermost = views.filter((view) =>
    !books.ids.line(view).slice(1).some((parent) => dying.has(parent))
  );
  await Promise.all(outermost.map((view) => destroyOne(books, view)));
}

/** A session is over: its subscriptions end, and so do the objects that nobody else holds. */
export async function endSession(books: Books, sessionId: string): Promise<void> {
  books.subscriptions.forgetSession(sessionId);
  await destroy(books, books.sessions.end(sessionId));
}

async function destroyOne({ commands }: Books, { id, definition }: ObjectView): Promise<void> {
  if (id === serverObjectId) return;
  try {
    if (placeOf(definition) === "pipeline") await commands.releasePipeline(id);
    else await commands.releaseElement(id);
  } catch (error) {
    if (error instanceof AppError && /_not_found$/.test(error.code)) return;
    log.warn("an object could not be released", { id, type: definition.type, error });
  }
}
