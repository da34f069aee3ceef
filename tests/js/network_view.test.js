// What the whole network writes and how its frames lie in each other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cutText, isInside } from "../../cnnviz/web/components/network_view/network_paint.js";
import { rankClasses } from "../../cnnviz/web/components/network_view/network_view.js";

test("text that does not fit is cut, and left out where nothing of it fits", () => {
  const measure = (text) => text.length;
  assert.equal(cutText("Conv1", 5, measure), "Conv1");
  assert.equal(cutText("Inception 3a", 8, measure), "Incepti…");
  assert.equal(cutText("Conv 1", 6, measure), "Conv 1");
  assert.equal(cutText("Conv 12", 6, measure), "Conv…");
  assert.equal(cutText("Conv1", 1, measure), "");
});

test("a frame lies in itself and in those around it", () => {
  const frames = [{ parent: null }, { parent: 0 }, { parent: null }];
  assert.equal(isInside(frames, 1, 0), true);
  assert.equal(isInside(frames, 1, 1), true);
  assert.equal(isInside(frames, 1, 2), false);
  assert.equal(isInside(frames, null, 0), false);
});

test("the five most probable classes stand in their order", () => {
  const ranked = rankClasses([0.1, 0.6, 0, 0.2, 0.0999, 0.0001], ["a", "b", "c", "d", "e", "f"]);
  assert.deepEqual(
    ranked.map(({ name }) => name),
    ["b", "d", "a", "e", "f"],
  );
  assert.equal(ranked[0].text, "60.0 %");
  assert.equal(ranked[4].text, "< 0.1 %");
});
