import type { Context } from "./context.ts";
import type { PlaneStats, ReceiverStats, SenderStats, TransportStats } from "./control.ts";
import type { Inbound } from "./inbound.ts";
import type { Sender } from "./sender.ts";
import type { Transport } from "./transport.ts";

/** Every counter of the plane as plain data; of transports, only of those that are named where any are. */
export function snapshot(context: Context, only?: readonly number[]): PlaneStats {
  const wanted = only && new Set(only);
  const open = context.transports.filter((transport) => transport !== null)
    .filter((transport) => wanted?.has(transport.id) ?? true);
  return {
    nowMs: context.nowMs,
    drops: { ...context.drops },
    udp: { ...context.udp.counters },
    transports: open.map(transportStats),
    receivers: open.flatMap((transport) =>
      transport.inbounds.filter((inbound) => !inbound.retransmission)
        .map((inbound) => receiverStats(inbound, context.turnMs))
    ),
    senders: open.flatMap((transport) => transport.senders.map(senderStats)),
  };
}

function transportStats(transport: Transport): TransportStats {
  const { packetsReceived, bytesReceived, packetsSent, bytesSent, lastReceivedMs } = transport;
  return { transport: transport.id, packetsReceived, bytesReceived, packetsSent, bytesSent, lastReceivedMs };
}

function receiverStats(inbound: Inbound, turnMs: number): ReceiverStats {
  const { receiver, ssrc, rid, codec, packetsReceived, bytesReceived, nackCount, pliCount, firCount } =
    inbound;
  return {
    receiver: receiver.spec.receiver,
    source: receiver.spec.source,
    ssrc,
    rid,
    codec,
    packetsReceived,
    bytesReceived,
    packetsLost: inbound.packetsLost(),
    jitter: inbound.clockRate === 0 ? 0 : inbound.jitter() / inbound.clockRate,
    nackCount,
    pliCount,
    firCount,
    keyframesReceived: inbound.keyframesReceived,
    rembBps: receiver.rembWanted ? receiver.transport.remb.toldBps : 0,
    bitrateBps: inbound.rate.bitrateBps,
    latencyMs: inbound.waitMs + turnMs,
  };
}

function senderStats(sender: Sender): SenderStats {
  const { codec, packetsSent, retransmittedPacketsSent, nackCount, pliCount, firCount } = sender;
  return {
    sender: sender.spec.sender,
    ssrc: sender.spec.ssrc,
    codec,
    packetsSent,
    bytesSent: sender.octetsSent,
    retransmittedPacketsSent,
    nackCount,
    pliCount,
    firCount,
    packetsLost: sender.packetsLost,
    fractionLost: sender.fractionLost,
    jitter: sender.jitterSeconds,
    roundTripTime: sender.roundTripSeconds,
    rembBps: sender.spec.media === "video" ? sender.transport.peerRembBps : 0,
    bitrateBps: sender.rate.bitrateBps,
  };
}
