import { systemClock } from "../../../src/base/mod.ts";
import {
  type DtlsCertificates,
  openCertificates,
  openPeers,
  type Peer,
  type PeerOptions,
  type SrtpKeys,
} from "../../../src/peer/mod.ts";
import type { SocketAddress } from "../../../src/base/mod.ts";
import { socketAddress } from "./libc.ts";
import type { SocketSet } from "./socket_set.ts";

const CONNECT_MS = 30_000;
let certificates: Promise<DtlsCertificates> | null = null;

/** One client of the server on a socket of its own: ICE and DTLS are real, media is its owner's. */
export interface Client {
  readonly socket: number;
  readonly peer: Peer;
  /** Where media goes: set once ICE has selected it. */
  destination: Uint8Array<ArrayBuffer>;
  keys: SrtpKeys | null;
  ended: boolean;
  /** Resolves with the SRTP keys, rejects when the session ends before. */
  readonly connected: Promise<SrtpKeys>;
}

const codecs = { audio: ["OPUS"], video: ["VP8"] };
const options = (role: "publisher" | "viewer"): PeerOptions => ({
  receive: role === "viewer",
  send: role === "publisher",
  codecs,
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
});

/** Opens a client on `address`. What it has to send goes out by `sockets`; its owner hands in what comes. */
export async function openClient(
  sockets: SocketSet,
  role: "publisher" | "viewer",
  address: string,
): Promise<Client> {
  certificates ??= openCertificates();
  const { index, port } = sockets.open(address);
  const peers = openPeers({
    clock: systemClock,
    certificates: await certificates,
    reach: { addresses: [address], port },
    timeouts: { connectMs: CONNECT_MS, consentMs: 60_000 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<SrtpKeys>();
  promise.catch(() => {});
  const peer = peers.open(options(role), {
    send: (to, bytes) => sendBytes(sockets, index, to, bytes),
    admit: () => {},
    select: (to) => void (client.destination = socketAddress(to.address, to.port)),
    keys: (keys) => {
      client.keys = keys;
      resolve(keys);
    },
    iceState: () => {},
    dtlsState: () => {},
    candidate: () => {},
    gathered: () => {},
    dataChannel: () => {},
    dataMessage: () => {},
    ended: (end, detail) => {
      client.ended = true;
      reject(new Error(`Cannot connect the ${role}: ${end} ${detail}`));
    },
  });
  const client: Client = {
    socket: index,
    peer,
    destination: socketAddress(address, 9),
    keys: null,
    ended: false,
    connected: promise,
  };
  return client;
}

function sendBytes(sockets: SocketSet, index: number, to: SocketAddress, bytes: Uint8Array): void {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(copy));
  sockets.send(index, address, BigInt(copy.length), socketAddress(to.address, to.port));
}
