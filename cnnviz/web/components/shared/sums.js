// The arithmetic of one cell, laid out: the numbers are the server's.

import { luminance, signedColor } from "./colors.js";
import { build } from "./dom.js";
import { formatCell, formatSignedValue, formatValue } from "./values.js";

/** @typedef {import("./colors.js").ColorTable} ColorTable */
/** @typedef {(number | null)[][]} Rows Null is padding that a maximum never takes. */

/**
 * How a table of numbers is shown.
 * @typedef {object} GridLook
 * @property {ColorTable} table
 * @property {number} limit The magnitude that gets the end of the colour scale.
 * @property {number | null} [winner] The number that is pointed out.
 * @property {number} [widest] The widest table that is shown with its numbers.
 * @property {(value: number) => string} [write]
 * @property {((value: number) => number[]) | null} [colorOf]
 */

/**
 * One map's part of a sum of products.
 * @typedef {{ name: string, inputs: number[][], weights: number[][], total: number }} SumPart
 */

/**
 * One term of a sum.
 * @typedef {{ name: string, input: number, weight: number | null, product: number }} SumTerm
 */

/**
 * The arithmetic of a cell; `kind` says which of its parts are there.
 * @typedef {object} Sum
 * @property {"products" | "terms" | "maximum" | "average" | "single" | "note"} kind
 * @property {string} title
 * @property {number} value
 * @property {number} bias
 * @property {number} [rest_count]
 * @property {number} [rest]
 * @property {number} [products]
 * @property {SumPart[]} [parts]
 * @property {SumTerm[]} [terms]
 * @property {string} [reads]
 * @property {Rows} [inputs]
 * @property {number} [input]
 * @property {number | null} [weight]
 * @property {number} [divisor]
 * @property {string} [step]
 * @property {string} [note]
 */

/**
 * What is shown of a sum.
 * @typedef {object} SumContext
 * @property {ColorTable} table
 * @property {number} [shown] Which of its parts is worked out.
 * @property {(index: number) => void} [onPart] Called when another part is chosen.
 */

const MOST_NUMBERS = 7; // a wider kernel is painted without its numbers

/**
 * @param {Rows} rows
 */
export function magnitude(rows) {
  return rows.flat().reduce((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
}

/**
 * @param {string} text
 */
export function sign(text) {
  return build("span", { class: "sign", "aria-hidden": "true" }, text);
}

/**
 * @param {string} label
 * @param {string} text
 */
export function term(label, text) {
  return build(
    "span",
    { class: "term" },
    build("b", {}, text),
    build("span", { class: "label" }, label),
  );
}

/**
 * @param {Rows} rows
 * @param {{ table: ColorTable, limit: number, className: string }} look
 */
export function paintGrid(rows, { table, limit, className }) {
  const canvas = build("canvas", {
    width: rows[0].length,
    height: rows.length,
    "aria-hidden": "true",
    class: className,
  });
  const context = canvas.getContext("2d");
  rows.forEach((row, y) =>
    row.forEach((value, x) => {
      context.fillStyle = `rgb(${signedColor(table, value ?? 0, limit).join(" ")})`;
      context.fillRect(x, y, 1, 1);
    }),
  );
  return canvas;
}

/**
 * A table of coloured numbers with its name above, a picture where it is too wide; null is padding
 * that a maximum never takes.
 * @param {string} label
 * @param {Rows} rows
 * @param {GridLook} look
 */
export function showGrid(
  label,
  rows,
  { table, limit, winner = null, widest = MOST_NUMBERS, write = formatCell, colorOf = null },
) {
  const caption = build("span", { class: "label" }, label);
  if (rows[0].length > widest) {
    return build(
      "div",
      { class: "named" },
      caption,
      paintGrid(rows, { table, limit, className: "picture" }),
    );
  }
  const cells = rows.flat().map((value) => {
    if (value === null) return build("span", { class: "padding" }, "pad");
    const color = colorOf ? colorOf(value) : signedColor(table, value, limit);
    const cell = build("span", value === winner ? { class: "winner" } : {}, write(value));
    cell.style.background = `rgb(${color.join(" ")})`;
    cell.style.color = luminance(color) > 0.45 ? "#14181f" : "#ffffff";
    return cell;
  });
  const grid = build("div", { class: "numbers" }, ...cells);
  grid.style.gridTemplateColumns = `repeat(${rows[0].length}, minmax(var(--number), max-content))`;
  return build("div", { class: "named" }, caption, grid);
}

/**
 * @param {Sum} sum
 */
function closeLine(sum) {
  /** @type {HTMLElement[]} */
  const pieces = [];
  if (sum.rest_count > 0) {
    pieces.push(
      sign(sum.rest < 0 ? "−" : "+"),
      term(`the other ${sum.rest_count}`, formatValue(Math.abs(sum.rest))),
    );
  }
  if (sum.bias !== 0)
    pieces.push(sign(sum.bias < 0 ? "−" : "+"), term("bias", formatValue(Math.abs(sum.bias))));
  const value = term("value", formatValue(sum.value));
  value.classList.add("result");
  return [...pieces, sign("="), value];
}

/**
 * @param {Sum} sum
 * @param {SumContext} context
 */
function showProducts(sum, { table, shown, onPart }) {
  const part = sum.parts[shown] ?? sum.parts[0];
  const products = part.inputs.map((row, y) => row.map((value, x) => value * part.weights[y][x]));
  const limits = {
    inputs: Math.max(...sum.parts.map(({ inputs }) => magnitude(inputs))),
    weights: Math.max(...sum.parts.map(({ weights }) => magnitude(weights))),
    products: Math.max(
      ...sum.parts.map(({ inputs, weights }) =>
        magnitude(inputs.map((row, y) => row.map((value, x) => value * weights[y][x]))),
      ),
    ),
  };
  const grids = build(
    "div",
    { class: "grids" },
    showGrid(`patch of ${part.name}`, part.inputs, { table, limit: limits.inputs }),
    build(
      "div",
      { class: "step" },
      sign("×"),
      showGrid("kernel", part.weights, { table, limit: limits.weights }),
    ),
    build(
      "div",
      { class: "step" },
      sign("="),
      showGrid("products", products, { table, limit: limits.products }),
    ),
  );
  const several = sum.parts.length > 1;
  const parts = sum.parts.flatMap((entry, index) => {
    const dots = entry.inputs.map((row, y) => row.map((value, x) => value * entry.weights[y][x]));
    const chip = build(
      several ? "button" : "span",
      several ? { class: "part", type: "button" } : { class: "part" },
      paintGrid(dots, { table, limit: limits.products, className: "dots" }),
      term(several ? entry.name : `all ${sum.products} products`, formatSignedValue(entry.total)),
    );
    if (several) {
      chip.setAttribute("aria-pressed", String(entry === part));
      chip.addEventListener("click", () => onPart(index));
    }
    return [chip];
  });
  return [grids, build("div", { class: "line" }, ...parts, ...closeLine(sum))];
}

/**
 * @param {Sum} sum
 */
function showTerms(sum) {
  const most = Math.max(...sum.terms.map(({ product }) => Math.abs(product)), 1e-12);
  const bars = sum.terms.map(({ name, input, weight, product }) => {
    const stick = build("span", { class: product < 0 ? "stick negative" : "stick" });
    stick.style.width = `${(50 * Math.abs(product)) / most}%`;
    const factors = weight === null ? "" : `${formatValue(input)} × ${formatValue(weight)}`;
    return build(
      "div",
      { class: "bar" },
      build("span", {}, name),
      build("span", { class: "factors" }, factors),
      build("span", { class: "axis" }, stick),
      build("b", {}, formatSignedValue(product)),
    );
  });
  const shown = sum.terms.reduce((total, { product }) => total + product, 0);
  const first =
    sum.rest_count > 0
      ? [term(`these ${sum.terms.length}`, formatValue(shown))]
      : [term("sum", formatValue(shown))];
  return [
    build("div", { class: "bars" }, ...bars),
    build("div", { class: "line" }, ...first, ...closeLine(sum)),
  ];
}

/**
 * @param {Sum} sum
 * @param {SumContext} context
 */
function showPooling(sum, { table }) {
  const limit = magnitude(sum.inputs);
  const known = sum.inputs.flat().filter((value) => value !== null);
  const winner = sum.kind === "maximum" ? sum.value : null;
  const total = known.reduce((all, value) => all + value, 0);
  const middle =
    sum.kind === "maximum"
      ? [sign("→"), term("the largest", "max")]
      : [
          sign("→"),
          term(`sum of ${known.length} cells`, formatValue(total)),
          sign("÷"),
          term("cells counted", String(sum.divisor)),
        ];
  return [
    build(
      "div",
      { class: "grids" },
      showGrid(`patch of ${sum.reads}`, sum.inputs, { table, limit, winner }),
      ...middle,
      ...closeLine({ ...sum, bias: 0, rest_count: 0 }),
    ),
  ];
}

/**
 * @param {Sum} sum
 */
function showSingle(sum) {
  const pieces = [term(sum.reads, formatValue(sum.input))];
  if (sum.weight !== null) pieces.push(sign("×"), term("factor", formatValue(sum.weight)));
  if (sum.step) pieces.push(sign("→"), term(sum.step, ""));
  return [build("div", { class: "line" }, ...pieces, ...closeLine({ ...sum, rest_count: 0 }))];
}

/**
 * Fill `host` with the arithmetic of a cell; `sum.kind` says which.
 * @param {HTMLElement} host
 * @param {Sum} sum
 * @param {SumContext} context
 */
export function showSum(host, sum, context) {
  const body = {
    products: () => showProducts(sum, context),
    terms: () => showTerms(sum),
    maximum: () => showPooling(sum, context),
    average: () => showPooling(sum, context),
    single: () => showSingle(sum),
    note: () => [build("p", {}, sum.note)],
  }[sum.kind]();
  host.replaceChildren(build("h4", {}, sum.title), ...body);
}
