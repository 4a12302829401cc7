/** The packet plane: every RTP and RTCP packet in and out, in a thread of its own. */
export * from "./control.ts";
export { openPlane, type PlaneHandle } from "./open_plane.ts";
export { Plane, type PlaneOptions } from "./plane.ts";
