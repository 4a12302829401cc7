import type { ReceiveSpec } from "../../types.ts";
import type { ProgramContext } from "../program.ts";
import { BodySource } from "./body_source.ts";
import type { MediaAccess } from "./media_access.ts";
import type { PlayRules } from "./play_round.ts";
import { playedFormats } from "./played_formats.ts";

/** Read ahead of its time: what smooths the hesitation of a network. */
const AHEAD_MS = 1000;

/** How the body of a request is played: once, from its beginning, at the pace of its own time. */
export function bodyRules(
  { url, useEncodedMedia }: ReceiveSpec,
  { clock, event }: Pick<ProgramContext, "clock" | "event">,
): PlayRules {
  return {
    networkCacheMs: AHEAD_MS,
    loop: false,
    reconnect: false,
    useEncodedMedia,
    openAccess: async () =>
      accessTo(await BodySource.open(url, clock, (silentMs) => event({ type: "bodyStalled", silentMs }))),
  };
}

function accessTo(source: BodySource): MediaAccess {
  return {
    url: source.url,
    options: {
      protocol_whitelist: "http,tcp",
      format_whitelist: playedFormats.body,
      seekable: source.isSeekable ? "1" : "0",
      // It may be live, and then each second of looking at it is one of delay.
      analyzeduration: source.isJpeg ? "100000" : "2000000",
    },
    format: source.isJpeg ? "mjpeg" : null,
    name: "body",
    isLive: false,
    isProbed: true,
    isLocal: false,
    isBody: true,
    refusal: () => null,
    opened: () => {},
    close: () => source.close(),
  };
}
