// Run as a process of its own: a viewer that a test can kill, so that it vanishes without a goodbye.
import { watch } from "./libdatachannel.ts";

const viewer = await watch({ whepUrl: Deno.args[0] });
console.log(viewer.location);
// Keeps the process alive; the viewer works on threads of its own.
setInterval(() => {}, 1000);
