import { z } from "zod";
import { defineElement, enumType, MediaElement } from "../../module/mod.ts";

const ImageEncoding = enumType(
  "videosampler",
  "ImageEncoding",
  z.enum(["PNG", "JPEG", "BMP", "PBM", "PPM"]).describe("Format of the pictures"),
);
const ImageDelivery = enumType(
  "videosampler",
  "ImageDelivery",
  z.enum(["NONE", "GRPC"]).describe("How pictures are delivered"),
);

/** Takes pictures out of the video at regular times. */
export default defineElement({
  type: "VideoSampler",
  module: "videosampler",
  extends: MediaElement,
  summary: "Takes a picture out of the video at regular times and delivers it",
  options: z.strictObject({
    framePeriod: z.int().min(1).describe("Milliseconds between pictures"),
    imageDeliveryMethod: ImageDelivery.default("NONE"),
    height: z.int().min(0).default(0).describe("Pixels, 0 for that of the video"),
    width: z.int().min(0).default(0).describe("Pixels, 0 for that of the video"),
    imageEncoding: ImageEncoding.default("PNG"),
    endpointUrl: z.string().default("").describe("Where pictures are delivered"),
    metadata: z.string().default("").describe("Delivered with each picture"),
  }),
  pads: { video: "through" },
  events: {
    SampleImageDelivered: z.object({ delivered: z.boolean() }).describe(
      "A picture was delivered, or could not be",
    ),
  },
});
