import { AppError } from "../../module/mod.ts";

/** Why an endpoint does not do what it is asked for. */
export const refusal = {
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
  sessionOver: () =>
    new AppError("session_not_found", "Cannot patch the session: it is over, start a new one"),
  wrongWay: (kind: "whip" | "whep") =>
    new AppError(
      "operation_not_supported",
      `Cannot start a session: this endpoint was made ${kind === "whip" ? "sendonly" : "recvonly"} and ` +
        `${kind} goes the other way, use an endpoint made without that option`,
    ),
};
