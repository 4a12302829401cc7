import { z } from "zod";
import {
  defineElement,
  gives,
  Hub,
  keep,
  objectOf,
  operation,
  requirePorts,
  reroute,
} from "../../module/mod.ts";

/** Gives the audio and video that enter one port to all ports, to that one as well. */
export default defineElement({
  type: "DispatcherOneToMany",
  module: "elements",
  extends: Hub,
  summary: "Gives what enters one port to every port, itself included, and changes that port when told",
  options: z.strictObject({}),
  operations: {
    setSource: operation("Chooses the port whose media all ports get", {
      input: z.strictObject({ source: objectOf("HubPort") }),
    }),
    removeSource: operation("Gives no port anything"),
  },
  create: (ctx) => {
    // Kept, not remembered: so it outlives the process, and ends with a turn that fails.
    const source = () => (ctx.kept().source ?? null) as string | null;
    const change = (to: string | null) => [keep({ source: to }), reroute()];
    return {
      operations: {
        setSource: ({ source: port }: { source: string }) => {
          requirePorts(ctx, port);
          return gives(null, ...change(port));
        },
        removeSource: () => gives(null, ...change(null)),
      },
      route: (_portId, media) => media === "data" ? null : source(),
      onPortGone: (portId) => portId === source() ? change(null) : [],
    };
  },
});
