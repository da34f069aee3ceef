// Kernels as tables of coloured numbers.

import { readColorTable } from "../shared/colors.js";
import { mountComponent } from "../shared/mount.js";
import { showGrid } from "../shared/sums.js";
import { isDarkTheme } from "../shared/theme.js";

const WIDEST = 15; // a wider kernel is painted without its numbers

function createNumbers(root) {
  let data = null;

  function paint() {
    const table = readColorTable(data.colors.signed[isDarkTheme(root) ? "dark" : "light"]);
    const look = { table, limit: data.limit, widest: WIDEST };
    const grids = data.grids.map(({ name, rows }) => showGrid(name, rows, look));
    root.querySelector(".grids").replaceChildren(...grids);
  }

  function update(next) {
    data = next;
    paint();
  }

  return { update, repaint: paint };
}

export default mountComponent(".cell", createNumbers);
