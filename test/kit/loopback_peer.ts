import { createSocket, type Socket } from "node:dgram";
import { systemClock } from "../../src/base/mod.ts";
import {
  createCertificate,
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
};

/** Opens a peer behind a small demultiplexer; `drops` loses a datagram going out or coming in when it says so. */
export async function openLoopback(
  options: PeerOptions = publisher,
  drops: (direction: "in" | "out", bytes: Uint8Array) => boolean = () => false,
  address: "127.0.0.1" | "::1" = "127.0.0.1",
): Promise<LoopbackPeer> {
  const socket = createSocket(address === "::1" ? "udp6" : "udp4");
  const port = await bind(socket, address);
  const peers = openPeers({
    clock: systemClock,
    certificate: await createCertificate(),
    reach: { addresses: [address], port },
    timeouts: { connectMs: 10_000, consentMs: 30_000 },
  });
  const keysCame = Promise.withResolvers<SrtpKeys>();
  const hasEnded = Promise.withResolvers<PeerEnd>();
  const said = {
    keys: [] as SrtpKeys[],
    ended: [] as { end: PeerEnd; detail: string }[],
    selected: [] as string[],
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
  return {
    peer,
    peers,
    ...said,
    keysCame: keysCame.promise,
    hasEnded: hasEnded.promise,
    async close() {
      peers.close();
      await new Promise<void>((resolve) => systemClock.after(20, () => socket.close(() => resolve())));
    },
  };
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
