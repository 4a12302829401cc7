import type { PlaneCommand, PlaneEvent, PlaneHandle, PlaneStats } from "../../src/plane/mod.ts";

/** What is open on a packet plane, by plane number. */
interface OpenOnPlane {
  transports: Set<number>;
  sources: Map<number, "audio" | "video">;
  receivers: Map<number, Extract<PlaneCommand, { do: "openReceiver" }>["receiver"]>;
  senders: Map<number, Extract<PlaneCommand, { do: "openSender" }>["sender"] & { source: number | null }>;
}

/** A packet plane without packets: it keeps what it was told, and tells what the test wants. */
export class FakePlane implements PlaneHandle {
  readonly port = 8888;
  readonly kind = "portable";
  readonly reason = "a test wants no sockets";
  readonly family = "dual";
  readonly commands: PlaneCommand[] = [];
  /** Ports that are open, by the number of the control side; what `openPort` finds next is `nextUdpPort`. */
  readonly ports = new Map<number, number>();
  nextUdpPort = 10_000;
  /** Why no port can be opened, "" while one can. */
  portFault = "";
  readonly open: OpenOnPlane = {
    transports: new Set(),
    sources: new Map(),
    receivers: new Map(),
    senders: new Map(),
  };
  /** What `stats` gives, beside the time. */
  figures: Partial<PlaneStats> = {};
  /** Until it resolves, `stats` gives nothing: the plane has not come so far. */
  isBusy: Promise<void> | null = null;
  closed = false;
  #hear: (events: readonly PlaneEvent[]) => void = () => {};

  /** Who is told what the plane tells by itself. */
  hearWith(hear: (events: readonly PlaneEvent[]) => void): void {
    this.#hear = hear;
  }

  tell(...events: PlaneEvent[]): void {
    this.#hear(events);
  }

  apply(commands: PlaneCommand[]): void {
    for (const command of commands) this.#apply(command);
  }

  async stats(): Promise<PlaneStats> {
    await this.isBusy;
    if (this.closed) throw new Error("Cannot read stats: the plane is closed");
    const none = { nowMs: 1000, drops: {}, udp: {}, transports: [], receivers: [], senders: [] };
    return { ...none, ...this.figures };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** Commands of one kind, in the order in which they came. */
  all<Kind extends PlaneCommand["do"]>(kind: Kind): Extract<PlaneCommand, { do: Kind }>[] {
    return this.commands.filter((command) => command.do === kind) as Extract<PlaneCommand, { do: Kind }>[];
  }

  /** Everything that is open, counted: all zero once nothing leaks. */
  get counts() {
    const { transports, sources, receivers, senders } = this.open;
    return {
      transports: transports.size,
      sources: sources.size,
      receivers: receivers.size,
      senders: senders.size,
    };
  }

  #apply(command: PlaneCommand): void {
    this.commands.push(command);
    const { transports, sources, receivers, senders } = this.open;
    switch (command.do) {
      case "openPort":
        return this.#openPort(command.port, command.rtcp);
      case "closePort":
        return void this.ports.delete(command.port);
      case "openTransport":
        return void transports.add(command.transport);
      case "closeTransport":
        return this.#closeTransport(command.transport);
      case "openSource":
        return void sources.set(command.source, command.media);
      case "closeSource":
        return void sources.delete(command.source);
      case "openReceiver":
        return void receivers.set(command.receiver.receiver, command.receiver);
      case "closeReceiver":
        return void receivers.delete(command.receiver);
      case "openSender":
        return void senders.set(command.sender.sender, { ...command.sender, source: null });
      case "closeSender":
        return void senders.delete(command.sender);
      case "bindSender": {
        const sender = senders.get(command.sender);
        if (sender) sender.source = command.source;
      }
    }
  }

  #openPort(port: number, rtcp: boolean): void {
    const { portFault: reason, nextUdpPort: udpPort } = this;
    if (reason !== "") return queueMicrotask(() => this.tell({ on: "portFailed", port, reason }));
    this.nextUdpPort += 2;
    this.ports.set(port, udpPort);
    queueMicrotask(() => this.tell({ on: "portOpened", port, udpPort, rtcpPort: rtcp ? udpPort + 1 : null }));
  }

  #closeTransport(transport: number): void {
    const { transports, receivers, senders } = this.open;
    transports.delete(transport);
    for (const [id, receiver] of receivers) if (receiver.transport === transport) receivers.delete(id);
    for (const [id, sender] of senders) if (sender.transport === transport) senders.delete(id);
  }
}
