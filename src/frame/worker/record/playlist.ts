/** One segment of a playlist. */
export interface PlaylistSegment {
  /** Relative to the playlist. */
  name: string;
  durationMs: number;
}

/** The text of an HLS media playlist that only grows (RFC 8216 section 4.3.3.5, EVENT). */
export function playlistText(
  segments: readonly PlaylistSegment[],
  targetMs: number,
  isEnded: boolean,
): string {
  const longestMs = segments.reduce((longest, { durationMs }) => Math.max(longest, durationMs), targetMs);
  return [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    // No segment, rounded, may be longer (section 4.3.3.1).
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longestMs / 1000))}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
    "#EXT-X-PLAYLIST-TYPE:EVENT",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...segments.flatMap(({ name, durationMs }) => [
      `#EXTINF:${(durationMs / 1000).toFixed(5)},`,
      encodeURIComponent(name),
    ]),
    ...(isEnded ? ["#EXT-X-ENDLIST"] : []),
    "",
  ].join("\n");
}
