import type { SocketAddress } from "../base/mod.ts";
import type { UdpPort } from "../native/mod.ts";
import { Addresses } from "./addresses.ts";
import { setConsent } from "./consent.ts";
import { Context } from "./context.ts";
import type { PlaneCommand, PlaneEvent, PlaneStats } from "./control.ts";
import { demux } from "./demux.ts";
import { tellConsent } from "./events.ts";
import { forwardPending } from "./forward.ts";
import { requestKeyframes } from "./keyframe.ts";
import { MAX_BATCHES_PER_TURN, MAX_SENDS_PER_TURN } from "./limits.ts";
import { pumpReplays } from "./replay_group.ts";
import { acceptFrom, selectMedia, selectRtcp, SidePeer } from "./side_peer.ts";
import { SidePorts } from "./side_ports.ts";
import { snapshot } from "./stats.ts";
import { type OpenCipher, Tables } from "./tables.ts";
import { tickFeedback, tickSource, tickTransport } from "./tick.ts";
import type { Transport } from "./transport.ts";

type TransportCommand = Extract<
  PlaneCommand,
  {
    do:
      | "admit"
      | "select"
      | "selectRtcp"
      | "accept"
      | "keepConsent"
      | "setRates"
      | "setDscp"
      | "closeTransport";
  }
>;

/** How often flows, layers, reports and waiting senders are looked after. */
const TICK_MS = 50;
/** Between two parts of a replay: long enough for a path to take the part, short beside a person's patience. */
const REPLAY_SLEEP_MS = 2;
/** While packets are missing: the next request for one is due at any 10 ms. */
const REPAIR_SLEEP_MS = 10;

/** Weight of the past in the average time of a turn. */
const AVERAGED_TURNS = 16;

export interface PlaneOptions {
  udp: UdpPort;
  openCipher: OpenCipher;
  /** Unsigned 32-bit random numbers. */
  random: () => number;
  /** Called at most twice per turn, once per command, with at least one event. */
  onEvents: (events: PlaneEvent[]) => void;
}

/**
 * The packet plane without its thread: RTP in, rewritten and protected RTP out, for every transport of one UDP port.
 * It has no clock and no loop; whoever owns it calls `turn` when something can be received or time has passed.
 */
export class Plane {
  readonly #context: Context;
  readonly #tables: Tables;
  readonly #addresses: Addresses;
  readonly #ports: SidePorts;
  readonly #onEvents: (events: PlaneEvent[]) => void;
  #nextTickMs = 0;
  #forwarded = false;

  constructor(options: PlaneOptions) {
    this.#context = new Context(options.udp, options.random);
    this.#tables = new Tables(this.#context, options.openCipher);
    this.#addresses = new Addresses(this.#context);
    this.#ports = new SidePorts(this.#context);
    this.#onEvents = options.onEvents;
  }

  /** Does what the control side says; what it queues leaves with the next `turn` or `flush`. */
  apply(command: PlaneCommand, nowMs: number): void {
    this.#context.nowMs = nowMs;
    if (!this.#perform(command)) this.#context.drops.staleCommand++;
    this.#passEvents();
  }

  /** Sends what commands queued, and the first part of a replay that they began: who joins does not wait for a turn. */
  flush(): void {
    if (this.#context.replaying.length > 0) pumpReplays(this.#context);
    this.#context.udp.flush();
    this.#passEvents();
  }

  /** Takes what was received, forwards it, and does what is due. `nowMs`: milliseconds since the epoch. */
  turn(nowMs: number): void {
    const context = this.#context;
    context.nowMs = nowMs;
    context.controlDatagrams = 0;
    context.sendsLeft = MAX_SENDS_PER_TURN;
    this.#receive();
    // Who joins or proves to be alive waits for an answer; media follows.
    this.#passEvents();
    this.#forwarded = context.touchedCount > 0;
    for (let i = 0; i < context.touchedCount; i++) {
      context.touched[i].touched = false;
      forwardPending(context, context.touched[i]);
    }
    context.touchedCount = 0;
    if (context.replaying.length > 0) pumpReplays(context);
    tickFeedback(context);
    if (nowMs >= this.#nextTickMs) this.#tick();
    context.udp.flush();
    this.#passEvents();
  }

  /** The turn is over, and what it forwarded is with the system; for the figures of latency. */
  turned(nowMs: number): void {
    const context = this.#context;
    if (this.#forwarded) context.turnMs += (nowMs - context.nowMs - context.turnMs) / AVERAGED_TURNS;
  }

  /** After how many milliseconds the next turn is due even if nothing is received. */
  get sleepMs(): number {
    if (this.#context.replaying.length > 0) return REPLAY_SLEEP_MS;
    const { isRepairing, feedbackDueMs, nowMs } = this.#context;
    const dueMs = Math.min(this.#nextTickMs, feedbackDueMs) - nowMs;
    return Math.max(1, isRepairing ? Math.min(dueMs, REPAIR_SLEEP_MS) : dueMs);
  }

  /** Every counter, or those of some transports by their ids. */
  stats(nowMs: number, transports?: readonly number[]): PlaneStats {
    this.#context.nowMs = nowMs;
    return snapshot(this.#context, transports);
  }

  /** Says BYE to everybody and frees the ciphers; the UDP port stays its owner's. */
  close(nowMs: number): void {
    this.#context.nowMs = nowMs;
    this.#tables.close();
    this.#context.udp.flush();
  }

  #receive(): void {
    const context = this.#context;
    const udp = context.udp;
    for (let batch = 0; batch < MAX_BATCHES_PER_TURN; batch++) {
      const count = udp.receive();
      if (count === 0) return;
      const first = udp.firstSlot;
      for (let i = 0; i < count; i++) demux(context, first + i);
    }
  }

  #tick(): void {
    const context = this.#context;
    this.#nextTickMs = context.nowMs + TICK_MS;
    for (const transport of context.transports) if (transport !== null) tickTransport(context, transport);
    for (const source of this.#tables.sources.values()) tickSource(context, source);
    tellConsent(context);
  }

  #passEvents(): void {
    const events = this.#context.events;
    if (events.length === 0) return;
    this.#context.events = [];
    this.#onEvents(events);
  }

  /** False when the command is about something that is not open. */
  #perform(command: PlaneCommand): boolean {
    const tables = this.#tables;
    switch (command.do) {
      case "openTransport":
        return this.#openTransport(command.transport, command.port);
      case "openPort":
        return this.#ports.open(command, () => this.#passEvents());
      case "closePort":
        return this.#ports.close(command.port);
      case "admit":
      case "select":
      case "selectRtcp":
      case "accept":
      case "keepConsent":
      case "setRates":
      case "setDscp":
      case "closeTransport":
        return this.#performOnTransport(command);
      case "key":
        return tables.key(command.transport, command.keys);
      case "openSource":
        return tables.openSource(command.source, command.media);
      case "closeSource":
        return tables.closeSource(command.source);
      case "openReceiver":
        return tables.openReceiver(command.receiver);
      case "closeReceiver":
        return tables.closeReceiver(command.receiver);
      case "openSender":
        return tables.openSender(command.sender);
      case "bindSender":
        return tables.bindSender(command.sender, command.source);
      case "closeSender":
        return tables.closeSender(command.sender);
      case "requestKeyframe":
        return this.#requestKeyframe(command.source);
      case "send":
        if (!this.#addresses.send(command.address, command.bytes)) this.#context.drops.badDestination++;
        return true;
    }
  }

  #performOnTransport(command: TransportCommand): boolean {
    const transport = this.#tables.transport(command.transport);
    if (!transport) return false;
    switch (command.do) {
      case "admit":
        return this.#addresses.admit(transport, command.address);
      case "select":
        return this.#select(transport, command.address);
      case "selectRtcp":
        return selectRtcp(this.#context, transport, command.address);
      case "accept":
        return acceptFrom(transport, command.from, command.latch);
      case "keepConsent":
        return setConsent(this.#context, transport, command.consent);
      case "setRates":
        transport.rates = command.rates;
        return true;
      case "setDscp":
        return this.#addresses.mark(transport, command.dscp);
      case "closeTransport":
        return this.#closeTransport(transport, command.bye);
    }
  }

  #openTransport(id: number, portId: number | undefined): boolean {
    if (portId === undefined) return this.#tables.openTransport(id, null);
    const port = this.#ports.find(portId);
    // One port is one transport's: what comes by it names no other.
    if (port === null || this.#context.sideTransports[port.rtp.side]) return false;
    return this.#tables.openTransport(id, new SidePeer(port.rtp.side, port.rtcp.side));
  }

  #select(transport: Transport, address: SocketAddress): boolean {
    if (transport.side !== null) return selectMedia(this.#context, transport, address);
    if (!this.#addresses.select(transport, address)) return false;
    // It was about the pair before.
    transport.consent = null;
    this.#tables.sendingBecamePossible(transport);
    return true;
  }

  #closeTransport(transport: Transport, bye: boolean): boolean {
    const closed = this.#tables.closeTransport(transport.id, bye);
    this.#addresses.forgetAll(transport);
    return closed;
  }

  #requestKeyframe(id: number): boolean {
    const source = this.#tables.sources.get(id);
    if (source) requestKeyframes(this.#context, source);
    return source !== undefined;
  }
}
