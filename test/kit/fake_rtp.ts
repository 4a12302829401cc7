import type { PeerRates, RtpHandle, RtpHandlers, RtpWish } from "../../src/module/mod.ts";

/** An RTP session that answers at once and lets the test play the network. */
export class FakeRtp implements RtpHandle {
  localDescription: string | null = null;
  remoteDescription: string | null = null;
  media: RtpHandle["media"] = [];
  readonly rates: PeerRates[] = [];
  closed = false;
  /** Thrown by the next negotiation. */
  fault: Error | null = null;

  constructor(readonly wish: RtpWish, readonly handlers: RtpHandlers) {}

  processOffer(sdp: string): Promise<string> {
    return this.#describe(`answer to ${sdp}`, sdp);
  }

  generateOffer({ audio, video }: { audio: boolean; video: boolean }): Promise<string> {
    return this.#describe(`offer of audio ${audio}, video ${video}`, null);
  }

  processAnswer(sdp: string): void {
    if (this.fault) throw this.fault;
    this.#take(sdp);
  }

  setRates(rates: PeerRates): void {
    this.rates.push(rates);
  }

  close(): void {
    this.closed = true;
  }

  #describe(local: string, remote: string | null): Promise<string> {
    if (this.fault) return Promise.reject(this.fault);
    if (remote !== null) this.#take(remote);
    return Promise.resolve(this.localDescription = local);
  }

  /** An m-line of the test's descriptions is in use unless its port is 0. */
  #take(sdp: string): void {
    this.remoteDescription = sdp;
    const used = [...sdp.matchAll(/^m=(audio|video) [1-9]/gm)];
    this.media = used.map(([, kind]) => ({
      kind: kind as "audio" | "video",
      mid: "",
      direction: "sendrecv",
      codecs: [],
      extensions: {},
      remoteSsrcs: [],
      rids: [],
      localSsrc: 1,
      localRtxSsrc: 0,
      cname: "",
    }));
  }
}
