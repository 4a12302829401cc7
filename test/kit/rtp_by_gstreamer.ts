import type { PictureSize } from "./clip.ts";
import { type RtpProcess, type RtpViewer, startProcess, watchPictures } from "./rtp_by_ffmpeg.ts";

/** Suite by GStreamer's names, key and salt in hex. */
export interface GstreamerSrtp {
  cipher: "aes-128-icm" | "aes-256-icm" | "aes-128-gcm" | "aes-256-gcm";
  /** Of RTP; RTCP has 80 bits always (RFC 4568 section 6.2). */
  auth: "hmac-sha1-32" | "hmac-sha1-80" | "null";
  key: string;
}

/** True when `gst-launch-1.0` is there with SRTP and VP8; otherwise says so in one line that nobody overlooks. */
export function gstreamerIsThere(): boolean {
  const has = (element: string) => {
    try {
      return new Deno.Command("gst-inspect-1.0", { args: [element], stdout: "null", stderr: "null" })
        .outputSync().success;
    } catch {
      return false;
    }
  };
  if (["srtpenc", "rtpbin", "vp8dec", "matroskademux"].every(has)) return true;
  const packages =
    "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad";
  const line =
    `!!! GSTREAMER TESTS LEFT OUT: no gst-launch-1.0 with SRTP found (apt-get install ${packages}) !!!\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  return false;
}

/** Sends the VP8 video of a Matroska file in real time with payload type 96, and its RTCP to the port after. */
export function sendByGstreamer(file: string, port: number, srtp?: GstreamerSrtp): RtpProcess {
  const sink = (at: number, ...more: string[]) => ["udpsink", "host=127.0.0.1", `port=${at}`, ...more];
  const encoder = srtp ? [...encoderOf(srtp)] : [];
  return startProcess("gst-launch-1.0", [
    ..."-q rtpbin name=rtp".split(" "),
    ...encoder,
    ...["filesrc", `location=${file}`, "!", "matroskademux", "!", "rtpvp8pay", "pt=96", "mtu=1200"],
    ..."! rtp.send_rtp_sink_0 rtp.send_rtp_src_0 !".split(" "),
    ...(srtp ? "enc.rtp_sink_0 enc.rtp_src_0 !".split(" ") : []),
    ...sink(port, "sync=true"),
    ..."rtp.send_rtcp_src_0 !".split(" "),
    ...(srtp ? "enc.rtcp_sink_0 enc.rtcp_src_0 !".split(" ") : []),
    ...sink(port + 1, "sync=false", "async=false"),
  ]);
}

/** What a viewer must know of the stream that it gets. */
export interface GstreamerStream {
  /** Of this side: media, and RTCP on the next one. */
  port: number;
  ssrc: number;
  /** Where receiver reports go. */
  rtcpTarget: number;
  /** What is received; reports are sent with `ownKey`. */
  srtp?: GstreamerSrtp;
  ownKey?: string;
}

/** Decodes VP8 of payload type 96, and reports about it. */
export function watchByGstreamer(stream: GstreamerStream, size: PictureSize): RtpViewer {
  const { port, ssrc, rtcpTarget, srtp, ownKey = "" } = stream;
  const common = `media=(string)video,clock-rate=(int)90000,encoding-name=(string)VP8,payload=(int)96`;
  const keys = srtp
    ? `,ssrc=(uint)${ssrc},roc=(uint)0,srtp-key=(buffer)${srtp.key},srtp-cipher=(string)${srtp.cipher},` +
      `srtp-auth=(string)${srtp.auth},srtcp-cipher=(string)${srtp.cipher},srtcp-auth=(string)${
        rtcpAuth(srtp)
      }`
    : "";
  const source = (at: number, type: string) => [
    ...["udpsrc", "address=127.0.0.1", `port=${at}`, "buffer-size=4000000"],
    `caps=application/x-${srtp ? "s" : ""}${type},${common}${keys}`,
    "!",
  ];
  return watchPictures("gst-launch-1.0", [
    ..."-q rtpbin name=rtp latency=100".split(" "),
    ...(srtp ? ["srtpdec", "name=dec", ...encoderOf({ ...srtp, key: ownKey })] : []),
    ...source(port, "rtp"),
    ...(srtp ? "dec.rtp_sink dec.rtp_src !".split(" ") : []),
    "rtp.recv_rtp_sink_0",
    ...source(port + 1, "rtcp"),
    ...(srtp ? "dec.rtcp_sink dec.rtcp_src !".split(" ") : []),
    ..."rtp.recv_rtcp_sink_0 rtp.send_rtcp_src_0 !".split(" "),
    ...(srtp ? "enc.rtcp_sink_0 enc.rtcp_src_0 !".split(" ") : []),
    ...["udpsink", "host=127.0.0.1", `port=${rtcpTarget}`, "sync=false", "async=false"],
    ..."rtp. ! rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=I420 !".split(" "),
    ...["fdsink", "fd=1", "sync=false"],
  ], size);
}

function encoderOf(srtp: GstreamerSrtp): string[] {
  return [
    ...["srtpenc", "name=enc", `key=${srtp.key}`],
    ...[`rtp-cipher=${srtp.cipher}`, `rtp-auth=${srtp.auth}`],
    ...[`rtcp-cipher=${srtp.cipher}`, `rtcp-auth=${rtcpAuth(srtp)}`],
  ];
}

function rtcpAuth({ auth }: GstreamerSrtp): string {
  return auth === "null" ? "null" : "hmac-sha1-80";
}
