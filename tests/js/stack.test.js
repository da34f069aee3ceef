// The arithmetic of a stack of layers, against answers counted by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  middleCell,
  nearestCell,
  placeOf,
  reachOf,
  tracePaths,
} from "../../cnnviz/web/components/field/stack.js";

const conv = { letter: "", kernel: 3, stride: 1, padding: 0, dilation: 1 };
// Two 3×3 convolutions without padding on 7 pixels: 5 cells, then 3 that see 5 pixels.
const rows = [
  { ...conv, size: 5, field: 3, jump: 1, start: 0 },
  { ...conv, size: 3, field: 5, jump: 1, start: 0 },
];
const stack = { size: 7, rows };

test("paths to the pixels are the binomial ones of two convolutions", () => {
  const [pixels, cells] = tracePaths(rows, 2, 1);
  assert.deepEqual([...cells].sort(), [
    [1, 1],
    [2, 1],
    [3, 1],
  ]);
  assert.deepEqual([...pixels].sort(), [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 2],
    [5, 1],
  ]);
});

test("padding is noted and not followed", () => {
  const padded = [
    { ...conv, padding: 1, size: 3 },
    { ...conv, padding: 1, size: 3 },
  ];
  const [pixels, cells] = tracePaths(padded, 2, 0);
  assert.deepEqual([...cells.keys()], [-1, 0, 1]);
  // Cell 0 reads -1, 0, 1 and cell 1 reads 0, 1, 2; the padding at -1 reads nothing.
  assert.deepEqual(
    [...pixels].sort(([one], [other]) => one - other),
    [
      [-1, 1],
      [0, 2],
      [1, 2],
      [2, 1],
    ],
  );
});

test("a cell stands over the middle of its field", () => {
  assert.equal(placeOf(rows, 2).first, 2);
  assert.equal(nearestCell(stack, 2, 3), 1);
  assert.equal(nearestCell(stack, 2, -9), 0);
  assert.equal(nearestCell(stack, 2, 9), 2);
});

test("padding widens what the picture must have room for", () => {
  assert.deepEqual(reachOf(stack), [-0.5, 6.5]);
  const wide = [{ ...conv, padding: 2, size: 9, field: 3, jump: 1, start: -2 }];
  assert.deepEqual(reachOf({ size: 7, rows: wide }), [-2.5, 8.5]);
});

test("the middle of nothing but padding is the first cell", () => {
  assert.equal(
    middleCell(
      new Map([
        [-1, 1],
        [-2, 1],
      ]),
      5,
    ),
    0,
  );
  assert.equal(
    middleCell(
      new Map([
        [3, 1],
        [1, 1],
        [2, 1],
      ]),
      5,
    ),
    2,
  );
});
