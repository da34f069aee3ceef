// How many figures of a home card stand side by side, by what is written under them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { countColumns } from "../../cnnviz/web/components/strip/strip.js";

/** @param {string[]} notes */
const makePanels = (...notes) => notes.map((note) => ({ note, maps: 1, across: 1 }));

test("three figures stand side by side only where each caption has room", () => {
  assert.equal(countColumns(makePanels("SGD", "Momentum", "Adam")), 2);
  assert.equal(countColumns(makePanels("Constant", "Step", "Cosine")), 2);
  assert.equal(countColumns(makePanels("step 1", "step 10", "step 100")), 3);
  assert.equal(countColumns(makePanels("p = 0", "p = 0.2", "p = 0.5")), 3);
  assert.equal(countColumns(makePanels("7", "change", "3")), 3);
});
