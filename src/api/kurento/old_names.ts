/**
 * Names of Kurento 6 and what they are called since 7. They are taken wherever a client may say them; events that
 * were asked for by an old name are sent by it, with the old names of their fields beside the new ones.
 */
const events: Readonly<Record<string, string>> = {
  OnIceCandidate: "IceCandidateFound",
  OnIceGatheringDone: "IceGatheringDone",
  OnIceComponentStateChanged: "IceComponentStateChanged",
  IceComponentStateChange: "IceComponentStateChanged",
  MediaFlowInStateChange: "MediaFlowInStateChanged",
  MediaFlowOutStateChange: "MediaFlowOutStateChanged",
  MediaTranscodingStateChange: "MediaTranscodingStateChanged",
  OnDataChannelOpened: "DataChannelOpened",
  DataChannelOpen: "DataChannelOpened",
  OnDataChannelClosed: "DataChannelClosed",
  DataChannelClose: "DataChannelClosed",
};

const properties: Readonly<Record<string, string>> = {
  childs: "children",
  outputBitrate: "encoderBitrate",
  minOutputBitrate: "minEncoderBitrate",
  maxOutputBitrate: "maxEncoderBitrate",
  // Kurento 6 had both spellings.
  minOuputBitrate: "minEncoderBitrate",
  maxOuputBitrate: "maxEncoderBitrate",
  externalAddress: "externalIPv4",
};

const fields: Readonly<Record<string, string>> = { streamID: "streamId", componentID: "componentId" };
/** Complex values whose fields were renamed while nothing that carries them was: they tell both. */
const renamedInside = new Set(["IceCandidatePair"]);

/** Name of an event since Kurento 7. */
export function currentEvent(name: string): string {
  return Object.hasOwn(events, name) ? events[name] : name;
}

/** Adds the old names of an event's fields. */
export function withOldFields(data: Record<string, unknown>): Record<string, unknown> {
  const old = Object.entries(fields).filter(([, current]) => current in data);
  return { ...data, ...Object.fromEntries(old.map(([name, current]) => [name, data[current]])) };
}

/** The fields of a complex value, with their old names where clients of Kurento 6 cannot ask for those. */
export function withBothNames(type: string, data: Record<string, unknown>): Record<string, unknown> {
  return renamedInside.has(type) ? withOldFields(data) : data;
}

/** A getter or setter as it is called since Kurento 7, with the name of its parameter. */
export function currentAccess(
  operation: string,
  params: Readonly<Record<string, unknown>>,
): { operation: string; params: Readonly<Record<string, unknown>> } {
  const verb = operation.slice(0, 3);
  const old = operation.charAt(3).toLowerCase() + operation.slice(4);
  if ((verb !== "get" && verb !== "set") || !Object.hasOwn(properties, old)) return { operation, params };
  const isIPv6 = old === "externalAddress" && String(params[old] ?? "").includes(":");
  const name = isIPv6 ? "externalIPv6" : properties[old];
  const renamed = Object.entries(params).map(([key, value]) => [key === old ? name : key, value]);
  return { operation: verb + capitalised(name), params: Object.fromEntries(renamed) };
}

/** Kurento's rule for the names of getters and setters: the first letter becomes a capital, the rest stays. */
export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
