// What of a camera's frame is sent, where its maps stand, and why there is no camera.

import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeSquare, keepPlaces } from "../../cnnviz/web/components/camera/frame_size.js";
import { explainRefusal } from "../../cnnviz/web/components/camera/stream.js";

/** A square whose file has so many signs for each tenth of quality. */
const makeSquare = (width, signs) => ({
  width,
  toDataURL: (type, quality = 1) => `data:${type};base64,${"A".repeat(signs * quality * 10)}`,
});

test("a small square is sent as it is, and a large one with less quality until it fits", () => {
  const types = [];
  const small = { width: 64, toDataURL: (type) => types.push(type) && "data:image/png;base64,QQ" };
  assert.equal(encodeSquare(small), "QQ");
  assert.deepEqual(types, ["image/png"]);
  assert.equal(encodeSquare(makeSquare(256, 3000)).length, 27_000);
  assert.equal(encodeSquare(makeSquare(600, 10_000)).length, 50_000);
});

test("a channel that stays among the strongest keeps its place", () => {
  assert.deepEqual(keepPlaces([], [5, 2, 9]), [5, 2, 9]);
  assert.deepEqual(keepPlaces([5, 2, 9], [9, 7, 5]), [5, 7, 9]);
  assert.deepEqual(keepPlaces([5, 2, 9], [1, 2]), [1, 2]);
});

test("each refusal of a camera is one plain sentence and what to do instead", () => {
  const said = [
    explainRefusal(false, ""),
    ...["NotAllowedError", "NotFoundError", "NotReadableError"].map((name) =>
      explainRefusal(true, name),
    ),
  ];
  assert.equal(new Set(said).size, 4);
  for (const sentence of said) assert.match(sentence, /[.;].* Choose or upload an image above/);
  assert.match(said[0], /https/);
});
