// Runs in a page: one RTCPeerConnection whose descriptions the test carries by hand.
let pc = null;

globalThis.peerPage = {
  /** "camera", "layers" (three rids) or "watch". */
  async makeOffer(kind) {
    pc = new RTCPeerConnection();
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
    pc = new RTCPeerConnection();
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
