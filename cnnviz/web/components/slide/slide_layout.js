// How large the grids' cells are, and in which order they are computed.

import { WIDEST_EDITOR } from "./kernel_editor.js";

const LARGEST_CELL = 42; // CSS pixels
const LEAST_BESIDE = 5; // with smaller cells input and map stand below each other
const NARROW = 480; // a phone: one grid below the other
const SIGN = 44; // what a sign before a grid takes
const TALLEST = 330; // what input and map may take together, so that a screen holds all

/** @typedef {import("./slide_look.js").PackedGrid} PackedGrid */
/** @typedef {import("./slide_look.js").Step} Step */

/**
 * Find the side of a cell with which the grids fit, and what each grid has round and in it.
 * @param {PackedGrid[]} grids
 * @param {number} side Of the kernel.
 * @param {number} space Width of the page's column, in CSS pixels.
 */
export function fitCells(grids, side, space) {
  const shapes = grids.map(({ values }, index) => ({
    rows: values.length,
    columns: values[0].length,
    padding: index === 0 ? grids[1].window.padding : 0,
  }));
  const across = shapes.map(({ columns, padding }) => columns + 2 * padding);
  const editing = 40 * Math.min(WIDEST_EDITOR, Math.max(3, side)) + 150;
  const high = shapes[0].rows + 2 * shapes[0].padding + shapes[1].rows;
  const beside = Math.min((space - editing) / (across[0] + across[1]), TALLEST / high);
  const alone = (space - SIGN) / Math.max(...across);
  const fits = space > NARROW && beside >= LEAST_BESIDE ? beside : alone;
  return { shapes, cell: Math.max(4, Math.min(LARGEST_CELL, Math.floor(fits))) };
}

/**
 * List every cell to compute, in order.
 * @param {PackedGrid[]} grids
 * @returns {Step[]}
 */
export function listSteps(grids) {
  return grids.flatMap(({ values }, grid) =>
    grid === 0
      ? []
      : values.flatMap((line, row) => line.map((_, column) => ({ grid, row, column }))),
  );
}
