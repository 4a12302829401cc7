import type { Import, SourceFile } from "./source_file.ts";

/** The floor of every room. A room imports from lower floors only; rooms of one floor do not know each other. */
export const floors: Record<string, number> = {
  "main.ts": 7,
  "listen.ts": 6.5,
  "config.ts": 6,
  "api/rest": 6,
  "api/whip": 6,
  "api/kurento": 6,
  "api/post": 6,
  "api/sse": 6,
  "api/webhook": 6,
  "api/page": 6,
  "api/metrics": 6,
  // What all doors share: problem+json, bodies, CORS. A landing between two floors.
  "api/http": 5.5,
  command: 5,
  engine: 4,
  elements: 4,
  module: 3,
  plane: 2,
  frame: 2,
  peer: 2,
  store: 2,
  rtp: 1,
  graph: 1,
  event: 1,
  native: 1,
  base: 0,
  "version.ts": 0,
};

/** The files through which a room may be entered from outside; `mod.ts` where nothing else is said. */
const doors: Record<string, string[]> = { module: ["mod.ts", "stage.ts", "program.ts"] };

/** The back door: what finds the folders of elements is no business of those who write one. */
const backDoors: Record<string, string[]> = {
  "main.ts": ["module/load.ts"],
  "api/rest/write_openapi.ts": ["module/load.ts"],
};

/** Rooms that may import a package of npm; nobody else may. */
const importers: Record<string, string[]> = {
  werift: ["peer"],
  "drizzle-orm": ["store"],
  "better-sqlite3": ["store"],
  // FFmpeg reads what strangers send: it stays in processes of its own.
  "node-av": ["frame/worker/"],
  hono: ["main.ts", "api/"],
  zod: ["config.ts", "graph", "module", "elements/", "engine", "command", "api/", "store"],
};

/** Room of a path below src/: "plane", "api/rest", "elements/web_rtc_endpoint", "main.ts" (of its test too). */
export function roomOf(path: string): string {
  const [first, second] = path.split("/");
  if (second === undefined) return first.replace(/_test\.ts$/, ".ts");
  return first === "api" || first === "elements" ? `${first}/${second}` : first;
}

/** Imports go strictly down, and into a room only by its doors. */
export function checkFloors(files: SourceFile[]): string[] {
  return sources(files).flatMap((file) =>
    file.imports.flatMap((imported) => {
      const problem = imported.target === null
        ? null
        : checkImport(file.path, imported.target, imported.byUrl);
      return problem ? [problem] : [];
    })
  );
}

/** Packages of npm are imported by their room, by the bare name that deno.json gives; nothing comes from elsewhere. */
export function checkPackages(files: SourceFile[]): string[] {
  return sources(files).flatMap((file) =>
    file.imports.flatMap((imported) => {
      const problem = imported.target === null ? checkPackage(file.path, imported) : null;
      return problem ? [problem] : [];
    })
  );
}

const sources = (files: SourceFile[]) => files.filter((file) => !file.isTest);

function checkImport(path: string, target: string, byUrl: boolean): string | null {
  const from = roomOf(path);
  const to = roomOf(target);
  if (from === to) return null;
  // A folder or a file that is read, not a module that is run.
  if (byUrl && !target.endsWith(".ts")) return null;
  if (target.startsWith("../")) {
    return `${path} imports ${target}: what runs in src/ stands in src/`;
  }
  if (floorOf(from) === undefined) {
    return `${path} stands in ${from}: no such room, see the floors in ARCHITECTURE.md`;
  }
  if (!mayEnter(from, to)) {
    return `${path} imports ${target}: ${from} (floor ${floorOf(from)}) may import ${allowedFor(from)}`;
  }
  if (backDoors[path]?.includes(target)) return null;
  const entries = (doors[to] ?? ["mod.ts"]).map((door) => to.endsWith(".ts") ? to : `${to}/${door}`);
  return entries.includes(target)
    ? null
    : `${path} imports ${target}: ${to} is entered by ${entries.join(", ")}`;
}

function floorOf(room: string): number | undefined {
  return floors[room] ?? floors[room.split("/")[0]];
}

function mayEnter(from: string, to: string): boolean {
  if (from.startsWith("elements/")) return to === "module";
  return floorOf(to) !== undefined && floorOf(to)! < floorOf(from)!;
}

function allowedFor(from: string): string {
  if (from.startsWith("elements/")) return "the doors of module and its own folder";
  const lower = Object.keys(floors).filter((room) => floors[room] < floorOf(from)!);
  return lower.length > 0 ? lower.join(", ") : "nothing but itself";
}

function checkPackage(path: string, imported: Import): string | null {
  const { specifier } = imported;
  if (specifier.startsWith("node:")) return null;
  if (/^(npm|jsr|https?):/.test(specifier)) {
    return `${path} imports ${specifier}: only npm packages, by the bare name that deno.json gives`;
  }
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const rooms = importers[name];
  if (!rooms) return `${path} imports ${specifier}: no room may import ${name}`;
  const allowed = rooms.some((room) => room.endsWith("/") ? path.startsWith(room) : roomOf(path) === room);
  return allowed ? null : `${path} imports ${specifier}: only ${rooms.join(", ")} may import ${name}`;
}
