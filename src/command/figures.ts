import type { LiveElement, LivePipeline } from "../engine/mod.ts";
import { allOf } from "../graph/mod.ts";

type PlaneStats = Awaited<ReturnType<LivePipeline["plane"]["stats"]>>;
type Link = LiveElement["links"] extends ReadonlySet<infer Each> ? Each : never;
type Media = "audio" | "video";

/** What was counted for one element, stream by stream. Ids are stable while a stream lasts. */
export interface ElementFigures {
  elementId: string;
  nowMs: number;
  transports: { id: string; link: Link; figures: PlaneStats["transports"][number] }[];
  inbound: { id: string; kind: Media; figures: PlaneStats["receivers"][number] }[];
  outbound: { id: string; kind: Media; figures: PlaneStats["senders"][number] }[];
  /** Of peers that have, or had, data channels. */
  peers: { id: string; opened: number; closed: number }[];
  channels: { id: string; figures: Link["dataChannels"][number] }[];
}

/** Figures of the element as they are now; null when it has gone meanwhile. */
export async function figuresOf(pipeline: LivePipeline, elementId: string): Promise<ElementFigures | null> {
  const stats = await pipeline.plane.stats();
  const live = pipeline.live(elementId);
  return live ? figuresIn(stats, live) : null;
}

/** The part of the plane's figures that is about one element. */
export function figuresIn(stats: PlaneStats, live: LiveElement): ElementFigures {
  const links = [...live.links];
  return {
    elementId: live.elementId,
    nowMs: stats.nowMs,
    transports: links.flatMap((link) =>
      stats.transports.filter(({ transport }) => transport === link.transport)
        .map((figures) => ({ id: `transport-${figures.transport}`, link, figures }))
    ),
    inbound: links.flatMap((link) =>
      stats.receivers.filter(({ receiver }) => link.receivers.includes(receiver))
        .map((figures) => ({
          id: `inbound-rtp-${figures.receiver}-${figures.ssrc}`,
          kind: kindOf(live, figures.source),
          figures,
        }))
    ),
    outbound: links.flatMap((link) => link.senders.map(({ sender, media }) => ({ sender, kind: media })))
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
