import { AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P, type AVPixelFormat, SWS_POINT } from "node-av/constants";
import {
  FFmpegError,
  Frame,
  type HardwareDeviceContext,
  HardwareFramesContext,
  SoftwareScaleContext,
} from "node-av/lib";

/** Pictures that an encoder in hardware may hold at one time. */
const POOL_SIZE = 20;

/** Makes of planar YUV 4:2:0 what an encoder in hardware takes: with interleaved chroma, and in its device's memory. */
export class PictureLoader {
  /** Pictures in the memory of the device, null where the encoder takes them from ours. */
  readonly frames: HardwareFramesContext | null;
  readonly #scaler = new SoftwareScaleContext();
  readonly #width: number;
  readonly #height: number;

  /** Throws where the device has no such pictures. */
  constructor(
    { width, height }: { width: number; height: number },
    format: AVPixelFormat,
    device: HardwareDeviceContext | null,
  ) {
    this.#width = width;
    this.#height = height;
    this.frames = device ? openFrames(device, format, width, height) : null;
    this.#scaler.getContext(width, height, AV_PIX_FMT_YUV420P, width, height, AV_PIX_FMT_NV12, SWS_POINT);
  }

  /** A new picture with the content of this one; the caller frees it. */
  async load(picture: Frame): Promise<Frame> {
    const interleaved = newFrame();
    try {
      interleaved.width = this.#width;
      interleaved.height = this.#height;
      interleaved.format = AV_PIX_FMT_NV12;
      FFmpegError.throwIfError(interleaved.getBuffer(0), "allocate a picture");
      FFmpegError.throwIfError(await this.#scaler.scaleFrame(interleaved, picture), "convert a picture");
      interleaved.copyProps(picture);
    } catch (error) {
      interleaved.free();
      throw error;
    }
    return this.frames ? await moveTo(this.frames, interleaved) : interleaved;
  }

  close(): void {
    this.#scaler.freeContext();
    this.frames?.free();
  }
}

/** Frees `picture`, and gives its like in the memory of the device. */
async function moveTo(frames: HardwareFramesContext, picture: Frame): Promise<Frame> {
  const moved = newFrame();
  try {
    FFmpegError.throwIfError(frames.getBuffer(moved), "allocate a picture on the device");
    FFmpegError.throwIfError(await picture.hwframeTransferData(moved), "move a picture to the device");
    moved.copyProps(picture);
    return moved;
  } catch (error) {
    moved.free();
    throw error;
  } finally {
    picture.free();
  }
}

function openFrames(
  device: HardwareDeviceContext,
  format: AVPixelFormat,
  width: number,
  height: number,
): HardwareFramesContext {
  const frames = new HardwareFramesContext();
  try {
    frames.alloc(device);
    frames.format = format;
    frames.swFormat = AV_PIX_FMT_NV12;
    frames.width = width;
    frames.height = height;
    frames.initialPoolSize = POOL_SIZE;
    FFmpegError.throwIfError(frames.init(), "set up pictures on the device");
    return frames;
  } catch (error) {
    frames.free();
    throw error;
  }
}

function newFrame(): Frame {
  const frame = new Frame();
  frame.alloc();
  return frame;
}
