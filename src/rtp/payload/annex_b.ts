/** NAL units of an Annex B stream (ITU-T H.264 Annex B): what stands between start codes of three or four bytes. */
export function nalUnits(frame: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  let at = nextStartCode(frame, 0);
  while (at >= 0) {
    if (start >= 0) addUnit(units, frame, start, at);
    start = at + 3;
    at = nextStartCode(frame, start);
  }
  if (start >= 0) addUnit(units, frame, start, frame.length);
  return units;
}

function nextStartCode(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(1, from + 2);
  while (at >= 0) {
    if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
    at = bytes.indexOf(1, at + 1);
  }
  return -1;
}

/** Zero bytes before a start code belong to it, not to the unit: no unit ends with one. */
function addUnit(units: Uint8Array[], bytes: Uint8Array, start: number, end: number): void {
  let last = end;
  while (last > start && bytes[last - 1] === 0) last--;
  if (last > start) units.push(bytes.subarray(start, last));
}

/** The units with a start code of four bytes before each. */
export function annexB(units: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    bytes[at + 3] = 1;
    bytes.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return bytes;
}
