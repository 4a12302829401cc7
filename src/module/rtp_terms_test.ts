import { expect, test } from "vitest";
import { descriptionTerms, ratesOf } from "./rtp_terms.ts";

const context = (properties: Record<string, unknown>) => ({ property: (name: string) => properties[name] });

test("rates are the properties', and the one field of the estimator without a default has one", () => {
  const remb = { packetsRecvIntervalTop: 5 };
  const properties = {
    minVideoRecvBandwidth: 1,
    maxVideoRecvBandwidth: 2,
    minVideoSendBandwidth: 3,
    maxVideoSendBandwidth: 4,
    rembParams: remb,
  };
  expect(ratesOf(context(properties))).toEqual({
    minReceiveKbps: 1,
    maxReceiveKbps: 2,
    minSendKbps: 3,
    maxSendKbps: 4,
    remb: { packetsRecvIntervalTop: 5, linealFactorMin: 50 },
  });
});

test("a description names the codec that a format property names, else all", () => {
  const bounds = { maxAudioRecvBandwidth: 64, maxVideoRecvBandwidth: 500 };
  const maxReceiveKbps = { audio: 64, video: 500 };
  const formats = { audioFormat: null, videoFormat: { codec: "VP8" } };
  expect(descriptionTerms(context({ ...bounds, ...formats }))).toEqual({
    maxReceiveKbps,
    onlyCodecs: { video: ["VP8"] },
  });
  expect(descriptionTerms(context(bounds))).toEqual({ maxReceiveKbps, onlyCodecs: {} });
});
