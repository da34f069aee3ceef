// When the page of a job is asked to draw, against cases worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";

import { findDelay } from "../../cnnviz/web/components/job/job.js";
import { findHold } from "../../cnnviz/web/components/shared/leaving.js";

const running = (partials) => ({ version: 9, is_active: true, text: "", progress: 0.5, partials });
const over = { ...running(3), is_active: false };

test("nothing new is never asked for: a waiting visitor costs no rerun", () => {
  assert.equal(findDelay(running(0), { drawn: 0, asked: false, since: 1e9 }), null);
  assert.equal(findDelay(running(4), { drawn: 4, asked: false, since: 0 }), null);
});

test("intermediate results come at most twice a second", () => {
  assert.equal(findDelay(running(1), { drawn: 0, asked: false, since: Infinity }), 0);
  assert.equal(findDelay(running(2), { drawn: 1, asked: false, since: 120 }), 380);
  assert.equal(findDelay(running(2), { drawn: 1, asked: false, since: 600 }), 0);
});

test("the next one is not asked for before the last one was drawn", () => {
  assert.ok(findDelay(running(2), { drawn: 0, asked: true, since: 900 }) > 5000);
  assert.equal(findDelay(running(2), { drawn: 0, asked: true, since: 20000 }), 0);
});

test("the end is told at once", () => {
  assert.equal(findDelay(over, { drawn: 3, asked: false, since: 10 }), 0);
});

test("a component reports nothing by itself while its page is left, for half a minute", () => {
  assert.equal(findHold(undefined, 5000), 0);
  assert.equal(findHold("4000", 5000), 29_000);
  assert.equal(findHold("4000", 34_001), 0);
});
