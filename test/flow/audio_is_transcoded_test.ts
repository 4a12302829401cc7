import { afterEach, expect, test } from "vitest";
import { decodeAudioEnergy, encodeAudioClip } from "../kit/ffmpeg.ts";
import { openProgram, type ProgramUnderTest } from "../kit/frame_program.ts";

let open: ProgramUnderTest;
afterEach(() => open?.close());

const addOutput = async (codec: string) =>
  (await open.program.call("addOutput", { format: { codec, format: codec } }) as { ssrc: number }).ssrc;

/** G.711 μ-law sample of -32124…32124 (ITU-T G.711 table 2). */
function decodeMuLaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = ((inverted & 15) * 8 + 132 << (inverted >> 4 & 7)) - 132;
  return inverted & 0x80 ? -magnitude : magnitude;
}

/** A-law, likewise. */
function decodeALaw(byte: number): number {
  const toggled = byte ^ 0x55;
  const exponent = toggled >> 4 & 7;
  const base = (toggled & 15) * 16 + 8;
  const magnitude = exponent === 0 ? base : base + 256 << (exponent - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}

/** Times per second that the tone crosses zero upwards. */
function pitchOf(samples: number[], sampleRate: number): number {
  const crossings =
    samples.filter((value, index) => index > 0 && samples[index - 1] < 0 && value >= 0).length;
  return crossings * sampleRate / samples.length;
}

/** `hz` of a tone as μ-law frames of 20 ms. */
function muLawTone(hz: number, frameCount: number): Uint8Array[] {
  const table = Array.from({ length: 256 }, (_, byte) => decodeMuLaw(byte));
  const nearest = (value: number) =>
    table.reduce(
      (best, level, byte) => Math.abs(level - value) < Math.abs(table[best] - value) ? byte : best,
      0,
    );
  return Array.from(
    { length: frameCount },
    (_, frame) =>
      Uint8Array.from(
        { length: 160 },
        (_, i) => nearest(8000 * Math.sin(2 * Math.PI * hz * (frame * 160 + i) / 8000)),
      ),
  );
}

test.each([["PCMU", decodeMuLaw], ["PCMA", decodeALaw]] as const)(
  "Opus becomes %s: frames of 20 ms on a clock of 8 kHz, the same tone at the same loudness",
  async (codec, decode) => {
    open = await openProgram({ kind: "transcode", media: "audio" });
    const { peer } = open;
    const ssrc = await addOutput(codec);
    await peer.play("OPUS", encodeAudioClip(50), 48_000);
    await peer.until("49 frames", () => peer.of(ssrc).length >= 49);
    const packets = peer.of(ssrc);
    expect(packets.every(({ payload }) => payload.length === 160)).toBe(true);
    expect(packets.every(({ timestamp }, i) => timestamp === packets[0].timestamp + i * 160)).toBe(true);
    const samples = packets.slice(5, 45).flatMap(({ payload }) => [...payload].map(decode));
    // 440 Hz on the left and 660 Hz on the right, mixed: the pitch of the sum lies between.
    expect(pitchOf(samples, 8000)).toBeGreaterThan(400);
    expect(pitchOf(samples, 8000)).toBeLessThan(700);
    const loudness = Math.sqrt(samples.reduce((sum, value) => sum + value ** 2, 0) / samples.length);
    expect(loudness).toBeGreaterThan(2500);
    expect(loudness).toBeLessThan(7000);
    expect(open.events).toEqual([]);
  },
);

test("PCMU becomes Opus, and a pause of the source is one in what comes out", async () => {
  open = await openProgram({ kind: "transcode", media: "audio" });
  const { peer } = open;
  const ssrc = await addOutput("OPUS");
  const tone = muLawTone(440, 50).map((bytes, index) => ({
    // Half a second of nothing after the 25th frame.
    ptsMs: index * 20 + (index >= 25 ? 500 : 0),
    keyframe: true,
    bytes,
  }));
  await peer.play("PCMU", tone, 8000);
  await peer.until("48 frames", () => peer.of(ssrc).length >= 48);
  const packets = peer.of(ssrc);
  const steps = packets.slice(1).map(({ timestamp }, index) => timestamp - packets[index].timestamp);
  expect(steps.filter((step) => step !== 960).length).toBe(1);
  expect(Math.max(...steps)).toBeGreaterThan(500 * 48);
  const energies = decodeAudioEnergy(packets.map(({ payload }) => payload));
  expect(energies.slice(5, 20).every((energy) => energy > 10)).toBe(true);
});

test("two outputs come of one stream, and reports let them be kept in step with the source", async () => {
  open = await openProgram({ kind: "transcode", media: "audio" });
  const { peer } = open;
  const [first, second] = [await addOutput("PCMU"), await addOutput("OPUS")];
  await peer.play("OPUS", encodeAudioClip(75), 48_000);
  await peer.until("both", () => peer.of(first).length >= 70 && peer.of(second).length >= 70);
  await peer.until("reports of both", () => new Set(peer.rtcp.map((bytes) => bytes[7])).size >= 2);
  await open.program.call("removeOutput", { ssrc: first });
  // SR and BYE: packet types 200 and 203 in one compound.
  await peer.until("a BYE", () => peer.rtcp.some((bytes) => bytes.includes(203)));
  await expect(open.program.call("removeOutput", { ssrc: first })).rejects.toThrow("no stream has SSRC");
  await expect(open.program.call("dance")).rejects.toThrow('Cannot run "dance"');
});
