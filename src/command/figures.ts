import type { LiveElement, LivePipeline } from "../engine/mod.ts";
import { allOf } from "../graph/mod.ts";

type PlaneStats = Awaited<ReturnType<LivePipeline["plane"]["stats"]>>;
type Link = LiveElement["links"] extends ReadonlySet<infer Each> ? Each : never;
type Receivers = PlaneStats["receivers"];
type Media = "audio" | "video";

const kinds = ["audio", "video"] as const;

/** What was counted for one element, stream by stream. Ids are stable while a stream lasts. */
export interface ElementFigures {
  elementId: string;
  nowMs: number;
  /** `link` is null for RTP sessions, which have neither ICE nor DTLS. */
  transports: { id: string; link: Link | null; figures: PlaneStats["transports"][number] }[];
  inbound: { id: string; kind: Media; figures: PlaneStats["receivers"][number] }[];
  outbound: { id: string; kind: Media; figures: PlaneStats["senders"][number] }[];
  /** Of peers that have, or had, data channels. */
  peers: { id: string; opened: number; closed: number }[];
  channels: { id: string; figures: Link["dataChannels"][number] }[];
}

/** Figures of the element as they are now; null when it has gone meanwhile. */
export async function figuresOf(pipeline: LivePipeline, elementId: string): Promise<ElementFigures | null> {
  const stats = await pipeline.plane.stats(pipeline.live(elementId)?.transports ?? []);
  const live = pipeline.live(elementId);
  return live ? figuresIn(stats, live) : null;
}

/** How long media of one kind takes, as far as it is measured. */
export interface Latency {
  kind: Media;
  /** From its arrival at this machine until it leaves for the element, as its source gives it. */
  inputMs: number;
  /**
   * The same until it has left for the element's peer, or is ready for its file, with what decoders and encoders on the
   * way take; null where a part of that is not measured yet.
   */
  endToEndMs: number | null;
}

/** One way of media into an element. */
interface Way {
  kind: Media;
  feeder: LiveElement;
  detour: Awaited<ReturnType<LivePipeline["detourOf"]>>;
  /** In the program that it comes from, and in the one that it goes to. */
  fromMs: number | null;
  intoMs: number | null;
}

/** Latencies of what flows into the element now. */
export async function latenciesOf(pipeline: LivePipeline, elementId: string): Promise<Latency[]> {
  const ways = await Promise.all(kinds.map((kind) => wayInto(pipeline, elementId, kind)));
  const known = ways.filter((way) => way !== null);
  const transports = known.flatMap(({ feeder, detour }) =>
    [...feeder.transports, detour?.transport ?? []].flat()
  );
  const { receivers } = await pipeline.plane.stats(transports);
  return known.flatMap((way) => latencyOf(way, receivers) ?? []);
}

async function wayInto(pipeline: LivePipeline, elementId: string, kind: Media): Promise<Way | null> {
  const live = pipeline.live(elementId);
  const feeder = live?.feeder(kind);
  if (!live || !feeder) return null;
  const [detour, fromMs, intoMs] = await Promise.all([
    pipeline.detourOf(elementId, kind),
    feeder.programLatencyMs(kind),
    live.programLatencyMs(kind),
  ]);
  return { kind, feeder, detour, fromMs, intoMs };
}

/** Null where nothing flows. */
function latencyOf({ kind, feeder, detour, fromMs, intoMs }: Way, receivers: Receivers): Latency | null {
  const planeMs = residenceOf(feeder.sourceOf(kind), receivers);
  if (planeMs === null) return null;
  const inputMs = planeMs + (fromMs ?? 0);
  const parts = [planeMs, fromMs, intoMs];
  if (detour) parts.push(detour.latencyMs, residenceOf(detour.source, receivers));
  const isWhole = parts.every((part) => part !== null);
  return { kind, inputMs, endToEndMs: isWhole ? parts.reduce((sum, part) => sum + part) : null };
}

/** How long packets of a source stay in the plane; of several layers, those that flow: each takes as long as the others. */
function residenceOf(source: number, receivers: Receivers): number | null {
  const flowing = receivers.filter((each) => each.source === source && each.bitrateBps > 0);
  return flowing.length > 0 ? Math.max(...flowing.map(({ latencyMs }) => latencyMs)) : null;
}

/** The part of the plane's figures that is about one element. */
export function figuresIn(stats: PlaneStats, live: LiveElement): ElementFigures {
  const links = [...live.links];
  const ways = [
    ...links.map((link) => ({ link, transports: [link.transport] })),
    ...[...live.rtpLinks].map(({ transports }) => ({ link: null, transports })),
  ];
  const carriers = [...links, ...live.rtpLinks];
  return {
    elementId: live.elementId,
    nowMs: stats.nowMs,
    transports: ways.flatMap(({ link, transports }) =>
      stats.transports.filter(({ transport }) => transports.includes(transport))
        .map((figures) => ({ id: `transport-${figures.transport}`, link, figures }))
    ),
    inbound: carriers.flatMap((link) =>
      stats.receivers.filter(({ receiver }) => link.receivers.includes(receiver))
        .map((figures) => ({
          id: `inbound-rtp-${figures.receiver}-${figures.ssrc}`,
          kind: kindOf(live, figures.source),
          figures,
        }))
    ),
    outbound: carriers.flatMap((link) => link.senders.map(({ sender, media }) => ({ sender, kind: media })))
      .flatMap(({ sender, kind }) =>
        stats.senders.filter((figures) => figures.sender === sender)
          .map((figures) => ({ id: `outbound-rtp-${sender}`, kind, figures }))
      ),
    peers: links.map(({ transport, channelCounts }) => ({
      id: `peer-connection-${transport}`,
      ...channelCounts,
    }))
      .filter(({ opened }) => opened > 0),
    channels: links.flatMap((link) =>
      link.dataChannels.map((figures) => ({
        id: `data-channel-${link.transport}-${figures.channelId}`,
        figures,
      }))
    ),
  };
}

function kindOf(live: LiveElement, source: number): Media {
  const hasAudio = allOf(live.definition, "pads").audio === "endpoint";
  return hasAudio && live.sourceOf("audio") === source ? "audio" : "video";
}
