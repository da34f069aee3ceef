// The arithmetic of one number by itself.

const mounted = new WeakMap();

function createSum(root) {
  const host = root.querySelector(".sum");
  let data = null;
  let shown = 0;

  function paint() {
    const table = readColorTable(data.colors.signed[isDarkTheme(root) ? "dark" : "light"]);
    root.dataset.value = String(data.sum.value);
    showSum(host, data.sum, { table, shown, onPart: (index) => { shown = index; paint(); } });
  }

  function update(next) {
    if (data?.sum.title !== next.sum.title) shown = 0;
    data = next;
    paint();
  }

  // The style sheet gives the colour a transition: its end tells of a new theme.
  root.addEventListener("transitionend", (event) => { if (event.target === root) paint(); });
  return { update };
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".cell");
  let sum = mounted.get(root);
  if (!sum) {
    sum = createSum(root);
    mounted.set(root, sum);
  }
  sum.update(data);
}
