// Kernels as tables of coloured numbers.

function paintNumbers(root, data) {
  const table = readColorTable(data.colors.signed[isDarkTheme(root) ? "dark" : "light"]);
  const grids = data.grids.map(({ name, rows }) => showGrid(name, rows, { table, limit: data.limit, widest: 15 }));
  root.querySelector(".grids").replaceChildren(...grids);
}

const latest = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".cell");
  if (!latest.has(root)) {
    // The style sheet gives the colour a transition: its end tells of a new theme.
    root.addEventListener("transitionend", (event) => {
      if (event.target === root) paintNumbers(root, latest.get(root));
    });
  }
  latest.set(root, data);
  paintNumbers(root, data);
}
