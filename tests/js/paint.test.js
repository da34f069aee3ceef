// Where maps lie, which cell is under a point, and what colours bytes become.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  decodeBytes,
  decodeUnsigned,
  inkPixels,
  luminance,
  readColorTable,
  signedColor,
} from "../../cnnviz/web/components/shared/colors.js";
import { cellAt, gridOf } from "../../cnnviz/web/components/shared/paint.js";
import { resample } from "../../cnnviz/web/components/overlay/overlay_paint.js";

const encode = (bytes) => Buffer.from(bytes).toString("base64");
// A grey ramp: the colour at i is (i, i, i).
const ramp = encode(Array.from({ length: 256 }, (_, at) => [at, at, at]).flat());

test("three maps of 2×4 cells, two across", () => {
  const grid = gridOf({ maps: 3, rows: 2, columns: 4, across: 2, cell: 10, gap: 6 });
  // A margin of 1 on each side: 2·40 + 6 + 2 across, 2·20 + 6 + 2 down.
  assert.deepEqual([grid.totalWidth, grid.totalHeight], [88, 48]);
  assert.deepEqual([grid.left(1), grid.top(1), grid.left(2), grid.top(2)], [47, 1, 1, 27]);
  assert.deepEqual(cellAt(grid, 47 + 25, 1 + 15), { channel: 1, row: 1, column: 2 });
  assert.deepEqual(cellAt(grid, 1, 27), { channel: 2, row: 0, column: 0 });
  assert.equal(cellAt(grid, 43, 5), null); // between the maps
  assert.equal(cellAt(grid, 60, 30), null); // where a fourth map would be
});

test("bytes are read as signed and as unsigned", () => {
  assert.deepEqual([...decodeBytes(encode([0, 127, 128, 255]))], [0, 127, -128, -1]);
  assert.deepEqual([...decodeUnsigned(encode([0, 127, 128, 255]))], [0, 127, 128, 255]);
});

test("zero is the middle of a signed scale, and values beyond its limit its ends", () => {
  const table = readColorTable(ramp);
  assert.deepEqual(signedColor(table, 0, 3), [128, 128, 128]);
  assert.deepEqual(signedColor(table, 3, 3), [255, 255, 255]);
  assert.deepEqual(signedColor(table, -300, 3), [0, 0, 0]);
  assert.deepEqual(signedColor(table, 5, 0), [128, 128, 128]);
});

test("bare paper begins the scale of ink and full ink ends it", () => {
  const pixels = inkPixels(readColorTable(ramp), 0.01, -0.1, 1.175);
  const opaque = (level) => (0xff000000 + level * 0x010101) >>> 0;
  assert.equal(pixels[128 - 10], opaque(0));
  assert.equal(pixels[255], opaque(255)); // 1.27 lies beyond full ink
  assert.equal(pixels[128], opaque(20));
});

test("white is brightest, and green brighter than blue", () => {
  assert.ok(Math.abs(luminance([255, 255, 255]) - 1) < 1e-9);
  assert.ok(luminance([0, 255, 0]) > luminance([0, 0, 255]));
});

test("a map is enlarged by its cells, or smoothly between their middles", () => {
  const panel = { values: [0, 4], scale: 0.5, rows: 1, columns: 2 };
  assert.deepEqual([...resample(panel, 1, 4, false)], [0, 0, 2, 2]);
  assert.deepEqual([...resample(panel, 1, 4, true)], [0, 0.5, 1.5, 2]);
});
