import type { Clock } from "../../../base/mod.ts";
import type { PlaySpec } from "../../types.ts";
import { EgressGate } from "./egress_gate.ts";
import { folderUrl } from "./folder_pages.ts";
import { GrowingFile, isGrowing } from "./growing_file.ts";
import { jpegsIn } from "./jpeg_series.ts";
import { MediaFault } from "./media_fault.ts";
import { type MediaUri, readMediaUri, schemeOf, writeMediaUri } from "./media_uri.ts";
import { playedFormats } from "./played_formats.ts";
import { anyAddressOf, publicAddressOf, type Resolve } from "./resolve.ts";
import { StreamRelay } from "./stream_relay.ts";
import { WebBody } from "./web_body.ts";

/** How FFmpeg is led to a source, within what the rules allow. */
export interface MediaAccess {
  url: string;
  options: Record<string, string>;
  /** FFmpeg's name of what it is, where that is known; otherwise FFmpeg finds out. */
  format?: string | null;
  /** For people: what kind of source it is, without a secret of the URI. */
  name: string;
  isLive: boolean;
  /** What it is shows only from its bytes. */
  isProbed: boolean;
  /** It is at hand: reading never waits. */
  isLocal: boolean;
  /** The body of a request: there is no way to it that could be at fault. */
  isBody?: boolean;
  /** What a web server sends; of a playlist, which is read piece by piece, that says nothing. */
  body?(): WebBody | null;
  /** Why FFmpeg was not let through, if it was not. */
  refusal(): MediaFault | null;
  /** The source is open. */
  opened(): void;
  close(): void;
}

/** Nothing comes for so long: the source is lost. */
const SILENCE_LIMIT_MS = 10_000;

/** What a live source is shows soon; each second of looking is one of delay. */
const liveOptions = { analyzeduration: "2000000" };

/** AVI does not say when pictures are shown that were moved for the sake of B-frames: FFmpeg works it out. */
const ALL_TIMES = "+genpts";

/**
 * Looks at the URI of a specification and at where it leads. `resolve` stands for the rule on hosts; the default is
 * that of the specification. Throws MediaFault.
 */
export async function openMediaAccess(
  spec: PlaySpec,
  clock: Clock,
  resolve: Resolve | null = spec.allowPrivateHosts ? null : publicAddressOf,
): Promise<MediaAccess> {
  const uri = readMediaUri(spec.uri, spec);
  const { protocols, isLive } = schemeOf(uri);
  const access = {
    url: writeMediaUri(uri),
    options: {
      protocol_whitelist: protocols,
      format_whitelist: formatsOf(uri),
      ...(isLive ? liveOptions : {}),
      ...optionsOf(uri, spec),
    },
    name: uri.scheme === "file" ? "file" : `${uri.scheme} source`,
    isLive,
    isProbed: !isLive,
    isLocal: uri.scheme === "file",
    refusal: () => null,
    opened: () => {},
    close: () => {},
  };
  if (uri.scheme === "file") {
    if (isPlaylist(uri.path)) return throughFolder(access, uri.path, spec, clock);
    const jpegs = await jpegsIn(uri.path);
    if (isGrowing(uri.path)) return alongGrowth(access, uri.path, jpegs === "none" ? null : "mjpeg", clock);
    // By its name FFmpeg takes it for one picture.
    return jpegs === "several" ? { ...access, format: "mjpeg" } : access;
  }
  // FFmpeg's own look-up cannot be interrupted: what has no address is found out here.
  const address = await (resolve ?? anyAddressOf)(uri.host);
  if (uri.scheme.startsWith("http")) return throughGate(access, resolve ?? anyAddressOf, clock);
  if (resolve === null) return access;
  if (uri.scheme === "srt") return { ...access, url: writeMediaUri({ ...uri, host: address }) };
  return throughRelay(access, uri, resolve);
}

/** What the source may be, and what it may name. */
function formatsOf({ scheme, path }: MediaUri): string {
  if (scheme === "file") return isPlaylist(path) ? playedFormats.playlist : playedFormats.file;
  if (scheme.startsWith("http")) return playedFormats.web;
  return scheme.startsWith("rtsp") ? playedFormats.rtsp : playedFormats.stream;
}

const isPlaylist = (path: string) => /\.m3u8?$/i.test(path);

/** A playlist names other files, which FFmpeg would open wherever they are: it gets them from the gate. */
function throughFolder(
  access: MediaAccess,
  path: string,
  { mediaDir }: PlaySpec,
  clock: Clock,
): MediaAccess {
  const folder = Deno.realPathSync(mediaDir);
  const { protocols } = schemeOf({ scheme: "http" });
  return throughGate(
    {
      ...access,
      url: folderUrl(path, folder),
      options: { ...access.options, protocol_whitelist: protocols },
    },
    (host) => {
      const why = `Cannot play the file: its playlist leads to "${host}", and not to files beside it`;
      return Promise.reject(new MediaFault("INVALID_URI", why));
    },
    clock,
    folder,
  );
}

/** What is still being recorded is played as far as the recorder gets, and has no positions until then. */
function alongGrowth(access: MediaAccess, path: string, format: string | null, clock: Clock): MediaAccess {
  const body = new WebBody({ headers: { "transfer-encoding": "chunked" } }, clock);
  // A recorder may pause for as long as it likes.
  const file = new GrowingFile(path, clock, (bytes) => body.watched(bytes, () => {}));
  return {
    ...access,
    url: file.url,
    options: {
      protocol_whitelist: "http,tcp",
      format_whitelist: playedFormats.body,
      seekable: "0",
      fflags: ALL_TIMES,
    },
    format,
    isLocal: false,
    body: () => body,
    close: () => file.close(),
  };
}

function throughGate(
  access: MediaAccess,
  resolve: Resolve,
  clock: Clock,
  folder: string | null = null,
): MediaAccess {
  const gate = new EgressGate(resolve, clock, folder);
  return {
    ...access,
    options: { ...access.options, http_proxy: gate.url },
    refusal: () => gate.refusal,
    body: () => gate.body,
    close: () => gate.close(),
  };
}

/** RTSP and RTMP have one server; both are spoken by TCP alone. */
function throughRelay(access: MediaAccess, uri: MediaUri, resolve: Resolve): MediaAccess {
  const isSecure = uri.scheme.endsWith("s");
  const scheme = isSecure ? uri.scheme.slice(0, -1) : uri.scheme;
  const port = uri.port ?? schemeOf(uri).defaultPort!;
  const relay = new StreamRelay({ host: uri.host, port, isSecure }, resolve);
  return {
    ...access,
    url: writeMediaUri({ ...uri, scheme, host: "127.0.0.1", port: relay.port }),
    options: {
      ...access.options,
      protocol_whitelist: `${scheme},tcp`,
      ...(scheme === "rtsp" ? { rtsp_transport: "tcp", rtsp_flags: "0" } : { rtmp_tcurl: tcUrl(uri) }),
    },
    refusal: () => relay.refusal,
    opened: () => relay.opened(),
    close: () => relay.close(),
  };
}

/** The URL of an RTMP application: its name has two parts where the stream's name leaves them. */
function tcUrl(uri: MediaUri): string {
  const parts = uri.path.split("?")[0].split("/").slice(1);
  const application = parts.slice(0, parts.length > 2 ? 2 : 1).join("/");
  return writeMediaUri({ ...uri, user: "", path: `/${application}` });
}

function optionsOf({ scheme }: MediaUri, { networkCacheMs }: PlaySpec): Record<string, string> {
  const limit = String(SILENCE_LIMIT_MS * 1000);
  const delay = String(networkCacheMs * 1000);
  switch (scheme) {
    case "file":
      // A name of a picture is one, and no pattern for many.
      return { pattern_type: "none", fflags: ALL_TIMES };
    case "http":
    case "https":
      // The gate notices silence first, and knows whether it is the server's.
      return {
        rw_timeout: String((SILENCE_LIMIT_MS + 2000) * 1000),
        reconnect: "1",
        reconnect_delay_max: "4",
        // A radio would put the names of its songs between the sound.
        icy: "0",
        fflags: ALL_TIMES,
      };
    case "rtsp":
    case "rtsps":
      // By UDP only from who does not do it by TCP.
      return { rtsp_flags: "prefer_tcp", timeout: limit, max_delay: delay };
    case "srt":
      return { rw_timeout: limit, connect_timeout: String(SILENCE_LIMIT_MS) };
    default:
      return { rw_timeout: limit };
  }
}
