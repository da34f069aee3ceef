// The arithmetic of one number by itself.

import { mountComponent } from "../shared/mount.js";
import { showSum } from "../shared/sums.js";
import { readTables } from "../shared/theme.js";

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {import("../shared/sums.js").Sum} sum What figures.sums packed.
 */

/**
 * @param {HTMLElement} root
 */
function createSum(root) {
  /** @type {HTMLElement} */
  const host = root.querySelector(".sum");
  /** @type {Payload} */
  let data = null;
  let shown = 0;

  function paint() {
    const table = readTables(root, data.tables).signed;
    root.dataset.value = String(data.sum.value);
    showSum(host, data.sum, {
      table,
      shown,
      onPart: (index) => {
        shown = index;
        paint();
      },
    });
  }

  /** @param {Payload} next */
  function update(next) {
    if (data?.sum.title !== next.sum.title) shown = 0;
    data = next;
    paint();
  }

  return { update, repaint: paint };
}

export default mountComponent(".cell", createSum);
