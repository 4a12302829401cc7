import type { ObjectView } from "../../../command/mod.ts";
import { serverObjectId } from "../../../command/mod.ts";
import { allOf } from "../../../graph/mod.ts";
import { type Books, touch } from "../books.ts";
import { decodeParams } from "../decode.ts";
import { encodeValue } from "../encode.ts";
import { isObject } from "../envelope.ts";
import { rpcErrorOf } from "../error_table.ts";
import { type Params, stringField } from "../fields.ts";
import type { Method } from "../method.ts";
import { capitalised, currentAccess } from "../old_names.ts";
import { malformedTransaction, marshalError } from "../rpc_error.ts";
import { mayBeAbsent } from "../schema_kind.ts";
import { serverProperties } from "../server_manager.ts";

/** Runs an operation of an object, or reads or sets one of its properties. */
export const invoke: Method = {
  session: "made",
  async run({ books, params, sessionId }) {
    const view = books.ids.find(stringField(params, "object"));
    const operation = stringField(params, "operation");
    touch(books, sessionId, view);
    const given = operationParams(params);
    try {
      return { sessionId, value: await run(books, view, operation, given) };
    } catch (error) {
      throw rpcErrorOf(error, operation);
    }
  },
};

/** Undefined when absent. */
function operationParams({ operationParams: given }: Params): Params | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isObject(given)) throw marshalError("'operationParams' should be an object");
  return given;
}

async function run(books: Books, view: ObjectView, operation: string, given: Params | undefined) {
  const operations = allOf(view.definition, "operations");
  if (Object.hasOwn(operations, operation)) {
    const { input, output } = operations[operation];
    const decoded = decode(books, input.shape, given);
    const result = await books.commands.invoke(view.id, operation, decoded);
    return encodeValue(
      output,
      withOwnId(result, view.id, books.ids.idOf(view.id)),
      (id) => books.ids.idOf(id),
    );
  }
  return await access(books, view, currentAccess(operation, given ?? {}), operation);
}

/** Figures stand by their ids, and those of the object itself have its own. */
function withOwnId(result: unknown, objectId: string, id: string): unknown {
  if (!isObject(result) || !isObject(result[objectId])) return result;
  const { [objectId]: own, ...others } = result;
  return { ...others, [id]: { ...own as Record<string, unknown>, id } };
}

type Fields = Parameters<typeof decodeParams>[0];

function decode(books: Books, fields: Fields, given: Params | undefined) {
  const needed = Object.values(fields).some((schema) => !mayBeAbsent(schema));
  if (!given && needed) throw marshalError("'operationParams' is required");
  return decodeParams(fields, given ?? {}, (id) => books.ids.find(id));
}

/** getXxx without parameters, and setXxx with one that is named like the property. */
async function access(
  books: Books,
  view: ObjectView,
  asked: ReturnType<typeof currentAccess>,
  operation: string,
) {
  const properties = allOf(view.definition, "properties");
  const verb = asked.operation.slice(0, 3);
  const name = Object.keys(properties).find((each) => verb + capitalised(each) === asked.operation);
  const count = Object.keys(asked.params).length;
  if (name !== undefined && verb === "get" && count === 0) return read(books, view, name);
  if (name !== undefined && verb === "set" && Object.hasOwn(asked.params, name)) {
    const { schema, access } = properties[name];
    if (access === "readWrite") {
      const { [name]: value } = decode(books, { [name]: schema }, asked.params);
      // Without a name an object is called by its id again.
      await books.commands.setProperty(view.id, name, name === "name" && value === "" ? view.id : value);
      return null;
    }
  }
  throw malformedTransaction(`Method '${operation}' with ${count} parameters not found`);
}

function read(books: Books, view: ObjectView, name: string): unknown {
  const own = view.id === serverObjectId ? serverProperties[name] : undefined;
  const value = own ? own(books) : books.commands.getProperty(view.id, name);
  // The house calls objects by shorter ids; a name that nobody gave is the id.
  if ((name === "id" || name === "name") && value === view.id) return books.ids.idOf(view.id);
  return encodeValue(allOf(view.definition, "properties")[name].schema, value, (id) => books.ids.idOf(id));
}
