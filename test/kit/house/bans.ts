import { lineOf, type SourceFile } from "./source_file.ts";

interface Ban {
  pattern: RegExp;
  /** Paths below src/, or rooms with a slash at the end, where it is at home. */
  home: string[];
  instead: string;
  /** Looks at comments and strings too. */
  inText?: boolean;
}

const clock = { home: ["base/clock.ts"], instead: "take a Clock or nowMs (base/clock.ts)" };
const native = { home: ["native/"], instead: "go through native/mod.ts" };

/** Media has its sockets in native/; FFmpeg's own TCP is led through a door in its process, which looks where it goes. */
const sockets = { home: [...native.home, "frame/worker/play/local_door.ts"], instead: native.instead };

const child = { home: ["frame/worker_process.ts"], instead: "frame/ has the only child processes" };
/** Standard input and output of the server belong to whoever started it; a frame worker is controlled by its own. */
const standard = { home: ["frame/worker/main.ts"], instead: "use createLog (base/log.ts)" };

const bans: Ban[] = [
  { pattern: /\bDeno\.(Command|kill)\b/g, ...child },
  { pattern: /["']node:child_process["']/g, inText: true, ...child },
  { pattern: /\bDeno\.(stdin|stdout|stderr)\b/g, ...standard },
  { pattern: /\bDeno\.(dlopen|Unsafe\w+)/g, ...native },
  { pattern: /\bDeno\.(listen|listenDatagram|connect)\b/g, ...sockets },
  { pattern: /["']node:dgram["']/g, inText: true, ...native },
  { pattern: /\bDeno\.env\b/g, home: ["config.ts"], instead: "take a setting from config.ts" },
  { pattern: /\bprocess\.env\b/g, home: [], instead: "take a setting from config.ts" },
  { pattern: /\bDate\.now\b/g, ...clock },
  { pattern: /\bnew Date\(\s*\)/g, home: ["base/log.ts"], instead: clock.instead },
  { pattern: /\bperformance\.now\b/g, ...clock },
  { pattern: /\b(setTimeout|setInterval)\s*\(/g, ...clock },
  { pattern: /\bconsole\./g, home: ["base/log.ts", "main.ts"], instead: "use createLog (base/log.ts)" },
  { pattern: /\bMath\.random\b/g, home: [], instead: "use base/ids.ts" },
  { pattern: /\b(TODO|FIXME|XXX)\b/g, home: [], instead: "do it, or open an issue", inText: true },
];

/** Calls that are at home in one place only, each with what to use instead. */
export function checkBans(files: SourceFile[]): string[] {
  return files.filter((file) => !file.isTest).flatMap((file) => bans.flatMap((ban) => applyBan(file, ban)));
}

function applyBan(file: SourceFile, ban: Ban): string[] {
  if (ban.home.some((home) => home.endsWith("/") ? file.path.startsWith(home) : file.path === home)) {
    return [];
  }
  const found = [...(ban.inText ? file.text : file.code).matchAll(ban.pattern)];
  return found.map((match) => {
    const what = match[0].replace(/\s*\($/, "");
    return `${file.path}:${lineOf(file.text, match.index)} uses ${what}: ${ban.instead}`;
  });
}

/** Messages of AppError are for people who must act: capital, active, no full stop. */
export function checkMessages(files: SourceFile[]): string[] {
  const form = /new AppError\(\s*"\w+",\s*(["`])((?:\\.|(?!\1)[^\\])*)\1/g;
  return files.filter((file) => !file.isTest).flatMap((file) =>
    [...file.text.matchAll(form)].flatMap((match) => {
      const message = match[2];
      if (/^([A-Z]|\$\{)/.test(message) && !message.endsWith(".")) return [];
      const at = `${file.path}:${lineOf(file.text, match.index)}`;
      return [`${at} says "${message}": begin with a capital and end without a full stop`];
    })
  );
}
