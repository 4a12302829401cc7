/**
 * What the main side says to a frame worker and hears of it. Control is one JSON object per line over the worker's
 * stdin and stdout; media is plain RTP and RTCP over loopback UDP, so that to the packet plane a program is a peer
 * like any other, without encryption.
 */

export type FrameMedia = "audio" | "video";

/** A codec as it travels between plane and worker; payload types are those of `programPayloads`. */
export interface StreamFormat {
  /** Encoding name in upper case: VP8, VP9, H264, H265, AV1, OPUS, PCMU, PCMA. */
  codec: string;
  /** Plane's format string, e.g. "H264/1/42e0": what must be equal for packets to pass untouched. */
  format: string;
}

/** Decodes one stream once and encodes it for every wanted format; outputs come and go while it runs. */
export interface TranscodeSpec {
  kind: "transcode";
  media: FrameMedia;
}

/** Where programs may read and write, and whom they may reach: the operator's decision, not the client's. */
export interface MediaRules {
  /** Only these schemes are opened; "file" only below `mediaDir`. */
  allowedSchemes: string[];
  /** Folder of recordings and of what is played from files, absolute. */
  mediaDir: string;
  /** Hosts in private networks may be reached. */
  allowPrivateHosts: boolean;
}

/** Demultiplexes a URI at real-time pace and sends its streams as they are, or encoded where RTP has no place for them. */
export interface PlaySpec extends MediaRules {
  kind: "play";
  uri: string;
  /** Milliseconds that a live source may be late before its packets are dropped. */
  networkCacheMs: number;
  loop: boolean;
  /** Open a lost live source again, with back-off. */
  reconnect: boolean;
  /** Send the packets of the source unchanged; streams that RTP has no place for are left out. */
  useEncodedMedia: boolean;
}

/** Plays the body of a request, from where `FramePool.offerBody` has it. */
export interface ReceiveSpec {
  kind: "receive";
  /** On this machine, and ours. */
  url: string;
  useEncodedMedia: boolean;
}

/** Limits of an encoder, in bits per second; null where nothing is said. */
export interface BitrateWish {
  bitrateBps: number | null;
  minBitrateBps: number | null;
  maxBitrateBps: number | null;
}

export interface RecordSpec extends MediaRules {
  kind: "record";
  /** file, below `mediaDir`; or http or https, where finished files go by PUT. */
  uri: string;
  /** Container and what goes into it. */
  profile: RecordProfile;
  /** New file after so long or so much, at the next keyframe; null for one file. */
  segmentMs: number | null;
  segmentBytes: number | null;
  /** A profile of audio and video begins without one of them when it has not come for so long after the other. */
  graceMs: number;
  /** Of the video that it must encode, until the call `setBitrate` says otherwise. */
  bitrate: BitrateWish;
  /** Sign uploads for an S3-compatible store. */
  s3: S3Credentials | null;
}

/** Sends what a recorder left behind that records to a server, once through; the rest is kept. */
export interface DeliverSpec extends MediaRules {
  kind: "deliver";
  /** Name of the folder in which the files wait. */
  spool: string;
  /** As in `RecordSpec`. */
  s3: S3Credentials | null;
}

/** What a client of an S3-compatible store signs its requests with. */
export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  /** Of temporary credentials. */
  sessionToken?: string;
}

export type RecordProfile =
  | "WEBM"
  | "MKV"
  | "MP4"
  | "FLV"
  | "HLS"
  | "FMP4"
  | "WEBM_VIDEO_ONLY"
  | "WEBM_AUDIO_ONLY"
  | "MKV_VIDEO_ONLY"
  | "MKV_AUDIO_ONLY"
  | "MP4_VIDEO_ONLY"
  | "MP4_AUDIO_ONLY"
  | "JPEG_VIDEO_ONLY";

export type ProgramSpec = TranscodeSpec | PlaySpec | ReceiveSpec | RecordSpec | DeliverSpec;

/** Main → worker. */
export type WorkerCommand =
  /** `planePort`: UDP port of the packet plane on 127.0.0.1 that this program sends to and hears from. */
  | { do: "open"; program: number; spec: ProgramSpec; planePort: number }
  | { do: "call"; program: number; call: number; operation: string; input: Record<string, unknown> }
  | { do: "close"; program: number };

/** Worker → main. */
export type WorkerMessage =
  | { on: "ready" }
  /** Every second: the worker's thread is not held by anything. */
  | { on: "alive" }
  /** The program listens on this UDP port of 127.0.0.1. */
  | { on: "opened"; program: number; port: number }
  | { on: "answer"; program: number; call: number; result?: unknown; refused?: string }
  | { on: "event"; program: number; event: ProgramEvent }
  /** The program is over by itself; nothing comes of it after this. */
  | { on: "ended"; program: number; reason: string };

export type ProgramEvent =
  /** A stream that the program sends under this SSRC, once the call `taken` with `ssrc` says that it is expected. */
  | { type: "stream"; media: FrameMedia; ssrc: number; format: StreamFormat }
  | { type: "state"; state: "playing" | "paused" | "recording" | "stopped" }
  /** The source is open, at its beginning: at first, again after each loss, and with each round of a loop. */
  | { type: "opened"; isSeekable: boolean; seekableInitMs: number; seekableEndMs: number; durationMs: number }
  | { type: "endOfStream" }
  /** The body that is played stopped coming: for so long nothing did. What came of it is played, and then it has ended. */
  | { type: "bodyStalled"; silentMs: number }
  /** A live source is lost and will be opened again; `attempt` counts from 1. */
  | { type: "reconnecting"; attempt: number; reason: string }
  /** It is there again, after so many attempts. */
  | { type: "reconnected"; attempts: number }
  /** Kurento's error kinds: RESOURCE_ERROR_OPEN, STREAM_ERROR_DECODE, INVALID_URI, … */
  | { type: "error"; kind: string; description: string }
  /**
   * A file was begun in the media folder, or goes on; `durationMs` is what it holds by now. Files that a playlist names
   * are told of as the playlist, each with its own duration; what is to be uploaded by its URL.
   */
  | { type: "file"; path: string; tracks: RecordedTrack[]; durationMs: number }
  /** What comes of this kind is now decoded and encoded for the file, or goes into it as it is. */
  | { type: "transcoding"; media: FrameMedia; isOn: boolean }
  /** A finished file of a recording; `path` is where it is to be found, a URL where it was put to a server. */
  | { type: "segment"; path: string; durationMs: number; bytes: number; tracks: RecordedTrack[] }
  /** How much has been recorded, every few seconds; over all files of the recording. */
  | { type: "progress"; job: "record"; durationMs: number; bytes: number }
  /** How far a long job is. */
  | { type: "progress"; job: "upload"; path: string; done: number; total: number }
  /**
   * What became of a file that a recorder left behind: it is at its URL now (without what is secret in that), or nothing
   * can play it and it is removed, or it waits on, with all that comes after it. A recorder tells that of what its server
   * does not take.
   */
  | { type: "leftover"; outcome: "sent" | "removed" | "kept"; path: string; url: string; why: string };

/** One track of a recorded file. */
export interface RecordedTrack {
  media: FrameMedia;
  /** As in `StreamFormat`, and AAC and JPEG. */
  codec: string;
  /** Of the first picture, in pixels; 0 for audio. */
  width: number;
  height: number;
}

/** RTP payload type of each codec between plane and workers. */
export const programPayloads: Readonly<
  Record<string, { payloadType: number; clockRate: number; channels: number }>
> = {
  VP8: { payloadType: 96, clockRate: 90_000, channels: 1 },
  VP9: { payloadType: 98, clockRate: 90_000, channels: 1 },
  H264: { payloadType: 102, clockRate: 90_000, channels: 1 },
  H265: { payloadType: 104, clockRate: 90_000, channels: 1 },
  AV1: { payloadType: 106, clockRate: 90_000, channels: 1 },
  OPUS: { payloadType: 111, clockRate: 48_000, channels: 2 },
  PCMU: { payloadType: 0, clockRate: 8000, channels: 1 },
  PCMA: { payloadType: 8, clockRate: 8000, channels: 1 },
};

/** Id of the header extension urn:3gpp:video-orientation between plane and workers: pictures stay as they lie. */
export const programOrientationId = 4;

/** Main side of the room. */
export interface FramePool {
  /**
   * Starts a program. Programs of one `owner` (a pipeline) share a worker process, so that what breaks one pipeline's
   * worker costs no other.
   */
  open(owner: string, spec: ProgramSpec, planePort: number, handlers: ProgramHandlers): Program;
  /** Holds the bytes of a body ready for a program, which takes them once and as fast as it plays. */
  offerBody(body: ReadableStream<Uint8Array>, ended: (end: BodyEnd) => void): OfferedBody;
  close(): Promise<void>;
}

/** Whole: read to its last byte. Broken: who sent it went away before. Left: nobody wants the rest. */
export type BodyEnd = "whole" | "broken" | "left";

export interface OfferedBody {
  /** For `ReceiveSpec`. */
  readonly url: string;
  /** What was not read is not wanted any more. */
  close(): void;
}

/** Called synchronously from the worker's messages. */
export interface ProgramHandlers {
  /** The program's UDP port on 127.0.0.1 is known; again, with another, after its worker died and was replaced. */
  opened(port: number): void;
  event(event: ProgramEvent): void;
  /** The worker died or the program gave up. `restarting`: it is started again by itself. */
  failed(reason: string, restarting: boolean): void;
}

export interface Program {
  /** Runs an operation of the program (play, pause, seek, addOutput, …); rejects with what was refused, or a time-out. */
  call(operation: string, input?: Record<string, unknown>): Promise<unknown>;
  close(): void;
}
