import { endpoint, showAddresses } from "./addresses.js";
import { capture, explainInsecureOrigin, listDevices, qualities } from "./capture.js";
import { closeSession, ended, openSession, Refusal } from "./session.js";
import { showStreams } from "./streams.js";

const $ = (id) => document.getElementById(id);
const video = $("video");
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Seconds without a byte after which a viewer is told that the publisher is away. */
const AWAY_AFTER_S = 3;
const MAX_WAIT_S = 15;

/** What runs now: {kind, name, session, media, stopped, sent, quietS}; null when nothing does. */
let activity = null;

function say(kind, text, curtain = "") {
  $("state").dataset.kind = kind;
  $("state").textContent = text;
  $("curtain").textContent = curtain;
  $("curtain").hidden = curtain === "";
}

function sayOn({ kind, name }) {
  say("on", kind === "watch" ? `Watching ${name}` : `Publishing ${name}`);
}

function complain(text = "") {
  $("problem").textContent = text;
  $("problem").hidden = text === "";
}

/** Keeps a session of `own` open until it is stopped: opens it, waits for its end, tries again ever more slowly. */
async function keepOpen(own, setUp) {
  for (let tries = 0; !own.stopped; tries++) {
    let waitSeconds = Math.min(MAX_WAIT_S, 2 ** tries);
    try {
      await runSession(own, setUp, () => tries = 0);
    } catch (error) {
      if (own.stopped) return;
      if (!canWait(error)) return fail(error);
      waitSeconds = Math.max(waitSeconds, error.retryAfterSeconds ?? 0);
      sayWaiting(own, error);
    }
    if (!own.stopped) await pause(waitSeconds);
  }
}

/** One session from its offer to its end. */
async function runSession(own, setUp, onConnected) {
  const url = endpoint(own.kind === "watch" ? "whep" : "whip", own.name);
  const session = await openSession(url, $("stream-token").value, setUp);
  if (own.stopped) return closeSession(session);
  own.session = session;
  session.connection.addEventListener("connectionstatechange", () => {
    if (session.connection.connectionState !== "connected" || own.stopped) return;
    onConnected();
    sayOn(own);
  });
  await ended(session);
  if (own.stopped) return;
  own.session = null;
  closeSession(session);
  say("wait", "The connection was lost, trying again", "Trying again …");
}

/** True for refusals that may end by themselves, and for a server that does not answer (a TypeError of fetch). */
function canWait(error) {
  if (error instanceof Refusal) return [409, 429].includes(error.status) || error.status >= 500;
  return error instanceof TypeError;
}

function sayWaiting({ kind, name }, error) {
  const notLive = kind === "watch" && error.status === 409;
  if (notLive) return say("wait", `Nobody publishes ${name} now, trying again`, `Waiting for ${name} …`);
  const why = error instanceof Refusal ? error.message : "The server does not answer";
  say("wait", `${why}, trying again`, "Trying again …");
}

function fail(error) {
  stop();
  complain(error.message);
  say("bad", "Stopped", "Nothing to see");
  if (error.status === 401) $("tokens").open = true;
}

function begin(kind, name) {
  stop();
  complain();
  activity = { kind, name, session: null, media: null, stopped: false, sent: null, quietS: 0 };
  history.replaceState(null, "", `?${kind}=${encodeURIComponent(name)}`);
  $(`${kind}-name`).value = name;
  showAddresses(name);
  $(`${kind}-button`).textContent = "Stop";
  for (const field of $("publish-form").elements) {
    field.disabled = kind === "publish" && field.id !== "publish-button";
  }
  say("wait", "Connecting", "Connecting …");
  return activity;
}

function stop() {
  if (!activity) return;
  activity.stopped = true;
  activity.media?.getTracks().forEach((track) => track.stop());
  if (activity.session) closeSession(activity.session);
  activity = null;
  video.srcObject = null;
  $("video-buttons").hidden = true;
  $("figures").textContent = "";
  $("watch-button").textContent = "Watch";
  $("publish-button").textContent = "Publish";
  for (const field of $("publish-form").elements) field.disabled = false;
  say("idle", "Idle", "Nothing to see yet");
}

/** A publisher's page goes on publishing: it watches in a new one. */
function watch(name) {
  if (activity?.kind === "publish") return open(`?watch=${encodeURIComponent(name)}`);
  const own = begin("watch", name);
  setMuted(true);
  $("video-buttons").hidden = false;
  keepOpen(own, (connection) => {
    const media = new MediaStream();
    for (const kind of ["audio", "video"]) {
      media.addTrack(connection.addTransceiver(kind, { direction: "recvonly" }).receiver.track);
    }
    video.srcObject = media;
  });
}

async function publish(name, source) {
  const own = begin("publish", name);
  const quality = qualities[$("quality").value];
  try {
    own.media = await capture(source, quality);
  } catch (error) {
    return own.stopped || fail(error);
  }
  if (own.stopped) return own.media.getTracks().forEach((track) => track.stop());
  setMuted(true);
  video.srcObject = own.media;
  own.media.getVideoTracks()[0]?.addEventListener("ended", stop);
  listDevices();
  keepOpen(own, (connection) => {
    for (const track of own.media.getTracks()) {
      const limits = track.kind === "video" ? { sendEncodings: [{ maxBitrate: quality.maxBitrate }] } : {};
      connection.addTransceiver(track, { direction: "sendonly", streams: [own.media], ...limits });
    }
  });
}

/** Writes once a second what flows: size, rate, bitrate and codec of the picture. */
async function showFigures() {
  const own = activity;
  if (!own?.session) return;
  const stats = [...(await own.session.connection.getStats()).values()];
  const flows = stats.filter(({ type }) => type === "inbound-rtp" || type === "outbound-rtp");
  if (flows.length === 0 || own !== activity) return;
  const bytes = flows.reduce((sum, flow) => sum + (flow.bytesSent ?? flow.bytesReceived), 0);
  const kbps = (bytes - (own.sent?.bytes ?? 0)) * 8 / (flows[0].timestamp - (own.sent?.atMs ?? 0));
  own.sent = { bytes, atMs: flows[0].timestamp };
  if (own.kind === "watch") noticeSilence(own, kbps);
  const picture = flows.find(({ kind }) => kind === "video") ?? flows[0];
  const codec = stats.find(({ id }) => id === picture.codecId)?.mimeType.split("/")[1];
  const parts = [
    picture.frameWidth && `${picture.frameWidth} × ${picture.frameHeight}`,
    picture.framesPerSecond && `${Math.round(picture.framesPerSecond)} fps`,
    kbps < 1000 ? `${Math.round(kbps)} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`,
    codec,
  ];
  $("figures").textContent = parts.filter(Boolean).join(" · ");
}

/** A viewer stays connected while its publisher is away, and goes on by itself when one comes back. */
function noticeSilence(own, kbps) {
  if (own.session.connection.connectionState !== "connected") return;
  const wasAway = own.quietS >= AWAY_AFTER_S;
  own.quietS = kbps > 0 ? 0 : own.quietS + 1;
  if (own.quietS === AWAY_AFTER_S) {
    say("wait", `Nothing arrives from ${own.name} now`, `Waiting for ${own.name} …`);
  }
  if (own.quietS === 0 && wasAway) sayOn(own);
}

function setMuted(muted) {
  video.muted = muted;
  $("mute").textContent = muted ? "Unmute" : "Mute";
}

function selectTab(kind) {
  for (const each of ["watch", "publish"]) {
    $(`${each}-tab`).setAttribute("aria-selected", String(each === kind));
    $(`${each}-tab`).tabIndex = each === kind ? 0 : -1;
    $(`${each}-panel`).hidden = each !== kind;
  }
}

function wireMode(kind, other, run) {
  $(`${kind}-tab`).addEventListener("click", () => selectTab(kind));
  $(`${kind}-tab`).addEventListener("keydown", ({ key }) => {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return;
    selectTab(other);
    $(`${other}-tab`).focus();
  });
  $(`${kind}-name`).addEventListener("input", ({ target }) => showAddresses(target.value.trim() || "demo"));
  $(`${kind}-form`).addEventListener("submit", (event) => {
    event.preventDefault();
    const name = $(`${kind}-name`).value.trim();
    if (activity?.kind === kind) stop();
    else if (name !== "") run(name);
  });
}

function wireFields() {
  for (const id of ["stream-token", "api-token"]) {
    $(id).value = sessionStorage.getItem(id) ?? "";
    $(id).addEventListener("change", () => {
      sessionStorage.setItem(id, $(id).value);
      showStreams(watch);
    });
  }
  $("publish-form").addEventListener("change", ({ target }) => {
    if (target.name !== "source") return;
    for (const field of document.querySelectorAll(".for-camera")) field.hidden = target.value === "screen";
  });
  $("mute").addEventListener("click", () => setMuted(!video.muted));
  const fullscreen = video.requestFullscreen ?? video.webkitEnterFullscreen;
  $("fullscreen").addEventListener("click", () => fullscreen?.call(video));
}

/** ?watch=name watches at once; ?publish=name fills the form in. */
function followLink() {
  const query = new URLSearchParams(location.search);
  const [watched, published] = [query.get("watch"), query.get("publish")];
  $("publish-name").value = published ?? "";
  showAddresses(watched || published || "demo");
  selectTab(watched === null && published !== null ? "publish" : "watch");
  if (watched) watch(watched);
}

wireMode("watch", "publish", watch);
wireMode("publish", "watch", (name) => publish(name, $("publish-form").elements.source.value));
wireFields();
addEventListener("pagehide", stop);
explainInsecureOrigin();
listDevices();
showStreams(watch);
setInterval(() => showStreams(watch), 5000);
setInterval(showFigures, 1000);
followLink();
