import { AppError } from "../../base/mod.ts";
import { type Commands, type ObjectView, serverObjectId } from "../../command/mod.ts";
import { qualifiedName } from "./class_names.ts";
import { kurentoError, objectNotFound } from "./rpc_error.ts";

const uncommitted = /^newref:/;

/**
 * Ids of objects in Kurento's form: `<uuid>_kurento.MediaPipeline`, children behind their parent and a slash. The
 * house knows an object by the last uuid in it.
 */
export class ObjectIds {
  readonly #commands: Commands;
  /** What objects were called, for the events that tell of their end. */
  readonly #known = new Map<string, string>();

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  /** The object that a client's id names, in Kurento's form or as a bare uuid; throws RpcError 40101 or 40109. */
  find(id: string): ObjectView {
    if (uncommitted.test(id)) throw uncommittedObject(id);
    const objectId = id === serverObjectId ? id : id.slice(id.lastIndexOf("/") + 1).replace(/_.*$/, "");
    const view = this.look(objectId);
    if (!view || (id !== objectId && id !== this.idOf(objectId))) throw objectNotFound(id);
    return view;
  }

  /** The object of the house's id, or null when there is none. */
  look(objectId: string): ObjectView | null {
    try {
      return this.#commands.describeObject(objectId);
    } catch (error) {
      if (error instanceof AppError && /_not_found$/.test(error.code)) return null;
      throw error;
    }
  }

  /** Kurento's id of an object; the house's where the object is gone and nobody ever asked. */
  idOf(objectId: string): string {
    const known = this.#known.get(objectId);
    if (known !== undefined || objectId === serverObjectId) return known ?? objectId;
    const view = this.look(objectId);
    if (!view) return objectId;
    const { parentId } = view;
    const own = `${objectId}_${qualifiedName(view.definition)}`;
    const id = parentId === null ? own : `${this.idOf(parentId)}/${own}`;
    this.#known.set(objectId, id);
    return id;
  }

  /** The object and what it stands in, the nearest first. */
  line(view: ObjectView): string[] {
    const line: string[] = [];
    for (let at: ObjectView | null = view; at; at = at.parentId === null ? null : this.look(at.parentId)) {
      line.push(at.id);
    }
    return line;
  }

  /** Learns the ids of all there is, so that the end of each can be told by name. */
  learnAll(): void {
    const learn = (objectId: string) => {
      this.idOf(objectId);
      this.look(objectId)?.childIds.forEach(learn);
    };
    this.#commands.pipelineIds().forEach(learn);
  }

  forget(objectId: string): void {
    this.#known.delete(objectId);
  }
}

function uncommittedObject(id: string) {
  return kurentoError(
    40109,
    "MEDIA_OBJECT_NOT_FOUND_TRANSACTION_NO_COMMIT",
    `Object '${id}' not found. Possibly using a transactional object without committing the transaction.`,
  );
}
