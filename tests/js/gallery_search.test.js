// Samples are found by the words of what they show.

import assert from "node:assert/strict";
import { test } from "node:test";

import { findMatches } from "../../cnnviz/web/components/gallery/search.js";

const described = [
  "Chelsea the cat tabby, Egyptian cat, tiger cat Photographs",
  "Golf ball, drawn golf ball Sport and play",
  "Tennis ball, drawn tennis ball Sport and play",
];

test("every word must be there, in any order, in any case, also in part", () => {
  assert.deepEqual(findMatches(described, "ball"), [false, true, true]);
  assert.deepEqual(findMatches(described, " BALL gol "), [false, true, false]);
  assert.deepEqual(findMatches(described, "egypt"), [true, false, false]);
  assert.deepEqual(findMatches(described, "golf cat"), [false, false, false]);
});

test("an empty search finds all", () => {
  assert.deepEqual(findMatches(described, "  "), [true, true, true]);
});
