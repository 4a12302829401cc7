import { describe, expect, test } from "vitest";
import { aConnection, aGraph, anElement } from "../../test/kit/graph.ts";
import { drawSvg, type Graph } from "./mod.ts";

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The boxes of a drawing in the order of the elements. */
function boxesOf(svg: string): Box[] {
  const pattern = /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g;
  return [...svg.matchAll(pattern)].map(([, x, y, width, height]) => ({
    x: Number(x),
    y: Number(y),
    width: Number(width),
    height: Number(height),
  }));
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function checkPicture(graph: Graph): Box[] {
  const svg = drawSvg(graph);
  const boxes = boxesOf(svg);
  const [, width, height] = /width="(\d+)" height="(\d+)" viewBox/.exec(svg)!.map(Number);
  expect(boxes).toHaveLength(graph.elements.size);
  expect(svg.match(/<path class="head"/g) ?? []).toHaveLength(graph.connections.size);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(boxes.filter((box) => box.x + box.width > width || box.y + box.height > height)).toEqual([]);
  expect(boxes.filter((box, index) => boxes.slice(index + 1).some((other) => overlap(box, other)))).toEqual(
    [],
  );
  return boxes;
}

describe("layout", () => {
  test("media flow from left to right and no boxes overlap", () => {
    const names = ["a", "b", "c", "d"];
    const boxes = checkPicture(aGraph(
      names.map((id) => anElement(id)),
      [
        aConnection("a", "b", "video"),
        aConnection("b", "d", "video"),
        aConnection("a", "d", "audio"),
        aConnection("a", "c", "video"),
      ],
    ));
    const [a, b, c, d] = boxes;
    expect(a.x).toBeLessThan(b.x);
    expect(b.x).toBe(c.x);
    expect(c.x).toBeLessThan(d.x);
  });

  test("circles, self-connections and lonely elements are drawn too", () => {
    checkPicture(aGraph(
      ["a", "b", "c", "lonely"].map((id) => anElement(id)),
      [
        aConnection("a", "b", "video"),
        aConnection("b", "c", "video"),
        aConnection("c", "a", "video"),
        aConnection("c", "c", "audio"),
      ],
    ));
  });

  test("an empty pipeline is an empty picture", () => expect(checkPicture(aGraph([]))).toEqual([]));

  test("a chain of a thousand elements and a fan-out to a thousand viewers", () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `e${index}`);
    const elements = ids.map((id) => anElement(id));
    checkPicture(aGraph(elements, ids.slice(1).map((id, index) => aConnection(ids[index], id, "video"))));
    checkPicture(aGraph(elements, ids.slice(1).map((id) => aConnection("e0", id, "video"))));
  });
});

describe("text", () => {
  test("names are escaped, long ones are shortened and whole in the tool tip", () => {
    const name = `</text><script>alert("x")</script>&${"y".repeat(50)}\u0000`;
    const svg = drawSvg(aGraph([anElement("a", { name })]));
    expect(svg).not.toContain("<script");
    expect(svg).not.toContain("\u0000");
    expect(svg).toContain(
      `&lt;/text&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;${"y".repeat(50)}`,
    );
    expect(svg).toMatch(/class="name"[^>]*>[^<]*…<\/text>/);
  });

  test("colours follow the page's scheme", () => {
    expect(drawSvg(aGraph([]))).toContain("@media (prefers-color-scheme: dark)");
  });
});
