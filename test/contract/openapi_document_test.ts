import { describe, expect, test } from "vitest";
import { createPostApp } from "../../src/api/post/mod.ts";
import { createRestApp, openApiDocument } from "../../src/api/rest/mod.ts";
import { documents, staleDocuments } from "../../src/api/rest/write_openapi.ts";
import { createSseApp } from "../../src/api/sse/mod.ts";
import { errorCodes, systemClock } from "../../src/base/mod.ts";
import { FakeCommands } from "../kit/fake_commands.ts";
import { VirtualClock } from "../kit/virtual_clock.ts";

type Json = Record<string, any>;
const methods = ["get", "post", "put", "patch", "delete"];
const commands = new FakeCommands();
const document = openApiDocument(commands.registry) as Json;

/** What the doors of REST, SSE and posts serve, as "GET /v1/pipelines/{pipelineId}". */
function served(): Set<string> {
  const shared = { apiToken: null, corsOrigins: [], clock: new VirtualClock() };
  const stopping = new AbortController().signal;
  const apps = [
    createRestApp(commands, { ...shared, ready: () => true }),
    createSseApp(commands, { ...shared, heartbeatMs: 15_000, stopping }),
    createPostApp(commands, { corsOrigins: [], acceptingBodies: () => true, clock: systemClock }),
  ];
  const routes = apps.flatMap((app) => app.routes).filter((route) => route.method !== "ALL");
  return new Set(routes.map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, "{$1}")}`));
}

function documented(): string[] {
  return Object.entries(document.paths as Json).flatMap(([path, item]) =>
    methods.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`)
  );
}

function operations(): Json[] {
  return Object.values(document.paths as Json).flatMap((item: Json) =>
    methods.filter((method) => method in item).map((method) => item[method])
  );
}

function walk(value: unknown, visit: (node: Json) => void): void {
  if (typeof value !== "object" || value === null) return;
  visit(value as Json);
  Object.values(value).forEach((inner) => walk(inner, visit));
}

test("the committed documents are what the source says; `deno task openapi` writes them", async () => {
  expect(await staleDocuments()).toEqual([]);
  expect([...(await documents()).keys()]).toEqual(
    expect.arrayContaining([
      "v1.json",
      "kmd/core.kmd.json",
      "kmd/elements.kmd.json",
      "kmd/videosampler.kmd.json",
    ]),
  );
});

test("every served route is documented, and every documented one but WHIP and WHEP is served here", () => {
  const ownPaths = documented().filter((path) => !/\/(whip|whep)\b/.test(path));
  expect(ownPaths.sort()).toEqual([...served()].sort());
});

test("WHIP and WHEP are documented at streams and at elements, endpoint and session", () => {
  const paths = Object.keys(document.paths).filter((path) => /\/(whip|whep)\b/.test(path));
  expect(paths).toEqual([
    "/whip/{stream}",
    "/whip/{stream}/{sessionId}",
    "/v1/elements/{elementId}/whip",
    "/v1/elements/{elementId}/whip/{sessionId}",
    "/whep/{stream}",
    "/whep/{stream}/{sessionId}",
    "/v1/elements/{elementId}/whep",
    "/v1/elements/{elementId}/whep/{sessionId}",
  ]);
});

describe("the document", () => {
  test("points only to what it has", () => {
    walk(document, (node) => {
      if (typeof node.$ref !== "string") return;
      const found = node.$ref.slice(2).split("/").reduce(
        (at: Json | undefined, step: string) => at?.[step],
        document,
      );
      expect(found, node.$ref).toBeDefined();
      expect(found, `${node.$ref} points to itself`).not.toEqual({ $ref: node.$ref });
    });
  });

  test("names each operation once, and each parameter of its path", () => {
    const ids = operations().map((operation) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, item] of Object.entries(document.paths as Json)) {
      for (const method of methods.filter((each) => each in item)) {
        const parameters = [...(item.parameters ?? []), ...(item[method].parameters ?? [])] as Json[];
        const inPath = parameters.filter((parameter) => parameter.in === "path").map((parameter) =>
          parameter.name
        );
        expect(inPath, `${method} ${path}`).toEqual(
          [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
        );
      }
    }
  });

  test("lists every error code, and a problem response on every operation of the control API", () => {
    expect(document.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(errorCodes));
    for (const operation of operations().filter((each) => !each.security)) {
      expect(Object.keys(operation.responses)).toContain("401");
    }
  });

  test("has one path per operation of the registry, typed", () => {
    const body = document.paths["/v1/elements/{elementId}/processOffer"].post.requestBody;
    expect(body.required).toBe(true);
    const name = body.content["application/json"].schema.$ref.split("/").at(-1);
    expect(document.components.schemas[name].required).toEqual(["offer"]);
    const types = document.components.schemas.NewElement.oneOf.map((each: Json) =>
      each.$ref.split("/").at(-1)
    );
    expect(types).toEqual(["NewWebRtcEndpoint", "NewPassThrough"]);
  });

  test("has a schema for every event, with its type and its data", () => {
    const { Event, MediaStateChangedEvent } = document.components.schemas;
    const names = Event.oneOf.map((each: Json) => each.$ref.split("/").at(-1));
    expect(names).toContain("SessionEndedEvent");
    expect(names).toContain("MediaFlowInStateChangedEvent");
    expect(MediaStateChangedEvent.allOf[1].properties.type).toEqual({ const: "MediaStateChanged" });
  });
});
