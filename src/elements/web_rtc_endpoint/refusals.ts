import { AppError } from "../../module/mod.ts";

/** Why an endpoint does not do what it is asked for, beside what every SdpEndpoint says. */
export const refusal = {
  sessionOver: () =>
    new AppError("session_not_found", "Cannot patch the session: it is over, start a new one"),
  wrongWay: (kind: "whip" | "whep") =>
    new AppError(
      "operation_not_supported",
      `Cannot start a session: this endpoint was made ${kind === "whip" ? "sendonly" : "recvonly"} and ` +
        `${kind} goes the other way, use an endpoint made without that option`,
    ),
};
