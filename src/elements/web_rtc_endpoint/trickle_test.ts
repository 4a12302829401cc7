import { beforeEach, describe, expect, test } from "vitest";
import { type Action, AppError } from "../../module/mod.ts";
import { type BareElement, bareElement } from "../../../test/kit/fake_peer.ts";
import WebRtcEndpoint from "./mod.ts";

const local = "v=0\r\nm=audio 9 x\r\na=mid:a\r\na=candidate:1 1 udp 5 1.2.3.4 9 typ host\r\n" +
  "m=video 0 x\r\na=mid:b\r\na=bundle-only\r\nm=text 0 x\r\na=mid:c\r\n";
const offer = "v=0\r\nm=audio 9 x\r\nm=video 0 x\r\n";
const theirs = "candidate:7 1 udp 5 9.9.9.9 9 typ host";

let bare: BareElement;
beforeEach(() => void (bare = bareElement(WebRtcEndpoint)));

const told = (actions: Action[] = []) =>
  actions.flatMap((action) => action.do === "emit" ? [String(action.data.state ?? action.event)] : []);
const gather = () => told(bare.run("gatherCandidates").actions);
const add = (candidate: string, sdpMLineIndex?: number) =>
  bare.run("addIceCandidate", { candidate: { candidate, sdpMid: "", sdpMLineIndex } });
const handed = () => bare.peers[0].calls.filter((call) => call.startsWith("candidate"));

function negotiate() {
  bare.run("processOffer", { offer });
  bare.peers[0].localDescription = local;
  return bare.peers[0].handlers;
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
  test("before there is a description there are none to gather, and that is no error", () => {
    expect(gather()).toEqual([]);
    const handlers = negotiate();
    expect(gather()).toContain("IceCandidateFound");
    expect(handlers.gathered!()).not.toEqual([]);
  });

  test("those that are known are told once per m-line in use, later ones likewise", () => {
    const handlers = negotiate();
    const { actions = [] } = bare.run("gatherCandidates");
    const candidate = "candidate:1 1 udp 5 1.2.3.4 9 typ host";
    const found = (of: Action[]) =>
      of.flatMap((action) =>
        action.do === "emit" && action.event === "IceCandidateFound" ? [action.data.candidate] : []
      );
    expect(found(actions)).toEqual([
      { candidate, sdpMid: "a", sdpMLineIndex: 0 },
      { candidate, sdpMid: "b", sdpMLineIndex: 1 },
    ]);
    const late = "candidate:2 1 udp 4 5.6.7.8 9 typ srflx";
    expect(found(handlers.candidate!(late))).toEqual([
      { candidate: late, sdpMid: "a", sdpMLineIndex: 0 },
      { candidate: late, sdpMid: "b", sdpMLineIndex: 1 },
    ]);
    expect(bare.peers[0].calls.at(-1)).toBe("gather");
  });

  test("a peer gathers once, and the next peer again", () => {
    const handlers = negotiate();
    gather();
    expect(gather()).toEqual([]);
    expect(told(handlers.gathered!())).toEqual(["IceGatheringDone"]);
    expect(handlers.gathered!()).toEqual([]);
    handlers.ended("closed", "");
    bare.run("processOffer", { offer });
    bare.peers[1].localDescription = local;
    expect(gather()).toContain("IceCandidateFound");
  });
});

describe("the order of Kurento's events", () => {
  test("is kept by a client that gathers", () => {
    const handlers = negotiate();
    expect(told(handlers.iceState("checking"))).toEqual([]);
    expect(gather()).toEqual(["IceCandidateFound", "IceCandidateFound", "GATHERING", "CONNECTING"]);
    const pair = { localCandidate: "x", remoteCandidate: "y" };
    expect(told(handlers.selected(pair))).toEqual(["NewCandidatePairSelected"]);
    expect(told(handlers.iceState("connected"))).toEqual(["CONNECTED"]);
    expect(told(handlers.gathered!())).toEqual(["IceGatheringDone", "READY"]);
  });

  test("where candidates are known before ICE is connected READY comes with CONNECTED", () => {
    const handlers = negotiate();
    gather();
    expect(told(handlers.gathered!())).toEqual(["IceGatheringDone"]);
    expect(told(handlers.iceState("checking"))).toEqual(["CONNECTING"]);
    expect(told(handlers.iceState("connected"))).toEqual(["CONNECTED", "READY"]);
    expect(told(handlers.iceState("disconnected"))).toEqual(["DISCONNECTED"]);
    expect(told(handlers.iceState("connected"))).toEqual(["CONNECTED", "READY"]);
  });

  test("a client that never gathers is told CONNECTING before the pair", () => {
    const handlers = negotiate();
    handlers.iceState("checking");
    const pair = { localCandidate: "x", remoteCandidate: "y" };
    expect(told(handlers.selected(pair))).toEqual(["CONNECTING", "NewCandidatePairSelected"]);
    expect(told(handlers.iceState("connected"))).toEqual(["CONNECTED", "READY"]);
    expect(gather()).toEqual(["IceCandidateFound", "IceCandidateFound"]);
  });

  test("a failure is told whether anybody gathered or not", () => {
    const handlers = negotiate();
    handlers.iceState("checking");
    expect(told(handlers.iceState("failed"))).toEqual(["CONNECTING", "FAILED"]);
    expect(told(handlers.iceState("closed"))).toEqual(["DISCONNECTED"]);
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
    bare.run("generateOffer");
    add(theirs, 0);
    add(theirs, 5);
    expect(handed()).toEqual([]);
    bare.run("processAnswer", { answer: offer });
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
