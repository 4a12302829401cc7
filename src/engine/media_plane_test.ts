import { beforeAll, expect, test } from "vitest";
import { type DtlsCertificates, openCertificates } from "../peer/mod.ts";
import { FakePlane } from "../../test/kit/fake_plane.ts";
import { VirtualClock } from "../../test/kit/virtual_clock.ts";
import { noIce } from "../../test/kit/house.ts";
import { MediaPlane } from "./media_plane.ts";
import { passedThrough } from "./peer_options.ts";

let certificates: DtlsCertificates;
beforeAll(async () => certificates = await openCertificates());

function open() {
  const plane = new FakePlane();
  const clock = new VirtualClock();
  const media = new MediaPlane(plane, {
    clock,
    certificates,
    addresses: ["127.0.0.1"],
    iceDefaults: noIce,
    connectMs: 1000,
    consentMs: 5000,
    rtpPorts: { least: 10_000, most: 19_999 },
  });
  return { plane, clock, media };
}

const address = { address: "127.0.0.1", port: 9 };

test("codecs are taken from the catalogue of peers", () => {
  expect(passedThrough.audio).toEqual(expect.arrayContaining(["OPUS", "PCMU", "PCMA"]));
  expect(passedThrough.video).toEqual(expect.arrayContaining(["VP8", "VP9", "H264", "H265", "AV1"]));
});

test("numbers are never given twice", () => {
  const { media } = open();
  expect([media.nextId(), media.nextId(), media.nextId()]).toEqual([1, 2, 3]);
});

test("what the plane tells finds its owner, and nobody once the owner has left", () => {
  const { media } = open();
  const heard: unknown[] = [];
  const events = [
    { on: "sourceFlow", source: 1, flowing: true },
    { on: "sourceFormat", source: 1, codec: "VP8", format: "VP8" },
    { on: "senderFlow", sender: 2, flowing: true },
    { on: "formatMismatch", sender: 2, codec: "AV1" },
    { on: "transportMedia", transport: 3, active: true, reason: "first" },
    { on: "datagram", kind: "dtls", transport: 3, from: address, bytes: new Uint8Array([22]) },
    { on: "consent", transports: [3, 4] },
  ] as const;
  media.ownSource(1, {
    flow: (flowing) => heard.push(["source", flowing]),
    format: (codec) => heard.push(["format", codec]),
  });
  media.ownSender(2, {
    flow: (flowing) => heard.push(["sender", flowing]),
    mismatch: (codec) => heard.push(["mismatch", codec]),
  });
  media.ownTransport(3, {
    dtls: (_from, bytes) => heard.push(["dtls", bytes[0]]),
    media: (active) => heard.push(["media", active]),
    heardMedia: () => {},
    livesByMedia: () => false,
    heardConsent: () => heard.push(["consent"]),
  });
  media.hear(events);
  expect(heard).toEqual([
    ["source", true],
    ["format", "VP8"],
    ["sender", true],
    ["mismatch", "AV1"],
    ["media", true],
    ["dtls", 22],
    ["consent"],
  ]);
  media.ownSource(1, null);
  media.ownSender(2, null);
  media.ownTransport(3, null);
  media.hear(events);
  expect(heard).toHaveLength(7);
});

test("an owner that fails keeps nobody else from hearing", () => {
  const { media } = open();
  let heard = 0;
  const owner = (flow: () => void) => ({ flow, format: () => {} });
  media.ownSource(
    1,
    owner(() => {
      throw new Error("a bug");
    }),
  );
  media.ownSource(2, owner(() => heard++));
  media.hear([
    { on: "sourceFlow", source: 1, flowing: true },
    { on: "sourceFlow", source: 2, flowing: true },
  ]);
  expect(heard).toBe(1);
});

test("garbage in place of STUN and DTLS is dropped", () => {
  const { media, plane } = open();
  for (const kind of ["stun", "dtls"] as const) {
    for (const bytes of [new Uint8Array(0), new Uint8Array([0]), new Uint8Array(2000).fill(255)]) {
      media.hear([{ on: "datagram", kind, transport: null, from: address, bytes }]);
    }
  }
  expect(plane.all("send")).toEqual([]);
});

test("a transport whose media still arrives is told so; a silent one is not", async () => {
  const { media, plane, clock } = open();
  const heard: number[] = [];
  let lives = false;
  const owner = (transport: number) => ({
    dtls: () => {},
    media: () => {},
    heardMedia: () => heard.push(transport),
    livesByMedia: () => lives,
    heardConsent: () => {},
  });
  const figures = { packetsReceived: 0, bytesReceived: 0, packetsSent: 0, bytesSent: 0 };
  for (const transport of [1, 2]) media.ownTransport(transport, owner(transport));
  plane.figures = {
    transports: [
      { ...figures, transport: 1, lastReceivedMs: clock.now() + 2000 },
      { ...figures, transport: 2, lastReceivedMs: clock.now() - 60_000 },
    ],
  };
  const pass = () => {
    clock.advance(3000);
    return new Promise((resolve) => setTimeout(resolve, 0));
  };
  await pass();
  expect(heard).toEqual([]);
  lives = true;
  await pass();
  expect(heard).toEqual([1]);
});

test("a plane that is closed while its figures are asked for does no harm", async () => {
  const { media, plane, clock } = open();
  media.ownTransport(1, {
    dtls: () => {},
    media: () => {},
    heardMedia: () => {},
    livesByMedia: () => true,
    heardConsent: () => {},
  });
  plane.closed = true;
  clock.advance(3000);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await media.close();
  expect(clock.pending).toBe(0);
});

test("load counts the pipelines that were placed here", () => {
  const { media } = open();
  media.place();
  media.place();
  media.leave();
  expect(media.load).toBe(1);
});
