/** Who finds this agent for a datagram on the shared port. */
export interface IceDirectory {
  addUfrag(ufrag: string): void;
  dropUfrag(ufrag: string): void;
  addCheck(transactionId: string): void;
  dropCheck(transactionId: string): void;
}
