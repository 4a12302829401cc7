// Shows /openapi.json to people: groups of calls, their parameters, bodies, answers, and a curl line to try.
const methods = ["get", "post", "put", "patch", "delete"];
const content = document.getElementById("content");
let api;

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Text with `code` in backticks shown as such. */
function prose(text = "") {
  return text.split(/(`[^`]+`)/).map((part) =>
    part.startsWith("`") ? el("code", {}, part.slice(1, -1)) : part
  );
}

function resolve(node) {
  if (!node?.$ref) return node;
  const { $ref, ...own } = node;
  return { ...$ref.slice(2).split("/").reduce((at, step) => at[step], api), ...own };
}

const nameOf = (schema) => schema?.$ref?.split("/").at(-1);

/** A schema's type in a few words; named ones are links. */
function typeText(schema = {}) {
  if (schema.$ref) return el("a", { href: `#schema-${nameOf(schema)}` }, nameOf(schema));
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) {
    return el("span", {}, ...alternatives.flatMap((each, at) => [at ? " or " : "", typeText(each)]));
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) {
    return schema.enum.length > 12 ? "text" : schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  }
  if (schema.type === "array") return el("span", {}, "list of ", typeText(schema.items));
  const range = schema.minimum !== undefined || schema.maximum !== undefined
    ? ` ${schema.minimum ?? "…"}–${schema.maximum ?? "…"}`
    : "";
  const base = [schema.type ?? (schema.properties ? "object" : "anything")].flat().join(" or ");
  return `${base}${range}${schema.format ? ` (${schema.format})` : ""}`;
}

/** The fields of a schema as a list, nested ones below. */
function fields(schema, depth = 0) {
  if (!schema || depth > 5) return null;
  if (schema.type === "array") return fields(schema.items, depth + 1);
  if (schema.allOf) {
    return el(
      "div",
      {},
      ...schema.allOf.map((part) => part.$ref ? typeText(part) : fields(part, depth)),
    );
  }
  if (!schema.properties) return null;
  return el(
    "ul",
    { class: "fields" },
    ...Object.entries(schema.properties).map(([name, inner]) => {
      const must = schema.required?.includes(name) ? el("span", { class: "must" }, " required") : null;
      const more = inner.description ? [" ", el("span", { class: "soft" }, ...prose(inner.description))] : [];
      const initial = inner.default === undefined ? "" : ` = ${JSON.stringify(inner.default)}`;
      const head = [el("code", { class: "name" }, name), must, " ", typeText(inner), initial];
      return el("li", {}, ...head, ...more, fields(inner, depth + 1));
    }),
  );
}

/** A value that fits the schema: given examples first, else one made up from its required fields. */
function example(schema, depth = 0) {
  const found = resolve(schema) ?? {};
  if (found.examples) return found.examples[0];
  if (found.default !== undefined) return found.default;
  if (found.const !== undefined) return found.const;
  if (found.enum) return found.enum[0];
  const alternative = found.oneOf ?? found.anyOf;
  if (alternative) return example(alternative[0], depth);
  if (found.properties) {
    const required = found.required ?? (depth === 0 ? Object.keys(found.properties).slice(0, 2) : []);
    return Object.fromEntries(required.map((name) => [name, example(found.properties[name], depth + 1)]));
  }
  const simple = { array: [], object: {}, integer: found.minimum ?? 0, number: 0, boolean: true, null: null };
  return simple[[found.type].flat()[0]] ?? "…";
}

function curl(method, path, operation) {
  const verb = method === "get" ? "-N" : `-X ${method.toUpperCase()}`;
  const lines = [`curl ${verb} "${location.origin}${path}"`];
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type) lines.push(`-H "Content-Type: ${type}"`);
  if (type?.endsWith("json")) {
    lines.push(`-d '${JSON.stringify(example(media.schema), null, 1).replaceAll(/\n */g, " ")}'`);
  } else if (type) lines.push(`--data-binary @offer.sdp`);
  return lines.join(" \\\n  ");
}

function snippet(text) {
  const button = el("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  });
  return el("div", { class: "snippet" }, el("pre", {}, text), button);
}

function section(title, ...inner) {
  return inner.some((each) => each) ? [el("h4", {}, title), ...inner] : [];
}

function parameterList(parameters) {
  if (parameters.length === 0) return null;
  return el(
    "ul",
    { class: "fields" },
    ...parameters.map((parameter) =>
      el(
        "li",
        {},
        el("code", { class: "name" }, parameter.name),
        " ",
        el("span", { class: "soft" }, `in ${parameter.in}`),
        parameter.required ? el("span", { class: "must" }, " required") : null,
        " ",
        typeText(parameter.schema),
        " ",
        el("span", { class: "soft" }, ...prose(parameter.description)),
      )
    ),
  );
}

function bodyView(body) {
  if (!body) return [];
  const [[type, media]] = Object.entries(body.content);
  const kind = el(
    "p",
    { class: "soft" },
    `${Object.keys(body.content).join(" or ")} `,
    media.schema?.$ref ? typeText(media.schema) : "",
  );
  return section(
    body.required ? "Body (required)" : "Body",
    kind,
    type.endsWith("json") ? fields(resolve(media.schema)) : null,
  );
}

function answers(responses) {
  return el(
    "ul",
    { class: "fields" },
    ...Object.entries(responses).map(([status, response]) => {
      const schema = Object.values(resolve(response).content ?? {})[0]?.schema;
      const shown = Number(status) < 400 && schema?.$ref ? [" ", typeText(schema)] : [];
      return el(
        "li",
        {},
        el("code", { class: "name" }, status),
        " ",
        ...prose(response.description),
        ...shown,
      );
    }),
  );
}

function callView(path, method, item) {
  const operation = item[method];
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
  const view = el(
    "details",
    { class: "call", id: operation.operationId },
    el(
      "summary",
      {},
      el("span", { class: `method ${method}` }, method.toUpperCase()),
      el("code", {}, path),
      el("span", { class: "what" }, operation.summary),
    ),
  );
  view.dataset.text = `${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
  view.addEventListener("toggle", () => {
    if (view.children.length > 1) return;
    view.append(
      el(
        "div",
        { class: "inside" },
        el("p", {}, ...prose(operation.description)),
        ...section("Parameters", parameterList(parameters)),
        ...bodyView(operation.requestBody),
        ...section("Answers", answers(operation.responses)),
        ...section("Try it", snippet(curl(method, path, operation))),
      ),
    );
  });
  return view;
}

function groupView({ name, description }) {
  const calls = Object.entries(api.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]?.tags.includes(name)).map((method) =>
      callView(path, method, item)
    )
  );
  return [
    el("h2", { id: `group-${name}` }, name),
    el("p", { class: "group soft" }, ...prose(description)),
    ...calls,
  ];
}

function schemaView([name, schema]) {
  const view = el(
    "details",
    { class: "call", id: `schema-${name}` },
    el("summary", {}, el("code", {}, name)),
    el(
      "div",
      { class: "inside" },
      el("p", {}, ...prose(schema.description)),
      fields(schema) ?? typeText(schema),
    ),
  );
  view.dataset.text = name.toLowerCase();
  return view;
}

function errorViews() {
  return Object.entries(api.components.responses).flatMap(([name, { description }]) =>
    [...description.matchAll(/`(\w+)`: ([^;]+)/g)].map(([, code, title]) => {
      const row = el(
        "div",
        { class: "code-row", id: `error-${code}` },
        el("code", { class: "name" }, code),
        ` ${title} `,
        el("span", { class: "soft" }, name.replace("Problem", "")),
      );
      row.dataset.text = code;
      return row;
    })
  );
}

/** Opens and shows what the address points to. */
function showTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === "DETAILS") target.open = true;
  target?.scrollIntoView();
}

function render() {
  document.getElementById("version").textContent = api.info.version;
  const groups = [...api.tags.map((tag) => tag.name), "Errors", "Schemas"];
  document.getElementById("groups").append(
    ...groups.map((name) => el("a", { href: `#group-${name}` }, name)),
    el("a", { href: "/openapi.json" }, "openapi.json"),
  );
  const intro = api.info.description.split("\n\n").map((part) => el("p", {}, ...prose(part)));
  const token = el(
    "p",
    { class: "soft" },
    "Where a token is set, add ",
    el("code", {}, '-H "Authorization: Bearer $TOKEN"'),
    ".",
  );
  content.replaceChildren(
    ...intro,
    token,
    ...api.tags.flatMap(groupView),
    el("h2", { id: "group-Errors" }, "Errors"),
    ...errorViews(),
    el("h2", { id: "group-Schemas" }, "Schemas"),
    ...Object.entries(api.components.schemas).map(schemaView),
  );
}

document.getElementById("search").addEventListener("input", ({ target }) => {
  const wanted = target.value.trim().toLowerCase();
  for (const node of content.querySelectorAll("[data-text]")) {
    node.hidden = !node.dataset.text.includes(wanted);
  }
});
addEventListener("hashchange", showTarget);

try {
  api = await (await fetch("/openapi.json")).json();
  render();
  showTarget();
} catch (error) {
  content.replaceChildren(
    el("p", {}, `Cannot show the document: ${error.message}. Reload, or see /openapi.json.`),
  );
}
