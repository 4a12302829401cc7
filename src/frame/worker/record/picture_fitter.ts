import { Buffer } from "node:buffer";
import { AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, type AVPixelFormat, SWS_BILINEAR } from "node-av/constants";
import { FFmpegError, Frame, SoftwareScaleContext } from "node-av/lib";

export interface Size {
  width: number;
  height: number;
}

const BLACK = { limited: 16, full: 0 };

/** Brings pictures of any size into one size, with black bars where the shapes differ. */
export class PictureFitter {
  readonly #target: Size;
  readonly #isFullRange: boolean;
  #scaler: SoftwareScaleContext | null = null;
  /** What the scaler is made for. */
  #from = "";

  /** Sides of `target` are even. `isFullRange`: luma from 0 to 255, as in JPEG, instead of from 16 to 235. */
  constructor(target: Size, isFullRange: boolean) {
    this.#target = target;
    this.#isFullRange = isFullRange;
  }

  /** `picture` itself where it fits already, else a new one, which the caller frees. */
  fit(picture: Frame): Frame {
    const { width, height } = this.#target;
    if (this.#isRight(picture)) return picture;
    const inner = innerSize(picture, this.#target);
    const scaled = this.#scale(picture, inner);
    if (inner.width === width && inner.height === height) return scaled;
    const framed = Frame.fromVideoBuffer(this.#framed(scaled.toBuffer(), inner), {
      width,
      height,
      format: AV_PIX_FMT_YUV420P,
      timeBase: { num: 1, den: 90_000 },
    });
    scaled.free();
    return framed;
  }

  close(): void {
    this.#scaler?.freeContext();
    this.#scaler = null;
  }

  #isRight({ width, height, format }: Frame): boolean {
    const wanted = this.#isFullRange ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    return format === wanted && width === this.#target.width && height === this.#target.height;
  }

  #scale(picture: Frame, { width, height }: Size): Frame {
    const made = new Frame();
    made.alloc();
    made.width = width;
    made.height = height;
    made.format = this.#isFullRange ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    try {
      FFmpegError.throwIfError(made.getBuffer(0), "allocate a picture");
      FFmpegError.throwIfError(
        this.#scalerFor(picture, made).scaleFrameSync(made, picture),
        "scale a picture",
      );
    } catch (error) {
      made.free();
      throw error;
    }
    return made;
  }

  #scalerFor(from: Frame, to: Frame): SoftwareScaleContext {
    const what = `${from.width}x${from.height}:${from.format}`;
    if (this.#scaler && this.#from === what) return this.#scaler;
    this.close();
    const scaler = new SoftwareScaleContext();
    const [source, target] = [from.format, to.format] as AVPixelFormat[];
    scaler.getContext(from.width, from.height, source, to.width, to.height, target, SWS_BILINEAR);
    this.#from = what;
    this.#scaler = scaler;
    return scaler;
  }

  /** The planes of a smaller picture in the middle of a black one. */
  #framed(pixels: Uint8Array, inner: Size): Buffer {
    const { width, height } = this.#target;
    const luma = width * height;
    const made = Buffer.alloc(luma * 3 / 2, 128);
    made.fill(this.#isFullRange ? BLACK.full : BLACK.limited, 0, luma);
    let from = 0;
    let to = 0;
    for (const shift of [0, 1, 1]) {
      const [w, h, innerW, innerH] = [width, height, inner.width, inner.height].map((side) => side >> shift);
      const left = (w - innerW) >> 1;
      const top = (h - innerH) >> 1;
      for (let row = 0; row < innerH; row++) {
        made.set(
          pixels.subarray(from + row * innerW, from + (row + 1) * innerW),
          to + (top + row) * w + left,
        );
      }
      from += innerW * innerH;
      to += w * h;
    }
    return made;
  }
}

/** The largest even size of the picture's shape within `target`; the target itself where the shapes hardly differ. */
function innerSize(picture: Size, target: Size): Size {
  const scale = Math.min(target.width / picture.width, target.height / picture.height);
  const even = (side: number) => Math.max(2, Math.round(side * scale / 2) * 2);
  const inner = { width: even(picture.width), height: even(picture.height) };
  const isNear = target.width - inner.width <= 4 && target.height - inner.height <= 4;
  return isNear ? target : inner;
}
