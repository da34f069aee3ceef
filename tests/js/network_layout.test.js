// The layout of the whole network: nothing overlaps, all fits, and the pointer finds its part.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  breakLines,
  findBands,
  fitView,
  gridOfVector,
  hitTest,
  keepInside,
  layOut,
  moveSelection,
  placeFrames,
  reached,
  reveal,
  routeTie,
  zoomAt,
} from "../../cnnviz/web/components/network_view/network_layout.js";

const plain = { lane: 0, lanes: 1, maps: 6, vector: false, frame: null };
const layer = { ...plain, kind: "layer", size: "8×8" };

function chain(length) {
  return Array.from({ length }, (_, column) => ({
    ...layer,
    column,
    kind: column === 0 ? "input" : "layer",
  }));
}

// Two branches between an input and a join.
const branched = [
  { ...layer, column: 0, kind: "input" },
  { ...layer, column: 1, lanes: 2, frame: 0 },
  { ...layer, column: 2, lanes: 2, frame: 0 },
  { ...layer, column: 1, lane: 1, lanes: 2, frame: 0 },
  { ...layer, column: 3, lanes: 2, frame: 0 },
];

function overlaps(one, other) {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.label < other.y + other.height &&
    other.label < one.y + one.height
  );
}

const rooms = [
  { width: 900, height: 500 },
  { width: 358, height: 900 },
];

test("no two parts overlap, and all lie inside the world", () => {
  for (const nodes of [chain(8), chain(47), branched]) {
    for (const room of rooms) {
      const { boxes, width, height, answer } = layOut(nodes, room, 6);
      for (const box of boxes) {
        assert.ok(box.x >= 0 && box.x + box.width <= width);
        assert.ok(box.label >= 0 && box.y + box.height <= height);
      }
      assert.ok(answer.x + answer.width <= width);
      boxes.forEach((box, at) => {
        for (const other of boxes.slice(at + 1)) assert.ok(!overlaps(box, other));
      });
    }
  }
});

test("a narrow window breaks the network into more lines", () => {
  const [wide, narrow] = rooms.map((room) => layOut(chain(13), room, 6));
  assert.ok(narrow.lines > wide.lines);
  assert.ok(narrow.scale > 0.7);
});

test("lines are as even as they can be", () => {
  const columns = Array.from({ length: 6 }, () => ({ width: 48, height: 10, members: [] }));
  assert.deepEqual(
    breakLines(columns, 3).map((line) => line.columns.length),
    [2, 2, 2],
  );
  assert.deepEqual(
    breakLines(columns, 3).map((line) => line.first),
    [0, 2, 4],
  );
});

test("branches share the maps of their column", () => {
  const { boxes, stack } = layOut(branched, rooms[0], 6);
  assert.equal(boxes[1].maps.length, Math.floor(stack / 2));
  assert.ok(boxes[3].y > boxes[1].y + boxes[1].height);
});

test("every map is found under its middle, and nothing beside the parts", () => {
  const { boxes } = layOut(chain(8), rooms[0], 6);
  boxes.forEach((box, index) => {
    box.maps.forEach((map, at) => {
      const hit = hitTest(boxes, map.x + map.width / 2, map.y + map.height / 2);
      assert.deepEqual([hit.index, hit.map], [index, at]);
    });
  });
  assert.equal(hitTest(boxes, -5, -5), null);
});

test("a vector's cells are found by their number", () => {
  const nodes = [...chain(2), { ...layer, column: 2, vector: true, maps: 84 }];
  const { boxes } = layOut(nodes, rooms[0], 6);
  const [rows, columns] = boxes[2].grid;
  assert.ok(rows * columns >= 84 && (rows - 1) * columns < 84);
  const { x, y, width, height } = boxes[2].maps[0];
  const hit = hitTest(boxes, x + (width * 1.5) / columns, y + (height * 2.5) / rows);
  assert.equal(hit.cell, 2 * columns + 1);
});

test("a vector's cells are nearly square", () => {
  assert.deepEqual(gridOfVector(100, 50, 50), [10, 10]);
  assert.deepEqual(gridOfVector(1, 48, 300), [1, 1]);
});

test("ties are straight to the next column and arcs over what stands between", () => {
  const { boxes } = layOut(branched, rooms[0], 6);
  assert.equal(routeTie(branched, boxes, [0, 1]), "straight");
  assert.equal(routeTie(branched, boxes, [0, 4]), "arc");
  const far = chain(40);
  const { boxes: places } = layOut(far, rooms[1], 6);
  assert.equal(routeTie(far, places, [0, 39]), "stubs");
});

test("a frame holds its parts and nothing else", () => {
  const { boxes } = layOut(branched, rooms[0], 6);
  const inside = (node, frame) => node.frame === frame;
  const rects = placeFrames([{ depth: 0 }], branched, boxes, inside);
  branched.forEach((node, at) => {
    const box = boxes[at];
    const right = box.x + box.width;
    const isHeld = rects.some(({ x, width }) => box.x >= x && right <= x + width);
    assert.equal(isHeld, node.frame === 0);
  });
});

test("a frame that goes over the end of a line is cut there", () => {
  const nodes = chain(40).map((node) => ({ ...node, frame: node.column > 2 ? 0 : null }));
  const { boxes, lines } = layOut(nodes, rooms[1], 6);
  const rects = placeFrames([{ depth: 0 }], nodes, boxes, (node) => node.frame === 0);
  assert.equal(rects.length, lines);
  assert.equal(rects.filter((rect) => rect.isFirst).length, 1);
});

test("one caption for neighbours of one size", () => {
  const nodes = chain(6).map((node) => ({ ...node, size: node.column < 4 ? "8×8" : "4×4" }));
  const { boxes } = layOut(nodes, { width: 4000, height: 400 }, 6);
  assert.deepEqual(
    findBands(nodes, boxes).map((band) => band.size),
    ["8×8", "4×4"],
  );
});

test("zooming keeps the point under the pointer", () => {
  const view = zoomAt({ scale: 1, x: 10, y: 20 }, 2, 110, 220, 0.1);
  assert.deepEqual(view, { scale: 2, x: -90, y: -180 });
  assert.equal(zoomAt(view, 0.001, 0, 0, 0.5).scale, 0.5);
});

test("the fitted view shows the whole world, and moving does not lose it", () => {
  const world = { width: 1000, height: 400 };
  const room = { width: 500, height: 500 };
  const view = fitView(world, room);
  assert.deepEqual(view, { scale: 0.5, x: 0, y: 150 });
  assert.deepEqual(keepInside({ scale: 1, x: 300, y: -900 }, world, room), {
    scale: 1,
    x: 0,
    y: 50,
  });
});

test("what is selected is brought into the window", () => {
  const box = { x: 900, y: 100, width: 48, height: 48, label: 70 };
  const view = reveal({ scale: 1, x: 0, y: 0 }, box, { width: 500, height: 400 });
  assert.ok(view.x + 900 >= 0 && view.x + 948 <= 500);
});

test("arrow keys go to the next column and the next branch", () => {
  assert.equal(moveSelection(branched, 0, "ArrowRight"), 1);
  assert.equal(moveSelection(branched, 1, "ArrowDown"), 3);
  assert.equal(moveSelection(branched, 3, "ArrowRight"), 2);
  assert.equal(moveSelection(branched, 4, "ArrowRight"), 4);
  assert.equal(moveSelection(branched, 1, "ArrowLeft"), 0);
});

test("the signal reaches the columns in their order", () => {
  assert.equal(reached({ column: 3 }, 3), 0);
  assert.equal(reached({ column: 3 }, 3.25), 0.25);
  assert.equal(reached({ column: 3 }, 9), 1);
});
