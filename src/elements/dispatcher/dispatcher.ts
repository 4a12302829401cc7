import {
  type ElementContext,
  type ElementInstance,
  gives,
  keep,
  requirePorts,
  reroute,
} from "../../module/mod.ts";

/** By id of the port that gives the media, the port that takes it. */
type Routes = Readonly<Record<string, string>>;

/** Holds nothing itself: what is kept are the routes, so that they outlive the process and end with a failed turn. */
export function createDispatcher(ctx: ElementContext): ElementInstance {
  const routes = () => (ctx.kept().routes ?? {}) as Routes;
  const change = (to: Routes) => [keep({ routes: to }), reroute()];
  return {
    operations: {
      connect: ({ source, sink }: { source: string; sink: string }) => {
        requirePorts(ctx, source, sink);
        return gives(null, ...change({ ...routes(), [sink]: source }));
      },
    },
    route: (portId, media) => media === "data" ? null : routes()[portId] ?? null,
    onPortGone: (portId) => {
      const all = Object.entries(routes());
      const left = all.filter(([sink, source]) => sink !== portId && source !== portId);
      return left.length === all.length ? [] : change(Object.fromEntries(left));
    },
  };
}
