import type { PeerOptions } from "../types.ts";
import type { MediaDescription } from "./description.ts";
import { applicationLines } from "./application.ts";
import type { AnswerPlan } from "./negotiate.ts";
import {
  type LocalTransport,
  mediaHead,
  mediaLines,
  type Origin,
  receiveBound,
  sessionLines,
  transportLines,
} from "./write_section.ts";

/**
 * Writes the answer (RFC 8829 section 5.3). Candidates stand in the first m-line in use only: FFmpeg reads at most
 * 8192 bytes of an answer, and bundled m-lines share them.
 */
export function writeAnswer(
  plan: AnswerPlan,
  transport: LocalTransport,
  options: PeerOptions,
  origin: Origin,
): string {
  const used = plan.sections.flatMap((s) => s.media ?? s.application ?? []);
  const mids = used.map(({ mid }) => mid).filter((mid) => mid !== "");
  const lines = sessionLines(origin, mids, plan.trickle);
  for (const { offered, media, application } of plan.sections) {
    if (application) {
      lines.push(...applicationLines(application, transport, application === used[0]));
      continue;
    }
    if (media === null) {
      lines.push(...refusedLines(offered));
      continue;
    }
    lines.push(
      ...mediaHead(media, offered.protocol, transport.local, receiveBound(media, options)),
      ...transportLines(transport, media === used[0]),
      ...mediaLines(media),
    );
  }
  return lines.join("\r\n") + "\r\n";
}

/** An m-line turned down (RFC 3264 section 6): port 0, and it names a format all the same. */
function refusedLines(offered: MediaDescription): string[] {
  return [
    `m=${offered.kind} 0 ${offered.protocol} ${offered.formats[0]}`,
    "c=IN IP4 0.0.0.0",
    ...(offered.mid === "" ? [] : [`a=mid:${offered.mid}`]),
    "a=inactive",
  ];
}
