// What is drawn of a long network, numbers as text, and one component's life.

import assert from "node:assert/strict";
import { test } from "node:test";

import { viewOf } from "../../cnnviz/web/components/graph/overview.js";
import { mountComponent } from "../../cnnviz/web/components/shared/mount.js";
import {
  formatCell,
  formatNumber,
  formatSigned,
  formatValue,
} from "../../cnnviz/web/components/shared/values.js";

const block = (column, lane = 0) => ({ column, lane, label: `l${column}`, shape: "" });

test("a block shows itself and the three nearest layers that it reads from outside", () => {
  const blocks = [0, 1, 2, 3, 4, 5].map((column) => block(column));
  const ties = [
    [0, 4],
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 5],
  ];
  const view = viewOf(
    {
      blocks,
      ties,
      units: [
        { first: 0, last: 3 },
        { first: 4, last: 5 },
      ],
    },
    1,
  );
  assert.equal(view.left, 1);
  assert.deepEqual(
    view.blocks.map(({ column }) => column),
    [0, 0, 0, 1, 2],
  );
  assert.deepEqual(
    view.blocks.map(({ ghost }) => ghost ?? false),
    [true, true, true, false, false],
  );
  assert.deepEqual(view.ties, [
    [0, 3],
    [1, 3],
    [2, 3],
    [3, 4],
  ]);
});

test("a short network is drawn as it is", () => {
  const short = { blocks: [block(0), block(1)], ties: [[0, 1]], units: [] };
  assert.deepEqual(viewOf(short, 0), { blocks: short.blocks, ties: short.ties, left: 0 });
});

test("numbers are written short, with a true minus sign", () => {
  const written = [0, 0.51234, -17.41, 421.63, 0.00042, 3.1e-7, 81270].map(formatValue);
  assert.deepEqual(written, ["0", "0.512", "−17.41", "421.6", "0.00042", "3.1×10⁻⁷", "81,270"]);
  assert.equal(formatNumber(-0.001), "0.00");
  assert.equal(formatSigned(0.5), "+0.50");
  assert.equal(formatCell(-12.34), "−12.3");
});

test("a component is created once for its element, updated after, and let go", () => {
  const calls = [];
  const root = { addEventListener: (name) => calls.push(`listen ${name}`) };
  const parentElement = { querySelector: () => root };
  let report = null;
  const run = mountComponent(".pad", (element, { trigger }) => {
    calls.push(element === root ? "create" : "another root");
    report = () => trigger("picked", 7);
    const note = (word) => () => calls.push(word);
    return { update: (data) => calls.push(data), repaint: note("paint"), destroy: note("destroy") };
  });
  const sent = [];
  const call = (data, place) =>
    run({
      data,
      parentElement,
      setStateValue: () => {},
      setTriggerValue: (name, value) => sent.push([place, name, value]),
    });
  call("first", "old");
  const letGo = call("second", "new");
  report();
  assert.deepEqual(sent, [["new", "picked", 7]]);
  letGo();
  call("third", "last");
  assert.deepEqual(calls, [
    "create",
    "listen transitionend",
    "first",
    "second",
    "destroy",
    "create",
    "listen transitionend",
    "third",
  ]);
});
