import { publishAndWatch } from "./publish_and_watch.ts";

publishAndWatch("AV1");
