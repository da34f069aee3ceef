// The arithmetic of one number by itself.

import { readColorTable } from "../shared/colors.js";
import { mountComponent } from "../shared/mount.js";
import { showSum } from "../shared/sums.js";
import { isDarkTheme } from "../shared/theme.js";

function createSum(root) {
  const host = root.querySelector(".sum");
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

  function update(next) {
    if (data?.sum.title !== next.sum.title) shown = 0;
    data = next;
    paint();
  }

  return { update, repaint: paint };
}

export default mountComponent(".cell", createSum);
