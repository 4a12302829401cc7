/** Where the inspector of a benched server listens. */
const PORT = 18229;

/** Puts V8's inspector into a server; for `recordJavaScript`. */
export const inspectFlag = `--inspect=127.0.0.1:${PORT}`;

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

interface CpuProfile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
  startTime: number;
  endTime: number;
}

const SAMPLE_US = 500;
const TOP = 30;

/**
 * V8's own CPU profile of the server's main thread during `work`: shares of one core, by function, first with all that
 * it calls, then by itself.
 */
export async function recordJavaScript(
  work: () => Promise<unknown>,
): Promise<{ withCallees: string[]; self: string[] }> {
  const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${PORT}/json`)).json();
  const ask = await openProtocol(webSocketDebuggerUrl);
  await ask("Profiler.enable");
  await ask("Profiler.setSamplingInterval", { interval: SAMPLE_US });
  await ask("Profiler.start");
  await work();
  return shares((await ask("Profiler.stop")).profile as CpuProfile);
}

type Ask = (method: string, params?: object) => Promise<Record<string, unknown>>;

async function openProtocol(url: string): Promise<Ask> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  };
  let next = 1;
  return (method, params = {}) =>
    new Promise((resolve) => {
      waiting.set(next, resolve);
      socket.send(JSON.stringify({ id: next++, method, params }));
    });
}

function shares({ nodes, samples, timeDeltas, startTime, endTime }: CpuProfile) {
  const selfUs = new Map<number, number>();
  samples.forEach((id, i) => selfUs.set(id, (selfUs.get(id) ?? 0) + timeDeltas[i]));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  const whole = new Map<string, number>();
  const walk = (node: ProfileNode, above: Set<string>): number => {
    const name = nameOf(node);
    const own = selfUs.get(node.id) ?? 0;
    const isOutermost = !above.has(name);
    if (isOutermost) above.add(name);
    let us = own;
    for (const child of node.children ?? []) us += walk(byId.get(child)!, above);
    if (isOutermost) above.delete(name);
    self.set(name, (self.get(name) ?? 0) + own);
    if (isOutermost) whole.set(name, (whole.get(name) ?? 0) + us);
    return us;
  };
  walk(nodes[0], new Set());
  const totalUs = endTime - startTime;
  return { withCallees: ranked(whole, totalUs), self: ranked(self, totalUs) };
}

function nameOf({ callFrame }: ProfileNode): string {
  const file = callFrame.url.replace(/^.*\/(src|node_modules)\//, "");
  return `${callFrame.functionName || "(anonymous)"} ${file}:${callFrame.lineNumber + 1}`;
}

function ranked(us: Map<string, number>, totalUs: number): string[] {
  return [...us.entries()].sort(([, a], [, b]) => b - a).slice(0, TOP)
    .map(([name, each]) => `${(100 * each / totalUs).toFixed(1)} % ${name}`);
}
