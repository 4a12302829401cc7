import { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";

/**
 * A relay in front of the server's media port: the server sees every client at an address of the relay. So a test can
 * send to the server from the very address that ICE has admitted, as somebody who spoofs it would.
 */
export interface UdpRelay {
  /** Datagrams that clients sent to the server, oldest first; the newest few hundred. */
  readonly seen: { client: string; bytes: Uint8Array }[];
  /** Sends to the server from the address at which it knows this client. */
  sendAs(client: string, bytes: Uint8Array): void;
  close(): void;
}

const KEPT = 400;

/** Listens on `address`:`port` and relays to 127.0.0.1:`port`. */
export async function openUdpRelay(address: string, port: number): Promise<UdpRelay> {
  const front = createSocket("udp4");
  const backs = new Map<string, Socket>();
  const seen: UdpRelay["seen"] = [];
  const backFor = (from: { address: string; port: number }) => {
    const client = `${from.address}:${from.port}`;
    const known = backs.get(client);
    if (known) return { client, back: known };
    const back = createSocket("udp4");
    backs.set(client, back);
    back.on("message", (bytes) => front.send(bytes, from.port, from.address));
    back.bind(0, "127.0.0.1");
    return { client, back };
  };
  front.on("message", (bytes, from) => {
    const { client, back } = backFor(from);
    seen.push({ client, bytes: new Uint8Array(bytes) });
    if (seen.length > KEPT) seen.shift();
    back.send(bytes, port, "127.0.0.1");
  });
  await new Promise<void>((resolve, reject) => {
    front.once("error", reject);
    front.bind(port, address, resolve);
  });
  return {
    seen,
    sendAs: (client, bytes) => backs.get(client)!.send(Buffer.from(bytes), port, "127.0.0.1"),
    close: () => [front, ...backs.values()].forEach((socket) => socket.close()),
  };
}
