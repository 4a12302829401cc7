/**
 * Narrows the ways by which the page's connections may go. `iceWays.set` takes an RTCConfiguration, a pattern that remote
 * candidates must match, and whether our own candidates are told with a port where nobody listens.
 */
globalThis.iceWays = (() => {
  const Original = globalThis.RTCPeerConnection;
  let ways = { configuration: {}, remote: "", hidePorts: false };

  /** The address stays, so that the server can have a permission for it at its relay. */
  const withoutPorts = (sdp) => sdp.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/gim, "$1 9");

  const onlyMatching = (sdp) =>
    sdp.split("\r\n").filter((line) => !line.startsWith("a=candidate:") || new RegExp(ways.remote).test(line))
      .join("\r\n");

  globalThis.RTCPeerConnection = class extends Original {
    constructor() {
      super(ways.configuration);
    }
    get localDescription() {
      const description = super.localDescription;
      if (!description || !ways.hidePorts) return description;
      return { type: description.type, sdp: withoutPorts(description.sdp) };
    }
    setRemoteDescription({ type, sdp }) {
      return super.setRemoteDescription({ type, sdp: onlyMatching(sdp) });
    }
  };

  return {
    set: (wanted) => void (ways = { ...ways, ...wanted }),
    /** The candidates of the pair in use, from this page's side: "type/protocol". */
    async pair(index) {
      const report = await globalThis.kit.session(index).connection.getStats();
      const transport = [...report.values()].find((s) => s.type === "transport");
      const pair = report.get(transport?.selectedCandidatePairId);
      if (!pair) return null;
      const [local, remote] = [report.get(pair.localCandidateId), report.get(pair.remoteCandidateId)];
      return {
        local: `${local.candidateType}/${local.relayProtocol ?? local.protocol}`,
        remote: `${remote.candidateType}/${remote.protocol}`,
      };
    },
  };
})();
