// Curves of runs of training, against cases worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";

import { joinTold } from "../../cnnviz/web/components/training/training.js";
import {
  averageSteps,
  drawCurves,
  formatReading,
  listTicks,
  tracePath,
} from "../../cnnviz/web/components/training/training_curves.js";

const same = (value) => value;

test("many steps are averaged, and a step that is no number is left out", () => {
  assert.deepEqual(averageSteps([1, 3, 5, 9, 2], 3), [[2, 2], [4, 7], [5, 2]]);
  assert.deepEqual(averageSteps([1, null, null, null], 2), [[2, 1], [4, null]]);
  assert.deepEqual(averageSteps([]), []);
});

test("a path is broken where there is no number", () => {
  const points = [[0, 1], [1, 2], [2, null], [3, 4]];
  assert.equal(tracePath(points, same, same), "M0.0 1.0h0L1.0 2.0M3.0 4.0h0");
});

test("ticks are even and end at or below the top", () => {
  assert.deepEqual(listTicks(100), [0, 50, 100]);
  assert.deepEqual(listTicks(3), [0, 1, 2, 3]);
  assert.deepEqual(listTicks(700), [0, 200, 400, 600]);
});

test("before the first steps all ticks lie within the chart", (t) => {
  const make = (_, tag) => {
    const element = { tag, attributes: {}, children: [] };
    element.setAttribute = (name, value) => (element.attributes[name] = value);
    element.append = (...children) => element.children.push(...children);
    return element;
  };
  globalThis.document = { createElementNS: make };
  t.after(() => delete globalThis.document);
  let parts = [];
  const svg = {
    getBoundingClientRect: () => ({ width: 300, height: 200 }),
    replaceChildren: (...drawn) => (parts = drawn),
  };
  for (const steps of [0, 1, 3, 100]) {
    drawCurves(svg, [], { steps, top: 1 });
    const ticks = parts.filter(({ attributes }) => attributes["text-anchor"] === "middle");
    const places = ticks.map(({ attributes }) => Number(attributes.x));
    assert.ok(places.length >= 3);
    assert.ok(Math.min(...places) >= 0 && Math.max(...places) <= 300, `${steps}: ${places}`);
  }
});

test("a loss that is no number is called so", () => {
  assert.equal(formatReading(0.013), "0.013");
  assert.equal(formatReading(null), "no number");
});

test("what is new is joined to what the page has", () => {
  const first = { step: 2, losses: [2, 1], looks: [[2, 1, 0.5, 1, 0.5]], confusion: [[1]] };
  const next = { step: 3, losses: [0.5], looks: [] };
  assert.deepEqual(joinTold(null, first), first);
  assert.deepEqual(joinTold(first, next), { ...first, step: 3, losses: [2, 1, 0.5] });
});
