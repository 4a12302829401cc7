/** The URI of each header extension whose meaning the packet plane knows, as `a=extmap` names it. */
export const extensionUris = {
  /** RFC 9143 */
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  /** RFC 8852 */
  rid: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  /** RFC 8852 */
  repairedRid: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  /** draft-holmer-rmcat-transport-wide-cc-extensions-01 */
  transportWideCc: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  /** Departure time, 24 bits of 6.18 fixed-point seconds */
  absSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  /** RFC 6464 */
  audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  /** 3GPP TS 26.114 section 7.4.5, coordination of video orientation */
  videoOrientation: "urn:3gpp:video-orientation",
  /** Minimum and maximum playout delay, 12 bits each in units of 10 ms */
  playoutDelay: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  /** Capture time as 64-bit NTP time, with an optional clock offset */
  absCaptureTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
} as const;
