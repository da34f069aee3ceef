// What a phone reads and says of a question.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nameVerdict, readNumber } from "../../cnnviz/web/components/phone/question.js";
import { findPicture, listApart } from "../../cnnviz/web/components/shared/pictures.js";
import { nameState } from "../../cnnviz/web/components/votes/votes.js";

test("a number is read as it is typed", () => {
  const typed = { 36864: 36864, "36,864": 36864, "0,125": 0.125, "2.5": 2.5, "−3,5": -3.5 };
  for (const [text, value] of Object.entries(typed)) assert.equal(readNumber(text), value);
  for (const text of ["", " ", "a", "1 2", "1.2.3"]) assert.equal(readNumber(text), null);
});

test("a phone says right or not right only of a vote that has a right answer", () => {
  const view = { given: [0], is_right: true, answer: "S2" };
  assert.equal(nameVerdict(view), "Right: S2.");
  assert.equal(nameVerdict({ ...view, is_right: false }), "Not right. Answer: S2.");
  assert.equal(nameVerdict({ ...view, given: null, is_right: null }), "Answer: S2.");
  assert.equal(nameVerdict({ ...view, is_right: null, answer: "" }), "Your vote is counted.");
});

test("the teacher sees how many voted and how much time is left", () => {
  assert.equal(nameState({ voted: 2, phones: 3 }, null), "2 of 3 voted");
  assert.equal(nameState({ voted: 2, phones: 3 }, 9.2), "2 of 3 voted · 10 s left");
});

test("an image belongs to the choice of its name, and stands apart where there is none", () => {
  const pictures = [
    { caption: "map", png: "" },
    { caption: "B", png: "" },
  ];
  assert.equal(findPicture(pictures, "B"), pictures[1]);
  assert.equal(findPicture(pictures, "A"), undefined);
  assert.deepEqual(listApart(pictures, ["A", "B"]), [pictures[0]]);
});
