import * as ndc from "node-datachannel";
import { headerLength, packetKind, sequenceNumber } from "../../../src/rtp/mod.ts";
import { KIND_RTP } from "../../../src/rtp/mod.ts";
import { connected, openConnection } from "../../kit/libdatachannel.ts";
import { Latencies } from "./latency.ts";
import { realTimeUs } from "./libc.ts";
import { readTime } from "./payload.ts";
import { postOffer } from "./publishers.ts";
import type { ViewerFigures } from "./viewers.ts";

const PAYLOAD_TYPE = 96;

/** Loss and latency of the viewers that hand their packets on. */
class Sample {
  packets = 0;
  lost = 0;
  latencies = new Latencies();
  readonly #highest: number[] = [];

  take(viewer: number, packet: Uint8Array): void {
    if (packetKind(packet, 0, packet.length) !== KIND_RTP) return;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const latencyUs = realTimeUs() - readTime(view, headerLength(packet, 0, packet.length));
    if (latencyUs > 0) this.latencies.add(latencyUs);
    const sequence = sequenceNumber(packet, 0);
    const step = ((sequence - (this.#highest[viewer] ?? sequence - 1)) << 16) >> 16;
    this.packets++;
    // What comes late was counted as lost when it was passed over.
    this.lost += step > 0 ? step - 1 : -1;
    if (step > 0) this.#highest[viewer] = sequence;
  }

  begin(): void {
    this.packets = this.lost = 0;
    this.latencies = new Latencies();
  }
}

/**
 * Viewers on libdatachannel, an implementation that shares nothing with the server. Those without a message handler
 * decrypt and drop inside the library; the sampled ones hand every packet to JavaScript.
 */
export class NdcViewers {
  readonly #sample = new Sample();
  readonly #connections: ndc.PeerConnection[] = [];
  /** libdatachannel's tracks die with their JavaScript wrapper. */
  readonly #tracks: ndc.Track[] = [];

  /** Watches `url`; returns the milliseconds until DTLS is through. */
  async join(url: string, sampled: boolean): Promise<number> {
    const startMs = performance.now();
    const connection = openConnection("bench");
    const video = new ndc.Video("0", "RecvOnly");
    video.addVP8Codec(PAYLOAD_TYPE);
    const track = connection.addTrack(video);
    const viewer = this.#tracks.push(track);
    if (sampled) track.onMessage((packet) => this.#sample.take(viewer, packet));
    connection.setLocalDescription("offer");
    const { answer } = await postOffer(url, connection.localDescription()!.sdp);
    connection.setRemoteDescription(answer, "answer");
    await connected(connection);
    this.#connections.push(connection);
    return performance.now() - startMs;
  }

  begin(): void {
    this.#sample.begin();
  }

  /** `packets`, `lost` and latencies are those of the sampled viewers alone. */
  read(): ViewerFigures {
    return {
      viewers: this.#connections.length,
      packets: this.#sample.packets,
      bytes: 0,
      lost: this.#sample.lost,
      silent: this.#connections.filter((connection) => connection.state() !== "connected").length,
      sampled: this.#sample.packets,
      notAuthentic: 0,
      rtcp: 0,
      profile: "libdatachannel's choice",
      latencies: this.#sample.latencies.toJSON(),
    };
  }
}
