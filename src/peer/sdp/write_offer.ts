import type { NegotiatedMedia, PeerOptions } from "../types.ts";
import { applicationLines, type ApplicationSection } from "./application.ts";
import {
  type LocalTransport,
  mediaHead,
  mediaLines,
  type Origin,
  receiveBound,
  sessionLines,
  transportLines,
} from "./write_section.ts";

/** Writes an offer of ours (RFC 8829 section 5.2): media, then data channels where they are wanted. */
export function writeOffer(
  media: NegotiatedMedia[],
  application: ApplicationSection | null,
  transport: LocalTransport,
  options: PeerOptions,
  origin: Origin,
): string {
  const mids = [...media, ...(application ? [application] : [])].map(({ mid }) => mid);
  const lines = sessionLines(origin, mids, true);
  media.forEach((m, index) =>
    lines.push(
      ...mediaHead(m, "UDP/TLS/RTP/SAVPF", transport.local, receiveBound(m, options)),
      ...transportLines(transport, index === 0),
      ...mediaLines(m),
    )
  );
  if (application) lines.push(...applicationLines(application, transport, media.length === 0));
  return lines.join("\r\n") + "\r\n";
}
