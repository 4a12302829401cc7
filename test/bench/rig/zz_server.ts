import "../../../src/main.ts";
