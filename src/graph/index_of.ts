import { type Connection, type Element, type Graph, type MediaKind, mediaKinds } from "./model.ts";
import { MapEdit } from "./patched_map.ts";

/** Ways through one graph that its two maps do not give at once. Derived from graph to graph, never made anew. */
export interface GraphIndex {
  /** By name of their own: ids (as keys and values) of the elements that have it, one but where names are shared. */
  readonly idsByName: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By id of the sink element. */
  readonly into: ReadonlyMap<string, readonly Connection[]>;
  /** By source pad, then by id of the connection. */
  readonly outOf: ReadonlyMap<string, ReadonlyMap<string, Connection>>;
  /** Ids of ports (as keys and values) by id of their hub. */
  readonly ports: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

const indices = new WeakMap<Graph, GraphIndex>();

/** The index of a graph; that of a graph nobody has derived from another is made now. */
export function indexOf(graph: Graph): GraphIndex {
  let index = indices.get(graph);
  if (!index) indices.set(graph, index = indexAnew(graph));
  return index;
}

/** Gives a graph the index that was derived for it. */
export function setIndex(graph: Graph, index: GraphIndex): void {
  indices.set(graph, index);
}

/** The element that has this name, its id when it has none of its own; the oldest of those that share it. */
export function elementNamed(graph: Graph, name: string): Element | undefined {
  const byId = graph.elements.get(name);
  if (byId?.name === name) return byId;
  const ids = indexOf(graph).idsByName.get(name);
  if (!ids) return undefined;
  if (ids.size === 1) return graph.elements.get(ids.keys().next().value!);
  for (const element of graph.elements.values()) if (ids.has(element.id)) return element;
}

/** Connections that end at this element. */
export function linksInto(graph: Graph, elementId: string): readonly Connection[] {
  return indexOf(graph).into.get(elementId) ?? [];
}

/** Connections that start at the element's source pad of this kind. */
export function linksOutOf(graph: Graph, elementId: string, media: MediaKind): Iterable<Connection> {
  return indexOf(graph).outOf.get(sourcePad(elementId, media))?.values() ?? [];
}

/** Ids of the ports of this hub, in order of creation. */
export function portsOf(graph: Graph, hubId: string): Iterable<string> {
  return indexOf(graph).ports.get(hubId)?.keys() ?? [];
}

/** An index that follows a graph while it is changed. */
export class IndexEdit {
  readonly idsByName: MapEdit<ReadonlyMap<string, string>>;
  readonly into: MapEdit<readonly Connection[]>;
  readonly outOf: MapEdit<ReadonlyMap<string, Connection>>;
  readonly ports: MapEdit<ReadonlyMap<string, string>>;

  constructor(index: GraphIndex) {
    this.idsByName = new MapEdit(index.idsByName);
    this.into = new MapEdit(index.into);
    this.outOf = new MapEdit(index.outOf);
    this.ports = new MapEdit(index.ports);
  }

  addElement(element: Element): void {
    if (element.name !== element.id) putIn(this.idsByName, element.name, element.id, element.id);
    if (element.parentId !== null) putIn(this.ports, element.parentId, element.id, element.id);
  }

  dropElement(element: Element): void {
    if (element.name !== element.id) dropIn(this.idsByName, element.name, element.id);
    if (element.parentId !== null) dropIn(this.ports, element.parentId, element.id);
  }

  addLink(link: Connection): void {
    this.into.set(link.sink, [...this.linksInto(link.sink), link]);
    putIn(this.outOf, sourcePad(link.source, link.media), link.id, link);
  }

  dropLink(link: Connection): void {
    const left = this.linksInto(link.sink).filter((each) => each.id !== link.id);
    if (left.length === 0) this.into.delete(link.sink);
    else this.into.set(link.sink, left);
    dropIn(this.outOf, sourcePad(link.source, link.media), link.id);
  }

  linksInto(elementId: string): readonly Connection[] {
    return this.into.get(elementId) ?? [];
  }

  /** Connections of this element in both directions; one onto itself comes twice. */
  linksOf(elementId: string): Connection[] {
    const outOf = (media: MediaKind) => [...this.outOf.get(sourcePad(elementId, media))?.values() ?? []];
    return [...this.linksInto(elementId), ...mediaKinds.flatMap(outOf)];
  }

  /** The edit must not be used after that. */
  done(): GraphIndex {
    return {
      idsByName: this.idsByName.done(),
      into: this.into.done(),
      outOf: this.outOf.done(),
      ports: this.ports.done(),
    };
  }
}

function putIn<Value>(
  all: MapEdit<ReadonlyMap<string, Value>>,
  group: string,
  key: string,
  value: Value,
): void {
  const edit = new MapEdit<Value>(all.get(group) ?? new Map());
  edit.set(key, value);
  all.set(group, edit.done());
}

function dropIn<Value>(all: MapEdit<ReadonlyMap<string, Value>>, group: string, key: string): void {
  const edit = new MapEdit<Value>(all.get(group) ?? new Map());
  edit.delete(key);
  if (edit.size === 0) all.delete(group);
  else all.set(group, edit.done());
}

function sourcePad(elementId: string, media: MediaKind): string {
  return `${elementId} ${media}`;
}

function indexAnew(graph: Graph): GraphIndex {
  const elements = [...graph.elements.values()];
  const links = [...graph.connections.values()];
  const named = elements.filter((element) => element.name !== element.id);
  const ports = elements.filter((element) => element.parentId !== null);
  return {
    idsByName: mapOfMaps(named, (element) => element.name, (element) => [element.id, element.id]),
    into: Map.groupBy(links, (link) => link.sink),
    outOf: mapOfMaps(links, (link) => sourcePad(link.source, link.media), (link) => [link.id, link]),
    ports: mapOfMaps(ports, (port) => port.parentId ?? "", (port) => [port.id, port.id]),
  };
}

function mapOfMaps<Item, Value>(
  items: readonly Item[],
  groupOf: (item: Item) => string,
  entryOf: (item: Item) => [string, Value],
): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const groups = Map.groupBy(items, groupOf);
  return new Map([...groups].map(([group, members]) => [group, new Map(members.map(entryOf))]));
}
