import type { LiveElement, LivePipeline } from "../engine/mod.ts";
import type { House } from "./house.ts";
import type { StatsView } from "./types.ts";

type PlaneStats = Awaited<ReturnType<LivePipeline["plane"]["stats"]>>;

/** Figures of one element as they are now. */
export async function elementStats(house: House, elementId: string): Promise<StatsView> {
  const pipeline = house.engine.homeOf(elementId, "element_not_found");
  const stats = await pipeline.plane.stats();
  const live = pipeline.live(elementId);
  return live ? statsOf(live, stats) : {};
}

/** Figures of every element of a pipeline as they are now. */
export async function pipelineStats(house: House, pipelineId: string): Promise<StatsView> {
  const pipeline = house.engine.pipeline(pipelineId);
  const stats = await pipeline.plane.stats();
  const views: StatsView = {};
  for (const elementId of pipeline.graph.elements.keys()) {
    const live = pipeline.live(elementId);
    if (live) Object.assign(views, statsOf(live, stats));
  }
  return views;
}

function statsOf(live: LiveElement, stats: PlaneStats): StatsView {
  const views: StatsView = {};
  const { elementId } = live;
  const add = (type: string, id: string, figures: object) => {
    views[id] = { ...figures, id, type, timestampMs: stats.nowMs, elementId };
  };
  for (const link of live.links) {
    for (const figures of stats.transports) {
      if (figures.transport !== link.transport) continue;
      const { iceState, dtlsState, selectedPair } = link;
      const { transport, ...counters } = figures;
      add("transport", `transport-${transport}`, { ...counters, iceState, dtlsState, selectedPair });
    }
    for (const { receiver, source: _source, ...figures } of stats.receivers) {
      if (link.receivers.includes(receiver)) {
        add("inbound-rtp", `inbound-rtp-${receiver}-${figures.ssrc}`, figures);
      }
    }
    for (const { sender, ...figures } of stats.senders) {
      const own = link.senders.find((each) => each.sender === sender);
      if (own) add("outbound-rtp", `outbound-rtp-${sender}`, { ...figures, kind: own.media });
    }
  }
  return views;
}
