import { Buffer } from "node:buffer";
import { PictureLossIndication, RtcpPacketConverter, RtcpPayloadSpecificFeedback } from "werift";
import { expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { writePli } from "./pli.ts";

test("a written PLI is byte-exact and the same as werift's", () => {
  const bytes = new Uint8Array(12);
  expect(writePli(bytes, 0, 0xfedcba98, 0x89abcdef)).toBe(12);
  expect(bytes).toEqual(hex("81ce0002 fedcba98 89abcdef"));
  const feedback = new PictureLossIndication({ senderSsrc: 0xfedcba98, mediaSsrc: 0x89abcdef });
  expect(Buffer.from(bytes).equals(new RtcpPayloadSpecificFeedback({ feedback }).serialize())).toBe(true);
  const [read] = RtcpPacketConverter.deSerialize(Buffer.from(bytes)) as RtcpPayloadSpecificFeedback[];
  expect((read.feedback as PictureLossIndication).mediaSsrc).toBe(0x89abcdef);
});
