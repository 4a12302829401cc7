import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeModule, describeModules, type ModuleDescription } from "../../src/command/mod.ts";
import { lineage, wireTypes } from "../../src/graph/mod.ts";
import { openRegistry } from "../kit/house.ts";

/** One parameter, property or field of the facts. */
interface FactField {
  name: string;
  type: string;
  optional?: boolean;
  default?: unknown;
  final?: boolean;
  readOnly?: boolean;
}

interface Facts {
  modules: {
    name: string;
    wirePrefix: string;
    remoteClasses: {
      name: string;
      wireType: string;
      abstract: boolean;
      extends?: string;
      hierarchy: string[];
      constructor?: FactField[];
      properties: FactField[];
      methods: { name: string; params: FactField[]; returns?: string }[];
      events: string[];
      allEvents: string[];
    }[];
    complexTypes: {
      name: string;
      format: string;
      values?: string[];
      extends?: string;
      properties?: FactField[];
    }[];
    events: { name: string; extends?: string; properties: FactField[] }[];
  }[];
}

const text = readFileSync(new URL("../data/kurento_api.json", import.meta.url), "utf8");
const { modules } = JSON.parse(text) as Facts;
const registry = await openRegistry();
const described = new Map<string, ModuleDescription>(
  modules.map(({ name }) => [name, describeModule(registry, name)]),
);

type Section = "remoteClasses" | "complexTypes" | "events";
const rowsOf = <Key extends Section>(section: Key) =>
  modules.flatMap((module) =>
    module[section].map((fact) => [`${module.name}.${fact.name}`, module.name, fact] as const)
  ) as [string, string, Facts["modules"][number][Key][number]][];

/** What has a default can be left out, which the facts do not say of every parameter. */
const field = ({ name, type, optional, default: initial }: FactField) => ({
  name,
  type,
  ...((optional || initial !== undefined) && { optional: true }),
  ...(initial !== undefined && { defaultValue: initial }),
});
const withoutDoc = ({ doc: _, ...rest }: { doc: string }) => rest;
const byName = (one: { name: string }, other: { name: string }) => one.name < other.name ? -1 : 1;

function find<Entry extends { name: string }>(entries: Entry[] | undefined, name: string): Entry {
  const found = entries?.filter((entry) => entry.name === name) ?? [];
  expect(found.length, `how often ${name} is described`).toBe(1);
  return found[0];
}

test("the modules of the registry are those of Kurento's interface", () => {
  const known = describeModules(registry);
  expect(known.map(({ name }) => name).sort()).toEqual(modules.map(({ name }) => name).sort());
  for (const { name, types } of known) {
    const concrete = modules.find((module) => module.name === name)!.remoteClasses
      .filter(({ abstract }) => !abstract);
    expect([...types].sort(), name).toEqual(concrete.map((each) => each.name).sort());
  }
});

test.each(modules.map((module) => [module.name, module] as const))(
  "module %s has these classes, types and events, and no others",
  (name, module) => {
    const description = described.get(name)!;
    for (const section of ["remoteClasses", "complexTypes", "events"] as const) {
      const names = (entries: { name: string }[]) => entries.map((entry) => entry.name).sort();
      expect(names(description[section]), section).toEqual(names(module[section]));
    }
  },
);

test.each(rowsOf("remoteClasses"))("class %s is as Kurento's", (_title, module, fact) => {
  const found = find(described.get(module)?.remoteClasses, fact.name);
  expect(found.extends).toBe(fact.extends);
  expect(found.abstract ?? false).toBe(fact.abstract);
  // `constructor` is a name that every object has.
  const own = (value: object) =>
    Object.hasOwn(value, "constructor") ? (value as typeof fact).constructor : undefined;
  const params = (own(found) as unknown as { params: { doc: string }[] } | undefined)?.params;
  expect(params?.map(withoutDoc)).toEqual(own(fact)?.map(field));
  expect(found.properties.map(withoutDoc).sort(byName as never)).toEqual(
    fact.properties.map(({ name, type, final, readOnly }) => ({
      name,
      type,
      ...(final && { final }),
      ...(readOnly && { readOnly }),
    })).sort(byName),
  );
  const methods = found.methods.map(({ name, params, return: result }) => ({
    name,
    params: params.map(withoutDoc),
    returns: result?.type,
  }));
  expect(methods.sort(byName)).toEqual(
    fact.methods.map(({ name, params, returns }) => ({ name, params: params.map(field), returns })).sort(
      byName,
    ),
  );
  expect(found.events.toSorted()).toEqual(fact.events.toSorted());
});

test.each(rowsOf("remoteClasses"))("class %s stands where Kurento's does", (_title, module, fact) => {
  const definition = registry.get(fact.name);
  const prefixes = new Map(modules.map(({ name, wirePrefix }) => [name, wirePrefix]));
  const wireType = (type: { module: string; type: string }) => `${prefixes.get(type.module)}.${type.type}`;
  expect(definition.module).toBe(module);
  expect(wireType(definition)).toBe(fact.wireType);
  const [, ...ancestors] = lineage(definition);
  expect(ancestors.map(wireType)).toEqual(fact.hierarchy);
  const events = lineage(definition).flatMap((each) =>
    Object.keys(each.events).filter((name) => !each.events[name].meta()?.["x-extension"])
  );
  expect(events.sort()).toEqual(fact.allEvents.toSorted());
});

test.each(rowsOf("remoteClasses"))(
  "properties of %s begin with Kurento's values",
  (_title, _module, fact) => {
    const { properties } = registry.get(fact.name);
    for (const { name, default: initial } of fact.properties) {
      if (initial !== undefined) expect(String(properties[name].default), name).toBe(String(initial));
      const { access, default: value, schema } = properties[name];
      if (access === "readWrite" && !properties[name].field) expect(schema.parse(value), name).toEqual(value);
    }
  },
);

test.each(rowsOf("complexTypes"))("type %s is as Kurento's", (_title, module, fact) => {
  const found = find(described.get(module)?.complexTypes, fact.name);
  expect(found.typeFormat).toBe(fact.format);
  expect(found.extends).toBe(fact.extends);
  expect(found.values).toEqual(fact.values);
  expect(found.properties?.map(withoutDoc)).toEqual(fact.properties?.map(field));
});

test.each(rowsOf("events"))("event %s is as Kurento's", (_title, module, fact) => {
  const found = find(described.get(module)?.events, fact.name);
  expect(found.extends).toBe(fact.extends);
  expect(found.properties.map(withoutDoc)).toEqual(fact.properties.map(field));
});

test("every name of a type that is used is described", () => {
  const primitives = ["String", "boolean", "int", "int64", "float", "double"];
  const known = new Set([...primitives, ...registry.all().map(({ type }) => type)]);
  for (const { type } of wireTypes()) known.add(type.name);
  const used = [...described.values()].flatMap((module) => JSON.stringify(module).match(/"type":"[^"]+"/g)!);
  const unknown = used.map((entry) => entry.slice(8, -1).replace(/(\[\]|<>)$/, "")).filter((name) =>
    !known.has(name)
  );
  expect(unknown).toEqual([]);
});

test("every class, member, type and event says what it is", () => {
  const silent = [...described.values()].flatMap(({ name, remoteClasses, complexTypes, events }) => {
    const members = remoteClasses.flatMap(({ properties, methods }) => [...properties, ...methods]);
    return [...remoteClasses, ...members, ...complexTypes, ...events].filter(({ doc }) => doc === "").map((
      entry,
    ) => `${name}: ${entry.name}`);
  });
  expect(silent).toEqual([]);
});
