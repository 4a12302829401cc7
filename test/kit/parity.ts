import { followEvents } from "./event_follower.ts";
import { type JsonRpc, openJsonRpc } from "./json_rpc.ts";
import { restClient, type RestReply } from "./rest_client.ts";
import type { TestServer } from "./server.ts";

/**
 * One step of a flow, told in words that belong to neither door. "@name" stands for an object made before; "server" is
 * the name of the server itself.
 */
export type Step =
  | { make: string; type: string; options?: Record<string, unknown>; in?: string }
  | { call: string; of: string; input?: Record<string, unknown> }
  | { set: string; of: string; to: unknown }
  | { get: string; of: string }
  | { release: string };

/** What a flow left: a result or an error code per step, the rows, and the events, with names in place of ids. */
export interface Trace {
  results: unknown[];
  rows: unknown;
  events: unknown[];
}

/** One door, as far as a flow needs it. Errors are thrown as RefusedStep. */
interface Door {
  run(step: Step, ids: Map<string, string>): Promise<unknown>;
  close(): void;
}

/** The uuid in an object id of either door. */
const uuidOf = (id: string) => id.split("/").at(-1)!.split("_")[0];

const serverId = "manager_ServerManager";

/** Number of the last event that earlier traces saw of a server. */
const seen = new WeakMap<TestServer, number>();

/** Runs the steps by one door of a server without pipelines, gives what they left, and removes it. */
export async function traceOf(
  server: TestServer,
  by: "rest" | "rpc",
  steps: readonly Step[],
): Promise<Trace> {
  const door = by === "rest" ? restDoor(server) : rpcDoor(await openJsonRpc(server.baseUrl));
  const follower = await followEvents(`${server.baseUrl}/v1/events`, seen.get(server) ?? 0);
  const ids = new Map([["server", serverId]]);
  const results: unknown[] = [];
  try {
    for (const step of steps) results.push(await attempt(() => door.run(step, ids)));
    const rows = await rowsOf(server);
    await quiet(() => follower.events.length);
    const events = follower.events.map(({ type, data }) => ({ type, data }));
    return nameless({ results, rows, events }, ids) as Trace;
  } finally {
    await clear(server);
    await quiet(() => follower.events.length);
    seen.set(server, follower.lastSeq);
    follower.stop();
    door.close();
  }
}

async function clear(server: TestServer): Promise<void> {
  const rest = restClient(server.baseUrl);
  const { body } = await rest.get("/v1/pipelines");
  for (const { id } of body.items) await rest.delete(`/v1/pipelines/${id}`);
}

async function attempt(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return { result: await work() };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

async function rowsOf(server: TestServer): Promise<unknown> {
  const rest = restClient(server.baseUrl);
  const { body } = await rest.get("/v1/pipelines");
  return await Promise.all(
    body.items.map(async ({ id }: { id: string }) => (await rest.get(`/v1/pipelines/${id}`)).body),
  );
}

/** Waits until a figure has not grown for a while. */
async function quiet(figure: () => number): Promise<void> {
  for (let last = -1; last !== figure();) {
    last = figure();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

function restDoor(server: TestServer): Door {
  const rest = restClient(server.baseUrl);
  const kinds = new Map<string, "pipelines" | "elements">();
  const done = ({ status, body }: RestReply) => {
    if (status >= 400) throw new Error(body.code);
    return body;
  };
  const pathOf = (name: string, ids: Map<string, string>) =>
    name === "server" ? "/v1/server" : `/v1/${kinds.get(name)}/${ids.get(name)}`;
  const real = (value: unknown, ids: Map<string, string>) => withIds(value, ids, (id) => id);
  return {
    close: () => {},
    async run(step, ids) {
      if ("make" in step) {
        const isPipeline = step.type === "MediaPipeline";
        kinds.set(step.make, isPipeline ? "pipelines" : "elements");
        const path = isPipeline ? "/v1/pipelines" : `/v1/pipelines/${ids.get(step.in!)}/elements`;
        const body = isPipeline ? {} : { type: step.type, options: real(step.options ?? {}, ids) };
        const made = done(await rest.post(path, body));
        ids.set(step.make, made.id);
        return made.id;
      }
      if ("call" in step) {
        const path = `${pathOf(step.of, ids)}/${step.call}`;
        return done(await rest.post(path, real(step.input ?? {}, ids))).result;
      }
      if ("set" in step) {
        const edit = step.set === "name" ? { name: step.to } : { properties: { [step.set]: step.to } };
        done(await rest.patch(pathOf(step.of, ids), edit));
        return null;
      }
      if ("get" in step) {
        const shown = done(await rest.get(pathOf(step.of, ids)));
        const body = step.of === "server" ? shown.object : shown;
        return step.get === "name" ? body.name : body.properties[step.get];
      }
      done(await rest.delete(pathOf(step.release, ids)));
      return null;
    },
  };
}

function rpcDoor(rpc: JsonRpc): Door {
  const full = new Map([[serverId, serverId]]);
  const real = (value: unknown, ids: Map<string, string>) => withIds(value, ids, (id) => full.get(id)!);
  const value = async (method: string, params: Record<string, unknown>) => {
    const { result, error } = await rpc.request(method, params);
    if (error) throw new Error(String(error.code));
    return plain(result.value ?? null);
  };
  const member = (prefix: string, name: string) => prefix + name[0].toUpperCase() + name.slice(1);
  return {
    close: () => rpc.close(),
    async run(step, ids) {
      const invoke = (name: string, operation: string, operationParams: unknown) =>
        value("invoke", { object: full.get(ids.get(name)!), operation, operationParams });
      if ("make" in step) {
        const place = step.type === "MediaPipeline" || step.type === "HubPort"
          ? {}
          : { mediaPipeline: full.get(ids.get(step.in!)!) };
        const constructorParams = { ...place, ...real(step.options ?? {}, ids) as object };
        const id = String(await value("create", { type: step.type, constructorParams }));
        ids.set(step.make, uuidOf(id));
        full.set(uuidOf(id), id);
        return uuidOf(id);
      }
      if ("call" in step) return await invoke(step.of, step.call, real(step.input ?? {}, ids));
      if ("set" in step) return await invoke(step.of, member("set", step.set), { [step.set]: step.to });
      if ("get" in step) return await invoke(step.of, member("get", step.get), {});
      return await value("release", { object: full.get(ids.get(step.release)!) });
    },
  };
}

function withIds(value: unknown, ids: Map<string, string>, form: (id: string) => string): unknown {
  return mapDeep(value, (text) => text.startsWith("@") ? form(ids.get(text.slice(1))!) : text);
}

/** Without the marks of complex values, and with the short form of ids. */
function plain(value: unknown): unknown {
  const unmarked = mapDeep(
    value,
    (text) => /_[a-z]+\.[A-Z]/.test(text) && !text.includes("\n") ? uuidOf(text) : text,
  );
  return dropKeys(unmarked, new Set(["__module__", "__type__"]));
}

/** Names in place of ids; without what no two runs have in common. */
function nameless(value: unknown, ids: Map<string, string>): unknown {
  const names = new Map([...ids].map(([name, id]) => [id, `@${name}`]));
  const unknown = new Map<string, string>();
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
  const nameOf = (id: string) => {
    const name = names.get(id) ?? unknown.get(id);
    if (name) return name;
    unknown.set(id, `#${unknown.size}`);
    return unknown.get(id)!;
  };
  const changing = new Set([
    "createdAt",
    "createdAtMs",
    "timeMs",
    "time",
    "timestampMillis",
    "seq",
    "origin",
  ]);
  return dropKeys(mapDeep(value, (text) => text.replace(uuid, nameOf)), changing);
}

function mapDeep(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((each) => mapDeep(each, map));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [map(key), mapDeep(each, map)]));
}

function dropKeys(value: unknown, keys: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((each) => dropKeys(each, keys));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !keys.has(key)).map(([key, each]) => [key, dropKeys(each, keys)]),
  );
}
