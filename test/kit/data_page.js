// Runs in a page: one RTCPeerConnection with data channels whose descriptions the test carries by hand.
let pc = null;
const channels = new Map();
const heard = [];

function watch(channel) {
  channel.binaryType = "arraybuffer";
  channels.set(channel.label, channel);
  channel.onmessage = ({ data }) => heard.push(describe(channel.label, data));
  return channel;
}

/** Text as it is; of bytes their number and a sum that depends on their order. */
function describe(label, data) {
  if (typeof data === "string") return { label, text: data };
  const bytes = new Uint8Array(data);
  return { label, length: bytes.length, sum: bytes.reduce((sum, byte) => (sum * 31 + byte) % 65521, 7) };
}

globalThis.dataPage = {
  /** An offer with one channel per init; each is an RTCDataChannelInit with a label. */
  async makeOffer(inits) {
    pc = new RTCPeerConnection();
    pc.ondatachannel = ({ channel }) => watch(channel);
    for (const { label, ...init } of inits) watch(pc.createDataChannel(label, init));
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  },
  async takeAnswer(sdp) {
    await pc.setRemoteDescription({ type: "answer", sdp });
  },
  async answer(offer) {
    pc = new RTCPeerConnection();
    pc.ondatachannel = ({ channel }) => watch(channel);
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  },
  sendText: (label, text) => channels.get(label).send(text),
  /** Bytes that count up; gives their description. */
  sendBytes(label, length) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8));
    channels.get(label).send(bytes);
    return describe(label, bytes);
  },
  close: (label) => channels.get(label).close(),
  closeAll: () => pc.close(),
  heard: () => heard,
  states: () => [...channels].map(([label, { readyState }]) => `${label} ${readyState}`).sort(),
  settings(label) {
    const { ordered, maxRetransmits, maxPacketLifeTime, protocol, id } = channels.get(label);
    return { ordered, maxRetransmits, maxPacketLifeTime, protocol, id };
  },
};
