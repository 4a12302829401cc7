import { AppError } from "../base/mod.ts";

/** Why an SdpEndpoint does not do what it is asked for. */
export const sdpRefusals = {
  negotiated: () =>
    new AppError(
      "endpoint_negotiated",
      "Cannot negotiate: this endpoint has a session already, create another endpoint or end the session",
    ),
  answerWithoutOffer: () =>
    new AppError(
      "offer_not_generated",
      "Cannot process an answer: this endpoint has made no offer, call generateOffer first",
    ),
  secondAnswer: () =>
    new AppError(
      "answer_processed",
      "Cannot process an answer: the offer of this endpoint has its answer already, create another endpoint",
    ),
  keyframe: () =>
    new AppError(
      "operation_not_supported",
      "Cannot request a keyframe: no video flows into this element, ask at an element that watches one",
    ),
};

/** The description of one side, which must be there by now. */
export function described(description: string | null | undefined, side: "local" | "remote"): string {
  if (description) return description;
  throw new AppError(
    "endpoint_not_negotiated",
    `Cannot give the ${side} session description: there is none before negotiation`,
  );
}
