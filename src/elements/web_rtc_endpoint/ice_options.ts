import { z } from "zod";
import { type ElementContext, type PeerWish, readTurnUrl } from "../../module/mod.ts";

type IceWish = NonNullable<PeerWish["ice"]>;

const isIPv4 = (text: string) => z.ipv4().safeParse(text).success;
const isIPv6 = (text: string) => z.ipv6().safeParse(text).success;
const isAddress = (text: string) => isIPv4(text) || isIPv6(text);

/** Text that may be empty for "none"; anything else has to be what `is` says. */
const text = (is: (text: string) => boolean, message: string) =>
  z.string().refine((value) => value === "" || is(value), { message });

const noName = "is no IP address; names are not looked up, give the address that the name has";

/** How properties that say where this side can be reached are written. */
export const iceSchemas = {
  stunServerAddress: text(isAddress, noName),
  turnUrl: text(
    (value) => readTurnUrl(value) !== null,
    'is not "user:password@address:port?transport=udp|tcp|tls" with an IP address (IPv6 in brackets)',
  ),
  externalIPv4: text(isIPv4, "is no IPv4 address"),
  externalIPv6: text(isIPv6, "is no IPv6 address"),
};

/** What the properties say, as it is now; what they leave open is the server's setting. */
export function iceOptionsOf(ctx: Pick<ElementContext, "property">): IceWish {
  const given = (name: string) => ctx.property(name) as string;
  const ice: IceWish = {};
  const interfaces = given("networkInterfaces").split(",").map((name) => name.trim()).filter(Boolean);
  if (interfaces.length > 0) ice.networkInterfaces = interfaces;
  if (given("externalIPv4") !== "") ice.externalIPv4 = given("externalIPv4");
  if (given("externalIPv6") !== "") ice.externalIPv6 = given("externalIPv6");
  if (given("stunServerAddress") !== "") {
    ice.stunServer = {
      address: given("stunServerAddress"),
      port: ctx.property("stunServerPort") as number,
    };
  }
  if (given("turnUrl") !== "") ice.turnServer = readTurnUrl(given("turnUrl"));
  if (ctx.property("iceTcp") === false) ice.tcp = false;
  return ice;
}
