// The layers of a small network as rows of controls. Every change is reported as the notation of
// the whole list; Python reads it and sends the rows anew, with shapes and costs.

import { build, findFocused } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Row
 * @property {string} block What the layer does, as the notation has it.
 * @property {number} size Filters, units, side of a window, or percent.
 * @property {number} kernel
 * @property {number} stride
 * @property {number} padding
 * @property {string} output Shape; empty where it does not fit.
 * @property {string} parameters
 * @property {string} multiply_adds
 */

/**
 * @typedef {object} Payload
 * @property {Row[]} rows The layer next to the image first.
 * @property {number} most Rows at most.
 * @property {string} input Shape of the image.
 */

/** @type {Record<string, { title: string, fields: [keyof Row, string, number, number][] }>} */
const BLOCKS = {
  conv: {
    title: "Convolution",
    fields: [
      ["size", "filters", 1, 9999],
      ["kernel", "K", 1, 99],
      ["stride", "S", 1, 99],
      ["padding", "P", 0, 99],
    ],
  },
  max: {
    title: "Max pooling",
    fields: [["size", "K", 1, 99], ["stride", "S", 1, 99], ["padding", "P", 0, 99]],
  },
  avg: {
    title: "Average pooling",
    fields: [["size", "K", 1, 99], ["stride", "S", 1, 99], ["padding", "P", 0, 99]],
  },
  gap: { title: "Global average pooling", fields: [] },
  bn: { title: "Batch normalization", fields: [] },
  relu: { title: "ReLU", fields: [] },
  tanh: { title: "tanh", fields: [] },
  sigmoid: { title: "Sigmoid", fields: [] },
  leaky: { title: "Leaky ReLU", fields: [] },
  gelu: { title: "GELU", fields: [] },
  silu: { title: "SiLU", fields: [] },
  dropout: { title: "Dropout", fields: [["size", "percent", 1, 99]] },
  flatten: { title: "Flatten", fields: [] },
  fc: { title: "Fully connected", fields: [["size", "units", 1, 9999]] },
};
// What a layer begins with when another one was there.
/** @type {Record<string, number>} */
const USUAL = { conv: 16, max: 2, avg: 2, dropout: 50, fc: 10 };

/**
 * A layer in the notation that Python reads.
 * @param {Pick<Row, "block" | "size" | "kernel" | "stride" | "padding">} row
 */
export function writeLayer({ block, size, kernel, stride, padding }) {
  const names = BLOCKS[block].fields.map(([name]) => name);
  const options = [["kernel", `k${kernel}`], ["stride", `s${stride}`], ["padding", `p${padding}`]];
  const written = options.filter(([name]) => names.includes(/** @type {keyof Row} */ (name)));
  return `${block}${names.includes("size") ? size : ""}${written.map(([, text]) => text).join("")}`;
}

/**
 * The same row with another layer in it.
 * @param {Row} row
 * @param {string} block
 * @returns {Row}
 */
export function changeBlock(row, block) {
  const size = USUAL[block] ?? 0;
  const stride = block === "max" || block === "avg" ? size : 1;
  return { ...row, block, size, kernel: 3, stride, padding: 0 };
}

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createLayerList(root, events) {
  const body = root.querySelector("tbody");
  /** @type {Row[]} */
  let rows = [];

  /** @param {Row[]} next */
  const send = (next) => events.trigger("edited", next.map(writeLayer).join(", "));
  /** @param {number} place @param {Partial<Row>} change */
  const replace = (place, change) =>
    send(rows.map((row, at) => (at === place ? { ...row, ...change } : row)));

  /**
   * @param {Row} row
   * @param {number} place
   * @param {[keyof Row, string, number, number]} field Name, title, least and largest value.
   */
  function createField(row, place, [name, title, least, most]) {
    const value = row[/** @type {keyof Row} */ (name)];
    const attributes = { type: "number", min: least, max: most, step: 1, value };
    const label = `${title} of layer ${place + 1}`;
    const input = build("input", { ...attributes, "aria-label": label });
    input.onchange = () => {
      const typed = Math.round(Number(input.value));
      if (input.value === "" || typed < least || typed > most) input.value = String(value);
      else replace(place, { [name]: typed });
    };
    return build("label", {}, title, input);
  }

  /**
   * @param {string} sign
   * @param {string} title
   * @param {boolean} isPossible
   * @param {() => Row[]} next
   */
  function createButton(sign, title, isPossible, next) {
    const button = build("button", { type: "button", "aria-label": title, title }, sign);
    button.disabled = !isPossible;
    button.onclick = () => send(next());
    return button;
  }

  /**
   * @param {number} place
   * @param {number} most
   */
  function createButtons(place, most) {
    const number = place + 1;
    const moved = (/** @type {number} */ by) => {
      const next = [...rows];
      [next[place], next[place + by]] = [next[place + by], next[place]];
      return next;
    };
    const last = rows.length - 1;
    const others = () => rows.filter((_, at) => at !== place);
    const added = () => rows.toSpliced(number, 0, changeBlock(rows[place], "relu"));
    return [
      createButton("↑", `Move layer ${number} up`, place > 0, () => moved(-1)),
      createButton("↓", `Move layer ${number} down`, place < last, () => moved(1)),
      createButton("+", `Add a layer after layer ${number}`, rows.length < most, added),
      createButton("×", `Remove layer ${number}`, last > 0, others),
    ];
  }

  /** @param {Row} row @param {number} place @param {number} most */
  function createRow(row, place, most) {
    const kind = build(
      "select",
      { "aria-label": `Kind of layer ${place + 1}` },
      ...Object.entries(BLOCKS).map(([block, { title }]) =>
        build("option", { value: block }, title),
      ),
    );
    kind.value = row.block;
    kind.onchange = () => replace(place, changeBlock(row, kind.value));
    const fields = BLOCKS[row.block].fields.map((one) => createField(row, place, one));
    return build(
      "tr",
      { class: row.output ? "" : "faulty" },
      build("td", {}, String(place + 1)),
      build("td", {}, kind),
      build("td", {}, ...fields),
      build("td", { class: "output" }, row.output || "–"),
      build("td", { class: "number" }, row.parameters),
      build("td", { class: "number" }, row.multiply_adds),
      build("td", {}, ...createButtons(place, most)),
    );
  }

  /** @param {Payload} next */
  function update(next) {
    const listFields = () => Array.from(body.querySelectorAll("input, select, button"));
    const focused = listFields().indexOf(findFocused(root));
    rows = next.rows;
    const image = ["", "Image", "", next.input, "", "", ""].map((text) => build("td", {}, text));
    const made = rows.map((row, place) => createRow(row, place, next.most));
    body.replaceChildren(build("tr", {}, ...image), ...made);
    if (focused >= 0) /** @type {HTMLElement} */ (listFields()[focused])?.focus();
  }

  return { update };
}

export default mountComponent(".layers", createLayerList);
