// The layers of a stack as rows of controls.

import { build, findFocused } from "../shared/dom.js";

/** @typedef {"kernel" | "stride" | "padding" | "dilation"} Field */
/** @typedef {Record<Field, number> & { letter: string }} Layer The letter tells its kind. */

const KINDS = [
  ["", "conv"],
  ["m", "max pool"],
  ["a", "avg pool"],
];
/** @type {[Field, string][]} */
const NUMBERS = [
  ["kernel", "K"],
  ["stride", "S"],
  ["padding", "P"],
  ["dilation", "D"],
];

/** @param {Layer} layer */
function writeLayer({ letter, kernel, stride, padding, dilation }) {
  return `${letter}${kernel}s${stride}p${padding}d${dilation}`;
}

/** @param {HTMLDetailsElement} root @param {(notation: string) => void} change */
export function createEditor(root, change) {
  /** @type {Layer[]} */
  let layers = [];
  const body = build("tbody");
  const heads = ["", "Layer", ...NUMBERS.map(([, sign]) => sign), "", ""];
  const add = build("button", { class: "add", type: "button" }, "+ Add a layer");
  const table = build(
    "table",
    {},
    build(
      "thead",
      {},
      build("tr", {}, ...heads.map((head) => build("th", { scope: "col" }, head))),
    ),
    body,
  );
  root.append(build("summary", {}, "Edit the layers"), table, add);
  root.open = true;

  const send = () => change(layers.map(writeLayer).join(", "));
  add.addEventListener("click", () => {
    layers = [
      ...layers,
      { ...(layers.at(-1) ?? { letter: "", kernel: 3, stride: 1, padding: 0, dilation: 1 }) },
    ];
    send();
  });

  /** @param {Layer} layer @param {Field} name @param {string} sign @param {number} number */
  function numberField(layer, name, sign, number) {
    const input = build("input", {
      type: "number",
      min: name === "padding" ? "0" : "1",
      max: "63",
      step: "1",
      inputmode: "numeric",
      value: String(layer[name]),
      "aria-label": `${name} ${sign} of layer ${number}`,
    });
    input.addEventListener("change", () => {
      const value = Math.round(Number(input.value));
      if (input.value === "" || !Number.isFinite(value) || value < 0 || value > 999) {
        input.value = String(layer[name]);
        return;
      }
      layer[name] = value;
      send();
    });
    return input;
  }

  /** @param {Layer} layer @param {number} index @param {number} most */
  function layerRow(layer, index, most) {
    const kind = build(
      "select",
      { "aria-label": `Kind of layer ${index + 1}` },
      ...KINDS.map(([letter, name]) => build("option", { value: letter }, name)),
    );
    kind.value = layer.letter;
    kind.addEventListener("change", () => {
      layer.letter = kind.value;
      if (layer.letter === "a") layer.dilation = 1;
      send();
    });
    const remove = build(
      "button",
      { type: "button", "aria-label": `Remove layer ${index + 1}`, title: "Remove" },
      "×",
    );
    remove.disabled = most === 1;
    remove.addEventListener("click", () => {
      layers.splice(index, 1);
      send();
    });
    const fields = NUMBERS.map(([name, sign]) =>
      build("td", {}, numberField(layer, name, sign, index + 1)),
    );
    return build(
      "tr",
      {},
      build("td", {}, String(index + 1)),
      build("td", {}, kind),
      ...fields,
      build("td", {}, remove),
      build("td", { class: "result" }),
    );
  }

  /** @returns {HTMLElement[]} */
  const listFields = () => Array.from(body.querySelectorAll("input, select"));

  /** @param {import("./types.js").DrawnStack} stack */
  function update(stack) {
    const next = JSON.stringify(stack.layers);
    if (next !== root.dataset.layers) {
      const focused = listFields().indexOf(findFocused(root));
      root.dataset.layers = next;
      layers = stack.layers.map((layer) => ({ ...layer }));
      body.replaceChildren(...layers.map((layer, index) => layerRow(layer, index, layers.length)));
      if (focused >= 0) listFields()[focused]?.focus();
      if (layers.length > 8) root.open = false;
    }
    add.disabled = layers.length >= stack.most;
    [...body.children].forEach((row, index) => {
      const result = stack.rows[index];
      const faulty = index === stack.rows.length;
      row.classList.toggle("faulty", faulty);
      const words = result
        ? [`${result.size}×${result.size}`, `sees ${result.field}`]
        : faulty
          ? ["does", "not fit"]
          : ["–"];
      row.querySelector(".result").replaceChildren(...words.map((word) => build("span", {}, word)));
    });
  }

  /** @param {number} level */
  function mark(level) {
    [...body.children].forEach((row, index) => row.classList.toggle("now", index === level - 1));
  }

  return { update, mark };
}
