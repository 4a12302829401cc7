import { beforeEach, describe, expect, test } from "vitest";
import { FakePeer } from "../../test/kit/fake_peer.ts";
import type { AppError } from "../base/mod.ts";
import type { Action } from "./action.ts";
import type { PeerHandlers, PeerWish } from "./instance.ts";
import { Trickle } from "./trickle.ts";

const local = "v=0\r\nm=audio 9 x\r\na=mid:a\r\na=candidate:1 1 udp 5 1.2.3.4 9 typ host\r\n" +
  "m=video 0 x\r\na=mid:b\r\na=bundle-only\r\nm=text 0 x\r\na=mid:c\r\n";
const offer = "v=0\r\nm=audio 9 x\r\nm=video 0 x\r\n";
const theirs = "candidate:7 1 udp 5 9.9.9.9 9 typ host";

let trickle: Trickle;
let peer: FakePeer;
beforeEach(() => {
  trickle = new Trickle();
  peer = new FakePeer({} as PeerWish, {} as PeerHandlers);
});

const told = (actions: Action[] = []) =>
  actions.flatMap((action) => action.do === "emit" ? [String(action.data.state ?? action.event)] : []);
const found = (actions: Action[]) =>
  actions.flatMap((action) =>
    action.do === "emit" && action.event === "IceCandidateFound" ? [action.data.candidate] : []
  );
const gather = () => told(trickle.gather(peer));
const add = (candidate: string, sdpMLineIndex?: number) =>
  trickle.take(peer.localDescription ? peer : null, { candidate, sdpMid: "", sdpMLineIndex });
const handed = () => peer.calls.filter((call) => call.startsWith("candidate"));

function negotiate() {
  peer.processOffer(offer);
  peer.localDescription = local;
  trickle.negotiated(peer);
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as AppError).code;
  }
  throw new Error("it was accepted");
}

describe("candidates of this side", () => {
  test("that are known are told once per m-line in use, later ones likewise", () => {
    negotiate();
    const candidate = "candidate:1 1 udp 5 1.2.3.4 9 typ host";
    expect(found(trickle.gather(peer))).toEqual([
      { candidate, sdpMid: "a", sdpMLineIndex: 0 },
      { candidate, sdpMid: "b", sdpMLineIndex: 1 },
    ]);
    const late = "candidate:2 1 udp 4 5.6.7.8 9 typ srflx";
    expect(found(trickle.found(peer, late))).toEqual([
      { candidate: late, sdpMid: "a", sdpMLineIndex: 0 },
      { candidate: late, sdpMid: "b", sdpMLineIndex: 1 },
    ]);
    expect(peer.calls.at(-1)).toBe("gather");
  });

  test("are gathered once per peer, and for the next one again", () => {
    negotiate();
    gather();
    expect(gather()).toEqual([]);
    expect(told(trickle.gathered())).toEqual(["IceGatheringDone"]);
    expect(trickle.gathered()).toEqual([]);
    trickle.reset();
    expect(gather()).toContain("IceCandidateFound");
  });
});

describe("the order of Kurento's events", () => {
  test("is kept by a client that gathers", () => {
    negotiate();
    expect(told(trickle.moved("checking"))).toEqual([]);
    expect(gather()).toEqual(["IceCandidateFound", "IceCandidateFound", "GATHERING", "CONNECTING"]);
    const pair = { localCandidate: "x", remoteCandidate: "y" };
    expect(told(trickle.selected(pair))).toEqual(["NewCandidatePairSelected"]);
    expect(told(trickle.moved("connected"))).toEqual(["CONNECTED"]);
    expect(told(trickle.gathered())).toEqual(["IceGatheringDone", "READY"]);
  });

  test("where candidates are known before ICE is connected READY comes with CONNECTED", () => {
    negotiate();
    gather();
    expect(told(trickle.gathered())).toEqual(["IceGatheringDone"]);
    expect(told(trickle.moved("checking"))).toEqual(["CONNECTING"]);
    expect(told(trickle.moved("connected"))).toEqual(["CONNECTED", "READY"]);
    expect(told(trickle.moved("disconnected"))).toEqual(["DISCONNECTED"]);
    expect(told(trickle.moved("connected"))).toEqual(["CONNECTED", "READY"]);
  });

  test("a client that never gathers is told CONNECTING before the pair", () => {
    negotiate();
    trickle.moved("checking");
    const pair = { localCandidate: "x", remoteCandidate: "y" };
    expect(told(trickle.selected(pair))).toEqual(["CONNECTING", "NewCandidatePairSelected"]);
    expect(told(trickle.moved("connected"))).toEqual(["CONNECTED", "READY"]);
    expect(gather()).toEqual(["IceCandidateFound", "IceCandidateFound"]);
  });

  test("a failure is told whether anybody gathered or not", () => {
    negotiate();
    trickle.moved("checking");
    expect(told(trickle.moved("failed"))).toEqual(["CONNECTING", "FAILED"]);
    expect(told(trickle.moved("closed"))).toEqual(["DISCONNECTED"]);
  });
});

describe("candidates of the other side", () => {
  test("go to the peer, and empty text is nothing", () => {
    negotiate();
    add(theirs, 0);
    add("", 0);
    add("  ", 99);
    expect(handed()).toEqual([`candidate ${theirs}  0`]);
  });

  test("wait for the description of the other side, and no more than that many", () => {
    for (let i = 0; i < 100; i++) add(theirs, 1);
    add(theirs, 2);
    negotiate();
    expect(handed()).toHaveLength(64);
    expect(handed()[0]).toBe(`candidate ${theirs}  1`);
  });

  test("wait for the answer to an offer of ours", () => {
    peer.generateOffer({ audio: true, video: true });
    add(theirs, 0);
    add(theirs, 5);
    expect(handed()).toEqual([]);
    peer.processAnswer(offer);
    trickle.negotiated(peer);
    expect(handed()).toEqual([`candidate ${theirs}  0`]);
  });

  test("of an m-line with port 0 are taken, of one that is not there refused", () => {
    negotiate();
    add(theirs, 1);
    expect(codeOf(() => add(theirs, 2))).toBe("candidate_invalid");
    expect(handed()).toEqual([`candidate ${theirs}  1`]);
  });

  test("that cannot be read are refused, negotiated or not", () => {
    expect(codeOf(() => add("candidate:1 1 udp"))).toBe("candidate_invalid");
    negotiate();
    expect(codeOf(() => add("nonsense"))).toBe("candidate_invalid");
  });
});
