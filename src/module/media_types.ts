import { z } from "zod";
import { complexType, enumType, objectOf } from "../graph/mod.ts";

export const MediaType = enumType(
  "core",
  "MediaType",
  z.enum(["AUDIO", "DATA", "VIDEO"]).describe("Kinds of media; DATA is the messages of data channels"),
);

export const MediaState = enumType(
  "core",
  "MediaState",
  z.enum(["DISCONNECTED", "CONNECTED"]).describe("CONNECTED while media arrives"),
);

export const ConnectionState = enumType(
  "core",
  "ConnectionState",
  z.enum(["DISCONNECTED", "CONNECTED"]).describe("CONNECTED while the transport is up"),
);

export const MediaFlowState = enumType(
  "core",
  "MediaFlowState",
  z.enum(["FLOWING", "NOT_FLOWING"]).describe("Whether packets pass a pad"),
);

export const MediaTranscodingState = enumType(
  "core",
  "MediaTranscodingState",
  z.enum(["TRANSCODING", "NOT_TRANSCODING"]).describe(
    "Whether media is decoded and encoded again between two pads",
  ),
);

export const UriEndpointState = enumType(
  "core",
  "UriEndpointState",
  z.enum(["STOP", "START", "PAUSE"]).describe("What a player or recorder does now"),
);

export const FilterType = enumType(
  "core",
  "FilterType",
  z.enum(["AUDIO", "AUTODETECT", "VIDEO"]).describe("The kind of media that a filter works on"),
);

export const VideoCodec = enumType(
  "core",
  "VideoCodec",
  z.enum(["H265", "AV1", "VP9", "VP8", "H264", "RAW"]).describe("Video formats; RAW is decoded pictures"),
);

export const AudioCodec = enumType(
  "core",
  "AudioCodec",
  z.enum(["OPUS", "PCMU", "PCMA", "RAW"]).describe("Audio formats; RAW is decoded samples"),
);

export const Fraction = complexType(
  "core",
  "Fraction",
  z.strictObject({ numerator: z.int().min(0), denominator: z.int().min(1) }).describe(
    "A ratio of two whole numbers, such as pictures per second",
  ),
);

export const AudioCaps = complexType(
  "core",
  "AudioCaps",
  z.strictObject({ codec: AudioCodec, bitrate: z.int().min(0).describe("bit/s") }).describe(
    "The one audio format that an element takes or gives",
  ),
);

export const VideoCaps = complexType(
  "core",
  "VideoCaps",
  z.strictObject({ codec: VideoCodec, framerate: Fraction.describe("Pictures per second") }).describe(
    "The one video format that an element takes or gives",
  ),
);

export const Tag = complexType(
  "core",
  "Tag",
  z.strictObject({ key: z.string(), value: z.string() }).describe("A label of an object"),
);

export const ElementConnectionData = complexType(
  "core",
  "ElementConnectionData",
  z.strictObject({
    source: objectOf("MediaElement").describe("Where the media comes from"),
    sink: objectOf("MediaElement").describe("Where the media goes to"),
    type: MediaType,
    sourceDescription: z.string().describe("Name of the source pad"),
    sinkDescription: z.string().describe("Name of the sink pad"),
  }).describe("One connection between two elements"),
);

export const GstreamerDotDetails = enumType(
  "core",
  "GstreamerDotDetails",
  z.enum([
    "SHOW_MEDIA_TYPE",
    "SHOW_CAPS_DETAILS",
    "SHOW_NON_DEFAULT_PARAMS",
    "SHOW_STATES",
    "SHOW_FULL_PARAMS",
    "SHOW_ALL",
    "SHOW_VERBOSE",
  ]).describe("How much a graph of the inside of an element tells"),
);

/** A codec by name with settings of its own. No member of the interface refers to it. */
complexType(
  "core",
  "CodecConfiguration",
  z.strictObject({ name: z.string().optional(), properties: z.record(z.string(), z.string()).optional() })
    .describe("A codec by name with settings of its own"),
);
