import type { Connection, Element, Graph } from "./model.ts";

/** A box in a drawing, or the space that a connection takes where it passes a column. Pixels, y downwards. */
export interface Cell {
  /** Null for a passing connection. */
  readonly element: Element | null;
  /** Cells in earlier columns that lead here. */
  readonly before: Cell[];
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A connection on its way: source cell, a cell for every column it passes, sink cell. */
export interface Route {
  readonly link: Connection;
  readonly cells: Cell[];
  /** True when it leads to the same or an earlier column, as one connection of every circle does. */
  readonly back: boolean;
}

export interface Layout {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly routes: Route[];
  readonly width: number;
  readonly height: number;
}

export interface Size {
  width: number;
  height: number;
}

const margin = 32;
const columnGap = 110;
const rowGap = 28;
const passingHeight = 8;

/** Places elements in columns from left to right, each to the right of what feeds it as far as circles allow. */
export function layOut(graph: Graph, sizeOf: (element: Element) => Size): Layout {
  const columnOf = columnsOf(graph);
  const cells = new Map<string, Cell>();
  const columns: Cell[][] = [];
  for (const element of graph.elements.values()) {
    const cell: Cell = { element, before: [], x: 0, y: 0, ...sizeOf(element) };
    cells.set(element.id, cell);
    (columns[columnOf.get(element.id)!] ??= []).push(cell);
  }
  const routes = [...graph.connections.values()].map((link) => routeOf(link, cells, columns, columnOf));
  return { cells, routes, ...place(columns) };
}

/**
 * The column of every element: one more than the last of its feeders. Where only circles are left, the oldest element
 * goes first, and what still leads to it counts as leading back.
 */
function columnsOf(graph: Graph): Map<string, number> {
  const columns = new Map([...graph.elements.keys()].map((id) => [id, 0]));
  const out = new Map<string, string[]>([...columns.keys()].map((id) => [id, []]));
  const feeders = new Map(columns);
  for (const { source, sink } of graph.connections.values()) {
    out.get(source)!.push(sink);
    feeders.set(sink, feeders.get(sink)! + 1);
  }
  const waiting = new Set(columns.keys());
  const ready = [...waiting].filter((id) => feeders.get(id) === 0);
  while (waiting.size > 0) {
    const id = ready.shift() ?? waiting.values().next().value!;
    if (!waiting.delete(id)) continue;
    for (const sink of out.get(id)!.filter((each) => waiting.has(each))) {
      columns.set(sink, Math.max(columns.get(sink)!, columns.get(id)! + 1));
      feeders.set(sink, feeders.get(sink)! - 1);
      if (feeders.get(sink) === 0) ready.push(sink);
    }
  }
  return columns;
}

function routeOf(
  link: Connection,
  cells: Map<string, Cell>,
  columns: Cell[][],
  columnOf: Map<string, number>,
): Route {
  const from = columnOf.get(link.source)!;
  const to = columnOf.get(link.sink)!;
  const way = [cells.get(link.source)!];
  for (let column = from + 1; column < to; column++) {
    const passing: Cell = {
      element: null,
      before: [way[way.length - 1]],
      x: 0,
      y: 0,
      width: 0,
      height: passingHeight,
    };
    columns[column].push(passing);
    way.push(passing);
  }
  const sink = cells.get(link.sink)!;
  const back = to <= from;
  if (!back) sink.before.push(way[way.length - 1]);
  return { link, cells: [...way, sink], back };
}

function place(columns: Cell[][]): Size {
  const height = Math.max(0, ...columns.map(heightOf));
  let x = margin;
  for (const column of columns) {
    const width = Math.max(...column.map((cell) => cell.width));
    sortByFeeders(column);
    let y = margin + (height - heightOf(column)) / 2;
    for (const cell of column) {
      Object.assign(cell, { x, y, width });
      y += cell.height + rowGap;
    }
    x += width + columnGap;
  }
  return { width: Math.max(x - columnGap, margin) + margin, height: height + 2 * margin };
}

/** Puts each cell at the mean height of what leads to it, which undoes most crossings. Earlier columns are placed. */
function sortByFeeders(column: Cell[]): void {
  const wish = new Map(
    column.map((cell, index) => [cell, cell.before.length ? meanMiddle(cell.before) : index]),
  );
  column.sort((a, b) => wish.get(a)! - wish.get(b)!);
}

function meanMiddle(cells: Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.y + cell.height / 2, 0) / cells.length;
}

function heightOf(column: Cell[]): number {
  return column.reduce((sum, cell) => sum + cell.height + rowGap, -rowGap);
}
