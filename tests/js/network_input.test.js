// What fingers do to the picture of a network.

import assert from "node:assert/strict";
import { test } from "node:test";

import { listenToInput } from "../../cnnviz/web/components/network_view/network_input.js";

function makePicture() {
  const canvas = Object.assign(new EventTarget(), {
    getBoundingClientRect: () => ({ left: 0, top: 0 }),
    setPointerCapture() {},
    classList: { add() {}, remove() {} },
  });
  const state = { view: { scale: 1, x: 0, y: 0 }, isFitted: true };
  const selected = [];
  const actions = {
    zoom(factor) {
      state.view = { ...state.view, scale: state.view.scale * factor };
      state.isFitted = false;
    },
    moveTo(view) {
      state.view = view;
    },
    select: (index) => selected.push(index),
  };
  listenToInput(canvas, state, actions, {});
  const touch = (type, pointerId, clientX, clientY) =>
    canvas.dispatchEvent(
      Object.assign(new Event(`pointer${type}`), { pointerId, clientX, clientY }),
    );
  return { state, selected, touch };
}

test("when one of two fingers is lifted the zoom stays, and the other moves the network", () => {
  const { state, selected, touch } = makePicture();
  touch("down", 1, 100, 100);
  touch("down", 2, 140, 100);
  touch("move", 1, 80, 100);
  touch("move", 2, 160, 100);
  assert.equal(state.view.scale, 2); // 80 pixels apart after 40
  touch("up", 2, 160, 100);
  touch("move", 1, 90, 107);
  assert.deepEqual(state.view, { scale: 2, x: 10, y: 7 });
  touch("up", 1, 90, 107);
  assert.deepEqual(selected, []);
});
