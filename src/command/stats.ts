import type { LivePipeline } from "../engine/mod.ts";
import { type ElementFigures, figuresIn, figuresOf, latenciesOf } from "./figures.ts";
import type { House } from "./house.ts";
import type { StatsView } from "./types.ts";

/** Figures of one element as they are now. */
export async function elementStats(house: House, elementId: string): Promise<StatsView> {
  const pipeline = house.engine.homeOf(elementId, "element_not_found");
  const figures = await figuresOf(pipeline, elementId);
  return figures ? { ...viewOf(figures), ...await ownFiguresOf(pipeline, elementId, figures.nowMs) } : {};
}

/** Figures of every element of a pipeline as they are now. */
export async function pipelineStats(house: House, pipelineId: string): Promise<StatsView> {
  const pipeline = house.engine.pipeline(pipelineId);
  const lives = [...pipeline.graph.elements.keys()].flatMap((elementId) => pipeline.live(elementId) ?? []);
  const stats = await pipeline.plane.stats(lives.flatMap(({ transports }) => transports));
  const views: StatsView = {};
  for (const elementId of pipeline.graph.elements.keys()) {
    const live = pipeline.live(elementId);
    if (!live) continue;
    Object.assign(
      views,
      viewOf(figuresIn(stats, live)),
      await ownFiguresOf(pipeline, elementId, stats.nowMs),
    );
  }
  return views;
}

/** What webrtc-stats have no names for: encoders, and, where the pipeline wants latencyStats, latencies. */
async function ownFiguresOf(
  pipeline: LivePipeline,
  elementId: string,
  timestampMs: number,
): Promise<StatsView> {
  const [encoders, latencies] = await Promise.all([
    pipeline.encodingFigures(elementId),
    pipeline.graph.pipeline.properties.latencyStats ? latenciesOf(pipeline, elementId) : [],
  ]);
  const entries = [
    ...encoders.map((figures) => ({ ...figures, id: `encoder-${figures.ssrc}`, type: "encoder" })),
    ...latencies.map((latency) => ({
      ...latency,
      id: `latency-${latency.kind}-${elementId}`,
      type: "latency",
    })),
  ];
  return Object.fromEntries(entries.map((entry) => [entry.id, { ...entry, timestampMs, elementId }]));
}

/** The figures by id, under names of the W3C webrtc-stats. */
function viewOf(figures: ElementFigures): StatsView {
  const { elementId, nowMs, transports, inbound, outbound, peers, channels } = figures;
  const views: StatsView = {};
  const add = (type: string, id: string, figures: object) => {
    views[id] = { ...figures, id, type, timestampMs: nowMs, elementId };
  };
  for (const { id, link, figures: { transport: _transport, ...figures } } of transports) {
    const { iceState, dtlsState, selectedPair } = link ?? {};
    add("transport", id, link ? { ...figures, iceState, dtlsState, selectedPair } : figures);
  }
  for (const { id, kind, figures: { receiver: _receiver, source: _source, ...figures } } of inbound) {
    add("inbound-rtp", id, { ...figures, kind });
  }
  for (const { id, kind, figures: { sender: _sender, ...figures } } of outbound) {
    add("outbound-rtp", id, { ...figures, kind });
  }
  for (const { id, opened, closed } of peers) {
    add("peer-connection", id, { dataChannelsOpened: opened, dataChannelsClosed: closed });
  }
  for (const { id, figures: { channelId, ...figures } } of channels) {
    add("data-channel", id, { ...figures, dataChannelIdentifier: channelId });
  }
  return views;
}
