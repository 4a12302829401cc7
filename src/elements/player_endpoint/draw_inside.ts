/** One stream that a player gives. */
export interface PlayedStream {
  media: string;
  /** Format as the packet plane calls it, e.g. "H264/1/42e0". */
  format: string;
}

/** A drawing of what a player consists of, as GraphViz text. A password in the URI is left out. */
export function drawInside(
  elementId: string,
  uri: string,
  state: string,
  streams: readonly PlayedStream[],
): string {
  const source = `source [label=${quoted(`${withoutPassword(uri)}\n${state}`)} shape=box]`;
  const outputs = streams.flatMap(({ media, format }) => [
    `${media} [label=${quoted(`${media}\n${format}`)} shape=ellipse]`,
    `source -> ${media}`,
  ]);
  const lines = [source, ...outputs].map((line) => `  ${line};\n`).join("");
  return `digraph ${quoted(elementId)} {\n${lines}}\n`;
}

const quoted = (text: string) =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

/** What stands between the first colon of the user and the last "@" before the path. */
function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*):.*@/is, "$1:…@");
}
