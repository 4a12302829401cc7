import type { Connection, Element, Graph, Pipeline } from "./model.ts";
import type { Effect, Plan, PlannedEvent } from "./planned.ts";

/** A viewer who joins connects one or two pads: an index of thousands for that costs more than looking through them. */
const SCANS = 4;

/**
 * A graph while several changes are planned as one. Its maps are copied once, when the first change touches them, so
 * that a request with a thousand elements costs a thousand steps and not a million; the graph it came from is untouched.
 */
export class Draft {
  readonly effects: Effect[] = [];
  readonly events: PlannedEvent[] = [];
  readonly #before: Graph;
  #pipeline: Pipeline;
  #elements: ReadonlyMap<string, Element>;
  #connections: ReadonlyMap<string, Connection>;
  #ownElements: Map<string, Element> | null = null;
  #ownConnections: Map<string, Connection> | null = null;
  #idsByName: Map<string, string> | null = null;
  #intoSinkPad: Map<string, Connection> | null = null;
  #sinksSought = 0;

  constructor(graph: Graph) {
    this.#before = graph;
    this.#pipeline = graph.pipeline;
    this.#elements = graph.elements;
    this.#connections = graph.connections;
  }

  get pipeline(): Pipeline {
    return this.#pipeline;
  }
  get elements(): ReadonlyMap<string, Element> {
    return this.#elements;
  }
  get connections(): ReadonlyMap<string, Connection> {
    return this.#connections;
  }

  /** Counts the pipeline's version up, with what else changes of it. */
  touch(edit: Partial<Pipeline> = {}): void {
    this.#pipeline = { ...this.#pipeline, ...edit, version: this.#pipeline.version + 1 };
  }

  putElement(element: Element): void {
    this.#elements = this.#ownElements ??= new Map(this.#elements);
    const former = this.#ownElements.get(element.id);
    if (former) this.#idsByName?.delete(former.name);
    this.#ownElements.set(element.id, element);
    this.#idsByName?.set(element.name, element.id);
  }

  dropElement(element: Element): void {
    this.#elements = this.#ownElements ??= new Map(this.#elements);
    this.#ownElements.delete(element.id);
    this.#idsByName?.delete(element.name);
  }

  putConnection(link: Connection): void {
    this.#connections = this.#ownConnections ??= new Map(this.#connections);
    this.#ownConnections.set(link.id, link);
    this.#intoSinkPad?.set(sinkPad(link), link);
  }

  dropConnection(link: Connection): void {
    this.#connections = this.#ownConnections ??= new Map(this.#connections);
    this.#ownConnections.delete(link.id);
    this.#intoSinkPad?.delete(sinkPad(link));
  }

  /** Id of the element that has this name. */
  idNamed(name: string): string | undefined {
    this.#idsByName ??= new Map([...this.#elements.values()].map((element) => [element.name, element.id]));
    return this.#idsByName.get(name);
  }

  /** The connection that ends at the sink pad where `link` ends. */
  atSinkOf(link: Connection): Connection | undefined {
    if (!this.#intoSinkPad && ++this.#sinksSought <= SCANS) return scan(this.#connections, link);
    this.#intoSinkPad ??= new Map([...this.#connections.values()].map((each) => [sinkPad(each), each]));
    return this.#intoSinkPad.get(sinkPad(link));
  }

  /** What was planned. The draft must not be used after that. */
  plan(): Plan {
    const { effects, events } = this;
    if (this.#pipeline === this.#before.pipeline) return { graph: this.#before, effects, events };
    const graph = { pipeline: this.#pipeline, elements: this.#elements, connections: this.#connections };
    return { graph, effects, events };
  }
}

function scan(connections: ReadonlyMap<string, Connection>, link: Connection): Connection | undefined {
  for (const each of connections.values()) {
    if (each.sink === link.sink && sinkPad(each) === sinkPad(link)) return each;
  }
}

function sinkPad(link: Connection): string {
  return `${link.sink} ${link.media} ${link.sinkDescription}`;
}
