// Image + change = result, with the likeliest classes before and after. The slider moves
// through the results, all of which are here, without asking the server.

import { followChoice } from "../shared/chosen.js";
import { decodeUnsigned } from "../shared/colors.js";
import { build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { formatProbability } from "../shared/values.js";

/**
 * @typedef {object} Frame
 * @property {string} name
 * @property {string} pixels
 * @property {string} change
 * @property {string} scale
 * @property {[string, number][]} top
 * @property {string} verdict
 * @property {boolean} fooled
 * @property {string} note
 */

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Payload
 * @property {string} original Base64 of its bytes, row by row.
 * @property {number} height Rows of an image.
 * @property {number} width Columns of an image.
 * @property {[string, number][]} top Names and shares of the original's likeliest classes.
 * @property {string[]} titles Of the three images.
 * @property {string} image_note What stands below the first image.
 * @property {string} result_note What stands below the last one.
 * @property {string} slider What the slider changes, for screen readers.
 * @property {string} follows Under which name the chosen frame is told.
 * @property {number} start The frame to begin with.
 * @property {Frame[]} frames The positions of the slider.
 */

const BEAT = 180; // milliseconds a result when they are played

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} bytes
 * @param {{ width: number, height: number }} size
 */
function paintPicture(canvas, bytes, { width, height }) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  const channels = bytes.length / (width * height);
  for (let at = 0; at < width * height; at += 1) {
    for (let color = 0; color < 3; color += 1) {
      image.data[4 * at + color] = bytes[channels === 1 ? at : 3 * at + color];
    }
    image.data[4 * at + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/**
 * @param {HTMLElement} host
 * @param {[string, number][]} top
 * @param {string} before The top-1 class before the attack.
 */
function listGuesses(host, top, before) {
  const rows = top.map(([name, share]) => {
    const bar = build("i", {});
    bar.style.setProperty("--share", String(share));
    const row = build(
      "div",
      { class: name === before ? "guess before" : "guess" },
      build("span", { title: name }, name),
      bar,
      build("b", {}, formatProbability(share)),
    );
    return row;
  });
  host.replaceChildren(host.firstChild, ...rows);
}

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createAttack(root, { trigger }) {
  /** @type {Payload} */
  let data = null;
  /** @type {string | null} */
  let shown = null;
  let index = 0;
  let timer = 0;
  /** @type {string | null} */
  let held = null; // name of the frame that the visitor chose, while results still come in
  function choose() {
    held = data.frames[index].name;
    trigger("moved", index);
  }
  const canvases = [0, 1, 2].map(() => build("canvas", { role: "img" }));
  const notes = [0, 1, 2].map(() => build("p", { class: "small" }));
  const heads = [0, 1, 2].map(() => build("h4", {}));
  const panels = canvases.map((canvas, at) => build("div", { class: "panel" }, heads[at], canvas));
  const slider = build("input", { type: "range", min: "0", step: "1" });
  const label = build("output", {});
  const play = build("button", { type: "button" }, "Play");
  const verdict = build("p", { class: "verdict", "aria-live": "polite" });
  const before = build("div", {}, build("h4", {}, "Before"));
  const after = build("div", {}, build("h4", {}, "After"));
  root.append(
    build(
      "div",
      { class: "pictures" },
      panels[0],
      build("div", { class: "sign" }, "+"),
      panels[1],
      build("div", { class: "sign" }, "="),
      panels[2],
      notes[0],
      build("span", {}),
      notes[1],
      build("span", {}),
      notes[2],
    ),
    build("div", { class: "sweep" }, label, slider, play),
    verdict,
    build("div", { class: "lists" }, before, after),
  );

  function paint() {
    const frame = data.frames[index];
    paintPicture(canvases[1], decodeUnsigned(frame.change), data);
    paintPicture(canvases[2], decodeUnsigned(frame.pixels), data);
    notes[1].textContent = `${frame.scale}; ${frame.note}`;
    notes[2].textContent = data.result_note;
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", `${frame.name}. ${frame.verdict}`);
    label.textContent = frame.name;
    verdict.textContent = frame.verdict;
    verdict.classList.toggle("fooled", frame.fooled);
    after.classList.toggle("fooled-list", frame.fooled);
    listGuesses(after, frame.top, data.top[0][0]);
    canvases[1].setAttribute("aria-label", `The change, ${frame.scale}`);
    canvases[2].setAttribute("aria-label", `The changed image. ${frame.verdict}`);
    root.dataset.index = String(index);
  }

  /** @param {number} next */
  function move(next) {
    index = Math.max(0, Math.min(data.frames.length - 1, next));
    paint();
  }

  function rest() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }

  function start() {
    if (timer) {
      rest();
      choose();
      return;
    }
    play.textContent = "Pause";
    if (index === data.frames.length - 1) move(0);
    timer = setInterval(() => {
      if (index === data.frames.length - 1) {
        rest();
        choose();
      } else move(index + 1);
    }, BEAT);
  }

  /** @param {Payload} next */
  function update(next) {
    const same = JSON.stringify(next) === shown;
    data = next;
    if (!same) {
      shown = JSON.stringify(next);
      rest();
      slider.max = String(data.frames.length - 1);
      slider.setAttribute("aria-label", data.slider);
      data.titles.forEach((title, at) => {
        heads[at].textContent = title;
      });
      notes[0].textContent = data.image_note;
      canvases[0].setAttribute("aria-label", data.titles[0]);
      paintPicture(canvases[0], decodeUnsigned(data.original), data);
      listGuesses(before, data.top, data.top[0][0]);
      const kept = data.frames.findIndex((frame) => frame.name === held);
      move(kept < 0 ? data.start : kept);
    }
    readChoice();
  }

  const listening = new AbortController();
  slider.addEventListener("input", () => {
    rest();
    move(Number(slider.value));
  });
  slider.addEventListener("change", () => choose());
  play.addEventListener("click", start);
  // `read` is made with the first data, which tells under what name the choice comes.
  /** @type {(() => void) | null} */
  let read = null;
  function readChoice() {
    read ??= followChoice(
      data.follows,
      (/** @type {number} */ chosen) => {
        if (!timer) move(chosen);
      },
      { signal: listening.signal },
    );
    read();
  }
  return {
    update,
    destroy: () => {
      rest();
      listening.abort();
      root.replaceChildren();
    },
  };
}

export default mountComponent(".attack", createAttack);
