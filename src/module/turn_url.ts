import { ADDRESS_WORDS, parseAddress } from "../base/mod.ts";
import type { IceOptions } from "../peer/mod.ts";

type TurnServer = NonNullable<IceOptions["turnServer"]>;

/**
 * Reads `user:password@address:port?transport=udp|tcp|tls`, Kurento's form of a TURN URL; the transport is UDP where it
 * is left out. Null when the text has another form, or a name in place of an IP address.
 */
export function readTurnUrl(url: string): TurnServer | null {
  const form = /^([^:@\s]+):([^@\s]+)@(\[[^\]]+\]|[^:[\]]+):(\d{1,5})(?:\?transport=(udp|tcp|tls))?$/;
  const match = form.exec(url);
  if (!match) return null;
  const [, username, credential, host, digits, transport = "udp"] = match;
  const address = host.replace(/^\[|\]$/g, "");
  const port = Number(digits);
  const isAddress = parseAddress(address, new Uint32Array(ADDRESS_WORDS));
  if (!isAddress || port < 1 || port > 65_535) return null;
  return { address, port, transport: transport as TurnServer["transport"], username, credential };
}
