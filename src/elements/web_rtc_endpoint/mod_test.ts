import { beforeEach, describe, expect, test } from "vitest";
import { type Action, AppError } from "../../module/mod.ts";
import { type BareElement, bareElement } from "../../../test/kit/fake_peer.ts";
import WebRtcEndpoint from "./mod.ts";

const sdp = "v=0\r\nm=audio 9\r\na=mid:a\r\nm=video 9\r\na=mid:b\r\n";

let bare: BareElement;
beforeEach(() => void (bare = bareElement(WebRtcEndpoint)));

const session = () => bare.instance.session!;
const open = (sessionId: string, kind: "whip" | "whep" = "whip", offer: string | null = sdp) =>
  session().open({ sessionId, kind, offer });
const property = (name: string) => bare.instance.computed![name]();

/** Events by name, the rest of the actions by what they do. */
const told = (actions: Action[] = []) =>
  actions.map((action) =>
    action.do === "emit" ? action.event : `${action.do} ${"sessionId" in action ? action.sessionId : ""}`
  );

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as AppError).code;
  }
  throw new Error("it was accepted");
}

describe("operations", () => {
  test("an offer is answered once", () => {
    const { result, actions } = bare.run("processOffer", { offer: sdp });
    expect(result).toBe(`answer to ${sdp}`);
    expect(told(actions)).toEqual(["MediaSessionStarted"]);
    expect(bare.run("getLocalSessionDescriptor").result).toBe(`answer to ${sdp}`);
    expect(bare.run("getRemoteSessionDescriptor").result).toBe(sdp);
    expect(codeOf(() => bare.run("processOffer", { offer: sdp }))).toBe("endpoint_negotiated");
    expect(codeOf(() => bare.run("generateOffer"))).toBe("endpoint_negotiated");
  });

  test("plain RTP is answered, and no media session begins or ends by that", () => {
    const offer = "v=0\r\nm=video 5004 RTP/AVP 96\r\n";
    expect(bare.run("processOffer", { offer })).toEqual({ result: `answer to ${offer}`, actions: [] });
    expect(bare.run("getRemoteSessionDescriptor").result).toBe(offer);
    expect(codeOf(() => bare.run("processOffer", { offer: sdp }))).toBe("endpoint_negotiated");
    expect(told(bare.peers[0].handlers.ended("closed", ""))).toEqual([]);
    expect(told(bare.run("processOffer", { offer: sdp }).actions)).toEqual(["MediaSessionStarted"]);
  });

  test("an offer that cannot be answered leaves the endpoint free", () => {
    bare.fault = new AppError("sdp_invalid", "Cannot read it");
    expect(codeOf(() => bare.run("processOffer", { offer: sdp }))).toBe("sdp_invalid");
    expect(bare.peers[0].closed).toBe(true);
    bare.fault = null;
    expect(bare.run("processOffer", { offer: sdp }).result).toBe(`answer to ${sdp}`);
  });

  test("an offer of ours waits for one answer", () => {
    expect(codeOf(() => bare.run("processAnswer", { answer: sdp }))).toBe("offer_not_generated");
    const offered = bare.run("generateOffer", {
      options: { offerToReceiveAudio: true, offerToReceiveVideo: false },
    });
    expect(offered).toEqual({ result: "our offer", actions: [] });
    expect(bare.peers[0].calls).toEqual(["generate true false"]);
    expect(told(bare.run("processAnswer", { answer: sdp }).actions)).toEqual(["MediaSessionStarted"]);
    expect(codeOf(() => bare.run("processAnswer", { answer: sdp }))).toBe("answer_processed");
  });

  test("a text that is no description is refused before anything else", () => {
    bare.run("processOffer", { offer: sdp });
    for (const text of ["", " \r\n", "hello", "m=audio 9"]) {
      expect(codeOf(() => bare.run("processOffer", { offer: text }))).toBe("sdp_invalid");
      expect(codeOf(() => bare.run("processAnswer", { answer: text }))).toBe("sdp_invalid");
    }
    expect(codeOf(() => bare.run("processAnswer", { answer: sdp }))).toBe("offer_not_generated");
  });

  test("an answer that does not fit leaves the offer open for another", () => {
    bare.run("generateOffer");
    bare.peers[0].fault = new AppError("sdp_unacceptable", "Cannot take it");
    expect(codeOf(() => bare.run("processAnswer", { answer: sdp }))).toBe("sdp_unacceptable");
    bare.peers[0].fault = null;
    expect(bare.run("processAnswer", { answer: sdp }).result).toBe("our offer");
  });

  test("before negotiation there are no descriptions", () => {
    expect(codeOf(() => bare.run("getLocalSessionDescriptor"))).toBe("endpoint_not_negotiated");
    expect(codeOf(() => bare.run("getRemoteSessionDescriptor"))).toBe("endpoint_not_negotiated");
  });

  test("candidates of both sides pass once there is a description, and before that they cost nothing", () => {
    const candidate = "candidate:7 1 udp 5 9.9.9.9 9 typ host";
    expect(told(bare.run("gatherCandidates").actions)).toEqual([]);
    bare.run("addIceCandidate", { candidate: { candidate, sdpMid: "a", sdpMLineIndex: 0 } });
    bare.run("processOffer", { offer: sdp });
    const [peer] = bare.peers;
    expect(peer.calls.at(-1)).toBe(`candidate ${candidate} a 0`);
    peer.localDescription = sdp.replace("m=video", `a=${candidate}\r\nm=video`);
    expect(told(bare.run("gatherCandidates").actions)).toEqual([
      "IceCandidateFound",
      "IceCandidateFound",
      "IceComponentStateChanged",
    ]);
    expect(told(peer.handlers.candidate!(candidate))).toEqual(["IceCandidateFound", "IceCandidateFound"]);
    expect(told(peer.handlers.gathered!())).toEqual(["IceGatheringDone"]);
    expect(codeOf(() => bare.run("addIceCandidate", { candidate: { candidate: "x" } }))).toBe(
      "candidate_invalid",
    );
  });

  test("a keyframe can be asked for where video is fed", () => {
    expect(codeOf(() => bare.run("requestKeyframe"))).toBe("operation_not_supported");
    bare.feeding.video = { codec: "VP8", format: "VP8" };
    expect(bare.run("requestKeyframe").actions).toEqual([{ do: "requestKeyframe" }]);
  });

  test.each([
    [{}, { receive: true, send: true }],
    [{ recvonly: true }, { receive: true, send: false }],
    [{ sendonly: true }, { receive: false, send: true }],
  ])("options %j make the wish %j", (options, wish) => {
    bare = bareElement(WebRtcEndpoint, options);
    bare.run("processOffer", { offer: sdp });
    expect(bare.peers[0].wish).toMatchObject({ ...wish, rules: null });
  });

  test("properties of rates act at once, on the peer of now and on the next", () => {
    bare.properties.maxVideoRecvBandwidth = 300;
    bare.run("processOffer", { offer: sdp });
    expect(bare.peers[0].rates.map((rates) => rates.maxReceiveKbps)).toEqual([300]);
    bare.properties.maxVideoSendBandwidth = 700;
    expect(bare.instance.onProperty!("maxVideoSendBandwidth")).toEqual([]);
    expect(bare.peers[0].rates.at(-1)).toMatchObject({ maxReceiveKbps: 300, maxSendKbps: 700 });
    bare.instance.onProperty!("turnUrl");
    expect(bare.peers[0].rates).toHaveLength(2);
  });
});

describe("the peer's life", () => {
  const handlers = () => bare.peers[0].handlers;

  test("states are told in Kurento's words, and shown as properties", () => {
    expect([property("IceConnectionState"), property("DtlsConnectionState")]).toEqual([[], []]);
    bare.run("processOffer", { offer: sdp });
    const stateOf = (actions: Action[]) => actions.map((action) => action.do === "emit" && action.data.state);
    expect(stateOf(handlers().iceState("checking"))).toEqual([]);
    expect(stateOf(handlers().iceState("connected"))).toEqual(["CONNECTING", "CONNECTED", "READY"]);
    expect(property("IceConnectionState")).toEqual([{ streamId: "0", componentId: 1, state: "READY" }]);
    bare.peers[0].dtlsState = "connecting";
    expect(property("DtlsConnectionState")).toMatchObject([{ state: "CONNECTING" }]);
  });

  test("the selected pair is told and shown", () => {
    bare.run("processOffer", { offer: sdp });
    const pair = { localCandidate: "a", remoteCandidate: "b" };
    expect(told(handlers().selected(pair))).toEqual(["NewCandidatePairSelected"]);
    bare.peers[0].selectedPair = pair;
    expect(property("ICECandidatePairs")).toEqual([{ streamId: "0", componentId: 1, ...pair }]);
  });

  test("connection and media each change once per change", () => {
    bare.run("processOffer", { offer: sdp });
    expect(told(handlers().dtlsState("connecting"))).toEqual(["DtlsConnectionStateChange"]);
    expect(told(handlers().dtlsState("connected"))).toEqual([
      "DtlsConnectionStateChange",
      "ConnectionStateChanged",
    ]);
    expect(told(bare.instance.onMedia!(true))).toEqual(["MediaStateChanged"]);
    expect(told(bare.instance.onMedia!(true))).toEqual([]);
    expect([property("connectionState"), property("mediaState")]).toEqual(["CONNECTED", "CONNECTED"]);
    expect(told(handlers().ended("consentExpired", ""))).toEqual([
      "MediaStateChanged",
      "ConnectionStateChanged",
      "MediaSessionTerminated",
    ]);
    expect(bare.run("processOffer", { offer: sdp }).result).toBe(`answer to ${sdp}`);
  });
});

describe("sessions", () => {
  test("a session starts, is connected, and ends by its peer with the reason", () => {
    const { result, actions } = open("s1");
    expect(result).toEqual({ description: `answer to ${sdp}`, takenOver: null });
    expect(told(actions)).toEqual(["MediaSessionStarted"]);
    expect(session().current).toBe("s1");
    expect(bare.peers[0].wish).toMatchObject({ receive: true, send: false, rules: "whip" });
    expect(told(bare.peers[0].handlers.dtlsState("connected")).at(-1)).toBe("sessionConnected s1");
    const actionsOfEnd = bare.peers[0].handlers.ended("iceTimeout", "no pair");
    expect(actionsOfEnd.at(-1)).toEqual({
      do: "sessionEnded",
      sessionId: "s1",
      reason: "iceTimeout: no pair",
    });
    expect(session().current).toBeNull();
  });

  test("a second publisher takes over, and the first one's peer is heard no more", () => {
    open("s1");
    bare.peers[0].handlers.dtlsState("connected");
    bare.instance.onMedia!(true);
    const { result, actions } = open("s2");
    expect(result.takenOver).toBe("s1");
    expect(told(actions)).toEqual([
      "MediaStateChanged",
      "ConnectionStateChanged",
      "MediaSessionTerminated",
      "sessionEnded s1",
      "MediaSessionStarted",
    ]);
    expect(bare.peers.map(({ closed }) => closed)).toEqual([true, false]);
    const { handlers } = bare.peers[0];
    expect(
      [handlers.ended("closed", ""), handlers.iceState("closed"), handlers.dtlsState("connected")].flat(),
    ).toEqual([]);
    expect(session().current).toBe("s2");
    expect(session().iceGeneration).toBe("2");
  });

  test("a second publisher whose offer is refused takes nothing over", () => {
    open("s1");
    bare.fault = new AppError("sdp_invalid", "Cannot read it");
    expect(codeOf(() => open("s2"))).toBe("sdp_invalid");
    expect(bare.peers.map(({ closed }) => closed)).toEqual([false, true]);
    expect(session().current).toBe("s1");
  });

  test("a session takes over what was negotiated by operations", () => {
    bare.run("processOffer", { offer: sdp });
    expect(open("s1").result.takenOver).toBeNull();
    expect(bare.peers[0].closed).toBe(true);
  });

  test("a viewer without an offer gets one and answers it once", () => {
    const { result, actions } = open("s1", "whep", null);
    expect(result.description).toBe("our offer");
    expect(told(actions)).toEqual([]);
    expect(bare.peers[0].wish).toMatchObject({ receive: false, send: true, rules: "whep" });
    expect(told(session().answer(sdp).actions)).toEqual(["MediaSessionStarted"]);
    expect(codeOf(() => session().answer(sdp))).toBe("answer_processed");
  });

  test("a viewer that never answered ends without a media session", () => {
    open("s1", "whep", null);
    expect(told(session().close().actions)).toEqual(["sessionEnded s1"]);
  });

  test("closing is told once", () => {
    open("s1");
    expect(told(session().close().actions)).toEqual(["MediaSessionTerminated", "sessionEnded s1"]);
    expect(bare.peers[0].closed).toBe(true);
    expect(told(session().close().actions)).toEqual([]);
  });

  test("only a restart changes the generation", () => {
    open("s1");
    expect(session().patch("candidates").result).toEqual({ fragment: null, iceGeneration: "1" });
    expect(session().patch("restart").result).toEqual({ fragment: "ours", iceGeneration: "2" });
    session().close();
    expect(codeOf(() => session().patch("candidates"))).toBe("session_not_found");
  });

  test("sessions go the way that the endpoint was made for", () => {
    bare = bareElement(WebRtcEndpoint, { sendonly: true });
    expect(codeOf(() => open("s1", "whip"))).toBe("operation_not_supported");
    expect(open("s1", "whep").result.description).toBe(`answer to ${sdp}`);
    bare = bareElement(WebRtcEndpoint, { recvonly: true });
    expect(codeOf(() => open("s1", "whep"))).toBe("operation_not_supported");
  });
});
