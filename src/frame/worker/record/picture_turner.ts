import { AV_BUFFERSRC_FLAG_KEEP_REF } from "node-av/constants";
import { FFmpegError, type FilterContext, FilterGraph, Frame } from "node-av/lib";

/** FFmpeg's filters for 1, 2 and 3 clockwise quarter turns. */
const filters = ["", "transpose=clock", "hflip,vflip", "transpose=cclock"];

/** Turns pictures by quarters. */
export class PictureTurner {
  #graph: FilterGraph | null = null;
  #source: FilterContext | null = null;
  #sink: FilterContext | null = null;
  /** What the graph is made for. */
  #from = "";

  /** A new picture, which the caller frees. `turn`: clockwise quarter turns, 1 to 3. */
  turn(picture: Frame, turn: number): Frame {
    this.#prepare(picture, turn);
    const turned = new Frame();
    turned.alloc();
    try {
      const added = this.#source!.buffersrcAddFrameSync(picture, AV_BUFFERSRC_FLAG_KEEP_REF);
      FFmpegError.throwIfError(added, "turn a picture");
      FFmpegError.throwIfError(this.#sink!.buffersinkGetFrameSync(turned), "turn a picture");
    } catch (error) {
      turned.free();
      throw error;
    }
    return turned;
  }

  close(): void {
    this.#graph?.free();
    this.#graph = null;
  }

  #prepare({ width, height, format, colorRange, colorSpace }: Frame, turn: number): void {
    const input = `video_size=${width}x${height}:pix_fmt=${format}:time_base=1/90000:` +
      `range=${colorRange}:colorspace=${colorSpace}`;
    const from = `${input}:${turn}`;
    if (this.#graph && this.#from === from) return;
    this.close();
    const graph = new FilterGraph();
    graph.alloc();
    this.#graph = graph;
    this.#from = from;
    const chain = `buffer@in=${input},${filters[turn]},buffersink@out`;
    FFmpegError.throwIfError(graph.parse2(chain), "prepare to turn pictures");
    FFmpegError.throwIfError(graph.configSync(), "prepare to turn pictures");
    this.#source = graph.getFilter("buffer@in");
    this.#sink = graph.getFilter("buffersink@out");
  }
}
