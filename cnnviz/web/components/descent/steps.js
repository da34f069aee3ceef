// A step of an optimizer as pseudo-code, filled in with its numbers.

import { formatValue } from "../shared/values.js";

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @typedef {{ symbol: string, code: string, filled: string }} Line */

/**
 * What a way holds, decoded; a row for each step.
 * @typedef {object} Numbers
 * @property {ArrayLike<number>} points Two a row, the first row before the first step.
 * @property {ArrayLike<number>} rates
 * @property {Record<string, ArrayLike<number>>} values
 */

/**
 * @param {ArrayLike<number>} array
 * @param {number} row
 * @param {number} width
 */
function writeRow(array, row, width) {
  const parts = Array.from({ length: width }, (_, at) => formatValue(array[row * width + at]));
  return width === 1 ? parts[0] : `(${parts.join(", ")})`;
}

/**
 * @param {Numbers} numbers
 * @param {string} name A symbol; with a − at its end, of the step before.
 * @param {number} step From 1.
 */
export function writeNumber({ points, rates, values }, name, step) {
  if (name === "ᵗ") return Array.from(String(step), (digit) => RAISED[Number(digit)]).join("");
  if (name === "η") return formatValue(rates[step - 1]);
  const isBefore = name.endsWith("-");
  const symbol = isBefore ? name.slice(0, -1) : name;
  if (symbol === "w") return writeRow(points, isBefore ? step - 1 : step, 2);
  const width = values[symbol].length / rates.length;
  if (isBefore && step === 1) return width === 1 ? "0" : "(0, 0)";
  return writeRow(values[symbol], isBefore ? step - 2 : step - 1, width);
}

/**
 * The lines of one step: rule, rule with numbers, result.
 * @param {Line[]} lines
 * @param {Numbers} numbers
 * @param {number} step From 1.
 */
export function writeStep(lines, numbers, step) {
  /** @param {string} text */
  const fill = (text) =>
    text.replace(/\{([^}]+)\}/g, (_, name) => writeNumber(numbers, name, step));
  return lines.map(({ symbol, code, filled }) => ({
    rule: `${symbol} ← ${fill(code)}`,
    filled: fill(filled),
    value: writeNumber(numbers, symbol, step),
  }));
}
