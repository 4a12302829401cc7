/** In a browser's page: a publisher that restarts ICE by PATCH (RFC 9725 section 4.3.3), or a viewer that answers. */
globalThis.whip = {
  async publish(url) {
    const pc = this.pc = new RTCPeerConnection();
    const media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: 320, height: 180 },
    });
    media.getTracks().forEach((track) => pc.addTransceiver(track, { direction: "sendonly" }));
    await pc.setLocalDescription();
    const headers = { "Content-Type": "application/sdp" };
    const response = await fetch(url, { method: "POST", headers, body: pc.localDescription.sdp });
    this.location = new URL(response.headers.get("Location"), url).href;
    this.etag = response.headers.get("ETag");
    this.answer = await response.text();
    await pc.setRemoteDescription({ type: "answer", sdp: this.answer });
    await this.connected();
    return this.etag;
  },

  /** Watches by an offer of the server; gives the status of the PATCH. */
  async watchByCounterOffer(url) {
    const pc = this.pc = new RTCPeerConnection();
    const response = await fetch(url, { method: "POST" });
    await pc.setRemoteDescription({ type: "offer", sdp: await response.text() });
    await pc.setLocalDescription();
    const patched = await fetch(new URL(response.headers.get("Location"), url), {
      method: "PATCH",
      headers: { "Content-Type": "application/sdp" },
      body: pc.localDescription.sdp,
    });
    await this.connected();
    return [response.status, patched.status];
  },

  /** Sends new credentials and candidates, and applies what the server answers. */
  async restart() {
    const before = this.pc.localDescription.sdp;
    await this.pc.setLocalDescription(await this.pc.createOffer({ iceRestart: true }));
    await this.gathered();
    const response = await this.patch("*", this.fragmentOf(this.pc.localDescription.sdp));
    const fragment = await response.text();
    const value = (name, text) => new RegExp(`^a=${name}:(.*)\\r?$`, "m").exec(text)?.[1];
    const answer = ["ice-ufrag", "ice-pwd"].reduce(
      (sdp, name) =>
        sdp.replaceAll(`a=${name}:${value(name, this.answer)}`, `a=${name}:${value(name, fragment)}`),
      this.answer,
    );
    await this.pc.setRemoteDescription({ type: "answer", sdp: answer });
    const changed = value("ice-ufrag", before) !== value("ice-ufrag", this.pc.localDescription.sdp);
    return {
      changed,
      status: response.status,
      type: response.headers.get("Content-Type"),
      etag: response.headers.get("ETag"),
      fragment,
      answer: this.answer,
    };
  },

  patch(ifMatch, body) {
    const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": ifMatch };
    return fetch(this.location, { method: "PATCH", headers, body });
  },

  fragmentOf(sdp) {
    const kept = /^(a=ice-ufrag|a=ice-pwd|a=candidate|a=mid|m=)/;
    const [session, first] = sdp.split(/^(?=m=)/m);
    return (session + first).split("\r\n").filter((line) => kept.test(line)).join("\r\n") + "\r\n";
  },

  /** The user name fragment that the selected pair is checked with, and bytes that went over all pairs. */
  async figures() {
    const stats = [...(await this.pc.getStats()).values()];
    const transport = stats.find(({ type }) => type === "transport");
    const inbound = stats.filter(({ type }) => type === "inbound-rtp");
    return {
      state: this.pc.connectionState,
      ufrag: transport.iceLocalUsernameFragment,
      bytesSent: transport.bytesSent,
      framesDecoded: inbound.reduce((sum, { framesDecoded = 0 }) => sum + framesDecoded, 0),
    };
  },

  until(target, event, done) {
    return new Promise((resolve) => {
      const check = () => done() && resolve();
      target.addEventListener(event, check);
      check();
    });
  },
  connected() {
    return this.until(this.pc, "connectionstatechange", () => this.pc.connectionState === "connected");
  },
  gathered() {
    return this.until(this.pc, "icegatheringstatechange", () => this.pc.iceGatheringState === "complete");
  },
};
