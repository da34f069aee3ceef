// One cell worked out: the numbers are the server's, this file lays them out.

import { luminance, signedColor } from "../shared/colors.js";
import { build } from "../shared/dom.js";
import { formatNumber, formatSigned } from "../shared/values.js";

const MOST_GRIDS = 6;
const MOST_CONTRIBUTIONS = 8;

/** @typedef {number | Numbers[]} Numbers By the axes of what a cell reads. */
/** @typedef {import("./network.js").Cell} Cell */
/** @typedef {import("./network.js").Stage} Stage */
/** @typedef {import("../shared/colors.js").ColorTable} ColorTable */
/** @typedef {{ table: ColorTable, limit: number }} Scale */

/**
 * A cell worked out, as api/digit/cell answers it.
 * @typedef {object} WorkedCell
 * @property {string} kind
 * @property {string} layer
 * @property {number} value
 * @property {Numbers[]} inputs
 * @property {Numbers[] | null} weights
 * @property {Numbers[] | null} products
 * @property {number} bias
 * @property {Record<string, import("./network.js").Patch>} patches Of earlier layers.
 */

/** @typedef {WorkedCell & Cell} CellAnswer */
/** @typedef {CellAnswer & Record<"inputs" | "weights" | "products", number[][][]>} Convolution */

/**
 * What a cell is shown with.
 * @typedef {object} CellContext
 * @property {Stage} stage
 * @property {Stage} below
 * @property {Cell} cell
 * @property {boolean} pinned
 * @property {ColorTable} table
 * @property {number} paper
 * @property {number} ink
 * @property {number | null} picked The input channel that is shown.
 * @property {(channel: number) => void} onChannel
 * @property {() => void} onClose
 */

/** @param {CellAnswer} answer */
function hasMaps({ inputs }) {
  return Array.isArray(inputs[0]) && Array.isArray(inputs[0][0]);
}

/** @param {Numbers} values @returns {number[]} */
function flatten(values) {
  return Array.isArray(values) ? values.flatMap(flatten) : [values];
}

/** @param {Numbers} values */
function largest(values) {
  return flatten(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** @param {Numbers} values */
function total(values) {
  return flatten(values).reduce((sum, value) => sum + value, 0);
}

// A small table of coloured numbers with its name above.
/** @param {string} name @param {number[][]} values @param {Scale} scale */
function numberGrid(name, values, { table, limit }) {
  const cells = values.flat().map((value) => {
    const color = signedColor(table, value, limit);
    const cell = build("span", {}, formatNumber(value));
    cell.style.background = `rgb(${color.join(" ")})`;
    cell.style.color = luminance(color) > 0.45 ? "#14181f" : "#ffffff";
    return cell;
  });
  const grid = build("div", { class: "numbers" }, ...cells);
  grid.style.gridTemplateColumns = `repeat(${values[0].length}, var(--number))`;
  return build("div", { class: "named" }, build("span", { class: "name" }, name), grid);
}

/** @param {string} text */
function sign(text) {
  return build("span", { class: "sign" }, text);
}

// A picture of one input channel's products, one dot a cell.
/** @param {number[][]} products @param {Scale} scale */
function thumbnail(products, { table, limit }) {
  const size = { width: products[0].length, height: products.length };
  const canvas = build("canvas", { ...size, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  products.forEach((row, y) =>
    row.forEach((value, x) => {
      context.fillStyle = `rgb(${signedColor(table, value, limit).join(" ")})`;
      context.fillRect(x, y, 1, 1);
    }),
  );
  return canvas;
}

// What follows the sum of products: + bias = value, then what the ReLU makes of it.
/** @param {CellAnswer} answer @param {Stage} stage */
function closing(answer, stage) {
  const pieces = [];
  if (answer.bias !== 0) {
    const bias = term("bias", formatNumber(Math.abs(answer.bias)));
    pieces.push(sign(answer.bias < 0 ? "−" : "+"), bias);
  }
  pieces.push(sign("="), term(stage.rectified ? "sum" : "value", formatNumber(answer.value)));
  if (stage.rectified) {
    pieces.push(sign("→"), term("after ReLU", formatNumber(Math.max(0, answer.value))));
  }
  pieces[pieces.length - 1].classList.add("result");
  return pieces;
}

/** @param {string} name @param {string} value */
function term(name, value) {
  const label = build("span", { class: "name" }, name);
  return build("span", { class: "term" }, build("b", {}, value), label);
}

/** @param {Convolution} answer @param {CellContext} context */
function convolutionBody(answer, context) {
  const { stage, below, table, picked } = context;
  const partial = answer.products.map(total);
  const strengths = partial.map(Math.abs);
  const several = partial.length > 1;
  const channel = picked ?? strengths.indexOf(Math.max(...strengths));
  /** @param {string} name @param {number[][][]} values */
  const grid = (name, values) =>
    numberGrid(name, values[channel], { table, limit: largest(values) });
  const row = build(
    "div",
    { class: "grids" },
    grid(several ? `patch of ${below.title}, map ${channel}` : "patch of the input", answer.inputs),
    sign("×"),
    grid(several ? `kernel for map ${channel}` : "kernel", answer.weights),
    sign("="),
    grid("products", answer.products),
  );
  const sums = partial.map((sum, index) =>
    partialSum(answer, { ...context, sum, index, several, pressed: index === channel }),
  );
  return [row, build("div", { class: "sum" }, ...sums, ...closing(answer, stage))];
}

/**
 * The sum over one input channel; where there are several, a button that shows that channel.
 * @param {Convolution} answer
 * @param {CellContext & { sum: number, index: number, several: boolean, pressed: boolean }} part
 */
function partialSum(answer, { table, onChannel, sum, index, several, pressed }) {
  const chip = build(
    several ? "button" : "span",
    { class: "partial" },
    thumbnail(answer.products[index], { table, limit: largest(answer.products) }),
    term(several ? `map ${index}` : "all products", formatSigned(sum)),
  );
  if (several) {
    chip.setAttribute("aria-pressed", String(pressed));
    chip.addEventListener("click", () => onChannel(index));
  }
  return chip;
}

/** @param {CellAnswer} answer @param {CellContext} context */
function poolingBody(answer, { stage, below, table }) {
  const patch = /** @type {number[][]} */ (answer.inputs[0]);
  const limit = largest(patch);
  const numbers = patch.flat();
  const isMaximum = answer.kind === "max pooling";
  const listed = numbers.flatMap((value, index) => [
    ...(index > 0 ? [sign(isMaximum ? "," : value < 0 ? "−" : "+")] : []),
    term("", formatNumber(index > 0 && !isMaximum ? Math.abs(value) : value)),
  ]);
  const divided = isMaximum ? [] : [sign("÷"), term("cells", String(numbers.length))];
  return [
    build(
      "div",
      { class: "grids" },
      numberGrid(`patch of ${below.title}, map ${answer.channel}`, patch, { table, limit }),
      sign("→"),
      sign(isMaximum ? "max(" : "("),
      ...listed,
      sign(")"),
      ...divided,
      ...closing(answer, stage),
    ),
  ];
}

/** @param {Stage} below @param {number} index */
function describeSource(below, index) {
  const size = below.rows * below.columns;
  if (size === 1) return `${below.title} cell ${index}`;
  const [row, column] = [Math.floor((index % size) / below.columns), index % below.columns];
  return `${below.title} map ${Math.floor(index / size)}, (${row}, ${column})`;
}

/** @param {CellAnswer} answer @param {CellContext} context */
function contributionsBody(answer, { stage, below }) {
  const inputs = flatten(answer.inputs);
  const weights = flatten(answer.weights);
  const products = flatten(answer.products);
  const order = [...products.keys()].sort(
    (one, other) => Math.abs(products[other]) - Math.abs(products[one]),
  );
  const top = order.slice(0, MOST_CONTRIBUTIONS);
  const rest = order.slice(MOST_CONTRIBUTIONS).map((index) => products[index]);
  const limit = Math.max(...top.map((index) => Math.abs(products[index])), Math.abs(total(rest)));
  const rows = top.map((index) =>
    contribution(
      describeSource(below, index),
      `${formatNumber(inputs[index])} × ${formatNumber(weights[index])}`,
      products[index],
      limit,
    ),
  );
  rows.push(contribution(`the other ${rest.length} together`, "", total(rest), limit));
  const all = term(`sum of ${products.length} products`, formatNumber(total(products)));
  const sum = build("div", { class: "sum" }, all, ...closing(answer, stage));
  return [build("div", { class: "contributions" }, ...rows), sum];
}

/** @param {string} name @param {string} factors @param {number} value @param {number} limit */
function contribution(name, factors, value, limit) {
  const bar = build("span", { class: value < 0 ? "stick negative" : "stick" });
  bar.style.width = `${limit > 0 ? (Math.abs(value) / limit) * 50 : 0}%`;
  return build(
    "div",
    { class: "contribution" },
    build("span", { class: "source" }, name),
    build("span", { class: "factors" }, factors),
    build("span", { class: "axis" }, bar),
    build("b", {}, formatSigned(value)),
  );
}

/** @param {CellContext} context */
function inputBody({ paper, ink }) {
  return [
    build(
      "p",
      { class: "remark" },
      `A pixel of the input: ${formatNumber(paper, 1)} is bare paper, ` +
        `${formatNumber(ink, 3)} full ` +
        "ink. Nothing was computed here; every other cell of the network comes from these numbers.",
    ),
  ];
}

// The place of a cell in words.
/** @param {Stage} stage @param {Cell} cell */
export function nameCell(stage, cell) {
  if (stage.kind === "bars") return `${stage.title} ${stage.classes[cell.channel]}`;
  if (stage.kind === "vector") return `${stage.title}, cell ${cell.channel}`;
  const map = stage.maps > 1 ? `, map ${cell.channel}` : "";
  return `${stage.title}${map}, row ${cell.row}, column ${cell.column}`;
}

/** @param {CellAnswer} answer @param {CellContext} context */
function bodyOf(answer, context) {
  if (answer.kind === "input") return inputBody(context);
  if (answer.kind.endsWith("pooling")) return poolingBody(answer, context);
  const isFew = answer.inputs.length <= MOST_GRIDS;
  return isFew && hasMaps(answer)
    ? convolutionBody(/** @type {Convolution} */ (answer), context)
    : contributionsBody(answer, context);
}

// How much of the input a cell sees, in words.
/** @param {CellAnswer} answer */
function describeField(answer) {
  const field = answer.patches.input;
  if (!field || answer.kind === "input") return "";
  return `sees ${field[1] - field[0] + 1}×${field[3] - field[2] + 1} pixels of the input`;
}

// Fill the inspector.
/** @param {HTMLElement} panel @param {CellAnswer} answer @param {CellContext} context */
export function showCell(panel, answer, context) {
  const { stage, cell, pinned } = context;
  const value = stage.rectified ? Math.max(0, answer.value) : answer.value;
  const pin = build("span", { class: "pin" }, pinned ? "pinned" : "click to pin");
  const close = build("button", { class: "close", "aria-label": "Close the inspector" }, "×");
  close.addEventListener("click", context.onClose);
  panel.replaceChildren(
    build(
      "header",
      {},
      build("h3", {}, nameCell(stage, cell)),
      build("span", { class: "value" }, formatNumber(value, 3)),
      build("span", { class: "field" }, describeField(answer)),
      pin,
      close,
    ),
    ...bodyOf(answer, context),
  );
  panel.dataset.value = String(value);
  panel.classList.add("open");
}
