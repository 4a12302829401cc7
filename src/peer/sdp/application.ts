import type { SctpTerms } from "../data/data_channels.ts";
import { limits } from "../limits.ts";
import type { MediaDescription } from "./description.ts";
import { destinationOf, type LocalTransport, transportLines } from "./write_section.ts";

/** An m-line of data channels (RFC 8841), or of the form that came before it (`DTLS/SCTP` with a=sctpmap). */
export interface ApplicationSection extends SctpTerms {
  mid: string;
  protocol: string;
}

const LOCAL_SCTP_PORT = 5000;
/** What an m-line without a=max-message-size means (RFC 8841 section 6.1). */
const UNSAID_MESSAGE_BYTES = 65_536;
const CHANNELS = "webrtc-datachannel";
const OLD_PROTOCOL = "DTLS/SCTP";
/** Streams that the old form promises; only INIT counts. */
const OLD_STREAMS = 65_535;

/** What the m-line says; null when it is about something else than data channels over DTLS. */
export function applicationOf(section: MediaDescription): ApplicationSection | null {
  const remotePort = remotePortOf(section);
  if (section.kind !== "application" || remotePort === null) return null;
  return {
    mid: section.mid,
    protocol: section.protocol,
    localPort: LOCAL_SCTP_PORT,
    remotePort,
    remoteMaxMessageBytes: section.maxMessageBytes ?? UNSAID_MESSAGE_BYTES,
  };
}

/** The m-line of an offer of ours. Nothing is known of the other side yet: its answer replaces the last two. */
export function offeredApplication(mid: string): ApplicationSection {
  return {
    mid,
    protocol: "UDP/DTLS/SCTP",
    localPort: LOCAL_SCTP_PORT,
    remotePort: LOCAL_SCTP_PORT,
    remoteMaxMessageBytes: UNSAID_MESSAGE_BYTES,
  };
}

/** The whole m-line; `candidates` when it is the first of its bundle. */
export function applicationLines(
  section: ApplicationSection,
  transport: LocalTransport,
  candidates: boolean,
): string[] {
  const { port, connection } = destinationOf(transport.local);
  const isOld = section.protocol === OLD_PROTOCOL;
  return [
    `m=application ${port} ${section.protocol} ${isOld ? section.localPort : CHANNELS}`,
    connection,
    ...transportLines(transport, candidates),
    ...(section.mid === "" ? [] : [`a=mid:${section.mid}`]),
    isOld ? `a=sctpmap:${section.localPort} ${CHANNELS} ${OLD_STREAMS}` : `a=sctp-port:${section.localPort}`,
    `a=max-message-size:${limits.dataMessageBytes}`,
  ];
}

function remotePortOf({ protocol, formats, sctpPort, sctpMaps }: MediaDescription): number | null {
  if (/^(UDP|TCP)\/DTLS\/SCTP$/.test(protocol) && formats.includes(CHANNELS)) {
    return sctpPort ?? LOCAL_SCTP_PORT;
  }
  if (protocol !== OLD_PROTOCOL) return null;
  const port = formats.find((format) => sctpMaps.get(format) === CHANNELS);
  return port === undefined || !isPort(port) ? null : Number(port);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535;
}
