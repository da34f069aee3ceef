// What pointer, wheel and keys do to the picture of a network.

import { hitTest, moveSelection, placeFrames, reveal } from "./network_layout.js";
import { isInside, knobOf, knobOfFrame } from "./network_paint.js";

export const ZOOM_STEP = 1.25;
const SLOP = 4; // pixels that a click may move
const REACH = 12; // pixels around the middle of a sign that opens or closes

/** @typedef {import("./network_layout.js").Rect} Rect */
/** @typedef {import("./network_layout.js").View} View */

/**
 * What the picture can be made to do.
 * @typedef {object} Actions
 * @property {(factor: number, x?: number, y?: number) => void} zoom
 * @property {(view: View) => void} moveTo
 * @property {() => void} fit
 * @property {(index: number, map?: number, cell?: number) => void} select
 * @property {(name: string) => void} toggle
 * @property {(index: number) => void} enter
 * @property {(hit: { index: number } | null, isKnob: boolean, x: number, y: number) => void} hover
 */

/**
 * The channel that was meant; null for none.
 * @param {import("./types.js").DrawnNode} node
 * @param {number} map Of the node's maps, -1 for none.
 * @param {number} cell Of a node without maps, -1 for none.
 * @returns {number | null}
 */
export function findChannel(node, map, cell) {
  if (node.vector) return node.channels[cell] ?? null;
  return map >= 0 && node.kind !== "input" ? (node.channels[map] ?? null) : null;
}

/**
 * Turn events into actions on the picture.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./types.js").Scene} state
 * @param {Actions} actions
 * @param {AddEventListenerOptions} options
 */
export function listenToInput(canvas, state, actions, options) {
  /** @type {Map<number, [number, number]>} */
  const pointers = new Map();
  /** @type {{ at: [number, number], view: View, isMoved: boolean } | null} */
  let pressed = null;

  /** @param {MouseEvent} event @returns {[number, number]} */
  function pointOf(event) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {number} x @param {number} y */
  function find(x, y) {
    const { view, layout } = state;
    return hitTest(layout.boxes, (x - view.x) / view.scale, (y - view.y) / view.scale);
  }

  // The part whose sign for opening or closing lies under the pointer.
  /** @param {number} x @param {number} y */
  function findKnob(x, y) {
    const { data, layout, view } = state;
    const isNear = (/** @type {Rect} */ knob) =>
      Math.max(Math.abs(knob.x + knob.width / 2 - x), Math.abs(knob.y + knob.height / 2 - y)) <
      REACH;
    const rects = placeFrames(data.frames, data.nodes, layout.boxes, (node, at) =>
      isInside(data.frames, node.frame, at),
    );
    const depthOf = (/** @type {{ frame: number }} */ rect) => data.frames[rect.frame].depth;
    const open = rects.find(
      (rect) => rect.isFirst && isNear(knobOfFrame(rect, depthOf(rect), view)),
    );
    if (open) return data.frames[open.frame].name;
    const closed = data.nodes.findIndex(
      (node, at) => node.can_open && isNear(knobOf(layout.boxes[at], view)),
    );
    return closed < 0 ? null : data.nodes[closed].name;
  }

  /** @param {PointerEvent} event */
  function onDown(event) {
    pointers.set(event.pointerId, pointOf(event));
    pressed = { at: pointOf(event), view: state.view, isMoved: false };
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch {
      /* a pointer made by a script */
    }
  }

  /** @param {PointerEvent} event */
  function onMove(event) {
    const [x, y] = pointOf(event);
    if (!pointers.has(event.pointerId)) {
      actions.hover(find(x, y), findKnob(x, y) !== null, x, y);
      return;
    }
    const before = spread();
    pointers.set(event.pointerId, [x, y]);
    if (pointers.size === 2) {
      const after = spread();
      pressed.isMoved = true;
      actions.zoom(after.length / (before.length || 1), after.x, after.y);
      return;
    }
    const [startX, startY] = pressed.at;
    if (Math.hypot(x - startX, y - startY) > SLOP) pressed.isMoved = true;
    if (!pressed.isMoved || state.isFitted) return;
    canvas.classList.add("dragged");
    const { view } = pressed;
    actions.moveTo({ ...view, x: view.x + x - startX, y: view.y + y - startY });
  }

  function spread() {
    const [[x, y], [otherX, otherY] = [0, 0]] = [...pointers.values()];
    return { length: Math.hypot(x - otherX, y - otherY), x: (x + otherX) / 2, y: (y + otherY) / 2 };
  }

  /** @param {PointerEvent} event */
  function onUp(event) {
    pointers.delete(event.pointerId);
    canvas.classList.remove("dragged");
    const [left] = pointers.values();
    if (left) {
      // One finger of two: it moves the network from where both brought it.
      pressed = { at: left, view: state.view, isMoved: true };
      return;
    }
    if (event.type === "pointercancel" || !pressed || pressed.isMoved) return;
    const [x, y] = pointOf(event);
    const knob = findKnob(x, y);
    const hit = find(x, y);
    if (knob) actions.toggle(knob);
    else if (hit) actions.select(hit.index, hit.map, hit.cell);
  }

  /** @param {MouseEvent} event */
  function onDoubleClick(event) {
    const hit = find(...pointOf(event));
    if (hit) actions.enter(hit.index);
  }

  // A wheel zooms with Control or once the network has the focus; else it scrolls the page.
  /** @param {WheelEvent} event */
  function onWheel(event) {
    if (!event.ctrlKey && !event.metaKey && !canvas.matches(":focus")) return;
    event.preventDefault();
    actions.zoom(Math.exp(-event.deltaY / 400), ...pointOf(event));
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const { selected, data, layout } = state;
    if (event.key === "+" || event.key === "=") actions.zoom(ZOOM_STEP);
    else if (event.key === "-") actions.zoom(1 / ZOOM_STEP);
    else if (event.key === "0") actions.fit();
    else if (event.key.startsWith("Arrow")) {
      const next = selected.index < 0 ? 0 : moveSelection(data.nodes, selected.index, event.key);
      actions.select(next);
      if (!state.isFitted) actions.moveTo(reveal(state.view, layout.boxes[next], state.room));
    } else if (event.key === "Enter" && selected.index >= 0) actions.enter(selected.index);
    else if (event.key === "Escape" && data.nodes[selected.index]?.frame != null) {
      actions.toggle(data.frames[data.nodes[selected.index].frame].name);
    } else return;
    event.preventDefault();
  }

  canvas.addEventListener("pointerdown", onDown, options);
  canvas.addEventListener("pointermove", onMove, options);
  canvas.addEventListener("pointerup", onUp, options);
  canvas.addEventListener("pointercancel", onUp, options);
  canvas.addEventListener("pointerleave", () => actions.hover(null, false, 0, 0), options);
  canvas.addEventListener("dblclick", onDoubleClick, options);
  canvas.addEventListener("keydown", onKey, options);
  canvas.addEventListener("wheel", onWheel, { ...options, passive: false });
}
