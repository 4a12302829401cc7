import { Buffer } from "node:buffer";
import {
  type Action,
  AppError,
  type DataChannelInfo,
  type DataMessage,
  type ElementContext,
  type ElementInstance,
  emit,
  gives,
  type PeerHandle,
} from "../../module/mod.ts";

/** Messages of one endpoint that become events in one second; the next event tells how many did not. */
const EVENTS_PER_SECOND = 100;
/** Longer messages become events without what they say. */
const EVENT_BYTES = 16_384;

interface Wish {
  label: string;
  ordered: boolean;
  maxPacketLifeTime: number;
  maxRetransmits: number;
  protocol: string;
}

/** What an endpoint does with the data channels of its peer: operations, events, and messages along connections. */
export class EndpointData {
  /** Channels whose opening was told and whose closing was not. */
  readonly #told = new Set<number>();
  #secondBeganMs = 0;
  #eventsInSecond = 0;
  #omitted = 0;
  #dropped = 0;

  /** @param peer the peer of now, or null */
  constructor(
    readonly ctx: ElementContext,
    readonly wanted: boolean,
    readonly peer: () => PeerHandle | null,
  ) {}

  /** Messages that came by connections and found no channel to leave by. */
  get dropped(): number {
    return this.#dropped;
  }

  readonly operations: NonNullable<ElementInstance["operations"]> = {
    createDataChannel: (wish: Wish) => {
      this.#peerWithChannels().createDataChannel({
        label: wish.label,
        ordered: wish.ordered,
        maxPacketLifeTimeMs: wish.maxPacketLifeTime < 0 ? null : wish.maxPacketLifeTime,
        maxRetransmits: wish.maxRetransmits < 0 ? null : wish.maxRetransmits,
        protocol: wish.protocol,
      });
      return gives(null);
    },
    closeDataChannel: ({ channelId }: { channelId: number }) => {
      this.#peerWithChannels().closeDataChannel(channelId);
      return gives(null);
    },
    sendDataChannelMessage: (
      { channelId, text, base64 }: { channelId?: number; text?: string; base64?: string },
    ) => {
      this.#send(channelId, text ?? new Uint8Array(Buffer.from(base64 ?? "", "base64")));
      return gives(null);
    },
  };

  /** A channel opened or closed. */
  moved({ channelId, state }: DataChannelInfo): Action[] {
    if (state === "open" && !this.#told.has(channelId)) {
      this.#told.add(channelId);
      return [emit("DataChannelOpened", { channelId })];
    }
    if (state !== "closed") return [];
    this.#told.delete(channelId);
    return [emit("DataChannelClosed", { channelId })];
  }

  /** The peer is over, and its channels with it. */
  reset(): Action[] {
    const open = [...this.#told];
    this.#told.clear();
    return open.map((channelId) => emit("DataChannelClosed", { channelId }));
  }

  /** A message came by a channel: it leaves by the source pad, and becomes an event where that is wanted. */
  received(channelId: number, message: DataMessage): void {
    this.ctx.sendData(message);
    if (this.ctx.property("dataChannelMessageEvents") !== true) return;
    if (!this.#mayTell()) {
      this.#omitted++;
      return;
    }
    const omitted = this.#omitted;
    this.#omitted = 0;
    this.ctx.later(() => [emit("DataChannelMessageReceived", describe(channelId, message, omitted))]);
  }

  /** A message entered the sink pad: it leaves by the channel of its label, else by the first that is open. */
  deliver({ label, payload }: DataMessage): void {
    const peer = this.peer();
    const open = this.#open();
    const channel = open.find((channel) => channel.label === label) ?? open.at(0);
    if (!channel || !peer?.sendData(channel.channelId, payload)) this.#dropped++;
  }

  #send(channelId: number | undefined, payload: string | Uint8Array): void {
    const peer = this.#peerWithChannels();
    const open = this.#open();
    const channel = channelId === undefined ? open.at(0) : open.find((c) => c.channelId === channelId);
    if (!channel) throw noChannel(channelId, open);
    if (peer.sendData(channel.channelId, payload)) return;
    throw new AppError(
      "data_channel_failed",
      `Cannot send by data channel ${channel.channelId}: ${
        Buffer.byteLength(payload)
      } bytes vs the size that the ` +
        "peer takes and the room that its buffer has, send less or later",
    );
  }

  #open(): DataChannelInfo[] {
    return this.peer()?.dataChannels.filter((channel) => channel.state === "open") ?? [];
  }

  #peerWithChannels(): PeerHandle {
    if (!this.wanted) {
      throw new AppError(
        "operation_not_supported",
        "Cannot use data channels: this endpoint was made without useDataChannels, create one with it",
      );
    }
    const peer = this.peer();
    if (peer) return peer;
    throw new AppError(
      "data_channel_failed",
      "Cannot use data channels: this endpoint has no peer vs one that is connected, negotiate first",
    );
  }

  #mayTell(): boolean {
    const nowMs = this.ctx.nowMs();
    if (nowMs - this.#secondBeganMs >= 1000) {
      this.#secondBeganMs = nowMs;
      this.#eventsInSecond = 0;
    }
    return ++this.#eventsInSecond <= EVENTS_PER_SECOND;
  }
}

function describe(channelId: number, { label, payload }: DataMessage, omitted: number) {
  const bytes = Buffer.byteLength(payload);
  const told = { channelId, label, bytes, omitted };
  if (bytes > EVENT_BYTES) return told;
  return typeof payload === "string"
    ? { ...told, text: payload }
    : { ...told, base64: Buffer.from(payload).toString("base64") };
}

function noChannel(channelId: number | undefined, open: DataChannelInfo[]): AppError {
  const ids = open.slice(0, 8).map((channel) => channel.channelId).join(", ");
  return new AppError(
    "data_channel_not_found",
    `Cannot send a message: ${channelId ?? "no channel named"} vs ${ids || "no channel"} that are open, ` +
      (ids ? "name one of these" : "open one first"),
  );
}
