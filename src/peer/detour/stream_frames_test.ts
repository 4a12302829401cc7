import { describe, expect, test } from "vitest";
import { framed, rfc4571Frames, turnFrames } from "./stream_frames.ts";

function pushed(frames: ReturnType<typeof turnFrames>, ...chunks: Uint8Array[]) {
  const messages: Uint8Array[] = [];
  const fits = chunks.map((chunk) => frames.push(chunk, (message) => messages.push(message.slice())));
  return { messages, fits };
}

const stun = new Uint8Array(24);
stun.set([0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42]);
const channelData = new Uint8Array([0x40, 0, 0, 3, 1, 2, 3, 0]);

describe("RFC 4571", () => {
  const stream = new Uint8Array([...framed(new Uint8Array([7, 8, 9])), ...framed(new Uint8Array([5]))]);

  test("gives packets however the stream was cut", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const { messages } = pushed(rfc4571Frames(100), stream.subarray(0, cut), stream.subarray(cut));
      expect(messages.map((m) => [...m.subarray(2)])).toEqual([[7, 8, 9], [5]]);
    }
    const bytewise = pushed(rfc4571Frames(100), ...[...stream].map((byte) => new Uint8Array([byte])));
    expect(bytewise.messages).toHaveLength(2);
  });

  test("breaks at a packet that is too long, for good", () => {
    const frames = rfc4571Frames(100);
    expect(pushed(frames, new Uint8Array([0, 101]), framed(new Uint8Array([1])))).toEqual({
      messages: [],
      fits: [false, false],
    });
  });
});

describe("TURN on a stream", () => {
  test("tells messages and padded ChannelData apart", () => {
    const stream = new Uint8Array([...stun, ...channelData, ...stun]);
    for (let cut = 0; cut <= stream.length; cut++) {
      const { messages } = pushed(turnFrames(2048), stream.subarray(0, cut), stream.subarray(cut));
      expect(messages).toEqual([stun, channelData, stun]);
    }
  });

  test("breaks at what begins like neither, and at what is too long", () => {
    expect(pushed(turnFrames(2048), new Uint8Array([0x80, 0, 0, 4])).fits).toEqual([false]);
    expect(pushed(turnFrames(2048), new Uint8Array([0, 1, 0xff, 0xff])).fits).toEqual([false]);
  });
});
