/** The other side broke the protocol, or asked for more than this side holds: the association must end. */
export class SctpFailure extends Error {}
