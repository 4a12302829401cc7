import { createSocket } from "node:dgram";
import { once } from "node:events";
import { AppError, type SocketAddress } from "../base/mod.ts";
import { OrderedSender } from "./ordered_sender.ts";
import { newCounters } from "./udp_counters.ts";

/** A small UDP socket that talks with one other address: nothing that comes from elsewhere is passed on. */
export interface UdpConversation {
  readonly local: SocketAddress;
  /** Never waits; what the line cannot take is dropped. */
  send(bytes: Uint8Array): void;
  close(): void;
}

/**
 * Opens a socket on `bind` ("" for every address) that talks with `remote`. For the many slow flows beside the packet
 * plane, where a `UdpPort` with its ring and its waiting thread would cost more than it saves; so `node:dgram` does.
 *
 * Rejects with unavailable.
 */
export async function openUdpConversation(
  bind: string,
  remote: SocketAddress,
  onDatagram: (bytes: Uint8Array) => void,
): Promise<UdpConversation> {
  const isIPv6 = remote.address.includes(":");
  const lookup = (host: string, _: unknown, done: (error: null, address: string, family: number) => void) =>
    done(null, host, isIPv6 ? 6 : 4);
  const socket = createSocket({ type: isIPv6 ? "udp6" : "udp4", lookup: lookup as never });
  const bound = once(socket, "listening");
  const local = bind === "" ? (isIPv6 ? "::" : "0.0.0.0") : bind;
  socket.bind(0, local);
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw refusal(local, error);
  }
  // The receive buffer stays as it is: Deno 2.9.6 allocates as much per datagram, and 1 MiB made one cost six times more.
  const sender = new OrderedSender(socket, newCounters());
  let closed = false;
  socket.on("message", (bytes, from) => {
    if (closed || from.port !== remote.port || from.address !== remote.address) return;
    // A plain array: `slice` of a Buffer would be no copy.
    onDatagram(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  });
  // ICMP errors: whoever is there no more will be missed by other means.
  socket.on("error", () => {});
  return {
    local: { address: local, port: socket.address().port },
    send(bytes) {
      if (!closed) sender.send({ bytes: whole(bytes), ...remote });
    },
    close() {
      if (closed) return;
      closed = true;
      sender.close();
      socket.close();
    },
  };
}

/** The sender gives whole buffers to the system. */
function whole(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function refusal(address: string, error: unknown): AppError {
  const found = error instanceof Error ? error.message : String(error);
  return new AppError(
    "unavailable",
    `Cannot open a UDP socket on "${address}": ${found} vs a free port, check the limit of open files`,
    { internal: error },
  );
}
