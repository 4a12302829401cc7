import type { SidePort } from "../native/mod.ts";
import type { Context } from "./context.ts";
import type { PlaneCommand } from "./control.ts";
import { MAX_PORT_ATTEMPTS } from "./limits.ts";

/** UDP ports of one transport, by side. */
export interface OpenedPort {
  readonly rtp: SidePort;
  /** The same as `rtp` where RTCP has no port of its own. */
  readonly rtcp: SidePort;
}

type OpenPort = Extract<PlaneCommand, { do: "openPort" }>;

/** The UDP ports beside the plane's own, by the ids of the control side. */
export class SidePorts {
  readonly #context: Context;
  /** Null while it is being opened. */
  readonly #ports = new Map<number, OpenedPort | null>();
  #attempt: number;

  constructor(context: Context) {
    this.#context = context;
    this.#attempt = context.random();
  }

  /** The opened ports of this id, or null. */
  find(id: number): OpenedPort | null {
    return this.#ports.get(id) ?? null;
  }

  /** Opens ports, and calls `done` when the event that tells about it waits to be passed up; false for an id in use. */
  open(command: OpenPort, done: () => void): boolean {
    if (this.#ports.has(command.port)) return false;
    this.#ports.set(command.port, null);
    this.#openOne(command).then(
      (opened) => this.#opened(command, opened),
      (error) => this.#failed(command.port, error instanceof Error ? error.message : String(error)),
    ).then(done);
    return true;
  }

  /** Closes ports; those that are being opened close as soon as they are. */
  close(id: number): boolean {
    const opened = this.#ports.get(id);
    if (opened) this.#closeBoth(opened);
    return this.#ports.delete(id);
  }

  #opened({ port }: OpenPort, opened: OpenedPort): void {
    if (!this.#ports.has(port)) return this.#closeBoth(opened);
    this.#ports.set(port, opened);
    const { rtp, rtcp } = opened;
    const rtcpPort = rtcp === rtp ? null : rtcp.port;
    this.#context.events.push({ on: "portOpened", port, udpPort: rtp.port, rtcpPort });
  }

  #failed(port: number, reason: string): void {
    if (this.#ports.delete(port)) this.#context.events.push({ on: "portFailed", port, reason });
  }

  #closeBoth({ rtp, rtcp }: OpenedPort): void {
    const { udp } = this.#context;
    // The number of a side may be somebody else's by the next command.
    udp.flush();
    udp.closeSide(rtp.side);
    if (rtcp !== rtp) udp.closeSide(rtcp.side);
  }

  /** Goes through the range from where the last one was found, so that a port that was closed rests. */
  async #openOne({ rtcp, range }: OpenPort): Promise<OpenedPort> {
    const first = range.least + (range.least & 1);
    const pairs = Math.floor((range.most - (rtcp ? 1 : 0) - first) / 2) + 1;
    let reason = "";
    for (let tried = 0; tried < Math.min(pairs, MAX_PORT_ATTEMPTS); tried++) {
      try {
        return await this.#openPair(first + 2 * (this.#attempt++ % pairs), rtcp);
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    throw new Error(`no free UDP port from ${range.least} to ${range.most} (${reason})`);
  }

  async #openPair(port: number, rtcp: boolean): Promise<OpenedPort> {
    const { udp } = this.#context;
    const opened = await udp.openSide(port);
    if (!rtcp) return { rtp: opened, rtcp: opened };
    try {
      return { rtp: opened, rtcp: await udp.openSide(port + 1) };
    } catch (error) {
      udp.closeSide(opened.side);
      throw error;
    }
  }
}
