// Where the tiles of a sheet lie, in CSS pixels worked out by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrangeTiles, arrangeUnits } from "../../cnnviz/web/components/maps/tile_layout.js";

const list = (count) => Array.from({ length: count }, (_, channel) => ({ channel }));

test("a few square maps get the width that suits their number", () => {
  // Six tiles wish for 168 pixels; 1000 hold five of them and their gaps of 12.
  const plan = arrangeTiles(1000, { rows: 8, columns: 8, tiles: list(6), captions: 0 });
  assert.equal(plan.across, 5);
  assert.deepEqual([plan.left(1), plan.left(4), plan.left(5)], [202, 808, 0]);
  assert.equal(plan.side, 190); // (1000 - 4 * 12) / 5 = 190.4, and whole pixels
  assert.equal(plan.top(5), 202);
});

test("a wide map is as wide as a square one, and less high", () => {
  const plan = arrangeTiles(1000, {
    rows: 4,
    columns: 8,
    tiles: list(2),
    captions: 0,
    side: 100,
  });
  assert.deepEqual([plan.side, plan.high, plan.totalHeight], [100, 50, 50]);
});

test("captions take their height in every row", () => {
  const tiles = list(4);
  const plan = arrangeTiles(224, { rows: 8, columns: 8, tiles, captions: 1, side: 100 });
  assert.equal(plan.across, 2);
  assert.equal(plan.top(2), 136); // 100 + 12 + 24
  const two = arrangeTiles(224, { rows: 8, columns: 8, tiles, captions: 2, side: 100 });
  assert.equal(two.top(2), 156);
});

test("120 units lie close together", () => {
  const plan = arrangeUnits(520, { tiles: list(120) });
  assert.deepEqual([plan.across, plan.side, plan.left(21), plan.top(21)], [20, 25, 26, 26]);
  assert.deepEqual([plan.totalWidth, plan.totalHeight], [520, 156]);
});
