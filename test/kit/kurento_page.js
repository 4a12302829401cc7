/**
 * Runs inside pages beside chromium_page.js, whose sessions it makes: RTCPeerConnection negotiated over JSON-RPC, as
 * pages of Kurento's tutorials do it. test/kit/kurento_page.ts documents the calls and has the types.
 */
globalThis.kurento = (() => {
  const waiting = new Map();
  const listeners = [];
  const channels = new Map();
  let socket = null;
  let lastId = 0;

  function open(url) {
    socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.method === "onEvent") listeners.forEach((listen) => listen(message.params.value));
      else waiting.get(message.id)?.(message);
    };
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(null);
      socket.onerror = () => reject(new Error(`Cannot open ${url}`));
    });
  }

  async function call(method, params) {
    const id = lastId++;
    const answer = new Promise((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    const { result, error } = await answer;
    waiting.delete(id);
    if (error) throw new Error(`${error.code} ${error.message}`);
    return result?.value ?? null;
  }

  const invoke = (object, operation, operationParams = {}) =>
    call("invoke", { object, operation, operationParams });

  /** Candidates go both ways as they are found: neither side waits for the other to have them all. */
  async function negotiate(options) {
    const index = kit.open();
    const { connection } = kit.session(index);
    const { endpoint } = options;
    listeners.push(({ object, type, data }) => {
      if (object === endpoint && type === "IceCandidateFound") connection.addIceCandidate(data.candidate);
    });
    await call("subscribe", { object: endpoint, type: "IceCandidateFound" });
    const found = [];
    let answered = false;
    const tell = ({ candidate, sdpMid, sdpMLineIndex }) =>
      invoke(endpoint, "addIceCandidate", { candidate: { candidate, sdpMid, sdpMLineIndex } });
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate) return;
      if (answered) tell(candidate);
      else found.push(candidate);
    };
    if (options.receive) kit.show(connection, kit.session(index));
    if (options.send) await kit.addTracks(connection, options.send, options.receive);
    else if (options.receive) {
      for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "recvonly" });
    }
    if (options.channel) channels.set(index, openChannel(connection, options.channel));
    await connection.setLocalDescription();
    kit.session(index).postedMs = performance.now();
    const answer = await invoke(endpoint, "processOffer", { offer: connection.localDescription.sdp });
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
    answered = true;
    await invoke(endpoint, "gatherCandidates");
    for (const candidate of found) await tell(candidate);
    return index;
  }

  function openChannel(connection, label) {
    const channel = connection.createDataChannel(label);
    const received = [];
    channel.onmessage = ({ data }) => received.push(data);
    const opened = new Promise((resolve) => channel.onopen = resolve);
    return { channel, received, opened };
  }

  async function sendText({ index, text }) {
    const { channel, opened } = channels.get(index);
    await opened;
    channel.send(text);
    return null;
  }

  const receivedTexts = (index) => channels.get(index).received;

  return { open, call: ({ method, params }) => call(method, params), negotiate, sendText, receivedTexts };
})();
