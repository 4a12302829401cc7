import { IndexEdit, indexOf, setIndex } from "./index_of.ts";
import type { Connection, Element, ElementLookup, Graph, Pipeline } from "./model.ts";
import { MapEdit } from "./patched_map.ts";
import type { Effect, Plan, PlannedEvent } from "./planned.ts";

/**
 * A graph while several changes are planned as one; the graph it came from is untouched. It costs what the changes cost,
 * not what the graph does: maps share what stays the same, and the index follows.
 */
export class Draft {
  readonly effects: Effect[] = [];
  readonly events: PlannedEvent[] = [];
  readonly #before: Graph;
  readonly #elements: MapEdit<Element>;
  readonly #connections: MapEdit<Connection>;
  readonly #index: IndexEdit;
  readonly #touchedElements = new Set<string>();
  readonly #touchedConnections = new Map<string, Connection>();
  #pipeline: Pipeline;

  constructor(graph: Graph) {
    this.#before = graph;
    this.#pipeline = graph.pipeline;
    this.#elements = new MapEdit(graph.elements);
    this.#connections = new MapEdit(graph.connections);
    this.#index = new IndexEdit(indexOf(graph));
  }

  get pipeline(): Pipeline {
    return this.#pipeline;
  }
  get elements(): ElementLookup["elements"] {
    return this.#elements;
  }

  /** Counts the pipeline's version up, with what else changes of it. */
  touch(edit: Partial<Pipeline> = {}): void {
    this.#pipeline = { ...this.#pipeline, ...edit, version: this.#pipeline.version + 1 };
  }

  putElement(element: Element): void {
    const former = this.#elements.get(element.id);
    if (former) this.#index.dropElement(former);
    this.#elements.set(element.id, element);
    this.#index.addElement(element);
    this.#touchedElements.add(element.id);
  }

  dropElement(element: Element): void {
    this.#elements.delete(element.id);
    this.#index.dropElement(element);
    this.#touchedElements.add(element.id);
  }

  putConnection(link: Connection): void {
    this.#connections.set(link.id, link);
    this.#index.addLink(link);
    this.#touchedConnections.set(link.id, link);
  }

  dropConnection(link: Connection): void {
    this.#connections.delete(link.id);
    this.#index.dropLink(link);
    this.#touchedConnections.set(link.id, link);
  }

  /** Id of an element that has this name. */
  idNamed(name: string): string | undefined {
    const named = this.#index.idsByName.get(name)?.keys().next().value;
    return named ?? (this.#elements.get(name)?.name === name ? name : undefined);
  }

  /** The connection that ends at the sink pad where `link` ends. */
  atSinkOf(link: Connection): Connection | undefined {
    return this.linksInto(link.sink).find((each) =>
      each.media === link.media && each.sinkDescription === link.sinkDescription
    );
  }

  linksInto(elementId: string): readonly Connection[] {
    return this.#index.linksInto(elementId);
  }

  /** Connections of this element in both directions, each once. */
  linksOf(elementId: string): Connection[] {
    return [...new Set(this.#index.linksOf(elementId))];
  }

  /** Ids of the ports of a hub. */
  portsOf(hubId: string): string[] {
    return [...this.#index.ports.get(hubId)?.keys() ?? []];
  }

  /** What was planned. The draft must not be used after that. */
  plan(): Plan {
    const { effects, events } = this;
    const touched = { elements: this.#touchedElements, connections: this.#touchedConnections };
    const rows = touched.elements.size + touched.connections.size;
    if (rows === 0 && this.#pipeline === this.#before.pipeline) {
      return { graph: this.#before, effects, events, touched };
    }
    const [elements, connections] = [this.#elements.done(), this.#connections.done()];
    const graph = { pipeline: this.#pipeline, elements, connections };
    setIndex(graph, rows === 0 ? indexOf(this.#before) : this.#index.done());
    return { graph, effects, events, touched };
  }
}
