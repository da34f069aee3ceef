// A strip of maps: one canvas a panel, one dot a cell, enlarged by the style sheet. With several
// moments it plays them once and rests on the last.

import { decodeBytes } from "../shared/colors.js";
import { build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { readTables } from "../shared/theme.js";
import { formatProbability } from "../shared/values.js";

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} note
 * @property {"signed" | "ink"} scale
 * @property {number} maps
 * @property {number} rows
 * @property {number} columns
 * @property {number} across
 * @property {string[]} frames
 */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {Panel[]} panels The pictures, each with the same number of moments.
 * @property {string} label The picture in words.
 * @property {string} layout "flow" from left to right, "panels" side by side, "tiles" or "card".
 * @property {string[]} classes Names of the classes, empty without a guess.
 * @property {number[][]} probabilities Of each class, one list a moment.
 */

const PACE = 140; // milliseconds a moment
const PAUSE = 500; // before the first play, so that the eye finds the strip
// Letters that a third of a card has no room for: in a note, which may break, and in one word.
const LONG_NOTE = 9;
const LONG_WORD = 6;
const GAP = 1; // dots between maps, relative to small maps; larger maps get more


/**
 * How many panels of a card stand side by side, so that they are as large as they can be.
 * @param {Panel[]} panels
 * @returns {number}
 */
export function countColumns(panels) {
  if (panels.length < 3 && panels.every(({ maps, across }) => Math.min(maps, across) > 5)) return 1;
  const isLong = panels.some(
    ({ note }) =>
      note.length > LONG_NOTE || note.split(" ").some((word) => word.length > LONG_WORD),
  );
  if (panels.length <= 3) return Math.min(panels.length, isLong ? 2 : 3);
  return panels.length <= 4 ? 2 : Math.ceil(panels.length / 2);
}

/** @param {Panel} panel */
function createPanel(panel) {
  const root = build("div", { class: "panel" });
  const canvas = build("canvas", { class: "maps" });
  const gap = Math.max(GAP, Math.round(panel.columns / 10));
  const across = Math.min(panel.across, panel.maps);
  const down = Math.ceil(panel.maps / across);
  canvas.width = across * (panel.columns + gap) - gap;
  canvas.height = down * (panel.rows + gap) - gap;
  root.style.setProperty("--aspect", String(canvas.width / canvas.height));
  if (panel.title) root.append(build("span", { class: "title" }, panel.title));
  root.append(canvas);
  if (panel.note) root.append(build("span", { class: "note" }, panel.note));

  const context = canvas.getContext("2d");
  const image = context.createImageData(panel.columns, panel.rows);
  const size = panel.rows * panel.columns;
  const frames = panel.frames.map((frame) => decodeBytes(frame));

  /**
   * @param {number} moment
   * @param {ArrayLike<number>} table Red, green and blue by int8 + 128.
   */
  function paint(moment, table) {
    const values = frames[moment];
    for (let map = 0; map < panel.maps; map += 1) {
      for (let cell = 0; cell < size; cell += 1) {
        const at = 3 * (values[map * size + cell] + 128);
        image.data[4 * cell] = table[at];
        image.data[4 * cell + 1] = table[at + 1];
        image.data[4 * cell + 2] = table[at + 2];
        image.data[4 * cell + 3] = 255;
      }
      const left = (map % across) * (panel.columns + gap);
      const top = Math.floor(map / across) * (panel.rows + gap);
      context.putImageData(image, left, top);
    }
  }

  return { root, scale: panel.scale, paint };
}

/** @param {string[]} classes */
function createBars(classes) {
  const root = build("div", { class: "panel output" });
  root.append(build("span", { class: "title" }, "Output"));
  const body = build("div", { class: "bars" });
  const guess = build("span", { class: "guess" });
  const rows = classes.map((name) => {
    const row = build("div", { class: "row" });
    const bar = build("span", { class: "bar" });
    row.append(build("span", { class: "class" }, name), bar);
    body.append(row);
    return { row, bar };
  });
  const note = build("span", { class: "note" });
  const picture = build("div", { class: "verdict" });
  picture.append(body, guess);
  root.append(picture, note);

  /** @param {number[]} probabilities */
  function paint(probabilities) {
    const best = probabilities.indexOf(Math.max(...probabilities));
    rows.forEach(({ row, bar }, index) => {
      row.classList.toggle("best", index === best);
      bar.style.setProperty("--share", String(probabilities[index]));
    });
    guess.textContent = classes[best];
    note.textContent = formatProbability(probabilities[best]);
  }

  return { root, paint };
}

/**
 * @param {HTMLElement} host
 */
function createStrip(host) {
  /** @type {ReturnType<typeof createPanel>[]} */
  let panels = [];
  /** @type {ReturnType<typeof createBars> | null} */
  let bars = null;
  /** @type {Payload} */
  let data = null;
  /** @type {string | null} */
  let shown = null;
  let moment = 0;
  let timer = 0;

  function paint() {
    const tables = readTables(host, data.tables);
    for (const panel of panels) panel.paint(moment, tables[panel.scale].rgb);
    if (bars) bars.paint(data.probabilities[moment]);
  }

  function play() {
    moment += 1;
    paint();
    if (moment < data.panels[0].frames.length - 1) timer = setTimeout(play, PACE);
  }

  /** @param {Payload} next */
  function update(next) {
    const same = JSON.stringify(next.panels) === shown;
    data = next;
    if (same) return paint();
    clearTimeout(timer);
    shown = JSON.stringify(next.panels);
    host.className = `strip ${data.layout}`;
    host.style.setProperty("--columns", String(countColumns(data.panels)));
    host.setAttribute("aria-label", data.label);
    panels = data.panels.map(createPanel);
    bars = data.probabilities.length > 0 ? createBars(data.classes) : null;
    host.replaceChildren(...panels.map((panel) => panel.root), ...(bars ? [bars.root] : []));
    // On a narrow screen the flow turns after the third panel and before the output.
    if (data.layout === "flow") {
      panels[2].root.after(build("div", { class: "turn" }));
      bars.root.before(build("div", { class: "turn" }));
    }
    const last = data.panels[0].frames.length - 1;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || last === 0;
    moment = still ? last : 0;
    paint();
    if (!still) timer = setTimeout(play, PAUSE);
  }

  return { update, repaint: paint };
}

export default mountComponent(".strip", createStrip);
