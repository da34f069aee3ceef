// Kernels as tables of coloured numbers.

import { mountComponent } from "../shared/mount.js";
import { showGrid } from "../shared/sums.js";
import { readTables } from "../shared/theme.js";

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {{ name: string, rows: number[][] }[]} grids Names and rows of the kernels.
 * @property {number} limit The magnitude that gets the end of the colour scale.
 */

const WIDEST = 15; // a wider kernel is painted without its numbers

/**
 * @param {HTMLElement} root
 */
function createNumbers(root) {
  /** @type {Payload} */
  let data = null;

  function paint() {
    const table = readTables(root, data.tables).signed;
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
