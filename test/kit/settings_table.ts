import { settings } from "../../src/config.ts";

/** The rows of the README's table of settings, made from the schema that the server reads them with. */
export function settingsTable(): string {
  return Object.values(settings).map(({ env, schema, doc }) => {
    const initial = schema.safeParse(undefined).data;
    return `| \`${env}\` | ${shown(initial)} | ${doc} |\n`;
  }).join("");
}

function shown(value: unknown): string {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return "–";
  if (Array.isArray(value)) return `\`${value.join(",")}\``;
  // A range.
  return `\`${typeof value === "object" ? Object.values(value as object).join("-") : value}\``;
}
