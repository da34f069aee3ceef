// One cell's arithmetic over all channels, or what one cell of the input adds to each map.

import { build } from "../shared/dom.js";
import { magnitude, showGrid, sign, term } from "../shared/sums.js";
import { writeShort } from "../slide/slide_grid.js";
import { readPatch } from "./volume_cells.js";

/** @typedef {import("../shared/colors.js").ColorTable} ColorTable */

/**
 * @typedef {object} Shown
 * @property {import("./volumes.js").Payload} data
 * @property {import("../slide/slide_look.js").Step} place
 * @property {import("../slide/slide_look.js").Looked} looked
 * @property {ColorTable} table
 */

/** @param {number[][]} patch @param {number[][]} kernel */
function multiply(patch, kernel) {
  return patch.map((row, y) => row.map((value, x) => value * kernel[y][x]));
}

/** @param {number[][]} rows */
function total(rows) {
  return rows.flat().reduce((sum, value) => sum + value, 0);
}

/** @param {string} label @param {number[][]} rows @param {ColorTable} table */
function show(label, rows, table) {
  return showGrid(label, rows, { table, limit: magnitude(rows), write: writeShort });
}

/** @param {number} value */
function writeFactor(value) {
  return value < 0 ? `(${writeShort(value)})` : writeShort(value);
}

/** @param {number} value @param {{ divisor: number, bias: number }} data */
function closeTotal(value, { divisor, bias }) {
  const line = [];
  if (divisor !== 1) line.push(sign("÷"), term("divided by", String(divisor)));
  if (bias !== 0) line.push(sign(bias < 0 ? "−" : "+"), term("bias", writeShort(Math.abs(bias))));
  const result = term("value", writeShort(value));
  result.classList.add("result");
  return [...line, sign("="), result];
}

/** @param {Shown} shown */
function sumChannels({ data, place, looked, table }) {
  const parts = data.inputs.map(({ title, values }, channel) => {
    const kernel = data.kernels[place.grid][channel];
    const patch = readPatch(values, looked);
    return { title, kernel, patch, sum: total(multiply(patch, kernel)) };
  });
  const grids = parts.map(({ title, kernel, patch, sum }) =>
    build(
      "div",
      { class: "step" },
      show(`${title}, window`, patch, table),
      sign("·"),
      show("kernel", kernel, table),
      sign("="),
      term(`sum of ${patch.flat().length} products`, writeShort(sum)),
    ),
  );
  const added = parts.flatMap(({ title, sum }, index) => [
    ...(index ? [sign("+")] : []),
    term(title, writeFactor(sum)),
  ]);
  const value = data.maps[place.grid][place.row][place.column];
  return [
    build("div", { class: "grids" }, ...grids),
    build("div", { class: "line" }, ...added, ...closeTotal(value, data)),
  ];
}

/** @param {Shown} shown */
function spread({ data, place, table }) {
  const x = data.inputs[place.grid].values[place.row][place.column];
  const grids = data.maps.map((_, filter) => {
    const kernel = data.kernels[filter][place.grid];
    const products = kernel.map((row) => row.map((weight) => (x * weight) / data.divisor));
    const name = data.divisor === 1 ? "kernel" : `kernel ÷ ${data.divisor}`;
    return build(
      "div",
      { class: "step" },
      term("cell", writeFactor(x)),
      sign("·"),
      show(name, kernel, table),
      sign("="),
      show(`added to map ${filter}`, products, table),
    );
  });
  return [build("div", { class: "grids" }, ...grids)];
}

/**
 * Fill `host` with the arithmetic of one cell.
 * @param {HTMLElement} host
 * @param {Shown} shown
 */
export function showVolumeSum(host, shown) {
  const { data, place } = shown;
  const name = data.transposed ? data.inputs[place.grid].title : `Map ${place.grid}`;
  host.replaceChildren(
    build("h4", {}, `${name}, row ${place.row}, column ${place.column}`),
    ...(data.transposed ? spread(shown) : sumChannels(shown)),
  );
}
