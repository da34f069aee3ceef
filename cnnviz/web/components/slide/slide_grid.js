// One grid of numbers on a canvas: cells, padding, what no window reads, and the window.

import { luminance } from "../shared/colors.js";
import { fitCanvas } from "../shared/paint.js";
import { formatNumber } from "../shared/values.js";

const LEAST_FOR_NUMBERS = 21; // CSS pixels a cell
const LEAST_FOR_WEIGHTS = 36;

/** @typedef {[number, number]} Cell Row and column. */
/** @typedef {(value: number) => number[]} ColorOf */
/** @typedef {import("./slide_look.js").Look & { colorOf: ColorOf }} GridLook */
/** @typedef {import("./slide_look.js").Looked & { weights: number[][] | null }} PaintedWindow */

/**
 * In cells and CSS pixels.
 * @typedef {{ rows: number, columns: number, padding: number, cell: number, font: string }} Shape
 */

/**
 * @typedef {object} Shown
 * @property {(number | null)[][]} values Null where nothing is filled in.
 * @property {PaintedWindow | null} window
 * @property {Cell | null} cell
 * @property {number[][]} unread Rows and columns that no window reads.
 */

// A whole number as it is, others with as few digits as tell them apart.
/** @param {number} value */
export function writeShort(value) {
  if (Number.isInteger(value)) return formatNumber(value, 0);
  const size = Math.abs(value);
  return formatNumber(value, size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** @param {HTMLCanvasElement} canvas */
export function createGrid(canvas) {
  const context = canvas.getContext("2d");
  /** @type {Shape} */
  let shape = null;
  let ratio = 1;

  /** @param {Shape} next */
  function resize(next) {
    shape = next;
    const { rows, columns, padding, cell } = next;
    ratio = fitCanvas(canvas, (columns + 2 * padding) * cell + 2, (rows + 2 * padding) * cell + 2);
  }

  const leftOf = (/** @type {number} */ column) => 1 + (column + shape.padding) * shape.cell;

  /**
   * @param {string} text
   * @param {number} row
   * @param {number} column
   * @param {{ color: string, size: number, at?: Cell, align?: CanvasTextAlign }} how
   */
  function write(text, row, column, { color, size, at = [0.5, 0.5], align = "center" }) {
    context.fillStyle = color;
    context.textAlign = align;
    context.textBaseline = "middle";
    context.font = `500 ${size}px ${shape.font}`;
    context.fillText(
      text,
      leftOf(column) + shape.cell * at[0],
      leftOf(row) + shape.cell * at[1] + 0.5,
    );
  }

  /** @param {string} text */
  function numberSize(text) {
    return Math.min(14, shape.cell * 0.42, (shape.cell - 3) / (0.6 * text.length));
  }

  /**
   * @param {number} row @param {number} column @param {number | null} value @param {GridLook} look
   */
  function paintCell(row, column, value, look) {
    const gap = shape.cell >= 8 ? 1 : 0;
    /** @type {[number, number, number, number]} */
    const box = [leftOf(column), leftOf(row), shape.cell - gap, shape.cell - gap];
    if (value === null) {
      context.fillStyle = look.empty;
      context.fillRect(...box);
      return;
    }
    const color = look.colorOf(value);
    context.fillStyle = `rgb(${color.join(" ")})`;
    context.fillRect(...box);
    if (shape.cell < LEAST_FOR_NUMBERS) return;
    const text = writeShort(value);
    write(text, row, column, {
      color: luminance(color) > 0.45 ? "#14181f" : "#ffffff",
      size: numberSize(text),
    });
  }

  /** @param {number} row @param {number} column @param {GridLook} look */
  function paintPadding(row, column, look) {
    const gap = shape.cell >= 8 ? 1 : 0;
    context.fillStyle = look.padding;
    context.fillRect(leftOf(column), leftOf(row), shape.cell - gap, shape.cell - gap);
    if (shape.cell >= LEAST_FOR_NUMBERS)
      write("0", row, column, { color: look.quiet, size: numberSize("00") });
  }

  // A cross over a cell that no window reads.
  /** @param {number} row @param {number} column @param {GridLook} look */
  function cross(row, column, look) {
    const [x, y, side] = [leftOf(column), leftOf(row), shape.cell - 1];
    context.fillStyle = look.veil;
    context.fillRect(x, y, side, side);
    context.strokeStyle = look.ink;
    context.lineWidth = 1.2;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + side, y + side);
    context.moveTo(x + side, y);
    context.lineTo(x, y + side);
    context.stroke();
  }

  /**
   * @param {number} row @param {number} column @param {number} height @param {number} width
   * @param {string} color @param {number} thick
   */
  function frame(row, column, height, width, color, thick) {
    context.lineWidth = thick;
    context.strokeStyle = color;
    context.strokeRect(
      leftOf(column) - 0.5,
      leftOf(row) - 0.5,
      width * shape.cell,
      height * shape.cell,
    );
  }

  // The window: its outline, each tap where taps stand apart, and the kernel's numbers.
  /** @param {PaintedWindow} looked @param {GridLook} look */
  function paintWindow({ top, left, kernel, dilation, weights }, look) {
    const span = dilation * (kernel - 1) + 1;
    const thick = shape.cell < 12 ? 2 : 3;
    frame(top, left, span, span, look.ground, thick + 3);
    if (dilation > 1) context.setLineDash([5, 4]);
    frame(top, left, span, span, look.accent, thick);
    context.setLineDash([]);
    for (let row = 0; row < kernel; row += 1) {
      for (let column = 0; column < kernel; column += 1) {
        /** @type {Cell} */
        const place = [top + row * dilation, left + column * dilation];
        if (dilation > 1) frame(...place, 1, 1, look.accent, 2.5);
        if (weights && shape.cell >= LEAST_FOR_WEIGHTS)
          tag(`×${writeShort(weights[row][column])}`, ...place, look);
      }
    }
  }

  /** @param {string} text @param {number} row @param {number} column @param {GridLook} look */
  function tag(text, row, column, look) {
    const size = 9.5;
    context.font = `600 ${size}px ${shape.font}`;
    const width = context.measureText(text).width + 4;
    const [x, y] = [leftOf(column) + shape.cell - 2 - width, leftOf(row) + shape.cell - 14];
    context.fillStyle = look.ground;
    context.fillRect(x, y, width, 12);
    write(text, row, column, {
      color: look.accentText,
      size,
      at: [1 - 4 / shape.cell, 1 - 8 / shape.cell],
      align: "right",
    });
  }

  /** @param {GridLook} look @param {Shown} shown */
  function paint(look, { values, window: looked, cell, unread }) {
    const { rows, columns, padding } = shape;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = look.line;
    const gap = shape.cell >= 8 ? 1 : 0;
    context.fillRect(
      leftOf(0) - gap,
      leftOf(0) - gap,
      columns * shape.cell + gap,
      rows * shape.cell + gap,
    );
    for (let row = -padding; row < rows + padding; row += 1) {
      for (let column = -padding; column < columns + padding; column += 1) {
        if (row < 0 || column < 0 || row >= rows || column >= columns)
          paintPadding(row, column, look);
        else paintCell(row, column, values[row][column], look);
      }
    }
    /** @param {number} row @param {number} column */
    const crossed = (row, column) => unread[0].includes(row) || unread[1].includes(column);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1)
        if (crossed(row, column)) cross(row, column, look);
    }
    if (looked) paintWindow(looked, look);
    if (cell) {
      frame(...cell, 1, 1, look.ground, 5);
      frame(...cell, 1, 1, look.accent, 3);
    }
  }

  // The cell under the pointer, or null on the padding.
  /** @param {MouseEvent} event */
  function locate(event) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - 1, event.clientY - box.top - 1];
    /** @type {Cell} */
    const cell = [
      Math.floor(y / shape.cell) - shape.padding,
      Math.floor(x / shape.cell) - shape.padding,
    ];
    const inside = cell[0] >= 0 && cell[1] >= 0 && cell[0] < shape.rows && cell[1] < shape.columns;
    return inside ? cell : null;
  }

  return { resize, paint, locate };
}
