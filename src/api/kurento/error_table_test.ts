import { expect, test, vi } from "vitest";
import { AppError, type ErrorCode, errorCodes } from "../../base/mod.ts";
import { rpcErrorOf } from "./error_table.ts";
import { RpcError } from "./rpc_error.ts";

const told = (code: ErrorCode, operation?: string) => {
  const { code: number, data, message } = rpcErrorOf(new AppError(code, "Cannot do it"), operation);
  return [number, (data as { type: string }).type, message];
};

/** Kurento's names of its numbers. */
const names: Record<number, string> = {
  40001: "MARSHALL_ERROR",
  40003: "UNEXPECTED_ERROR",
  40004: "CONNECT_ERROR",
  40005: "UNSUPPORTED_MEDIA_TYPE",
  40006: "NOT_IMPLEMENTED",
  40008: "MALFORMED_TRANSACTION",
  40009: "NOT_ENOUGH_RESOURCES",
  40101: "MEDIA_OBJECT_NOT_FOUND",
  40106: "MEDIA_OBJECT_EVENT_NOT_SUPPORTED",
  40107: "MEDIA_OBJECT_ILLEGAL_PARAM_ERROR",
  40108: "MEDIA_OBJECT_NOT_AVAILABLE",
  40110: "MEDIA_OBJECT_TAG_KEY_NOT_FOUND",
  40111: "MEDIA_OBJECT_OPERATION_NOT_SUPPORTED",
  40201: "SDP_PARSE_ERROR",
  40202: "SDP_END_POINT_NO_LOCAL_SDP_ERROR",
  40203: "SDP_END_POINT_NO_REMOTE_SDP_ERROR",
  40204: "SDP_END_POINT_GENERATE_OFFER_ERROR",
  40205: "SDP_END_POINT_PROCESS_OFFER_ERROR",
  40206: "SDP_END_POINT_PROCESS_ANSWER_ERROR",
  40208: "SDP_END_POINT_ALREADY_NEGOTIATED",
  40209: "SDP_END_POINT_NOT_OFFER_GENERATED",
  40210: "SDP_END_POINT_ANSWER_ALREADY_PROCCESED",
  40400: "ICE_GATHER_CANDIDATES_ERROR",
  40401: "ICE_ADD_CANDIDATE_ERROR",
  40500: "UNDEFINED",
  40700: "PLAYER_SEEK_FAIL",
};

test.each(Object.keys(errorCodes) as ErrorCode[])(
  "%s has one of Kurento's numbers with the name of it",
  (code) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const operations = [
      "",
      "generateOffer",
      "processAnswer",
      "getRemoteSessionDescriptor",
      "createDataChannel",
    ];
    for (const operation of operations) {
      const [number, type, message] = told(code, operation);
      expect(names[number as number]).toBe(type);
      expect(message).not.toBe("");
    }
  },
);

test.each<[ErrorCode, string, number, string]>([
  ["endpoint_not_negotiated", "getLocalSessionDescriptor", 40202, "No local SDP"],
  ["endpoint_not_negotiated", "getRemoteSessionDescriptor", 40203, "No remote SDP"],
  ["codec_mismatch", "processOffer", 40205, "Cannot do it"],
  ["codec_mismatch", "processAnswer", 40206, "Cannot do it"],
  ["sdp_unacceptable", "generateOffer", 40204, "Cannot do it"],
  ["body_invalid", "addIceCandidate", 40401, "Cannot do it"],
  ["body_invalid", "setName", 40107, "Cannot do it"],
  ["data_channel_failed", "createDataChannel", 40003, "Can not create data channel"],
  ["data_channel_failed", "closeDataChannel", 40003, "Cannot do it"],
  ["pipelines_differ", "connect", 40004, "Media elements do not share pipeline"],
  ["internal", "toString", 40003, "Cannot do it"],
])("%s of %s is %d %s", (code, operation, number, message) => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  expect(told(code, operation)).toEqual([number, names[number], message]);
});

test("what nobody foresaw is told without its cause, which is logged; Kurento's own errors stay", () => {
  const written = vi.spyOn(console, "error").mockImplementation(() => {});
  const hidden = rpcErrorOf(new TypeError("secret path /home/x"));
  expect(hidden).toMatchObject({ code: 40003, data: { type: "UNEXPECTED_ERROR" } });
  expect(hidden.message).not.toContain("secret");
  expect(written).toHaveBeenCalledWith(expect.stringContaining("secret"));
  const own = new RpcError(1, "own");
  expect(rpcErrorOf(own)).toBe(own);
});
