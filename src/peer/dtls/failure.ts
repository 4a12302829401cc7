/** Alert descriptions of RFC 5246 section 7.2 that this server sends or names. */
export const alerts = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  illegal_parameter: 47,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  internal_error: 80,
} as const;

/** The handshake cannot go on: the alert to send, and why in words for the log. Never leaves the dtls folder. */
export class HandshakeFailure extends Error {
  override name = "HandshakeFailure";
  constructor(readonly alert: keyof typeof alerts, message: string) {
    super(message);
  }
}

/** The name of an alert description, its number when it has none here. */
export function alertName(description: number): string {
  return Object.entries(alerts).find(([, value]) => value === description)?.[0] ?? `alert ${description}`;
}
