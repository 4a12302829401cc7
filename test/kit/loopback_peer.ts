import { createSocket, type Socket } from "node:dgram";
import { systemClock } from "../../src/base/mod.ts";
import {
  type DataChannelInfo,
  openCertificates,
  openPeers,
  type Peer,
  type PeerEnd,
  type PeerOptions,
  type Peers,
  type SrtpKeys,
} from "../../src/peer/mod.ts";

/** A peer on a real UDP socket on the loopback interface, with everything it said. */
export interface LoopbackPeer {
  peer: Peer;
  peers: Peers;
  keys: SrtpKeys[];
  ended: { end: PeerEnd; detail: string }[];
  selected: string[];
  /** Candidates that were found after the first description. */
  candidates: string[];
  /** One entry for each time it said that all are known. */
  gathered: string[];
  /** What was said of data channels, in order. */
  channels: DataChannelInfo[];
  messages: { channelId: number; payload: string | Uint8Array }[];
  /** Set it to hear messages as they come, in place of the list. */
  onData: ((channelId: number, payload: string | Uint8Array) => void) | null;
  keysCame: Promise<SrtpKeys>;
  hasEnded: Promise<PeerEnd>;
  close(): Promise<void>;
}

export const publisher: PeerOptions = {
  receive: true,
  send: false,
  codecs: { audio: ["OPUS"], video: ["VP8", "H264", "VP9", "AV1"] },
  requiredFormats: { audio: null, video: null },
  whip: null,
  maxReceiveKbps: { audio: 0, video: 0 },
  data: false,
  certificateKeyType: "ECDSA",
  ice: {
    networkInterfaces: [],
    externalIPv4: "",
    externalIPv6: "",
    stunServer: null,
    turnServer: null,
    tcp: false,
  },
};

/** RSA keys take their time, so one pair serves every peer of a test file. */
const certificates = openCertificates();

/** Opens a peer behind a small demultiplexer; `drops` loses a datagram going out or coming in when it says so. */
export async function openLoopback(
  options: PeerOptions = publisher,
  drops: (direction: "in" | "out", bytes: Uint8Array) => boolean = () => false,
  address: "127.0.0.1" | "::1" = "127.0.0.1",
  announced: string = address,
): Promise<LoopbackPeer> {
  const socket = createSocket(address === "::1" ? "udp6" : "udp4");
  const port = await bind(socket, address);
  const peers = openPeers({
    clock: systemClock,
    certificates: await certificates,
    reach: { addresses: [announced], port },
    timeouts: { connectMs: 10_000, consentMs: 30_000 },
    network: {
      bind: address,
      tcpPort: options.ice.tcp ? port : null,
      keep: { stunServer: null, turnServer: null },
      send: (to, bytes) => socket.send(bytes, to.port, to.address),
    },
  });
  const keysCame = Promise.withResolvers<SrtpKeys>();
  const hasEnded = Promise.withResolvers<PeerEnd>();
  const said = {
    keys: [] as SrtpKeys[],
    ended: [] as { end: PeerEnd; detail: string }[],
    selected: [] as string[],
    candidates: [] as string[],
    gathered: [] as string[],
    channels: [] as DataChannelInfo[],
    messages: [] as LoopbackPeer["messages"],
  };
  const peer = peers.open(options, {
    send: (to, bytes) => {
      if (!drops("out", bytes)) socket.send(bytes, to.port, to.address);
    },
    admit: () => {},
    select: (address) => said.selected.push(`${address.address}:${address.port}`),
    keys: (keys) => {
      said.keys.push(keys);
      keysCame.resolve(keys);
    },
    iceState: () => {},
    dtlsState: () => {},
    candidate: (text) => said.candidates.push(text),
    gathered: () => said.gathered.push("gathered"),
    dataChannel: (channel) => said.channels.push(channel),
    dataMessage: (channelId, payload) => {
      if (ours.onData) ours.onData(channelId, payload);
      else said.messages.push({ channelId, payload });
    },
    ended: (end, detail) => {
      said.ended.push({ end, detail });
      hasEnded.resolve(end);
    },
  });
  socket.on("message", (bytes, from) => {
    const isDtls = bytes[0] >= 20 && bytes[0] <= 63;
    if (drops("in", bytes)) return;
    if (bytes[0] < 4) peers.handleStun({ address: from.address, port: from.port }, bytes);
    else if (isDtls) peer.handleDtls({ address: from.address, port: from.port }, bytes);
  });
  const ours: LoopbackPeer = {
    peer,
    peers,
    ...said,
    onData: null,
    keysCame: keysCame.promise,
    hasEnded: hasEnded.promise,
    async close() {
      peers.close();
      await new Promise<void>((resolve) => systemClock.after(20, () => socket.close(() => resolve())));
    },
  };
  return ours;
}

function bind(socket: Socket, address: string): Promise<number> {
  return new Promise((resolve) => socket.bind(0, address, () => resolve(socket.address().port)));
}

/** Loses the first handshake datagram each way, and the first that begins with a ChangeCipherSpec. */
export function firstOfEachFlight(): (direction: "in" | "out", bytes: Uint8Array) => boolean {
  const lost = new Set<string>();
  return (direction, bytes) => {
    const key = `${direction} ${bytes[0]}`;
    if (bytes[0] < 20 || bytes[0] > 22 || lost.has(key)) return false;
    lost.add(key);
    return true;
  };
}
