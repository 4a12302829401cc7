/** What a WHIP or WHEP endpoint gave for an offer. */
export interface OpenedSession {
  answer: string;
  /** Absolute URL of the session. */
  location: string;
}

/** POSTs an offer as RFC 9725 section 4.2 wants it; throws with the endpoint's own words unless it says 201. */
export async function postOffer(url: string, offer: string): Promise<OpenedSession> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: offer,
    signal: AbortSignal.timeout(8000),
  });
  const answer = await response.text();
  if (response.status !== 201) {
    throw new Error(`Cannot open a session at ${url}: ${response.status} ${answer}`);
  }
  const location = response.headers.get("location");
  if (!location) throw new Error(`Cannot open a session at ${url}: 201 came without a Location`);
  return { answer, location: new URL(location, url).href };
}

/** DELETEs a session and returns the status. */
export async function deleteSession(location: string): Promise<number> {
  const response = await fetch(location, { method: "DELETE", signal: AbortSignal.timeout(8000) });
  await response.body?.cancel();
  return response.status;
}
