/**
 * FFmpeg's names of containers and bare streams. What is not named is not opened, whatever its bytes or its name look
 * like: some formats are lists of other places, and FFmpeg goes there by itself while it opens them.
 */
const plain =
  "matroska,webm,mov,mp4,mpegts,mpeg,mpegvideo,flv,live_flv,ogg,avi,asf,mxf,nut,ivf,obu,av1,h264,hevc,vvc," +
  "m4v,dirac,mjpeg,mpjpeg,yuv4mpegpipe,dv,gxf,wtv,rm,wav,w64,aiff,au,caf,voc,sox,mp3,aac,loas,ac3,eac3,dts," +
  "truehd,mlp,flac,amr,ape,tta,wv";

/** Single pictures, and moving ones without sound; what they are shows from their bytes. */
const pictures = "gif,apng,jpeg_pipe,png_pipe,webp_pipe,webp_anim,bmp_pipe";

/** For FFmpeg's option format_whitelist, which holds for what a playlist names too. */
export const playedFormats = {
  body: `${plain},${pictures}`,
  /** FFmpeg reads images by their names, and by patterns in them: only where it needs no look at where it goes. */
  file: `${plain},${pictures},image2`,
  playlist: `${plain},hls`,
  /** Everything that these two name goes through the same gate. */
  web: `${plain},${pictures},hls,dash`,
  rtsp: "rtsp",
  /** RTMP and SRT: one stream of bytes. */
  stream: plain,
} as const;
