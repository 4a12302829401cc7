export { KurentoDoor } from "./door.ts";
export { register } from "./registrar.ts";
export type { KurentoSettings } from "./settings.ts";
