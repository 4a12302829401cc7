/**
 * Runs Kurento's own client on Node and does with it what the lines on stdin say, one JSON object each:
 *   {n, do: "open", url, options?}                  a client
 *   {n, do: "create", type, params?}                an object; "@name" in params stands for a known object,
 *                                                  {__type__, …} for a complex value
 *   {n, do: "call", object, method, args?}          a method of an object, of "client" or of "manager"
 *   {n, do: "on", object, event}                    tells of the event from now on
 *   {n, do: "transaction", steps: [{create|call}]}  an explicit transaction
 *   {n, do: "find", id, as}                         an object by its id
 * Answers are {n, result} or {n, error: {message, code, data}}; events {event, object, data}. Objects are given names
 * by `as` and shown as {object: id, type}.
 */
"use strict";

// The client calls Domain() without `new` in its transaction code; without it, it falls back to its own.
require("domain").Domain = undefined;
// stdout belongs to the answers; the client logs on the console.
console.log = console.info = console.debug = console.error;
const kurento = require("kurento-client");

const known = new Map();
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

function show(value) {
  if (
    value && typeof value === "object" && typeof value.release === "function" &&
    "id" in value
  ) {
    return { object: value.id, type: value.constructor.name };
  }
  if (Array.isArray(value)) return value.map(show);
  if (
    value && typeof value === "object" &&
    Object.getPrototypeOf(value) !== Object.prototype
  ) {
    return {
      ...JSON.parse(JSON.stringify(value)),
      __class__: value.constructor.name,
    };
  }
  return value;
}

function resolve(value) {
  if (typeof value === "string" && value.startsWith("@")) {
    return known.get(value.slice(1));
  }
  if (Array.isArray(value)) return value.map(resolve);
  if (value && typeof value === "object") {
    const { __type__, ...fields } = value;
    if (__type__) return kurento.getComplexType(__type__)(fields);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, resolve(each)]),
    );
  }
  return value;
}

/** Awaiting one of the client's objects strips it of its class, so that they are taken from callbacks, in a box. */
function boxed(start) {
  return new Promise((settle, refuse) => start((error, value) => error ? refuse(error) : settle([value])));
}

function callBack(object, method, ...args) {
  return new Promise((done, refuse) => {
    const box = (error, result) => error ? refuse(error) : done({ boxed: result });
    Promise.resolve(object[method](...args, box)).catch(() => {});
  }).then(({ boxed }) => show(boxed));
}

const handlers = {
  async open({ url, options }) {
    const client = await kurento(url, options ?? {});
    for (const event of ["disconnected", "reconnected", "connectionFailed"]) {
      client.on(event, (data) => tell({ event, object: "client", data }));
    }
    known.set("client", client);
    known.set("manager", await client.getServerManager());
    return null;
  },
  async create({ type, params, as }) {
    const [object] = await boxed((done) => known.get("client").create(type, resolve(params ?? {}), done));
    known.set(as, object);
    return show(object);
  },
  /** With a callback: without one, the client logs what was refused and resolves all the same. */
  async call({ object, method, args }) {
    return await callBack(known.get(object), method, ...resolve(args ?? []));
  },
  async on({ object, event }) {
    await known.get(object).on(
      event,
      (data) => tell({ event, object, data: show(data) }),
    );
    return null;
  },
  async find({ id, as }) {
    const [object] = await boxed((done) => known.get("client").getMediaobjectById(id, done));
    known.set(as, object);
    return show(object);
  },
  async transaction({ steps }) {
    const client = known.get("client");
    const transaction = client.beginTransaction();
    const made = steps.map((step) => {
      if (!step.create) {
        return callBack(
          known.get(step.object),
          step.call,
          transaction,
          ...resolve(step.args ?? []),
        );
      }
      const object = client.create(
        transaction,
        step.create,
        resolve(step.params ?? {}),
      );
      known.set(step.as, object);
      return object;
    });
    const committed = new Promise((done, refuse) =>
      transaction.commit((error) => error ? refuse(error) : done(null))
    );
    const [, ...results] = await Promise.all([committed, ...made]);
    steps.forEach((step, index) => step.as && known.set(step.as, results[index]));
    return results;
  },
};

/** The client's objects are thenables that resolve to themselves, so a result travels in a box. */
async function take(line) {
  const command = JSON.parse(line);
  try {
    const result = await handlers[command.do](command);
    tell({ n: command.n, result: show(result) ?? null });
  } catch (error) {
    tell({
      n: command.n,
      error: { message: error.message, code: error.code, data: error.data },
    });
  }
}

// A step of a transaction that is refused is thrown by the client once more, where nobody can catch it.
process.on("uncaughtException", (error) => console.error(error));
process.on("unhandledRejection", (error) => console.error(error));

require("readline").createInterface({ input: process.stdin }).on("line", take)
  .on(
    "close",
    () => process.exit(0),
  );
