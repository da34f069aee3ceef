// Kernels as tables of coloured numbers.

import { readColorTable } from "../shared/colors.js";
import { mountComponent } from "../shared/mount.js";
import { showGrid } from "../shared/sums.js";
import { isDarkTheme } from "../shared/theme.js";

/**
 * @typedef {object} Payload
 * @property {{ name: string, rows: number[][] }[]} grids Names and rows of the kernels.
 * @property {number} limit The magnitude that gets the end of the colour scale.
 * @property {import("../shared/colors.js").Scales} colors Colour scales.
 */

const WIDEST = 15; // a wider kernel is painted without its numbers

/**
 * @param {HTMLElement} root
 */
function createNumbers(root) {
  /** @type {Payload} */
  let data = null;

  function paint() {
    const table = readColorTable(data.colors.signed[isDarkTheme(root) ? "dark" : "light"]);
    const look = { table, limit: data.limit, widest: WIDEST };
    const grids = data.grids.map(({ name, rows }) => showGrid(name, rows, look));
    root.querySelector(".grids").replaceChildren(...grids);
  }

  /** @param {Payload} next */
  function update(next) {
    data = next;
    paint();
  }

  return { update, repaint: paint };
}

export default mountComponent(".cell", createNumbers);
