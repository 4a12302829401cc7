const $ = (id) => document.getElementById(id);

/** Picture size in pixels and bitrate in bit/s of each entry of the quality list. */
export const qualities = {
  360: { width: 640, height: 360, maxBitrate: 800_000 },
  720: { width: 1280, height: 720, maxBitrate: 2_500_000 },
  1080: { width: 1920, height: 1080, maxBitrate: 5_000_000 },
};

/** A MediaStream of the camera and microphone chosen in the form, or of the screen; throws an Error for a person. */
export async function capture(source, quality) {
  try {
    return await open(source, quality);
  } catch (error) {
    throw new Error(explain(error, source));
  }
}

function open(source, { width, height }) {
  const size = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
  if (source === "screen") return navigator.mediaDevices.getDisplayMedia({ video: size, audio: true });
  const chosen = (id) => $(id).value === "" ? {} : { deviceId: { exact: $(id).value } };
  const audio = $("microphone").value === "none" ? false : chosen("microphone");
  return navigator.mediaDevices.getUserMedia({ video: { ...size, ...chosen("camera") }, audio });
}

function explain({ name, message }, source) {
  if (name === "NotAllowedError") {
    return `The browser was not allowed to use the ${source}: permit it and try again.`;
  }
  if (name === "NotFoundError") {
    return "This device has no such camera or microphone: choose others and try again.";
  }
  if (name === "NotReadableError") {
    return `The ${source} is in use by another program: close that and try again.`;
  }
  return `The ${source} cannot be used: ${message}`;
}

/** Fills the lists of cameras and microphones; a browser names them only after it was permitted to use one. */
export async function listDevices() {
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  const named = devices.filter(({ label, deviceId }) => label !== "" && deviceId !== "default");
  fill("camera", named.filter(({ kind }) => kind === "videoinput"), []);
  fill("microphone", named.filter(({ kind }) => kind === "audioinput"), [new Option("None", "none")]);
}

function fill(id, devices, others) {
  const chosen = $(id).value;
  const options = devices.map(({ label, deviceId }) => new Option(label, deviceId));
  $(id).replaceChildren(new Option("The browser's choice", ""), ...options, ...others);
  $(id).value = [...$(id).options].some(({ value }) => value === chosen) ? chosen : "";
}

/** Pages of an insecure origin have no camera: says so, and what to do. */
export function explainInsecureOrigin() {
  if (navigator.mediaDevices) return;
  $("insecure").hidden = false;
  $("insecure").textContent =
    "Browsers give camera and screen only to https:// pages and to http://localhost, and this " +
    `is ${location.origin}. Open http://localhost:${
      location.port || 80
    }/ on the server's own machine, or put a proxy ` +
    "with a certificate before the server. OBS and FFmpeg can publish as it is, and watching works too.";
  for (const field of $("publish-form").elements) field.disabled = true;
}
