// The arithmetic of one number by itself.

import { readColorTable } from "../shared/colors.js";
import { mountComponent } from "../shared/mount.js";
import { showSum } from "../shared/sums.js";
import { isDarkTheme } from "../shared/theme.js";

/**
 * @typedef {object} Payload
 * @property {any} sum What figures.sums.pack_sum packed.
 * @property {import("../shared/colors.js").Scales} colors Colour scales.
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
    const table = readColorTable(data.colors.signed[isDarkTheme(root) ? "dark" : "light"]);
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
