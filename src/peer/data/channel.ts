import type { DataChannelInfo } from "../types.ts";
import type { ChannelTerms } from "./dcep.ts";

/**
 * One data channel.
 *
 *   connecting ──► open ──► closing ──► closed
 *        └────────────────────┘
 */
export class DataChannel {
  /** What is known now; it changes as the channel does. */
  readonly info: DataChannelInfo;
  readonly #resets = { incoming: false, outgoing: false };

  constructor(readonly channelId: number, readonly terms: ChannelTerms, opened: boolean) {
    this.info = {
      channelId,
      label: terms.label,
      protocol: terms.protocol,
      state: opened ? "open" : "connecting",
      messagesSent: 0,
      bytesSent: 0,
      messagesReceived: 0,
      bytesReceived: 0,
    };
  }

  get state(): DataChannelInfo["state"] {
    return this.info.state;
  }

  /** True when it was not open before. */
  open(): boolean {
    if (this.state !== "connecting") return false;
    this.info.state = "open";
    return true;
  }

  /** True when it was not closing before. */
  beginClosing(): boolean {
    if (this.state === "closing" || this.state === "closed") return false;
    this.info.state = "closing";
    return true;
  }

  /** One direction of its stream was reset; true when both are now, and so it is closed. */
  reset(direction: "incoming" | "outgoing"): boolean {
    this.#resets[direction] = true;
    if (!this.#resets.incoming || !this.#resets.outgoing) return false;
    this.info.state = "closed";
    return true;
  }

  /** The association is over. */
  end(): void {
    this.info.state = "closed";
  }

  sent(bytes: number): void {
    this.info.messagesSent++;
    this.info.bytesSent += bytes;
  }

  received(bytes: number): void {
    this.info.messagesReceived++;
    this.info.bytesReceived += bytes;
  }
}
