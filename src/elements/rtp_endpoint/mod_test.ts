import { Buffer } from "node:buffer";
import { beforeEach, describe, expect, test } from "vitest";
import { type BareElement, bareElement } from "../../../test/kit/fake_peer.ts";
import { type Action, AppError, type Outcome } from "../../module/mod.ts";
import RtpEndpoint from "./mod.ts";

const sdp = "v=0\r\nm=audio 5004 RTP/AVP 0\r\nm=video 5006 RTP/AVP 96\r\n";

let bare: BareElement;
beforeEach(() => void (bare = bareElement(RtpEndpoint)));

const run = async (operation: string, input: object = {}) =>
  await bare.run(operation, input) as Outcome<string>;
const told = (actions: Action[] = []) =>
  actions.map((action) => action.do === "emit" ? action.event : action.do);
const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    expect((error as AppError).message).toMatch(/^Cannot [^.]+: .+/);
    return (error as AppError).code;
  }
  throw new Error("it was accepted");
};
const session = () => bare.rtpSessions.at(-1)!;

describe("negotiation", () => {
  test("an offer is answered once", async () => {
    expect(await codeOf(() => run("getLocalSessionDescriptor"))).toBe("endpoint_not_negotiated");
    expect(await codeOf(() => run("getRemoteSessionDescriptor"))).toBe("endpoint_not_negotiated");
    const { result, actions } = await run("processOffer", { offer: sdp });
    expect([result, told(actions)]).toEqual([`answer to ${sdp}`, ["MediaSessionStarted"]]);
    expect((await run("getLocalSessionDescriptor")).result).toBe(`answer to ${sdp}`);
    expect((await run("getRemoteSessionDescriptor")).result).toBe(sdp);
    expect(await codeOf(() => run("processOffer", { offer: sdp }))).toBe("endpoint_negotiated");
    expect(await codeOf(() => run("generateOffer"))).toBe("endpoint_negotiated");
    expect(await codeOf(() => run("processAnswer", { answer: sdp }))).toBe("offer_not_generated");
    expect(session().rates.length).toBe(1);
  });

  test("an offer of ours takes one answer, and a wrong one leaves the way open", async () => {
    expect(await codeOf(() => run("processAnswer", { answer: sdp }))).toBe("offer_not_generated");
    const offered = await run("generateOffer", {
      options: { offerToReceiveAudio: false, offerToReceiveVideo: true },
    });
    expect(offered).toEqual({ result: "offer of audio false, video true", actions: [] });
    session().fault = new AppError("codec_mismatch", "Cannot take it: a vs b");
    expect(await codeOf(() => run("processAnswer", { answer: sdp }))).toBe("codec_mismatch");
    session().fault = null;
    expect(told((await run("processAnswer", { answer: sdp })).actions)).toEqual(["MediaSessionStarted"]);
    expect(await codeOf(() => run("processAnswer", { answer: sdp }))).toBe("answer_processed");
  });

  test("what is no description is refused first, and what cannot be answered leaves the endpoint free", async () => {
    for (const offer of ["", "hello"]) {
      expect(await codeOf(() => run("processOffer", { offer }))).toBe("sdp_invalid");
    }
    expect(bare.rtpSessions).toEqual([]);
    bare.fault = new AppError("sdp_unacceptable", "Cannot answer: a vs b");
    expect(await codeOf(() => run("processOffer", { offer: sdp }))).toBe("sdp_unacceptable");
    expect(session().closed).toBe(true);
    bare.fault = null;
    expect((await run("processOffer", { offer: sdp })).result).toBe(`answer to ${sdp}`);
  });

  test("where every m-line is turned down no session begins", async () => {
    const refused = sdp.replaceAll(/m=(\w+) \d+/g, "m=$1 0");
    expect((await run("processOffer", { offer: refused })).actions).toEqual([]);
  });
});

test("media, connection and keys become events, each change once", async () => {
  await run("processOffer", { offer: sdp });
  const property = (name: string) => bare.instance.computed![name]();
  expect([property("mediaState"), property("connectionState")]).toEqual(["DISCONNECTED", "DISCONNECTED"]);
  expect(told(session().handlers.connected())).toEqual(["ConnectionStateChanged"]);
  expect(told(session().handlers.connected())).toEqual([]);
  expect(told(bare.instance.onMedia!(true))).toEqual(["MediaStateChanged"]);
  expect(told(bare.instance.onMedia!(true))).toEqual([]);
  expect([property("mediaState"), property("connectionState")]).toEqual(["CONNECTED", "CONNECTED"]);
  expect(session().handlers.keyNearlyUsed("audio")).toMatchObject([{
    event: "OnKeySoftLimit",
    data: { mediaType: "AUDIO" },
  }]);
});

test("a keyframe is asked for on behalf of who watches", async () => {
  expect(await codeOf(() => run("requestKeyframe"))).toBe("operation_not_supported");
  bare.feeding.video = { codec: "VP8", format: "VP8" };
  expect(told((await run("requestKeyframe")).actions)).toEqual(["requestKeyframe"]);
});

describe("the wish", () => {
  test("is plain RTP within the properties, whose rates follow changes", async () => {
    bare = bareElement(RtpEndpoint, { useIpv6: true }, { properties: { maxVideoRecvBandwidth: 700 } });
    await run("processOffer", { offer: sdp });
    expect(session().wish).toMatchObject({
      useIpv6: true,
      sdes: null,
      maxReceiveKbps: { audio: 0, video: 700 },
    });
    bare.properties.maxVideoSendBandwidth = 80;
    bare.instance.onProperty!("maxVideoSendBandwidth");
    bare.instance.onProperty!("mtu");
    expect(session().rates.map(({ maxSendKbps }) => maxSendKbps)).toEqual([0, 80]);
  });

  const sdesOf = async (options: object) => {
    bare = bareElement(RtpEndpoint, options);
    await run("processOffer", { offer: sdp });
    return session().wish.sdes;
  };

  test("has the key of the options, as text or in base64, or a random one of the suite's length", async () => {
    const crypto = "AES_128_CM_HMAC_SHA1_80";
    const text = "0123456789abcdefghijklmnopqrst";
    const keyBase64 = Buffer.from(text).toString("base64");
    const bytes = new TextEncoder().encode(text);
    const wanted = { profile: "AES128_CM_HMAC_SHA1_80", key: bytes.slice(0, 16), salt: bytes.slice(16) };
    expect(await sdesOf({ crypto: { crypto, key: text } })).toEqual(wanted);
    expect(await sdesOf({ crypto: { crypto, keyBase64 } })).toEqual(wanted);
    const [one, other] = [await sdesOf({ crypto: { crypto } }), await sdesOf({ crypto: { crypto } })];
    expect([one?.key.length, one?.salt.length]).toEqual([16, 14]);
    expect(one?.key).not.toEqual(other?.key);
  });

  test.each([
    ["AES_128_CM_HMAC_SHA1_32", undefined, "AES128_CM_HMAC_SHA1_32", 30],
    ["AES_256_CM_HMAC_SHA1_32", undefined, "AES256_CM_HMAC_SHA1_32", 46],
    ["AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", "AES256_CM_HMAC_SHA1_80", 46],
    [undefined, "AES_CM_128_HMAC_SHA1_80", "AES128_CM_HMAC_SHA1_80", 30],
    [undefined, "AEAD_AES_128_GCM", "AEAD_AES_128_GCM", 28],
    [undefined, "AEAD_AES_256_GCM", "AEAD_AES_256_GCM", 44],
  ])("crypto %s, srtpSuite %s is %s", async (crypto, srtpSuite, profile, length) => {
    const sdes = await sdesOf({ crypto: { ...(crypto && { crypto }) }, ...(srtpSuite && { srtpSuite }) });
    expect([sdes?.profile, sdes!.key.length + sdes!.salt.length]).toEqual([profile, length]);
  });

  test.each([
    [
      "a key of the wrong size",
      { crypto: { crypto: "AES_128_CM_HMAC_SHA1_80", key: "short" } },
      "5 bytes vs 30",
    ],
    ["no base64", { crypto: { crypto: "AES_128_CM_HMAC_SHA1_80", keyBase64: "%%%" } }, "not valid Base64"],
    ["an empty key", { crypto: { crypto: "AES_128_CM_HMAC_SHA1_80", keyBase64: "" } }, "not valid Base64"],
    ["a key without a suite", { crypto: { key: "0123456789abcdefghijklmnopqrst" } }, "without a suite"],
    [
      "two suites",
      { crypto: { crypto: "AES_128_CM_HMAC_SHA1_80" }, srtpSuite: "AEAD_AES_128_GCM" },
      "one suite",
    ],
  ])("%s refuses the creation", (_, options, why) => {
    expect(() => bareElement(RtpEndpoint, options)).toThrow(
      expect.objectContaining({ code: "value_unacceptable", message: expect.stringContaining(why) }),
    );
  });
});
