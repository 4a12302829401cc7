import { AppError } from "../base/mod.ts";
import type { ElementContext } from "./instance.ts";

/** Throws hub_route_refused unless all of these are ports of the hub; for operations of hubs that are given ports. */
export function requirePorts(ctx: Pick<ElementContext, "ports">, ...portIds: string[]): void {
  const ports = ctx.ports();
  const stranger = portIds.find((portId) => !ports.includes(portId));
  if (stranger === undefined) return;
  throw new AppError(
    "hub_route_refused",
    `Cannot connect ports: "${stranger}" is no port of this hub, which has ${ports.length}; name one of its HubPorts`,
  );
}
