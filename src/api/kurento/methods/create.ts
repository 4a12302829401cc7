import type { z } from "zod";
import { AppError } from "../../../base/mod.ts";
import type { NewElement } from "../../../command/mod.ts";
import { allOf, type Definition, isKindOf, objectOf, typeStatus } from "../../../graph/mod.ts";
import { type Books, touch } from "../books.ts";
import { findClass } from "../class_names.ts";
import { decodeParams } from "../decode.ts";
import { isObject } from "../envelope.ts";
import { type Params, stringField } from "../fields.ts";
import type { Method } from "../method.ts";
import { factoryNotFound, kurentoError, marshalError } from "../rpc_error.ts";
import { kindOf } from "../schema_kind.ts";

/** Where Kurento's defaults differ from the house's: settable properties, by class. */
const initial: Readonly<Record<string, Record<string, unknown>>> = {
  // kbit/s. REST's defaults are no limits.
  BaseRtpEndpoint: { minVideoSendBandwidth: 100, maxVideoSendBandwidth: 500 },
  // Clients of this door cannot hear of messages as events; that would be work for nobody.
  WebRtcEndpoint: { dataChannelMessageEvents: false },
};

const pipelineParam = { mediaPipeline: objectOf("MediaPipeline") };

/** Makes an object. */
export const create: Method = {
  session: "made",
  async run({ books, params, sessionId }) {
    const type = stringField(params, "type");
    books.limits.refuseAtLimit();
    const definition = creatable(books, type);
    const given = constructorParams(params);
    const id = isKindOf(definition, "MediaPipeline")
      ? (await books.commands.createPipeline({ origin: "kurento" })).id
      : await createElement(books, definition, given);
    const view = books.ids.look(id);
    if (view) {
      books.sessions.add(id, view.parentId);
      touch(books, sessionId, view);
    }
    return { sessionId, value: books.ids.idOf(id) };
  },
};

function creatable({ commands }: Books, type: string): Definition {
  const definition = findClass(commands.registry, type);
  if (!definition || definition.abstract) throw factoryNotFound(type);
  if (typeStatus(definition) !== "planned") return definition;
  throw kurentoError(
    40108,
    "MEDIA_OBJECT_NOT_AVAILABLE",
    `Media Object not available: ${definition.type} is described but not built yet`,
  );
}

async function createElement(
  books: Books,
  definition: Definition,
  given: Params | undefined,
): Promise<string> {
  if (!given) throw marshalError("'constructorParams' is required");
  const hub = hubOption(definition.options.shape);
  const fields = { ...(hub === undefined && pipelineParam), ...definition.options.shape };
  const { mediaPipeline, ...options } = decodeParams(fields, given, (id) => books.ids.find(id));
  const home = hub === undefined ? String(mediaPipeline) : pipelineOf(books, String(options[hub]));
  const input: NewElement = { type: definition.type, options, properties: initialProperties(definition) };
  return (await books.commands.createElement(home, input)).id;
}

/** The option that names the hub an element stands in, instead of naming its pipeline. */
function hubOption(options: Readonly<Record<string, z.ZodType>>): string | undefined {
  return Object.keys(options).find((name) => {
    const kind = kindOf(options[name]);
    return kind.is === "class" && kind.name === "Hub";
  });
}

function pipelineOf(books: Books, hubId: string): string {
  const pipelineId = books.ids.look(hubId)?.pipelineId;
  if (pipelineId) return pipelineId;
  throw new AppError(
    "element_not_found",
    `Cannot create a port of "${hubId}": the hub is gone, create another`,
  );
}

function initialProperties(definition: Definition): Record<string, unknown> {
  const known = allOf(definition, "properties");
  const values = Object.keys(initial).filter((type) => isKindOf(definition, type)).map((type) =>
    initial[type]
  );
  const entries = values.flatMap((value) => Object.entries(value));
  return Object.fromEntries(entries.filter(([name]) => known[name]?.access === "readWrite"));
}

/** Undefined when absent: pipelines have none. */
function constructorParams({ constructorParams: given }: Params): Params | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isObject(given)) throw marshalError("'constructorParams' should be an object");
  return given;
}
