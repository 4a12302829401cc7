/**
 * Runs inside the pages that test/kit/chromium.ts opens; that file documents the calls and has the types.
 * Only what any web page can do: RTCPeerConnection, fetch, a video element and a canvas.
 */
globalThis.kit = (() => {
  const sessions = [];

  /** A camera or, where a known amount of detail is wanted, a canvas of moving noise that no encoder can make small. */
  async function openSource({ source, width, height, frameRate, audio }) {
    const wanted = { width: { exact: width }, height: { exact: height }, frameRate: { ideal: frameRate } };
    if (source === "camera") return navigator.mediaDevices.getUserMedia({ video: wanted, audio });
    const stream = (source === "chart" ? drawChart : drawNoise)(width, height, frameRate);
    if (audio) {
      const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
      stream.addTrack(sound.getAudioTracks()[0]);
    }
    return stream;
  }

  function drawNoise(width, height, frameRate) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    const tile = context.createImageData(256, 256);
    for (let i = 0; i < tile.data.length; i += 4) {
      tile.data[i] = tile.data[i + 1] = tile.data[i + 2] = 60 + 120 * Math.random();
      tile.data[i + 3] = 255;
    }
    let step = 0;
    setInterval(() => {
      step = (step + 37) % 256;
      for (let y = -step; y < height; y += 256) {
        for (let x = -step; x < width; x += 256) context.putImageData(tile, x, y);
      }
    }, 1000 / frameRate);
    return canvas.captureStream(frameRate);
  }

  /** 8 × 3 fields of known grey, see greyOf in chromium.ts, and a dot that runs along the edge between the lower rows. */
  function drawChart(width, height, frameRate) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    let step = 0;
    setInterval(() => {
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 8; column++) {
          const grey = 32 + 24 * ((column * 3 + row * 5) % 8);
          context.fillStyle = `rgb(${grey} ${grey} ${grey})`;
          context.fillRect(column * width / 8, row * height / 3, width / 8, height / 3);
        }
      }
      context.fillStyle = "white";
      context.fillRect((step++ * 8) % width, height * 2 / 3 - 8, 16, 16);
    }, 1000 / frameRate);
    return canvas.captureStream(frameRate);
  }

  async function addTracks(connection, options, receive = false) {
    const stream = await openSource(options);
    for (const track of stream.getTracks()) {
      const encodings = track.kind === "video"
        ? options.layers ?? [{ maxBitrate: options.maxBitrateBps }]
        : [{}];
      const settings = {
        direction: receive ? "sendrecv" : "sendonly",
        streams: [stream],
        sendEncodings: encodings,
      };
      const transceiver = connection.addTransceiver(track, settings);
      if (track.kind !== "video") continue;
      preferCodec(transceiver, options.codec, RTCRtpSender);
      await keepResolution(transceiver.sender);
    }
  }

  /** A busy machine makes Chromium scale all layers down; what tests look at are the server's layers. */
  async function keepResolution(sender) {
    const parameters = sender.getParameters();
    parameters.degradationPreference = "maintain-resolution";
    await sender.setParameters(parameters);
  }

  function preferCodec(transceiver, codec, { getCapabilities }) {
    const { codecs } = getCapabilities("video");
    const wanted = codecs.filter(({ mimeType }) => mimeType === `video/${codec}`);
    if (wanted.length === 0) throw new Error(`This Chromium does not know ${codec}`);
    transceiver.setCodecPreferences([
      ...wanted,
      ...codecs.filter(({ mimeType }) => mimeType === "video/rtx"),
    ]);
  }

  /** Shows what the connection receives and remembers when the first picture was painted. */
  function show(connection, session) {
    const video = Object.assign(document.createElement("video"), { autoplay: true, playsInline: true });
    const stream = new MediaStream();
    video.srcObject = stream;
    document.body.append(video);
    session.video = video;
    connection.ontrack = ({ track }) => stream.addTrack(track);
    video.requestVideoFrameCallback((now) => session.firstFrameMs = now);
  }

  async function negotiate(connection, url, session) {
    await connection.setLocalDescription();
    await gathered(connection);
    session.postedMs = performance.now();
    const headers = { "content-type": "application/sdp" };
    const response = await fetch(url, { method: "POST", headers, body: connection.localDescription.sdp });
    const body = await response.text();
    if (response.status !== 201) throw new Error(`${url} answered ${response.status} ${body}`);
    session.location = new URL(response.headers.get("location"), url).href;
    await connection.setRemoteDescription({ type: "answer", sdp: body });
  }

  function gathered(connection) {
    if (connection.iceGatheringState === "complete") return;
    return new Promise((resolve) => {
      connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && resolve();
    });
  }

  function open() {
    const session = { connection: new RTCPeerConnection(), firstFrameMs: null, location: null };
    sessions.push(session);
    return session;
  }

  async function publish(options) {
    const session = open();
    await addTracks(session.connection, options);
    await negotiate(session.connection, options.whipUrl, session);
    return sessions.indexOf(session);
  }

  async function watch({ whepUrl, codec }) {
    const session = open();
    session.connection.addTransceiver("audio", { direction: "recvonly" });
    const video = session.connection.addTransceiver("video", { direction: "recvonly" });
    if (codec) preferCodec(video, codec, RTCRtpReceiver);
    show(session.connection, session);
    await negotiate(session.connection, whepUrl, session);
    return sessions.indexOf(session);
  }

  /** Publisher and viewer in one page, without any server between them. */
  async function loopback(options) {
    const sender = open();
    const receiver = open();
    sender.connection.onicecandidate = ({ candidate }) => receiver.connection.addIceCandidate(candidate);
    receiver.connection.onicecandidate = ({ candidate }) => sender.connection.addIceCandidate(candidate);
    show(receiver.connection, receiver);
    await addTracks(sender.connection, options);
    receiver.postedMs = performance.now();
    await sender.connection.setLocalDescription();
    await receiver.connection.setRemoteDescription(sender.connection.localDescription);
    await receiver.connection.setLocalDescription();
    await sender.connection.setRemoteDescription(receiver.connection.localDescription);
    return { publisher: sessions.indexOf(sender), viewer: sessions.indexOf(receiver) };
  }

  async function stats(index) {
    const session = sessions[index];
    const report = [...(await session.connection.getStats()).values()];
    const inbound = (kind) => report.find((s) => s.type === "inbound-rtp" && s.kind === kind);
    const outbound = report.find((s) => s.type === "outbound-rtp" && s.kind === "video");
    const pair = report.find((s) => s.type === "candidate-pair" && s.nominated && s.state === "succeeded");
    const video = inbound("video");
    const codecId = (video ?? outbound)?.codecId;
    return {
      atMs: performance.now(),
      connectionState: session.connection.connectionState,
      codec: report.find((s) => s.id === codecId)?.mimeType ?? "",
      framesDecoded: video?.framesDecoded ?? 0,
      framesDropped: video?.framesDropped ?? 0,
      freezeCount: video?.freezeCount ?? 0,
      frameWidth: video?.frameWidth ?? 0,
      frameHeight: video?.frameHeight ?? 0,
      bytesReceived: video?.bytesReceived ?? 0,
      packetsLost: video?.packetsLost ?? 0,
      nackCount: (video ?? outbound)?.nackCount ?? 0,
      pliCount: (video ?? outbound)?.pliCount ?? 0,
      totalAudioEnergy: inbound("audio")?.totalAudioEnergy ?? 0,
      framesEncoded: outbound?.framesEncoded ?? 0,
      bytesSent: outbound?.bytesSent ?? 0,
      targetBitrateBps: outbound?.targetBitrate ?? 0,
      qualityLimitationReason: outbound?.qualityLimitationReason ?? "",
      availableOutgoingBitrateBps: pair?.availableOutgoingBitrate ?? 0,
      roundTripTime: pair?.currentRoundTripTime ?? 0,
      timeToFirstFrameMs: session.firstFrameMs === null ? null : session.firstFrameMs - session.postedMs,
    };
  }

  /** The picture on the screen, 32 x 18 pixels, as grey values. */
  function pixels(index) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 18 });
    const context = canvas.getContext("2d");
    context.drawImage(sessions[index].video, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    return Array.from(
      { length: 32 * 18 },
      (_, i) => Math.round((data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3),
    );
  }

  async function close(index) {
    const { connection, location } = sessions[index];
    const status = location === null ? 0 : (await fetch(location, { method: "DELETE" })).status;
    connection.close();
    return status;
  }

  /** For scripts that negotiate in another way than by WHIP and WHEP. */
  const inner = {
    open: () => sessions.indexOf(open()),
    session: (index) => sessions[index],
    show,
    addTracks,
  };

  return { publish, watch, loopback, stats, pixels, close, ...inner };
})();
