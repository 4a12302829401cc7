import { beforeEach, describe, expect, test } from "vitest";
import { type BareElement, bareElement, type FakePeer } from "../../../test/kit/fake_peer.ts";
import type { AppError, DataChannelInfo } from "../../module/mod.ts";
import WebRtcEndpoint from "./mod.ts";

const sdp = "v=0\r\nm=audio 9\r\na=mid:a\r\n";
const figures = { protocol: "", messagesSent: 0, bytesSent: 0, messagesReceived: 0, bytesReceived: 0 };

let bare: BareElement;
let peer: FakePeer;

beforeEach(() => {
  bare = bareElement(WebRtcEndpoint, { useDataChannels: true });
  bare.run("processOffer", { offer: sdp });
  peer = bare.peers[0];
});

/** The peer says that a channel is in this state now. */
function moved(channelId: number, state: DataChannelInfo["state"], label = "chat") {
  peer.dataChannels = peer.dataChannels.filter((channel) => channel.channelId !== channelId);
  const info = { channelId, label, state, ...figures };
  if (state !== "closed") peer.dataChannels.push(info);
  return peer.handlers.dataChannel!(info);
}

const hear = (payload: string | Uint8Array, label = "chat") =>
  peer.handlers.dataMessage!(1, { payload, label });

/** The events of all later turns that were asked for. */
function told() {
  const works = bare.laterWorks.splice(0);
  return works.flatMap((work) => work()).map((action) => action.do === "emit" ? action.data : action.do);
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as AppError).code;
  }
  throw new Error("it was accepted");
}

describe("channels", () => {
  test("are negotiated where the option says so, and only there", () => {
    expect(peer.wish.data).toBe(true);
    const without = bareElement(WebRtcEndpoint);
    without.run("processOffer", { offer: sdp });
    expect(without.peers[0].wish.data).toBe(false);
    expect(codeOf(() => without.run("createDataChannel", { label: "x" }))).toBe("operation_not_supported");
    expect(codeOf(() => without.run("closeDataChannel", { channelId: 1 }))).toBe("operation_not_supported");
    expect(codeOf(() => without.run("sendDataChannelMessage", { text: "x" }))).toBe(
      "operation_not_supported",
    );
  });

  test("need a peer", () => {
    const idle = bareElement(WebRtcEndpoint, { useDataChannels: true });
    expect(codeOf(() => idle.run("createDataChannel", { label: "x" }))).toBe("data_channel_failed");
  });

  test("are opened and closed by operations", () => {
    const wish = { label: "x", ordered: true, maxPacketLifeTime: -1, maxRetransmits: 3, protocol: "p" };
    expect(bare.run("createDataChannel", wish).result).toBe(null);
    bare.run("closeDataChannel", { channelId: 1 });
    expect(peer.calls.slice(1)).toEqual(["channel x", "close channel 1"]);
  });

  test("tell their opening and closing once", () => {
    const event = (name: string) => [{ do: "emit", event: name, data: { channelId: 1 } }];
    expect(moved(1, "connecting")).toEqual([]);
    expect(moved(1, "open")).toEqual(event("DataChannelOpened"));
    expect(moved(1, "open")).toEqual([]);
    expect(moved(1, "closing")).toEqual([]);
    expect(moved(1, "closed")).toEqual(event("DataChannelClosed"));
    expect(moved(1, "open")).toEqual(event("DataChannelOpened"));
    const names = peer.handlers.ended("closed", "").map((action) => action.do === "emit" && action.event);
    expect(names).toEqual(["DataChannelClosed", "MediaSessionTerminated"]);
  });
});

describe("messages of the peer", () => {
  test("leave by the source pad and become events", () => {
    moved(1, "open");
    hear("grüß");
    hear(new Uint8Array([1, 2, 3]));
    expect(bare.sentData.map((m) => m.payload)).toEqual(["grüß", new Uint8Array([1, 2, 3])]);
    expect(told()).toEqual([
      { channelId: 1, label: "chat", bytes: 6, omitted: 0, text: "grüß" },
      { channelId: 1, label: "chat", bytes: 3, omitted: 0, base64: "AQID" },
    ]);
  });

  test("that are long become events without what they say", () => {
    hear("x".repeat(16_384));
    hear("x".repeat(16_385));
    expect(told()).toEqual([
      { channelId: 1, label: "chat", bytes: 16_384, omitted: 0, text: "x".repeat(16_384) },
      { channelId: 1, label: "chat", bytes: 16_385, omitted: 0 },
    ]);
  });

  test("become at most a hundred events in a second, and the next one says how many became none", () => {
    for (let i = 0; i < 1000; i++) hear(`${i}`);
    expect(told()).toHaveLength(100);
    expect(bare.sentData).toHaveLength(1000);
    bare.nowMs += 1000;
    hear("next");
    hear("last");
    expect(told()).toMatchObject([{ text: "next", omitted: 900 }, { text: "last", omitted: 0 }]);
  });

  test("become no events where nobody wants them", () => {
    bare.properties.dataChannelMessageEvents = false;
    hear("x");
    expect(bare.sentData).toHaveLength(1);
    expect(told()).toEqual([]);
  });

  test("of a peer that is over are not heard", () => {
    peer.handlers.ended("closed", "");
    hear("late");
    expect(bare.sentData).toEqual([]);
  });
});

describe("messages to the peer", () => {
  const dropped = () => bare.instance.computed!.dataMessagesDropped();

  test("that come by a connection leave by the channel of their label, else by the first that is open", () => {
    moved(1, "connecting", "first");
    moved(3, "open", "second");
    moved(5, "open", "third");
    bare.instance.onData!({ payload: "a", label: "third" });
    bare.instance.onData!({ payload: "b", label: "first" });
    bare.instance.onData!({ payload: "c", label: "" });
    expect(peer.sent.map((m) => [m.channelId, m.payload])).toEqual([[5, "a"], [3, "b"], [3, "c"]]);
    expect(dropped()).toBe(0);
  });

  test("that no channel takes are counted", () => {
    bare.instance.onData!({ payload: "a", label: "" });
    moved(1, "open");
    peer.takesData = false;
    bare.instance.onData!({ payload: "b", label: "" });
    expect(dropped()).toBe(2);
    expect(peer.sent).toEqual([]);
  });

  test("are sent by the operation, as text or as bytes, by a channel or the first", () => {
    expect(codeOf(() => bare.run("sendDataChannelMessage", { text: "x" }))).toBe("data_channel_not_found");
    moved(1, "open");
    moved(3, "open");
    bare.run("sendDataChannelMessage", { text: "" });
    bare.run("sendDataChannelMessage", { channelId: 3, base64: "AQID" });
    expect(peer.sent).toEqual([
      { channelId: 1, payload: "" },
      { channelId: 3, payload: new Uint8Array([1, 2, 3]) },
    ]);
    expect(codeOf(() => bare.run("sendDataChannelMessage", { channelId: 5, text: "x" })))
      .toBe("data_channel_not_found");
    peer.takesData = false;
    expect(codeOf(() => bare.run("sendDataChannelMessage", { text: "x" }))).toBe("data_channel_failed");
  });
});
