// Cells of channels and maps: counted, their windows, and what a cell of the input spreads.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  chooseCell,
  findPlace,
  locateWindow,
  readPatch,
  spreadCell,
} from "../../cnnviz/web/components/volumes/volume_cells.js";

const grid = [
  [1, 2, 3],
  [4, 5, 6],
];
const window = { stride: 2, padding: 1, dilation: 1 };
const kernels = [
  [
    [
      [1, 2],
      [3, 4],
    ],
  ],
];

test("cells are counted grid by grid, row by row", () => {
  assert.deepEqual(findPlace([grid, grid], 0), { grid: 0, row: 0, column: 0 });
  assert.deepEqual(findPlace([grid, grid], 10), { grid: 1, row: 1, column: 1 });
});

test("the first cell is the one nearest the middle that is not 0, over all channels", () => {
  const zeros = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  const corner = [
    [5, 0, 0],
    [0, 0, 0],
    [0, 0, -2],
  ];
  const side = [
    [0, 0, 0],
    [0, 0, -3],
    [0, 0, 0],
  ];
  assert.equal(chooseCell([grid, grid]), 1); // the middle: row 0, column 1
  assert.equal(chooseCell([zeros, zeros]), 4);
  assert.equal(chooseCell([corner]), 0);
  assert.equal(chooseCell([corner, side]), 14); // 9 + row 1, column 2
});

test("a window begins at the stride's multiple, less the padding, which is zero", () => {
  const looked = locateWindow({ window, kernels }, { row: 0, column: 1 });
  assert.deepEqual(looked, { top: -1, left: 1, kernel: 2, dilation: 1 });
  assert.deepEqual(readPatch(grid, looked), [
    [0, 0],
    [2, 3],
  ]);
});

test("a cell spreads its products over its window, and what is cut off is lost", () => {
  const data = {
    inputs: [{ values: [[10, 20]] }],
    maps: [[[0, 0, 0]]],
    kernels,
    divisor: 2,
    window,
  };
  assert.deepEqual(spreadCell(data, { grid: 0, row: 0, column: 0 }, 0), [[20, null, null]]);
  assert.deepEqual(spreadCell(data, { grid: 0, row: 0, column: 1 }, 0), [[null, 30, 40]]);
});
