import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { hex } from "../../../test/kit/wire.ts";
import { parameterSetsOf, withoutParameterSets } from "./parameter_sets.ts";

const sps = "Z0LAHtoCgL/lwEQAAAMABAAAAwDKPFi6gA==";
const pps = "aM48gA==";
const told = `packetization-mode=1; sprop-parameter-sets=${sps},${pps}; profile-level-id=42C01E`;
const base64 = (text: string) => Buffer.from(hex(text)).toString("base64");

describe("parameter sets of an fmtp line", () => {
  test("of H264 are its SPS and PPS as NAL units, whatever the case of the name", () => {
    const wanted = [sps, pps].map((text) => new Uint8Array(Buffer.from(text, "base64")));
    expect(parameterSetsOf("H264", told)).toEqual(wanted);
    expect(parameterSetsOf("H264", told.replace("sprop-parameter-sets", "SPROP-Parameter-Sets"))).toEqual(
      wanted,
    );
  });

  test("of H265 are those of three parameters, VPS first", () => {
    const line = `sprop-pps=${base64("4401c0")};sprop-sps=${base64("420101")}; sprop-vps=${base64("40010c")}`;
    expect(parameterSetsOf("H265", line)).toEqual([hex("40010c"), hex("420101"), hex("4401c0")]);
  });

  test.each([
    ["no PPS", `sprop-parameter-sets=${sps}`],
    ["nothing", "sprop-parameter-sets="],
    ["no base64", `sprop-parameter-sets=${sps},a%b`],
    ["a slice in place of the PPS", `sprop-parameter-sets=${sps},${base64("6588 80")}`],
    ["a PPS that fits no packet", `sprop-parameter-sets=${sps},${base64("68" + "00".repeat(1200))}`],
    ["very many", `sprop-parameter-sets=${sps}${`,${pps}`.repeat(8)}`],
  ])("are none with %s", (_, line) => {
    expect(parameterSetsOf("H264", line)).toEqual([]);
  });

  test("what stands beside them is left out", () => {
    expect(parameterSetsOf("H264", `sprop-parameter-sets=${base64("0605ff")},${sps},${pps}`)).toHaveLength(2);
    expect(parameterSetsOf("VP8", told)).toEqual([]);
  });

  test("are not repeated in an answer, which says the rest as it was", () => {
    expect(withoutParameterSets("H264", told)).toBe("packetization-mode=1;profile-level-id=42C01E");
    expect(withoutParameterSets("H264", "packetization-mode=1; x=2")).toBe("packetization-mode=1; x=2");
    expect(withoutParameterSets("OPUS", "sprop-stereo=1")).toBe("sprop-stereo=1");
  });
});
