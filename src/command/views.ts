import type { LivePipeline } from "../engine/mod.ts";
import {
  allOf,
  type Connection,
  type Element,
  type Graph,
  type PropertySpec,
  type Session,
} from "../graph/mod.ts";
import type { ConnectionView, ElementView, PipelineSummary, PipelineView, SessionView } from "./types.ts";

export function pipelineView(live: LivePipeline): PipelineView {
  const { elements, connections } = live.graph;
  return {
    ...pipelineHead(live.graph),
    elements: [...elements.values()].map((element) => elementView(live, element)),
    connections: [...connections.values()].map(connectionView),
  };
}

export function pipelineSummary({ graph }: LivePipeline): PipelineSummary {
  return {
    ...pipelineHead(graph),
    elementCount: graph.elements.size,
    connectionCount: graph.connections.size,
  };
}

function pipelineHead({ pipeline }: Graph): Omit<PipelineView, "elements" | "connections"> {
  return { ...pipeline, tags: { ...pipeline.tags }, properties: { ...pipeline.properties } };
}

export function elementView(live: LivePipeline, element: Element): ElementView {
  const { kept: _kept, ...shown } = element;
  return {
    ...shown,
    options: { ...element.options },
    tags: { ...element.tags },
    properties: currentProperties(live, element),
  };
}

/** Value of one property of an element now; what was given at creation and nobody computes is an option. */
export function propertyOf(live: LivePipeline, element: Element, name: string, spec: PropertySpec): unknown {
  const alive = live.live(element.id);
  const compute = alive?.instance.computed?.[name];
  if (compute) return compute();
  return spec.access === "readWrite"
    ? alive?.property(name)
    : spec.access === "final"
    ? element.options[name]
    : undefined;
}

/** Every property but those that are fields of the view already. */
function currentProperties(live: LivePipeline, element: Element): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const alive = live.live(element.id);
  if (!alive) return values;
  for (const [name, spec] of Object.entries(allOf(alive.definition, "properties"))) {
    if (!spec.field) values[name] = propertyOf(live, element, name, spec);
  }
  return values;
}

export function connectionView(connection: Connection): ConnectionView {
  return { ...connection };
}

export function sessionView(live: LivePipeline, session: Session): SessionView {
  const iceGeneration = live.live(session.elementId)?.instance.session?.iceGeneration ?? "0";
  return { ...session, iceGeneration };
}
