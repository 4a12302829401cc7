import { afterEach, beforeEach, expect, test } from "vitest";
import { type DoorClient, openDoor, type TestDoor } from "../../../test/kit/kurento_door.ts";
import { allOf, isKindOf, typeStatus } from "../../graph/mod.ts";
import { kindOf } from "./schema_kind.ts";

let open: TestDoor;
let client: DoorClient;
/** One object of each class that this server makes, by class; the server itself among them. */
let objects: Record<string, string>;

beforeEach(async () => {
  open = await openDoor();
  client = open.client();
  const mediaPipeline = await client.create("MediaPipeline");
  objects = { ServerManager: "manager_ServerManager", MediaPipeline: mediaPipeline };
  const types = ["PassThrough", "WebRtcEndpoint", "Dispatcher", "DispatcherOneToMany"];
  for (const type of types) objects[type] = await client.create(type, { mediaPipeline });
  objects.HubPort = await client.create("HubPort", { hub: objects.Dispatcher });
});
afterEach(() => open.close());

const definitionOf = (type: string) => open.house.commands.registry.get(type);
const wrongFor = (wanted: string) =>
  Object.entries(objects).filter(([type]) => !isKindOf(definitionOf(type), wanted));

test("an object of the wrong class as an argument of any operation is refused as such", async () => {
  const tried: string[] = [];
  for (const [type, object] of Object.entries(objects)) {
    for (const [operation, { input }] of Object.entries(allOf(definitionOf(type), "operations"))) {
      for (const [name, schema] of Object.entries(input.shape)) {
        const kind = kindOf(schema);
        if (kind.is !== "class") continue;
        for (const [, wrong] of wrongFor(kind.name)) {
          tried.push(`${type}.${operation} ${name}`);
          const fits = Object.fromEntries(Object.keys(input.shape).map((each) => [each, objects.HubPort]));
          const params = { object, operation, operationParams: { ...fits, media: "AUDIO", [name]: wrong } };
          const { code, message } = await client.refusal("invoke", params);
          expect([operation, name, code]).toEqual([operation, name, 40107]);
          expect(message).toContain(`should be a ${kind.name}`);
        }
      }
    }
  }
  expect(new Set(tried)).toEqual(
    new Set([
      ...["PassThrough", "WebRtcEndpoint", "HubPort"].flatMap((type) => [
        `${type}.connect sink`,
        `${type}.disconnect sink`,
      ]),
      "Dispatcher.connect source",
      "Dispatcher.connect sink",
      "DispatcherOneToMany.setSource source",
    ]),
  );
});

test("an object of the wrong class as what an object is made in is refused as such", async () => {
  const made = open.house.commands.registry.all().filter((each) =>
    !each.abstract && typeStatus(each) === "built" && each.type !== "MediaPipeline"
  );
  expect(made.length).toBeGreaterThan(4);
  for (const { type } of made) {
    const [parameter, wanted] = type === "HubPort" ? ["hub", "Hub"] : ["mediaPipeline", "MediaPipeline"];
    for (const [, wrong] of wrongFor(wanted)) {
      const error = await client.refusal("create", { type, constructorParams: { [parameter]: wrong } });
      expect([type, error.code, error.data.type]).toEqual([type, 40107, "MEDIA_OBJECT_ILLEGAL_PARAM_ERROR"]);
    }
  }
  const children = await client.invoke(objects.MediaPipeline, "getChildren");
  expect(children).toHaveLength(4);
});

test("operations, properties and events of another class are refused at every object", async () => {
  for (const [type, object] of Object.entries(objects)) {
    const own = definitionOf(type);
    for (const other of Object.keys(objects)) {
      const strange = (part: "operations" | "events") =>
        Object.keys(allOf(definitionOf(other), part)).filter((name) =>
          !Object.hasOwn(allOf(own, part), name)
        );
      for (const operation of strange("operations")) {
        const error = await client.refusal("invoke", { object, operation, operationParams: {} });
        expect([type, operation, error.code]).toEqual([type, operation, 40008]);
      }
      for (const event of strange("events")) {
        expect((await client.refusal("subscribe", { object, type: event })).code).toBe(40106);
      }
    }
  }
});
