import { AppError, randomToken, randomUint32 } from "../../base/mod.ts";
import { codecCatalogue } from "../sdp/codec.ts";
import type { MediaDescription } from "../sdp/description.ts";
import { formatOf } from "../sdp/format.ts";
import type { LocalStreams } from "../sdp/negotiate.ts";
import { parseDescription } from "../sdp/parse.ts";
import type { NegotiatedCodec, NegotiatedMedia } from "../types.ts";
import { isActive } from "./destination.ts";
import { localAddress } from "./local_address.ts";
import { type AgreedSection, keysOf, negotiateRtpAnswer, negotiateRtpOffer } from "./negotiate_rtp.ts";
import type { RtpLine, RtpOptions, RtpPorts, RtpSession } from "./types.ts";
import { type LocalSection, refusedSectionLines, rtpSectionLines, rtpSessionLines } from "./write_rtp.ts";

/** Begins an RTP session: nothing is negotiated, no port is open. */
export function openRtpSession(options: RtpOptions): RtpSession {
  return new Session(options);
}

/** An m-line of an offer of ours that waits for its answer. */
interface OpenLine {
  readonly media: NegotiatedMedia;
  readonly ports: RtpPorts;
}

/**
 *   new ──processOffer──────────────────────► negotiated
 *   new ──generateOffer──► offered ──processAnswer──► negotiated
 */
class Session implements RtpSession {
  lines: RtpLine[] = [];
  localDescription: string | null = null;
  remoteDescription: string | null = null;
  readonly #options: RtpOptions;
  readonly #origin = { sessionId: String(randomUint32()), version: 1 };
  readonly #streams: LocalStreams = { cname: randomToken(16), newSsrc: randomUint32 };
  #stage: "new" | "offered" | "negotiated" = "new";
  #offered: OpenLine[] = [];

  constructor(options: RtpOptions) {
    this.#options = options;
  }

  async processOffer(sdp: string): Promise<string> {
    this.#requireNew();
    const sections = negotiateRtpOffer(parseDescription(sdp), this.#options, this.#streams);
    const first = sections.find(({ agreed }) => agreed)?.agreed;
    const texts: string[] = rtpSessionLines(this.#origin, this.#addressFor(first ?? null));
    for (const { offered, agreed } of sections) {
      const address = this.#addressFor(agreed ?? first ?? null);
      if (agreed === null) texts.push(...refusedSectionLines(offered, address));
      else texts.push(...rtpSectionLines(await this.#answerTo(offered, agreed, address), this.#options));
    }
    this.#stage = "negotiated";
    this.remoteDescription = sdp;
    return this.localDescription = joined(texts);
  }

  async generateOffer(wanted: { audio: boolean; video: boolean }): Promise<string> {
    this.#requireNew();
    const kinds = (["audio", "video"] as const).filter((kind) =>
      wanted[kind] && this.#options.codecs[kind].length > 0
    );
    if (kinds.length === 0) throw nothingWanted();
    const address = localAddress(this.#options.addresses, null, this.#options.useIpv6);
    for (const kind of kinds) {
      const ports = await this.#options.openPorts(true);
      this.#offered.push({ media: offeredMedia(kind, this.#options, this.#streams), ports });
    }
    const texts = this.#offered.flatMap((line) => rtpSectionLines(this.#offer(line, address), this.#options));
    this.#stage = "offered";
    return this.localDescription = joined([...rtpSessionLines(this.#origin, address), ...texts]);
  }

  processAnswer(sdp: string): void {
    if (this.#stage !== "offered") throw notOffered(this.#stage);
    const offered = this.#offered.map(({ media }) => media);
    const answered = negotiateRtpAnswer(parseDescription(sdp), offered, this.#options);
    answered.forEach((agreed, index) => {
      if (agreed) this.#take(agreed, this.#offered[index].ports);
    });
    this.#stage = "negotiated";
    this.remoteDescription = sdp;
  }

  #addressFor(agreed: AgreedSection | null): string {
    return localAddress(this.#options.addresses, agreed?.from ?? null, this.#options.useIpv6);
  }

  async #answerTo(offered: MediaDescription, agreed: AgreedSection, address: string): Promise<LocalSection> {
    const { media, rtcpMux } = agreed;
    const ports = await this.#options.openPorts(!rtcpMux);
    this.#take(agreed, ports);
    return {
      media,
      ports,
      address,
      rtcpMux,
      protocol: offered.protocol,
      cryptoTag: agreed.crypto?.tag ?? 1,
      answers: answersTo(offered),
    };
  }

  #offer({ media, ports }: OpenLine, address: string): LocalSection {
    const protocol = this.#options.sdes ? "RTP/SAVPF" : "RTP/AVPF";
    return { media, ports, address, protocol, rtcpMux: true, cryptoTag: 1, answers: [] };
  }

  #take(agreed: AgreedSection, ports: RtpPorts): void {
    const { media, rtp, rtcp, from, latch, maxSendKbps, crypto } = agreed;
    const keys = keysOf(this.#options.sdes, crypto);
    this.lines.push({ media, ports, rtp, rtcp, from, latch, maxSendKbps, keys });
  }

  #requireNew(): void {
    if (this.#stage === "new") return;
    throw new AppError(
      "endpoint_negotiated",
      `Cannot negotiate: the session is ${this.#stage} vs new, open a new session`,
    );
  }
}

/** What an answer says back: the name of the m-line, and who opens the connection. */
function answersTo(offered: MediaDescription): string[] {
  const active = isActive(offered);
  return [
    ...(offered.mid === "" ? [] : [`a=mid:${offered.mid}`]),
    ...(offered.setup === null ? [] : [`a=setup:${active ? "passive" : "active"}`]),
    ...(offered.comedia === "" ? [] : [`a=direction:${active ? "passive" : "active"}`]),
  ];
}

function offeredMedia(
  kind: "audio" | "video",
  options: RtpOptions,
  streams: LocalStreams,
): NegotiatedMedia {
  return {
    kind,
    mid: "",
    direction: "sendrecv",
    codecs: options.codecs[kind].flatMap((name) => offeredCodecs(kind, name)),
    extensions: {},
    remoteSsrcs: [],
    rids: [],
    localSsrc: streams.newSsrc(),
    localRtxSsrc: 0,
    cname: streams.cname,
  };
}

function offeredCodecs(kind: "audio" | "video", name: string): NegotiatedCodec[] {
  const entry = codecCatalogue.find((known) => known.kind === kind && known.codec === name);
  const isVideo = kind === "video";
  const feedback = { nack: isVideo, pli: isVideo, fir: isVideo, remb: isVideo, transportCc: false };
  return (entry?.offers ?? []).map(({ payloadType, parameters }) => ({
    payloadType,
    codec: name,
    format: formatOf(name, parameters),
    clockRate: entry?.clockRate ?? 0,
    channels: entry?.channels ?? 1,
    parameters,
    rtxPayloadType: null,
    feedback,
  }));
}

function joined(lines: string[]): string {
  return lines.join("\r\n") + "\r\n";
}

function nothingWanted(): AppError {
  return new AppError(
    "sdp_unacceptable",
    "Cannot make an offer: neither audio nor video is wanted vs at least one, ask for one of them",
  );
}

function notOffered(stage: string): AppError {
  return new AppError(
    "offer_not_generated",
    `Cannot take the answer: the session is ${stage} vs offered, generate an offer first`,
  );
}
