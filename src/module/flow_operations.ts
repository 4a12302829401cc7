import { gives } from "./action.ts";
import type { ElementContext, OperationHandler } from "./instance.ts";

/** Handlers of the operations that MediaElement declares; every element with pads spreads them into its own. */
export function flowOperations(ctx: ElementContext): Record<string, OperationHandler> {
  const flows = (direction: "in" | "out") => ({ mediaType }: { mediaType: "AUDIO" | "VIDEO" }) =>
    gives(ctx.flowing(direction, mediaType === "AUDIO" ? "audio" : "video"));
  return { isMediaFlowingIn: flows("in"), isMediaFlowingOut: flows("out") };
}
