import { captionOf, mediaCaptionOf } from "./draw_dot.ts";
import { type Cell, layOut, type Route, type Size } from "./draw_layout.ts";
import { type Connection, defaultDescription, type Element, type Graph } from "./model.ts";

const lineHeight = 18;
const padding = 12;
/** Width of a character of a monospaced font at the sizes of the style sheet below. */
const characterWidth = 7.9;
const longestLine = 36;
const padHeight = 22;
const laneHeight = 14;

const style = `text { font-family: monospace; fill: #1c2430; }
.type { font-size: 13px; font-weight: bold; }
.name { font-size: 13px; }
.id, .media { font-size: 11px; }
.id { opacity: 0.65; }
rect { fill: #f4f6f9; stroke: #8792a2; }
path { fill: none; stroke: var(--media); stroke-width: 1.8; }
.head { fill: var(--media); stroke: none; }
.media { fill: var(--media); text-anchor: end; }
.audio { --media: #1d7a46; }
.video { --media: #2459c4; }
.data { --media: #a04a00; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6eaf0; }
  rect { fill: #242b36; stroke: #6b7686; }
  .audio { --media: #5fd394; }
  .video { --media: #86aeff; }
  .data { --media: #f0a35c; }
}`;

/** The graph as an SVG document for light and dark pages: media flow from left to right, a line per connection. */
export function drawSvg(graph: Graph): string {
  const pads = padsOf(graph);
  const layout = layOut(graph, (element) => sizeOf(element, pads));
  const lanes = layout.routes.filter((route) => route.back);
  const height = Math.ceil(layout.height + laneHeight * lanes.length);
  const width = Math.ceil(layout.width + (lanes.length > 0 ? laneHeight : 0));
  const laneY = (route: Route) => layout.height - padding + laneHeight * lanes.indexOf(route);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(graph.pipeline.name)}</title>`,
    `<style>${style}</style>`,
    ...layout.routes.map((route) => lineOf(route, pads, laneY(route))),
    ...[...layout.cells.values()].map(boxOf),
    ...[...layout.cells.values()].flatMap((cell) => padCaptionsOf(cell, pads)),
    "</svg>",
    "",
  ].join("\n");
}

/** The pads of each element that connections use, in the order in which they appear on its two sides. */
interface Pads {
  sources: Map<string, Map<string, Connection>>;
  sinks: Map<string, Map<string, Connection>>;
}

function padsOf(graph: Graph): Pads {
  const pads: Pads = { sources: new Map(), sinks: new Map() };
  const links = [...graph.connections.values()].sort((a, b) =>
    a.media < b.media ? -1 : a.media > b.media ? 1 : 0
  );
  for (const link of links) {
    addPad(pads.sources, link.source, sourcePad(link), link);
    addPad(pads.sinks, link.sink, sinkPad(link), link);
  }
  return pads;
}

const sourcePad = (link: Connection) => `${link.media} ${link.sourceDescription}`;
const sinkPad = (link: Connection) => `${link.media} ${link.sinkDescription}`;

function addPad(side: Map<string, Map<string, Connection>>, id: string, pad: string, link: Connection): void {
  const pads = side.get(id) ?? new Map<string, Connection>();
  if (!pads.has(pad)) pads.set(pad, link);
  side.set(id, pads);
}

function sizeOf(element: Element, pads: Pads): Size {
  const lines = captionOf(element).map(shortened);
  const padCount = Math.max(pads.sources.get(element.id)?.size ?? 0, pads.sinks.get(element.id)?.size ?? 0);
  const captions = [...pads.sources.get(element.id)?.values() ?? []].map(padCaptionOf);
  const columns = Math.max(...lines.map(columnsIn)) + Math.max(0, ...captions.map(columnsIn));
  return {
    width: Math.ceil(columns * characterWidth + 2 * padding),
    height: Math.max(lines.length * lineHeight + padding, (padCount + 1) * padHeight),
  };
}

function boxOf(cell: Cell): string {
  const element = cell.element!;
  const lines = captionOf(element).map(shortened);
  const top = cell.y + (cell.height - lines.length * lineHeight) / 2 + 13;
  const texts = lines.map((line, index) => {
    const kind = index === 0 ? "type" : index === lines.length - 1 ? "id" : "name";
    return `<text class="${kind}" x="${at(cell.x + padding)}" y="${at(top + index * lineHeight)}">${
      escaped(line)
    }</text>`;
  });
  const full = escaped(captionOf(element).join(" "));
  const area = `x="${at(cell.x)}" y="${at(cell.y)}" width="${at(cell.width)}" height="${
    at(cell.height)
  }" rx="6"`;
  return `<g><title>${full}</title><rect ${area}/>${texts.join("")}</g>`;
}

/** Captions stand inside the box, where no line crosses them. */
function padCaptionsOf(cell: Cell, pads: Pads): string[] {
  const used = pads.sources.get(cell.element!.id) ?? new Map<string, Connection>();
  return [...used.values()].map((link) => {
    const place = `x="${at(cell.x + cell.width - 6)}" y="${at(padY(cell, used, sourcePad(link)) + 4)}"`;
    return `<text class="media ${link.media}" ${place}>${escaped(padCaptionOf(link))}</text>`;
  });
}

function padCaptionOf(link: Connection): string {
  return shortened(link.sourceDescription === defaultDescription ? link.media : sourcePad(link));
}

function lineOf(route: Route, pads: Pads, laneY: number): string {
  const { link, cells } = route;
  const from = cells[0];
  const to = cells[cells.length - 1];
  const startX = from.x + from.width;
  const startY = padY(from, pads.sources.get(link.source)!, sourcePad(link));
  const endY = padY(to, pads.sinks.get(link.sink)!, sinkPad(link));
  const course = route.back
    ? backCourse(startX, startY, to.x - 7, endY, laneY)
    : forwardCourse(startX, startY, cells.slice(1, -1), to.x - 7, endY);
  const head = `<path class="head" d="M${at(to.x)} ${at(endY)}l-8 -4v8z"/>`;
  const title = `<title>${escaped(`${link.source} → ${link.sink}: ${mediaCaptionOf(link)}`)}</title>`;
  return `<g class="${link.media}">${title}<path d="M${at(startX)} ${at(startY)}${course}"/>${head}</g>`;
}

function forwardCourse(x: number, y: number, passing: Cell[], endX: number, endY: number): string {
  let course = "";
  let startX = x;
  let startY = y;
  for (const cell of passing) {
    const cellY = cell.y + cell.height / 2;
    course += `${bend(startX, startY, cell.x, cellY)}H${at(cell.x + cell.width)}`;
    startX = cell.x + cell.width;
    startY = cellY;
  }
  return course + bend(startX, startY, endX, endY);
}

/** Below all boxes, in a lane of its own. */
function backCourse(x: number, y: number, endX: number, endY: number, laneY: number): string {
  const out = `C${at(x + 36)} ${at(y)} ${at(x + 36)} ${at(laneY)} ${at(x)} ${at(laneY)}`;
  return `${out}H${at(endX)}C${at(endX - 30)} ${at(laneY)} ${at(endX - 30)} ${at(endY)} ${at(endX)} ${
    at(endY)
  }`;
}

function bend(x: number, y: number, endX: number, endY: number): string {
  const middle = (x + endX) / 2;
  return `C${at(middle)} ${at(y)} ${at(middle)} ${at(endY)} ${at(endX)} ${at(endY)}`;
}

function padY(cell: Cell, pads: Map<string, Connection>, pad: string): number {
  const index = [...pads.keys()].indexOf(pad);
  return cell.y + cell.height * (index + 1) / (pads.size + 1);
}

function shortened(line: string): string {
  const characters = [...line];
  return characters.length <= longestLine ? line : `${characters.slice(0, longestLine - 1).join("")}…`;
}

/** Columns that a line takes in a monospaced font: East Asian characters and emoji take two. */
function columnsIn(line: string): number {
  return [...line].reduce((sum, character) => sum + (character.codePointAt(0)! >= 0x2e80 ? 2 : 1), 0);
}

const at = (pixels: number) => String(Math.round(pixels * 10) / 10);

/** Characters that XML 1.0 allows not even as references. */
// deno-lint-ignore no-control-regex
const illegalInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function escaped(text: string): string {
  const legal = text.replace(illegalInXml, "\ufffd");
  return legal.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}
