import { bearer, demandOk } from "./session.js";

const $ = (id) => document.getElementById(id);

/** Lists the streams, live ones first, while the page is seen; `choose` is called with the name of one pressed. */
export async function showStreams(choose) {
  if (document.hidden) return;
  try {
    const rows = await readStreams();
    const focused = document.activeElement?.dataset.name;
    $("streams").replaceChildren(...rows.map((stream) => row(stream, choose)));
    if (focused) $("streams").querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
    $("streams-note").textContent = rows.length === 0 ? "None yet. Publish one, and it appears here." : "";
  } catch (error) {
    $("streams").replaceChildren();
    const closed = error.status === 401 || error.status === 403;
    $("streams-note").textContent = closed
      ? "This server shows its list to local programs, or with the API token (see Tokens below). " +
        "A stream whose name you know can be watched all the same."
      : "The list cannot be read now.";
  }
}

/** Every stream: {name, live, viewers}. */
async function readStreams() {
  const [pipelines, sessions] = await Promise.all([
    list("v1/pipelines?limit=200"),
    list("v1/sessions?limit=1000"),
  ]);
  const count = (kind, name) => sessions.filter((each) => each.kind === kind && each.stream === name).length;
  const streams = pipelines.map(({ name }) => ({
    name,
    live: count("whip", name) > 0,
    viewers: count("whep", name),
  }));
  return streams.sort((a, b) => b.live - a.live || a.name.localeCompare(b.name));
}

async function list(path) {
  const response = await demandOk(await fetch(path, { headers: bearer($("api-token").value) }));
  return (await response.json()).items;
}

function row({ name, live, viewers }, choose) {
  const part = (tag, textContent, className = "") =>
    Object.assign(document.createElement(tag), { textContent, className });
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.name = name;
  button.append(part("b", name), part("span", live ? "Live" : "Not live", live ? "live" : ""));
  if (viewers > 0) button.append(part("span", viewers === 1 ? "1 viewer" : `${viewers} viewers`));
  button.addEventListener("click", () => choose(name));
  const item = document.createElement("li");
  item.append(button);
  return item;
}
