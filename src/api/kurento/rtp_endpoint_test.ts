import { afterEach, beforeEach, expect, test } from "vitest";
import { type DoorClient, openDoor, type TestDoor } from "../../../test/kit/kurento_door.ts";
import { rtpOffer } from "../../../test/kit/rtp_offer.ts";

let door: TestDoor;
let client: DoorClient;
let mediaPipeline: string;
beforeEach(async () => {
  door = await openDoor();
  client = door.client();
  mediaPipeline = await client.create("MediaPipeline");
});
afterEach(() => door.close());

const crypto = (fields: object) => ({ mediaPipeline, crypto: { __type__: "SDES", ...fields } });
const section = { kind: "video", port: 5004, payloadType: 96, codec: "VP8", direction: "sendrecv" } as const;
const offer = rtpOffer([section]);

test("keys that fit no suite are Kurento's 40107, and a suite that is none is 40001", async () => {
  const suite = "AES_128_CM_HMAC_SHA1_80";
  const codeOf = async (fields: object) =>
    (await client.refusal("create", { type: "RtpEndpoint", constructorParams: crypto(fields) })).code;
  expect(await codeOf({ crypto: suite, key: "short" })).toBe(40107);
  expect(await codeOf({ crypto: suite, keyBase64: "%%%" })).toBe(40107);
  expect(await codeOf({ crypto: "ROT13" })).toBe(40001);
  expect(await client.create("RtpEndpoint", crypto({ crypto: suite }))).toContain("RtpEndpoint");
});

test("descriptions before negotiation, wrong ones, and second ones have Kurento's numbers", async () => {
  const endpoint = await client.create("RtpEndpoint", { mediaPipeline });
  const codeOf = async (operation: string, operationParams?: object) =>
    (await client.refusal("invoke", { object: endpoint, operation, operationParams })).code;
  expect(await codeOf("getLocalSessionDescriptor")).toBe(40202);
  expect(await codeOf("getRemoteSessionDescriptor")).toBe(40203);
  expect(await codeOf("processOffer", { offer: "" })).toBe(40201);
  expect(await codeOf("processOffer", { offer: "v=0\r\nnonsense" })).toBe(40201);
  expect(await codeOf("processOffer", { offer: rtpOffer([section], "host.example") })).toBe(40205);
  expect(await codeOf("processAnswer", { answer: offer })).toBe(40209);
  expect(await client.invoke(endpoint, "processOffer", { offer })).toContain("m=video 10000 RTP/AVP 96");
  expect(await codeOf("processOffer", { offer })).toBe(40208);
  expect(await codeOf("generateOffer")).toBe(40208);
  const offering = await client.create("RtpEndpoint", { mediaPipeline });
  await client.invoke(offering, "generateOffer", { options: { offerToReceiveAudio: false } });
  const wrong = { object: offering, operation: "processAnswer", operationParams: { answer: rtpOffer([]) } };
  expect((await client.refusal("invoke", wrong)).code).toBe(40206);
  const answer = rtpOffer([section]);
  expect(await client.invoke(offering, "processAnswer", { answer })).toContain("m=video 10002 RTP/AVPF");
  const again = { object: offering, operation: "processAnswer", operationParams: { answer } };
  expect((await client.refusal("invoke", again)).code).toBe(40210);
});
