// Level lines of a surface, and a step of an optimizer in numbers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { scaleOf, traceLevel } from "../../cnnviz/web/components/descent/contour.js";
import { writeStep } from "../../cnnviz/web/components/descent/steps.js";

test("the level line of a circle keeps its distance from the middle", () => {
  const side = 41;
  const heights = Float32Array.from({ length: side * side }, (_, at) =>
    Math.hypot((at % side) - 20, Math.floor(at / side) - 20),
  );
  const lines = traceLevel(heights, side, side, 10);
  assert.ok(lines.length > 60);
  for (const [x, y] of lines) assert.ok(Math.abs(Math.hypot(x - 20, y - 20) - 10) < 0.05);
});

test("there is no line where nothing crosses the level", () => {
  assert.deepEqual(traceLevel([1, 1, 1, 1], 2, 2, 2), []);
});

test("a pixel's weights lie inside of the window, and go back to the pixel", () => {
  const scale = scaleOf([-3, 3, -2, 2], 600, 400);
  assert.deepEqual(scale.weightsAt(0, 0), [-3, 2]);
  assert.deepEqual(scale.weightsAt(900, 500), [3, -2]);
  const [x, y] = scale.weightsAt(150, 100);
  assert.deepEqual([scale.across(x), scale.down(y)], [150, 100]);
});

test("a step is told with its own numbers and those before", () => {
  const lines = [{ symbol: "v", code: "0.9·v + g{ᵗ}", filled: "0.9·{v-} + {g} at {η}" }];
  const numbers = {
    points: [1, 1, 0.9, 0.6, 0.72, 0],
    rates: [0.1, 0.1],
    values: { v: [1, 4, 1.8, 6], g: [1, 4, 0.9, 2.4] },
  };
  const [first] = writeStep(lines, numbers, 1);
  assert.equal(first.filled, "0.9·(0, 0) + (1.000, 4.000) at 0.100");
  const [second] = writeStep(lines, numbers, 2);
  assert.equal(second.rule, "v ← 0.9·v + g²");
  assert.equal(second.filled, "0.9·(1.000, 4.000) + (0.900, 2.400) at 0.100");
  assert.equal(second.value, "(1.800, 6.000)");
});
