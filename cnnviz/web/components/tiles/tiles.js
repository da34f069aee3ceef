// Pictures of maps and kernels in the colours of the visitor's theme, side by side.

import { decodeBytes } from "../shared/colors.js";
import { build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { createMapPainter, gridOf } from "../shared/paint.js";
import { readTables } from "../shared/theme.js";

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {import("../strip/strip.js").Panel[]} panels The pictures; of each the first moment.
 * @property {string} label All of them in words.
 * @property {number} least Smallest width of one in CSS pixels.
 */

const FINEST = 4; // CSS pixels a cell before the style sheet stretches the picture

/**
 * @param {import("../strip/strip.js").Panel} panel
 * @param {Record<string, import("../shared/colors.js").ColorTable>} tables
 */
function createTile(panel, tables) {
  const canvas = build("canvas");
  const painter = createMapPainter(canvas);
  const tile = build("div", { class: "tile" });
  if (panel.title) tile.append(build("b", {}, panel.title));
  tile.append(canvas);
  if (panel.note) tile.append(build("span", {}, panel.note));
  return {
    tile,
    paint() {
      const { maps, rows, columns, across } = panel;
      const cell = Math.max(FINEST, Math.ceil(120 / (columns * Math.min(across, 4))));
      painter.resize(gridOf({ maps, rows, columns, across, cell, gap: across > 1 ? cell + 2 : 0 }));
      painter.frame(getComputedStyle(canvas).color);
      // Ink comes as bytes from 0 to 255, less 128; signed values have their zero at 0.
      painter.paint(decodeBytes(panel.frames[0]), tables[panel.scale].pixels);
      canvas.style.width = canvas.style.height = "";
    },
  };
}

/**
 * @param {HTMLElement} root
 */
function createTiles(root) {
  /** @type {Payload} */
  let data = null;

  function paint() {
    const tables = readTables(root, data.tables);
    const tiles = data.panels.map((panel) => createTile(panel, tables));
    root.replaceChildren(...tiles.map(({ tile }) => tile));
    tiles.forEach(({ paint: paintTile }) => paintTile());
  }

  /** @param {Payload} next */
  function update(next) {
    data = next;
    root.setAttribute("aria-label", data.label);
    root.classList.toggle("single", data.panels.length === 1);
    root.style.setProperty("--least", `${data.least}px`);
    paint();
  }

  return { update, repaint: paint };
}

export default mountComponent(".tiles", createTiles);
