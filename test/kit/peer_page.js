// Runs in a page: one RTCPeerConnection whose descriptions the test carries by hand.
let pc = null;
/** What every connection of this page is made with. */
const configuration = {};

globalThis.peerPage = {
  /** "RSA" or "ECDSA": the certificate of the connections that are made from now on. */
  async useCertificate(keyType) {
    const rsa = {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
    const certificate = await RTCPeerConnection.generateCertificate(keyType === "RSA" ? rsa : ecdsa);
    configuration.certificates = [certificate];
  },
  /** "camera", "layers" (three rids) or "watch". */
  async makeOffer(kind) {
    pc = new RTCPeerConnection(configuration);
    if (kind === "watch") {
      pc.addTransceiver("audio", { direction: "recvonly" });
      pc.addTransceiver("video", { direction: "recvonly" });
    } else {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const sendEncodings = kind === "layers" ? ["a", "b", "c"].map((rid) => ({ rid })) : [{}];
      pc.addTransceiver(stream.getAudioTracks()[0], { direction: "sendonly" });
      pc.addTransceiver(stream.getVideoTracks()[0], { direction: "sendonly", sendEncodings });
    }
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  },
  async takeAnswer(sdp) {
    await pc.setRemoteDescription({ type: "answer", sdp });
  },
  async answer(offer) {
    pc = new RTCPeerConnection(configuration);
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  },
  /** The trickle-ice-sdpfrag of an ICE restart. */
  async restart() {
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
    const wanted = /^a=(ice-ufrag|ice-pwd|candidate|mid)|^m=/;
    return pc.localDescription.sdp.split("\r\n").filter((line) => wanted.test(line)).join("\r\n") + "\r\n";
  },
  connectionState: () => pc.connectionState,
  trackStates: () => pc.getReceivers().map((r) => r.track.readyState),
};
