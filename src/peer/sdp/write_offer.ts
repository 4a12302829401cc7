import type { NegotiatedMedia, PeerOptions } from "../types.ts";
import {
  type LocalTransport,
  mediaHead,
  mediaLines,
  type Origin,
  receiveBound,
  sessionLines,
  transportLines,
} from "./write_section.ts";

/** Writes an offer of ours (RFC 8829 section 5.2). */
export function writeOffer(
  media: NegotiatedMedia[],
  transport: LocalTransport,
  options: PeerOptions,
  origin: Origin,
): string {
  const lines = sessionLines(origin, media.map((m) => m.mid), true);
  media.forEach((m, index) =>
    lines.push(
      ...mediaHead(m, "UDP/TLS/RTP/SAVPF", transport.reach, receiveBound(m, options)),
      ...transportLines(transport, index === 0),
      ...mediaLines(m),
    )
  );
  return lines.join("\r\n") + "\r\n";
}
