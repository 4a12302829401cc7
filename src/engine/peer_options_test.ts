import { expect, test } from "vitest";
import { noIce } from "../../test/kit/house.ts";
import type { PeerWish } from "../module/mod.ts";
import { passedThrough, peerOptions } from "./peer_options.ts";

const wish: PeerWish = { receive: true, send: true, rules: null, maxReceiveKbps: { audio: 0, video: 0 } };
const atHand = (media: string) => ({ flowing: `${media} format`, encodable: [] });

test("what an element does not wish for is what the server does", () => {
  const ice = { ...noIce, tcp: true };
  expect(peerOptions(wish, ice, atHand)).toEqual({
    receive: true,
    send: true,
    whip: null,
    maxReceiveKbps: wish.maxReceiveKbps,
    codecs: passedThrough,
    requiredFormats: { audio: null, video: null },
    data: false,
    certificateKeyType: "ECDSA",
    ice,
  });
});

test("an element may choose its certificate, data channels and parts of ICE", () => {
  const options = peerOptions(
    { ...wish, data: true, certificateKeyType: "RSA", ice: { externalIPv4: "192.0.2.1" } },
    { ...noIce, tcp: true },
    atHand,
  );
  expect(options).toMatchObject({ data: true, certificateKeyType: "RSA" });
  expect(options.ice).toEqual({ ...noIce, tcp: true, externalIPv4: "192.0.2.1" });
});

test("an element may choose codecs among those the server has", () => {
  const { codecs } = peerOptions({ ...wish, onlyCodecs: { video: ["VP8", "THEORA"] } }, noIce, atHand);
  expect(codecs).toEqual({ audio: passedThrough.audio, video: ["VP8"] });
});

test("only a viewer that comes by WHEP must take what flows", () => {
  const required = (change: Partial<PeerWish>) =>
    peerOptions({ ...wish, ...change }, noIce, atHand).requiredFormats.video;
  expect([required({ rules: "whep" }), required({ rules: "whip", send: false }), required({})]).toEqual([
    { flowing: "video format", encodable: [] },
    null,
    null,
  ]);
});
