import type { Page } from "playwright-core";
import { type PictureSize, readFrameCounter } from "./clip.ts";

/** What a page says of a file that it has played. */
export interface PlayedFile {
  /** Of the video element, empty where it played to its end. */
  error: string;
  durationMs: number;
  /** Of the picture, 0 without one. */
  width: number;
  /** Number burnt into each of the pictures that were sought, null where it cannot be read. */
  counters: (number | null)[];
  /** Where it stood in the end. */
  endMs: number;
  audioBytes: number;
}

/** Seeks to the middle of each of these pictures of a clip, then plays the last of it to its end. */
export async function playInPage(
  page: Page,
  url: string,
  numbers: number[],
  { size, fps }: { size: PictureSize; fps: number },
): Promise<PlayedFile> {
  const times = numbers.map((number) => (number + 0.5) / fps);
  const { pictures, ...played } = await page.evaluate(
    `(${look})(${JSON.stringify(url)}, ${JSON.stringify(times)})`,
  ) as Omit<PlayedFile, "counters"> & { pictures: number[][] };
  return { ...played, counters: pictures.map((luma) => readFrameCounter(Uint8Array.from(luma), size)) };
}

/** Runs in the page. */
const look = `async (url, times) => {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  document.body.append(video);
  const happens = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
    setTimeout(() => reject(new Error("no " + name + " within 10 s")), 10000);
  });
  const result = { durationMs: 0, width: 0, pictures: [], endMs: 0, audioBytes: 0, error: "" };
  try {
    const loaded = happens("loadeddata");
    video.src = url;
    await loaded;
    result.durationMs = video.duration * 1000;
    result.width = video.videoWidth;
    const canvas = new OffscreenCanvas(video.videoWidth || 1, video.videoHeight || 1);
    const drawing = canvas.getContext("2d", { willReadFrequently: true });
    for (const time of times) {
      const sought = happens("seeked");
      const painted = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      video.currentTime = time;
      await sought;
      await painted;
      drawing.drawImage(video, 0, 0);
      const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
      result.pictures.push(Array.from({ length: data.length / 4 }, (_, at) => data[4 * at]));
    }
    const sought = happens("seeked");
    video.currentTime = video.duration - 0.4;
    await sought;
    const ended = happens("ended");
    await video.play();
    await ended;
    result.endMs = video.currentTime * 1000;
    result.audioBytes = video.webkitAudioDecodedByteCount;
  } catch (error) {
    result.error = String(error);
  }
  video.remove();
  return result;
}`;
