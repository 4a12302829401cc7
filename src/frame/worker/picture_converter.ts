import { AV_PIX_FMT_YUV420P, type AVPixelFormat, SWS_BILINEAR } from "node-av/constants";
import { FFmpegError, Frame, SoftwareScaleContext } from "node-av/lib";

/** Makes what encoders take of any picture: planar YUV 4:2:0 of 8 bits, both sides even. */
export class PictureConverter {
  #scaler: SoftwareScaleContext | null = null;
  /** What the scaler is made for. */
  #from = "";

  /** `picture` itself where it is right already, else a new one, which the caller frees. */
  async convert(picture: Frame): Promise<Frame> {
    const width = Math.max(2, picture.width & ~1);
    const height = Math.max(2, picture.height & ~1);
    const isRight = picture.format === AV_PIX_FMT_YUV420P && width === picture.width &&
      height === picture.height;
    if (isRight) return picture;
    const made = new Frame();
    made.alloc();
    made.width = width;
    made.height = height;
    made.format = AV_PIX_FMT_YUV420P;
    try {
      FFmpegError.throwIfError(made.getBuffer(0), "allocate a picture");
      FFmpegError.throwIfError(
        await this.#scalerFor(picture, width, height).scaleFrame(made, picture),
        "convert a picture",
      );
    } catch (error) {
      made.free();
      throw error;
    }
    return made;
  }

  close(): void {
    this.#scaler?.freeContext();
    this.#scaler = null;
  }

  #scalerFor(picture: Frame, width: number, height: number): SoftwareScaleContext {
    const from = `${picture.width}x${picture.height}:${picture.format}`;
    if (this.#scaler && this.#from === from) return this.#scaler;
    this.close();
    const scaler = new SoftwareScaleContext();
    const format = picture.format as AVPixelFormat;
    scaler.getContext(picture.width, picture.height, format, width, height, AV_PIX_FMT_YUV420P, SWS_BILINEAR);
    this.#from = from;
    this.#scaler = scaler;
    return scaler;
  }
}
