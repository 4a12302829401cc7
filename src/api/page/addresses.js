const $ = (id) => document.getElementById(id);

/** URL of a stream's WHIP or WHEP endpoint. */
export const endpoint = (kind, name) => new URL(`${kind}/${encodeURIComponent(name)}`, document.baseURI).href;

/** Shows where programs reach the stream `name`, ready to be copied. */
export function showAddresses(name) {
  const whip = endpoint("whip", name);
  const page = new URL(`?watch=${encodeURIComponent(name)}`, document.baseURI).href;
  const rows = { "Publish (WHIP)": whip, "Watch (WHEP)": endpoint("whep", name), "Watch in a browser": page };
  $("address-name").textContent = name;
  $("addresses").replaceChildren(...Object.entries(rows).flatMap(([label, url]) => row(label, url)));
  // The muxer calls itself experimental, and then wants to be allowed.
  $("ffmpeg").textContent = "ffmpeg -re -i input.mp4 \\\n" +
    "  -c:v libx264 -profile:v baseline -bf 0 -g 30 -pix_fmt yuv420p \\\n" +
    `  -c:a libopus -ar 48000 -ac 2 \\\n  -strict experimental -f whip "${whip}"`;
}

function row(label, url) {
  const term = Object.assign(document.createElement("dt"), { textContent: label });
  const value = document.createElement("dd");
  const code = Object.assign(document.createElement("code"), { textContent: url });
  const copy = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  copy.setAttribute("aria-label", `Copy the address: ${label}`);
  copy.addEventListener("click", () => copyText(copy, code));
  value.append(code, copy);
  return [term, value];
}

/** An insecure origin has no clipboard; the selected text is then one key away from it. */
async function copyText(button, code) {
  getSelection().selectAllChildren(code);
  const written = navigator.clipboard?.writeText(code.textContent).then(() => "Copied", () => "Selected");
  button.textContent = await written ?? "Selected";
  setTimeout(() => button.textContent = "Copy", 1500);
}
