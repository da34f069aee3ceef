// What a network makes of the camera's frames, one after the other: its classes, Grad-CAM of the
// first over the frame, and the strongest maps of a layer. Without a camera, of one image.

import { paintPanel } from "../overlay/overlay_paint.js";
import { createClient } from "../shared/client.js";
import { decodeBytes, decodeUnsigned, readColorTable } from "../shared/colors.js";
import { build, findIn } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { createMapPainter, gridOf } from "../shared/paint.js";
import { readTables } from "../shared/theme.js";
import { formatProbability } from "../shared/values.js";
import { encodeSquare, keepPlaces } from "./frame_size.js";
import { createStream } from "./stream.js";

/** @typedef {import("../shared/mount.js").Events} Events */
/** @typedef {import("../overlay/overlay_paint.js").Picture} Picture */

/** @typedef {import("../shared/colors.js").PackedImage} PackedImage */
/** @typedef {{ rows: number, columns: number, values: string }} PackedMaps Base64 of int8. */

/**
 * What a network makes of an image, as figures.camera packs it.
 * @typedef {object} Sight
 * @property {{ name: string, probability: number }[]} guesses
 * @property {(PackedMaps & { channels: number[] }) | null} maps
 * @property {(PackedMaps & { scale: number, limit: number }) | null} cam
 * @property {PackedImage | null} view What it sees, where the page does not know it.
 * @property {string} note
 */

/** @typedef {{ picture: Picture, sight: Sight }} Shown */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {string} network Name of the network.
 * @property {string} layer Name of the layer whose maps are shown.
 * @property {string} title And its title.
 * @property {number} side Of the square that is sent, in pixels.
 * @property {number} rows Of what the network sees in the square's middle.
 * @property {number} columns Of the same part.
 * @property {boolean} mirror Whether frames of a camera that looks at the visitor are mirrored.
 * @property {PackedImage | null} image What the network sees of the workbench's image.
 * @property {Sight | null} sight And what it makes of it.
 */

const SHOT_SIDE = 512; // of a frame that is kept while it is frozen
const RETRY_MS = 1000;
const RATE_MS = 2000;
const GAP = 6;
const NARROW = 640;
const GONE = "The server does not answer. The page tries again by itself.";
const HIDDEN = "The camera stopped while the page was hidden. Start it again.";
const PULLED = "The camera was disconnected. Connect it and start it again.";
const ON = "● Camera on";
/** @type {Record<string, string>} */
const SIGNS = { off: "Camera off", starting: "Starting …", live: ON, frozen: ON };

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createCamera(root, { trigger }) {
  const $ = findIn(root);
  const video = $("video");
  const stream = createStream(video, () => stop(PULLED));
  const painter = createMapPainter($("canvas.sheet"));
  const shot = document.createElement("canvas");
  const square = document.createElement("canvas");
  const name = `${Date.now()}.${Math.random()}`; // what tells this camera from others
  /** @type {Payload} */
  let data = null;
  let state = "off";
  let asked = "";
  /** @type {Shown} */
  let shown = null; // what is painted
  /** @type {number[]} */
  let places = [];
  let laid = ""; // how the maps lie
  /** @type {number[]} */
  let answers = []; // when they came
  let timer = 0;
  let frame = 0;

  const client = createClient("api/camera", { body: makeBody, onAnswer, onProblem, gone: GONE });
  const question = () => `${data.network} ${data.layer}`;

  // ---- from the camera to the server

  function makeBody() {
    if (state === "live") takeShot();
    if (state !== "live" && state !== "frozen") return null;
    asked = question();
    if (square.width !== data.side || square.height !== data.side) {
      square.width = square.height = data.side;
    }
    const context = square.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(shot, 0, 0, data.side, data.side);
    const { network, layer } = data;
    return { network, layer, image: encodeSquare(square), camera: name };
  }

  // The frame's middle square.
  function takeShot() {
    const { videoWidth: width, videoHeight: height } = video;
    const length = Math.min(width, height);
    const side = Math.min(length, Math.max(SHOT_SIDE, data.side));
    if (shot.width !== side || shot.height !== side) shot.width = shot.height = side;
    const context = shot.getContext("2d");
    context.imageSmoothingQuality = "high";
    const isMirrored = data.mirror && stream.settings().facingMode !== "environment";
    context.setTransform(isMirrored ? -1 : 1, 0, 0, 1, isMirrored ? side : 0, 0);
    const [left, top] = [(width - length) / 2, (height - length) / 2];
    context.drawImage(video, left, top, length, length, 0, 0, side, side);
  }

  // What the network sees of the square that was sent.
  function readImage() {
    const { side, rows, columns } = data;
    const [left, top] = [Math.round((side - columns) / 2), Math.round((side - rows) / 2)];
    const context = square.getContext("2d", { willReadFrequently: true });
    const dots = context.getImageData(left, top, columns, rows).data;
    const bytes = new Uint8Array(3 * rows * columns);
    for (let at = 0; at < rows * columns; at += 1) {
      for (let axis = 0; axis < 3; axis += 1) bytes[3 * at + axis] = dots[4 * at + axis];
    }
    return { rows, columns, channels: 3, bytes };
  }

  /** @param {Sight} sight */
  function onAnswer(sight) {
    if (state !== "live" && state !== "frozen") return;
    showProblem("");
    const isOther = asked !== question();
    if (!isOther) {
      shown = { picture: sight.view ? unpackImage(sight.view) : readImage(), sight };
      frame ||= requestAnimationFrame(paint);
    }
    // Only now: a frame is taken when the one before has been answered. It is on its way while that
    // one is painted.
    if (isOther || state === "live") client.request();
  }

  /** @param {string} sentence */
  function onProblem(sentence) {
    if (state === "off") return;
    showProblem(sentence);
    clearTimeout(timer);
    timer = setTimeout(client.request, RETRY_MS);
  }

  // ---- what is seen

  function paint() {
    frame = 0;
    if (state === "off") return;
    show(shown);
    root.dataset.frames = String(Number(root.dataset.frames) + 1);
    if (state === "live") showRate();
  }

  /** @param {Shown} next */
  function show(next) {
    shown = next;
    const { picture, sight } = shown;
    root.dataset.guess = sight.guesses[0]?.name ?? "";
    const heat = readColorTable(data.tables.dark.signed);
    const look = { heat, opacity: 0.9, signed: false, raw: false };
    paintPanel($("canvas.frame"), { kind: "picture" }, picture, look);
    const values = sight.cam && decodeBytes(sight.cam.values);
    const kind = sight.cam ? "map" : "picture";
    paintPanel($("canvas.heat"), { ...sight.cam, values, kind, smooth: true }, picture, look);
    const of = sight.cam ? `Grad-CAM: ${root.dataset.guess}` : "No Grad-CAM";
    const said = `Input ${picture.columns}×${picture.rows}`;
    $(".said").textContent = said;
    $(".of").textContent = of;
    $(".frame").setAttribute("aria-label", said);
    $(".heat").setAttribute("aria-label", of);
    $(".guesses").replaceChildren(...sight.guesses.map(makeGuess));
    $(".note").textContent = sight.note;
    showMaps(sight.maps);
  }

  /** @param {Sight["maps"]} maps */
  function showMaps(maps) {
    $(".layer").hidden = !maps;
    if (!maps) return;
    const { channels, rows, columns } = maps;
    places = keepPlaces(places, channels);
    const all = decodeBytes(maps.values);
    const values = new Int8Array(all.length);
    places.forEach((channel, place) => {
      const from = channels.indexOf(channel) * rows * columns;
      values.set(all.subarray(from, from + rows * columns), place * rows * columns);
    });
    const width = Math.floor($(".layer").getBoundingClientRect().width) - 2;
    if (width <= 0) return;
    const wanted = root.clientWidth < NARROW ? 4 : 8;
    const across = Math.min(wanted, channels.length);
    const cell = Math.floor((width + GAP) / wanted - GAP) / columns;
    const grid = { maps: channels.length, rows, columns, across, cell, gap: GAP };
    if (JSON.stringify(grid) !== laid) {
      laid = JSON.stringify(grid);
      painter.resize(gridOf(grid));
      painter.frame(getComputedStyle($(".rate")).color);
    }
    painter.paint(values, readTables(root, data.tables).signed.pixels);
    const told = `Strongest maps of ${data.title}: channels ${places.join(" · ")}`;
    $(".maps").textContent = told;
    $(".sheet").setAttribute("aria-label", told);
  }

  function showRate() {
    const now = performance.now();
    answers = [...answers.filter((at) => now - at < RATE_MS), now];
    const rate = ((answers.length - 1) * 1000) / (now - answers[0] || 1);
    $(".rate").textContent = answers.length > 2 ? `${rate.toFixed(1)} frames a second` : "";
  }

  /** @param {string} sentence */
  function showProblem(sentence) {
    $(".problem").textContent = sentence;
    $(".problem").hidden = sentence === "";
  }

  function showStill() {
    if (!data.sight) return;
    show({ picture: unpackImage(data.image), sight: data.sight });
  }

  // ---- states

  /** @param {string} next */
  function enter(next) {
    state = next;
    root.dataset.state = state;
    const isOn = state === "live" || state === "frozen";
    $(".start").textContent = state === "off" ? "Start camera" : "Stop camera";
    $(".freeze").textContent = state === "frozen" ? "Resume" : "Freeze";
    $(".freeze").hidden = !isOn;
    $(".send").hidden = state !== "frozen";
    $(".send").textContent = "Use on other pages";
    $("button.send").disabled = false;
    $(".which").hidden = !isOn || $("select.which").length < 2;
    $(".sign").textContent = SIGNS[state];
    answers = [];
    $(".rate").textContent = "";
  }

  async function start(device = "") {
    showProblem("");
    enter("starting");
    const problem = await stream.open(device);
    if (problem === null) return;
    if (problem) {
      stop(problem);
      return;
    }
    enter("live");
    client.request();
    await offerCameras();
  }

  async function offerCameras() {
    const cameras = await stream.list();
    if (state === "off") return;
    const options = cameras.map(({ deviceId, label }, at) =>
      build("option", { value: deviceId }, label || `Camera ${at + 1}`),
    );
    $(".which").replaceChildren(...options);
    $("select.which").value = stream.settings().deviceId ?? "";
    $(".which").hidden = cameras.length < 2;
  }

  function stop(sentence = "") {
    clearTimeout(timer);
    stream.close();
    enter("off");
    showProblem(sentence);
    showStill();
  }

  function toggleFreeze() {
    if (state === "live") {
      enter("frozen");
    } else {
      enter("live");
      client.request();
    }
  }

  function sendOn() {
    const url = shot.toDataURL("image/jpeg", 0.92);
    trigger("sent", url.slice(url.indexOf(",") + 1));
    $(".send").textContent = "✓ On the workbench";
    $("button.send").disabled = true;
  }

  // ---- life

  /** @param {Payload} next */
  function update(next) {
    const before = data && question();
    data = next;
    if (before !== question()) places = [];
    if (state === "off") showStill();
    else if (before !== question()) client.request();
  }

  function redraw() {
    laid = "";
    if (shown) show(shown);
  }
  const listening = new AbortController();
  const options = { signal: listening.signal };
  $(".start").addEventListener("click", () => (state === "off" ? start() : stop()), options);
  $(".freeze").addEventListener("click", toggleFreeze, options);
  $(".send").addEventListener("click", sendOn, options);
  $(".which").addEventListener("change", () => start($("select.which").value), options);
  const onHide = () => {
    if (document.hidden && state !== "off") stop(HIDDEN);
  };
  document.addEventListener("visibilitychange", onHide, options);
  window.addEventListener("pagehide", () => stream.close(), options);
  enter("off");

  function destroy() {
    listening.abort();
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    stream.close();
    client.close();
  }

  return { update, repaint: redraw, arrange: redraw, destroy };
}

/** @param {PackedImage} image @returns {Picture} */
function unpackImage(image) {
  return { ...image, bytes: decodeUnsigned(image.pixels) };
}

/** @param {{ name: string, probability: number }} guess */
function makeGuess({ name, probability }) {
  const share = build("div", { class: "share" });
  share.style.width = `${100 * probability}%`;
  return build(
    "li",
    {},
    build("span", {}, name),
    build("span", {}, formatProbability(probability)),
    build("div", { class: "track" }, share),
  );
}

export default mountComponent(".camera", createCamera);
