import {
  AV_HWDEVICE_TYPE_CUDA,
  AV_HWDEVICE_TYPE_QSV,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  type AVCodecID,
  type AVHWDeviceType,
} from "node-av/constants";
import { HardwareDeviceContext } from "node-av/lib";
import { hardwareEncoders } from "./hardware_encoder_table.ts";
import { type EncoderChoice, videoEncoders } from "./video_encoder_table.ts";

/** Opens a device of the machine, null where there is none of the type. Tests give their own. */
export type OpenDevice = (type: AVHWDeviceType) => HardwareDeviceContext | null;

/** Every device that something here works on. */
const DEVICES = [
  AV_HWDEVICE_TYPE_CUDA,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  AV_HWDEVICE_TYPE_QSV,
  AV_HWDEVICE_TYPE_VAAPI,
];
/** What FFmpeg's decoders can use, the best first. */
const DECODER_DEVICES = [AV_HWDEVICE_TYPE_CUDA, AV_HWDEVICE_TYPE_VIDEOTOOLBOX, AV_HWDEVICE_TYPE_VAAPI];
/** Encoders in hardware refuse smaller pictures, which cost little. */
const MIN_WIDTH = 160;
const MIN_HEIGHT = 96;

/**
 * The graphics hardware of this machine as the streams of one worker find it. What it has not is found out once: a
 * device that does not open, and an encoder that has never worked, is not tried for another stream.
 */
export class Hardware {
  readonly #isAllowed: boolean;
  readonly #openDevice: OpenDevice;
  readonly #devices = new Map<AVHWDeviceType, HardwareDeviceContext | null>();
  readonly #proven = new Set<string>();
  readonly #failed = new Set<string>();

  /** `isAllowed`: the setting; without it nothing is looked for. */
  constructor(isAllowed: boolean, openDevice: OpenDevice = openMachineDevice) {
    this.#isAllowed = isAllowed;
    this.#openDevice = openDevice;
  }

  /** Opens the devices now, so that no stream waits for it. */
  lookAround(): void {
    if (this.#isAllowed) { for (const type of DEVICES) this.device(type); }
  }

  /** Ways to encode pictures of a size, in the order in which they are to be tried; the last one is in software. */
  encoders(codec: string, width: number, height: number): EncoderChoice[] {
    const software = videoEncoders[codec];
    if (!this.#isAllowed || width < MIN_WIDTH || height < MIN_HEIGHT) return [software];
    const usable = (hardwareEncoders[codec] ?? []).filter(({ name, device }) =>
      !this.#failed.has(name) && (device === undefined || this.device(device) !== null)
    );
    return [...usable, software];
  }

  /** What a decoder may use for a codec, null where only the processor is left. */
  decoderDevice(codec: AVCodecID): HardwareDeviceContext | null {
    if (!this.#isAllowed || this.#failed.has(`decode ${codec}`)) return null;
    for (const type of DECODER_DEVICES) {
      const device = this.device(type);
      if (device) return device;
    }
    return null;
  }

  /** The device of a type, opened at its first use. */
  device(type: AVHWDeviceType): HardwareDeviceContext | null {
    const known = this.#devices.get(type);
    if (known !== undefined) return known;
    const device = this.#openDevice(type);
    this.#devices.set(type, device);
    return device;
  }

  /** It gave something: a later failure is that of one stream, such as a limit on how many there may be. */
  worked(name: string): void {
    this.#proven.add(name);
  }

  /** It failed: by its first picture for ever, later for the stream alone. */
  failed(name: string): void {
    if (!this.#proven.has(name)) this.#failed.add(name);
  }

  /** As `failed` of what decodes a codec. */
  decoderFailed(codec: AVCodecID): void {
    this.#failed.add(`decode ${codec}`);
  }
}

function openMachineDevice(type: AVHWDeviceType): HardwareDeviceContext | null {
  const device = new HardwareDeviceContext();
  if (device.create(type, null, null) >= 0) return device;
  device.free();
  return null;
}
