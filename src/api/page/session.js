/** An HTTP answer that says no; the message is the server's own explanation. */
export class Refusal extends Error {
  constructor(status, message, retryAfterSeconds) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Headers that carry a bearer token; "" for none. */
export const bearer = (token) => token === "" ? {} : { Authorization: `Bearer ${token}` };

/** Throws what a problem+json answer says, in the server's words. */
export async function demandOk(response) {
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const message = problem.detail ?? `The server answered ${response.status} ${response.statusText}`;
  throw new Refusal(response.status, message, Number(response.headers.get("Retry-After") ?? 0));
}

/**
 * Opens a WHIP or WHEP session at `url`; `setUp` gives the connection its tracks before the offer is made.
 * Candidates follow the offer by PATCH, so nothing waits for them.
 */
export async function openSession(url, token, setUp) {
  const connection = new RTCPeerConnection({
    bundlePolicy: "max-bundle",
    iceServers: await iceServers(url, token),
  });
  try {
    setUp(connection);
    const candidates = [];
    connection.onicecandidate = ({ candidate }) => candidates.push(candidate);
    await connection.setLocalDescription();
    const response = await demandOk(
      await fetch(url, {
        method: "POST",
        headers: { ...bearer(token), "Content-Type": "application/sdp" },
        body: connection.localDescription.sdp,
      }),
    );
    const session = { connection, token, url: new URL(response.headers.get("Location"), url).href };
    session.etag = response.headers.get("ETag");
    await connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
    trickle(session, candidates);
    return session;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Ends a session on both sides, the server's first: its own end would make the request a late one. */
export function closeSession({ connection, url, token }) {
  // keepalive: the request outlives a page that is left.
  fetch(url, { method: "DELETE", headers: bearer(token), keepalive: true })
    .catch(() => {}).finally(() => connection.close());
}

/** Resolves when the connection cannot be used any more. A short break mends itself and does not count. */
export function ended({ connection }) {
  return new Promise((resolve) => {
    let patience;
    connection.addEventListener("connectionstatechange", () => {
      clearTimeout(patience);
      if (["failed", "closed"].includes(connection.connectionState)) resolve();
      if (connection.connectionState === "disconnected") patience = setTimeout(resolve, 6000);
    });
    // The server's goodbye (DTLS close_notify) shows on the transport only.
    connection.getTransceivers()[0]?.receiver.transport?.addEventListener("statechange", ({ target }) => {
      if (target.state === "closed" || target.state === "failed") resolve();
    });
  });
}

/** The STUN and TURN servers that the endpoint names in its Link headers. */
async function iceServers(url, token) {
  const response = await fetch(url, { method: "OPTIONS", headers: bearer(token) });
  await response.text();
  const links = (response.headers.get("Link") ?? "").split(/,\s*(?=<)/);
  return links.filter((link) => /rel="?ice-server"?/.test(link)).map((link) => ({
    urls: /<([^>]*)>/.exec(link)[1],
    username: /username="([^"]*)"/.exec(link)?.[1],
    credential: /credential="([^"]*)"/.exec(link)?.[1],
  }));
}

/** Sends what has been gathered, and from then on what comes, a few at a time. */
function trickle(session, candidates) {
  let timer;
  const flush = () => {
    timer = undefined;
    if (candidates.length > 0) patch(session, candidates.splice(0));
  };
  session.connection.onicecandidate = ({ candidate }) => {
    candidates.push(candidate);
    timer ??= setTimeout(flush, 50);
  };
  flush();
}

/** A lost candidate is no loss: the server learns addresses from the checks it receives. */
function patch({ connection, url, etag, token }, candidates) {
  const sdp = connection.localDescription?.sdp ?? "";
  const line = (pattern) => pattern.exec(sdp)?.[0] ?? "";
  const lines = [line(/^a=ice-ufrag:.*$/m), line(/^a=ice-pwd:.*$/m), line(/^m=.*$/m), line(/^a=mid:.*$/m)];
  for (const candidate of candidates) {
    lines.push(candidate?.candidate ? `a=${candidate.candidate}` : "a=end-of-candidates");
  }
  fetch(url, {
    method: "PATCH",
    headers: { ...bearer(token), "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": etag },
    body: lines.map((text) => text.trim() + "\r\n").join(""),
  }).catch(() => {});
}
