import { type Definition, isKindOf, type MediaKind } from "../../graph/mod.ts";
import { type ElementFigures, figuresOf, latenciesOf, type Latency } from "../figures.ts";
import type { House } from "../house.ts";
import type { KurentoStats } from "../types.ts";
import type { FoundElement } from "./found.ts";

type MediaType = Uppercase<MediaKind>;

/**
 * Figures of the element's streams in Kurento's shape, by id; all kinds, or those of one. Where the pipeline wants
 * latencyStats there is one entry more, whose id is the element's.
 */
export async function getStats(
  _house: House,
  object: FoundElement,
  { mediaType }: { mediaType?: MediaType },
): Promise<Record<string, KurentoStats>> {
  const { pipeline, id, definition } = object;
  const [figures, latencies] = await Promise.all([
    figuresOf(pipeline, id),
    pipeline.graph.pipeline.properties.latencyStats ? latenciesOf(pipeline, id) : null,
  ]);
  if (!figures) return {};
  const isWanted = (kind: MediaKind) => mediaType === undefined || mediaType === kind.toUpperCase();
  const timestampMillis = Math.round(figures.nowMs);
  const all = [
    ...figures.inbound.filter(({ kind }) => isWanted(kind)).map(inboundOf),
    ...figures.outbound.filter(({ kind }) => isWanted(kind)).map(outboundOf),
    ...(isWanted("data") ? dataOf(figures) : []),
    ...(latencies ? [latencyOf(id, definition, latencies.filter(({ kind }) => isWanted(kind)))] : []),
  ];
  return Object.fromEntries(all.map((stats) => [stats.id, { ...stats, timestampMillis }]));
}

type Untimed = Record<string, unknown> & Pick<KurentoStats, "id" | "type">;

/** What Kurento has fields for and never fills: nothing here has an id that they could name. */
const unnamed = { associateStatsId: "", mediaTrackId: "", transportId: "", codecId: "", isRemote: false };

function inboundOf({ id, figures }: ElementFigures["inbound"][number]): Untimed {
  const { ssrc, packetsReceived, packetsLost } = figures;
  const expected = packetsReceived + packetsLost;
  return {
    id,
    type: "inboundrtp",
    ...unnamed,
    ...countersOf(figures),
    ssrc: String(ssrc),
    packetsLost,
    // Since the stream began; lost may be negative, where duplicates came (RFC 3550 section 6.4.1).
    fractionLost: expected > 0 ? Math.max(0, packetsLost) / expected : 0,
    packetsReceived,
    bytesReceived: figures.bytesReceived,
    jitter: figures.jitter,
  };
}

function outboundOf({ id, figures }: ElementFigures["outbound"][number]): Untimed {
  return {
    id,
    type: "outboundrtp",
    ...unnamed,
    ...countersOf(figures),
    ssrc: String(figures.ssrc),
    packetsLost: figures.packetsLost,
    fractionLost: figures.fractionLost,
    packetsSent: figures.packetsSent,
    bytesSent: figures.bytesSent,
    // Nothing is encoded here: the rate at which it is sent is the one that is aimed at.
    targetBitrate: figures.bitrateBps,
    roundTripTime: figures.roundTripTime,
  };
}

function latencyOf(id: string, definition: Definition, latencies: Latency[]): Untimed {
  const inputLatency = latencies.map(({ kind, inputMs }) => averageOf(kind, inputMs));
  if (!isKindOf(definition, "Endpoint")) return { id, type: "element", inputLatency };
  const whole = latencies.flatMap(({ kind, endToEndMs }) =>
    endToEndMs === null ? [] : [averageOf(kind, endToEndMs)]
  );
  return { id, type: "endpoint", inputLatency, E2ELatency: whole };
}

function averageOf(kind: MediaKind, latencyMs: number) {
  return { name: `sink_${kind}_default`, type: kind.toUpperCase(), avg: Math.round(latencyMs * 1e6) };
}

function countersOf(
  figures: { firCount: number; pliCount: number; nackCount: number; rembBps: number },
): Record<string, number> {
  const { firCount, pliCount, nackCount, rembBps } = figures;
  // Slice loss indications (RFC 4585 section 6.3.2) are neither negotiated nor sent.
  return { firCount, pliCount, nackCount, sliCount: 0, remb: Math.round(rembBps) };
}

function dataOf({ peers, channels }: ElementFigures): Untimed[] {
  const sessions = peers.map(({ id, opened, closed }): Untimed => ({
    id,
    type: "session",
    dataChannelsOpened: opened,
    dataChannelsClosed: closed,
  }));
  const each = channels.map(({ id, figures: { channelId, ...figures } }): Untimed => ({
    id,
    type: "datachannel",
    ...figures,
    datachannelid: channelId,
  }));
  return [...sessions, ...each];
}
