import type { IceServerLink } from "./settings.ts";

/** Values of one Link header per ICE server (RFC 9725 section 4.6). Throws with a sentence that names a faulty one. */
export function iceServerLinks(servers: readonly IceServerLink[]): string[] {
  return servers.map((server) => [target(server), 'rel="ice-server"', ...credentials(server)].join("; "));
}

function target({ url }: IceServerLink): string {
  if (!/^(stuns?|turns?):[^\s,;<>"]+$/.test(url)) {
    throw new Error(
      `Cannot announce ICE server "${url}": it is not a stun:, stuns:, turn: or turns: URL, correct the setting`,
    );
  }
  return `<${url}>`;
}

function credentials({ url, username, credential }: IceServerLink): string[] {
  if (username === undefined && credential === undefined) return [];
  const pair = [attribute("username", username ?? "", url), attribute("credential", credential ?? "", url)];
  return [...pair, 'credential-type="password"'];
}

/** OBS cuts Link headers at every comma and semicolon, quoted or not, so such credentials would reach it in pieces. */
function attribute(name: string, value: string, url: string): string {
  if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(value)) {
    throw new Error(
      `Cannot announce ICE server "${url}": its ${name} is empty or has blanks, quotes, backslashes, commas or ` +
        `semicolons, choose another ${name}`,
    );
  }
  return `${name}="${value}"`;
}
