import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { openUdpConversation } from "../../native/mod.ts";
import { turnFrames } from "../detour/stream_frames.ts";
import { limits } from "../limits.ts";
import type { TurnServer } from "../types.ts";
import type { TurnLink } from "./transactions.ts";

export interface LinkCallbacks {
  /** One whole message or ChannelData; valid during the call. */
  message(bytes: Uint8Array): void;
  ended(reason: string): void;
}

/** Longest STUN message or ChannelData taken from a stream. */
const MESSAGE_BYTES = 2048;

/** Opens the way to a TURN server. Rejects with unavailable when there is no socket to be had. */
export function openTurnLink(server: TurnServer, callbacks: LinkCallbacks): Promise<TurnLink> {
  return server.transport === "udp" ? openUdpLink(server, callbacks) : openStreamLink(server, callbacks);
}

async function openUdpLink(server: TurnServer, callbacks: LinkCallbacks): Promise<TurnLink> {
  const conversation = await openUdpConversation("", server, callbacks.message);
  return { reliable: false, send: conversation.send, close: conversation.close };
}

async function openStreamLink(server: TurnServer, callbacks: LinkCallbacks): Promise<TurnLink> {
  const socket = connect(server);
  const frames = turnFrames(MESSAGE_BYTES);
  let ended = false;
  const end = (reason: string) => {
    if (ended) return;
    ended = true;
    socket.destroy();
    callbacks.ended(reason);
  };
  socket.setNoDelay(true);
  socket.on("data", (chunk: Uint8Array) => {
    // A plain array: `slice` of a Buffer would be no copy.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    if (!ended && !frames.push(bytes, callbacks.message)) end("the server sent what is no TURN");
  });
  socket.on("error", (error) => end(error.message));
  socket.on("close", () => end("the server closed the connection"));
  return {
    reliable: true,
    send(bytes) {
      // As a full socket buffer does with UDP: the packet is lost, the relay stays.
      if (!ended && socket.writableLength <= limits.tcpBacklogBytes) socket.write(bytes);
    },
    close() {
      ended = true;
      socket.end();
    },
  };
}

function connect({ address, port, transport }: TurnServer): Socket {
  if (transport === "tcp") return connectTcp({ host: address, port });
  // A relay is named by its address, which certificates seldom carry. It learns nothing: credentials go as digests, and
  // media is DTLS-SRTP from end to end. TLS is here to get through firewalls.
  const servername = isIP(address) === 0 ? address : undefined;
  return connectTls({ host: address, port, servername, rejectUnauthorized: false });
}
