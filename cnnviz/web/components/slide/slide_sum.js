// One cell's arithmetic with its own numbers: the values are the server's, this lays them out.

import { build } from "../shared/dom.js";
import { magnitude, showGrid, sign, term } from "../shared/sums.js";
import { writeShort } from "./slide_grid.js";

const MOST_TERMS = 25;

/** @typedef {import("./slide_look.js").Looked} Looked */
/** @typedef {import("../shared/colors.js").ColorTable} ColorTable */
/** @typedef {{ table: ColorTable, below: import("../shared/sums.js").GridLook }} Context */
/** @typedef {{ patch: number[][], value: number, context: Context }} Patch */
/** @typedef {import("./slide.js").Payload} Payload */
/** @typedef {import("./slide_look.js").PackedGrid} PackedGrid */

// What a window reads: zeros on padding.
/** @param {number[][]} values @param {Looked} looked */
function readWindow(values, { top, left, kernel, dilation }) {
  return [...Array(kernel).keys()].map((row) =>
    [...Array(kernel).keys()].map(
      (column) => values[top + row * dilation]?.[left + column * dilation] ?? 0,
    ),
  );
}

/** @param {number} value */
function enclose(value) {
  return value < 0 ? `(${writeShort(value)})` : writeShort(value);
}

/** @param {number} value */
function closeSum(value) {
  const result = term("value", writeShort(value));
  result.classList.add("result");
  return [sign("="), result];
}

/** @param {HTMLElement} host @param {Patch & { data: Payload }} sum */
function sumConvolution(host, { patch, value, data, context }) {
  const { kernel, divisor, bias } = data;
  const products = patch.map((row, y) => row.map((each, x) => each * kernel[y][x]));
  const total = products.flat().reduce((sum, each) => sum + each, 0);
  const grids = build(
    "div",
    { class: "grids" },
    showGrid("window", patch, { ...context.below, write: writeShort }),
    build(
      "div",
      { class: "step" },
      sign("×"),
      showGrid("kernel", kernel, {
        table: context.table,
        limit: magnitude(kernel),
        write: writeShort,
      }),
    ),
    build(
      "div",
      { class: "step" },
      sign("="),
      showGrid("products", products, {
        table: context.table,
        limit: magnitude(products),
        write: writeShort,
      }),
    ),
  );
  const terms = patch
    .flat()
    .map((each, index) => `${enclose(each)}·${enclose(kernel.flat()[index])}`);
  const written =
    terms.length <= MOST_TERMS
      ? [build("p", { class: "terms" }, `${terms.join(" + ")} = ${writeShort(total)}`)]
      : [];
  const line = [term(`sum of ${terms.length} products`, writeShort(total))];
  if (divisor !== 1) line.push(sign("÷"), term("divided by", String(divisor)));
  if (bias !== 0) line.push(sign(bias < 0 ? "−" : "+"), term("bias", writeShort(Math.abs(bias))));
  host.append(grids, ...written, build("div", { class: "line" }, ...line, ...closeSum(value)));
}

/** @param {HTMLElement} host @param {{ input: number, value: number }} sum */
function sumRelu(host, { input, value }) {
  host.append(
    build(
      "div",
      { class: "line" },
      term("max(0, x)", `max(0, ${writeShort(input)})`),
      ...closeSum(value),
    ),
  );
}

/** @param {HTMLElement} host @param {Patch & { step: PackedGrid["step"] }} sum */
function sumPooling(host, { patch, value, step, context }) {
  const known = patch.flat();
  const largest = step === "max";
  const winner = largest ? value : null;
  const middle = largest
    ? [term("the largest", `max(${known.map(writeShort).join(", ")})`)]
    : [
        term(`sum of ${known.length}`, `(${known.map(enclose).join(" + ")})`),
        sign("÷"),
        term("cells", String(known.length)),
      ];
  const grid = showGrid("window", patch, { ...context.below, winner, write: writeShort });
  host.append(
    build(
      "div",
      { class: "grids" },
      grid,
      build("div", { class: "line" }, ...middle, ...closeSum(value)),
    ),
  );
}

/**
 * Fill `host` with the arithmetic of one cell.
 * @param {HTMLElement} host
 * @param {{ grid: PackedGrid, row: number, column: number, looked: Looked, data: Payload,
 *   context: Context }} cell
 */
export function showSlideSum(host, { grid, row, column, looked, data, context }) {
  const source = data.grids[grid.reads].values;
  const value = grid.values[row][column];
  host.replaceChildren(build("h4", {}, `${grid.title}, row ${row}, column ${column}`));
  if (grid.step === "relu") {
    sumRelu(host, { input: source[row][column], value });
    return;
  }
  const patch = readWindow(source, looked);
  if (grid.step === "convolution") sumConvolution(host, { patch, value, data, context });
  else sumPooling(host, { patch, value, step: grid.step, context });
}
