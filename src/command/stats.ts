import { type ElementFigures, figuresIn, figuresOf } from "./figures.ts";
import type { House } from "./house.ts";
import type { StatsView } from "./types.ts";

/** Figures of one element as they are now. */
export async function elementStats(house: House, elementId: string): Promise<StatsView> {
  const figures = await figuresOf(house.engine.homeOf(elementId, "element_not_found"), elementId);
  return figures ? viewOf(figures) : {};
}

/** Figures of every element of a pipeline as they are now. */
export async function pipelineStats(house: House, pipelineId: string): Promise<StatsView> {
  const pipeline = house.engine.pipeline(pipelineId);
  const stats = await pipeline.plane.stats();
  const views: StatsView = {};
  for (const elementId of pipeline.graph.elements.keys()) {
    const live = pipeline.live(elementId);
    if (live) Object.assign(views, viewOf(figuresIn(stats, live)));
  }
  return views;
}

/** The figures by id, under names of the W3C webrtc-stats. */
function viewOf(figures: ElementFigures): StatsView {
  const { elementId, nowMs, transports, inbound, outbound, peers, channels } = figures;
  const views: StatsView = {};
  const add = (type: string, id: string, figures: object) => {
    views[id] = { ...figures, id, type, timestampMs: nowMs, elementId };
  };
  for (const { id, link, figures: { transport: _transport, ...figures } } of transports) {
    const { iceState, dtlsState, selectedPair } = link;
    add("transport", id, { ...figures, iceState, dtlsState, selectedPair });
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
