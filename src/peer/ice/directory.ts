/** Who finds this agent for a datagram on the shared port. */
export interface IceDirectory {
  addUfrag(ufrag: string): void;
  dropUfrag(ufrag: string): void;
  /** It is an agent's on this port. */
  hasUfrag(ufrag: string): boolean;
  addCheck(transactionId: string): void;
  dropCheck(transactionId: string): void;
}
