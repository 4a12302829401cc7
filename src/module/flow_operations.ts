import { AppError } from "../base/mod.ts";
import { gives } from "./action.ts";
import type { ElementContext, OperationHandler } from "./instance.ts";

interface FlowQuestion {
  mediaType: "AUDIO" | "VIDEO" | "DATA";
  sinkMediaDescription?: string;
  sourceMediaDescription?: string;
}

/** Handlers of the flow questions that MediaElement declares; every element with pads spreads them into its own. */
export function flowOperations(ctx: ElementContext): Record<string, OperationHandler> {
  const flows = (direction: "in" | "out") => (question: FlowQuestion) => {
    const { mediaType, sinkMediaDescription, sourceMediaDescription } = question;
    if (mediaType === "DATA") throw noFlowOfData(direction);
    // Nothing flows at a pad that is not there, and every pad has the name "default".
    const pad = (direction === "in" ? sinkMediaDescription : sourceMediaDescription) ?? "default";
    return gives(pad === "default" && ctx.flowing(direction, mediaType === "AUDIO" ? "audio" : "video"));
  };
  return { isMediaFlowingIn: flows("in"), isMediaFlowingOut: flows("out") };
}

function noFlowOfData(direction: "in" | "out"): AppError {
  return new AppError(
    "value_unacceptable",
    `Media type DATA is not supported for MediaFlowing${direction === "in" ? "In" : "Out"}`,
  );
}
