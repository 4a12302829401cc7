import { afterEach, beforeEach, expect, test } from "vitest";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHouse, refusalOf, type TestHouse } from "../../../test/kit/house.ts";
import { Puppet } from "../../../test/kit/odd_elements.ts";
import { Jack, PatchBay } from "../../../test/kit/patch_bay.ts";

let house: TestHouse;
let folder: string;
let pipelineId = "";
let [puppet, tap, bay, jack] = ["", "", "", ""];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "kaskado-dot-"));
  house = await openHouse({ definitions: [Puppet, PatchBay, Jack], settings: { dotDir: folder } });
  const view = await house.commands.createPipeline({
    name: "studio",
    elements: [
      { type: "Puppet", name: "camera", properties: { volume: 3 } },
      { type: "PassThrough", name: "tap" },
      { type: "PatchBay", name: "bay" },
      { type: "Jack", name: "jack", options: { hub: "bay" } },
    ],
    connections: [{ source: "camera", sink: "tap" }],
  });
  pipelineId = view.id;
  [puppet, tap, bay, jack] = view.elements.map(({ id }) => id);
});
afterEach(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

const draw = async (id: string, details?: string) =>
  await house.commands.invoke(id, "getGstreamerDot", details ? { details } : {}) as string;

test("a pipeline is drawn whole, an element with what it is connected to, a hub with its ports", async () => {
  const shown = async (id: string) => {
    const drawn = await draw(id, "SHOW_MEDIA_TYPE");
    return [puppet, tap, bay, jack].filter((each) => drawn.includes(`"${each}" [label`));
  };
  expect(await shown(pipelineId)).toEqual([puppet, tap, bay, jack]);
  expect(await shown(puppet)).toEqual([puppet, tap]);
  expect(await shown(bay)).toEqual([bay, jack]);
  expect(await draw(pipelineId, "SHOW_MEDIA_TYPE")).toBe(house.commands.drawPipeline(pipelineId, "dot"));
});

test("the details tell more: changed values, all values, states and formats", async () => {
  house.plane.tell({ on: "sourceFormat", source: 2, codec: "VP8", format: "VP8/90000" });
  house.plane.tell({ on: "sourceFlow", source: 2, flowing: true });
  await house.quiet();
  const tells = async (details?: string) => {
    const drawn = await draw(puppet, details);
    return ["volume=3", "sendTagsInEvents=false", "flowing out: video", "VP8/90000"]
      .filter((text) => drawn.includes(text));
  };
  expect(await tells("SHOW_MEDIA_TYPE")).toEqual([]);
  expect(await tells("SHOW_NON_DEFAULT_PARAMS")).toEqual(["volume=3"]);
  expect(await tells("SHOW_FULL_PARAMS")).toEqual(["volume=3", "sendTagsInEvents=false"]);
  expect(await tells("SHOW_STATES")).toEqual(["flowing out: video"]);
  expect(await tells("SHOW_CAPS_DETAILS")).toEqual(["VP8/90000"]);
  expect(await tells("SHOW_ALL")).toEqual(["volume=3", "flowing out: video", "VP8/90000"]);
  expect(await tells()).toHaveLength(4);
  expect(await tells("SHOW_VERBOSE")).toHaveLength(4);
});

test("a drawing is written to a file of its own, where the server has a directory for it", async () => {
  expect(await house.commands.invoke(pipelineId, "dumpGstreamerDot", { details: "SHOW_ALL" })).toBeNull();
  house.clock.advance(1);
  await house.commands.invoke(bay, "dumpGstreamerDot", {});
  const files = readdirSync(folder).sort();
  expect(files).toEqual([
    expect.stringMatching(new RegExp(`^\\d{4}-[-.T\\d]+Z-MediaPipeline-${pipelineId}\\.dot$`)),
    expect.stringMatching(new RegExp(`^\\d{4}-[-.T\\d]+Z-PatchBay-${bay}\\.dot$`)),
  ]);
  expect(readFileSync(join(folder, files[0]), "utf8")).toBe(await draw(pipelineId, "SHOW_ALL"));
});

test("without a directory that takes files the drawing is refused", async () => {
  house.house.settings.dotDir = join(folder, "missing");
  const missing = await refusalOf(house.commands.invoke(tap, "dumpGstreamerDot", {}));
  house.house.settings.dotDir = null;
  const unset = await refusalOf(house.commands.invoke(tap, "dumpGstreamerDot", {}));
  expect([missing.code, unset.code]).toEqual(["operation_not_supported", "operation_not_supported"]);
  expect(missing.message).toContain("takes no file");
  expect(unset.message).toContain("set KASKADO_DOT_DIR");
});
