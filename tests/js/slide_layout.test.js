// Where the grids of a convolution stand, and the order of their cells.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fitCells, listSteps } from "../../cnnviz/web/components/slide/slide_layout.js";

const fill = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(0));
const input = { values: fill(10, 10) };
const map = { values: fill(8, 8), window: { padding: 0 } };

test("input and map stand side by side where their cells stay large enough", () => {
  // Beside an editor of 40·3 + 150 pixels: (1000 − 270) / 18 is 40, and 330 / 18 is 18.
  assert.equal(fitCells([input, map], 3, 1000).cell, 18);
  // (540 − 270) / 18
  assert.equal(fitCells([input, map], 3, 540).cell, 15);
});

test("on a phone the widest grid takes what its sign leaves", () => {
  assert.equal(fitCells([input, map], 3, 390).cell, 34);
});

test("padding counts with the input", () => {
  const padded = { ...map, window: { padding: 1 } };
  const { cell, shapes } = fitCells([input, padded], 3, 390);
  assert.deepEqual(shapes[0], { rows: 10, columns: 10, padding: 1 });
  assert.equal(cell, 28);
});

test("every cell that is computed comes once, row by row, grid by grid", () => {
  const pooled = { values: fill(1, 2) };
  assert.deepEqual(listSteps([input, { values: fill(2, 1) }, pooled]), [
    { grid: 1, row: 0, column: 0 },
    { grid: 1, row: 1, column: 0 },
    { grid: 2, row: 0, column: 0 },
    { grid: 2, row: 0, column: 1 },
  ]);
});
