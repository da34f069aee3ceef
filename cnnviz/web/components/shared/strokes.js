// Drawings as cnnviz.digits.strokes packs them: four characters a point, dots between strokes.

import { drawStrokes } from "../shared/pad.js";

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STEPS = SIGNS.length ** 2 - 1;
const MARGIN = 0.12; // around the drawing, of its larger side: it fills the tile as in the field

/**
 * @param {string} pair
 * @returns {number}
 */
function unpackNumber(pair) {
  return (SIGNS.length * SIGNS.indexOf(pair[0]) + SIGNS.indexOf(pair[1])) / STEPS;
}

/**
 * @param {string} point
 * @returns {[number, number]}
 */
function unpackPoint(point) {
  return [unpackNumber(point.slice(0, 2)), unpackNumber(point.slice(2))];
}

/**
 * @param {string} text
 * @returns {[number, number][][]} Points as fractions of the pad's side.
 */
export function unpackStrokes(text) {
  const strokes = text.split(".").filter(Boolean);
  return strokes.map((stroke) => (stroke.match(/.{4}/g) ?? []).map(unpackPoint));
}

/**
 * Move and enlarge a drawing so that it fills its square.
 * @param {[number, number][][]} strokes
 * @returns {[number, number][][]}
 */
export function fillSquare(strokes) {
  const points = strokes.flat();
  const [low, high] = [Math.min, Math.max].map((pick) =>
    [0, 1].map((axis) => pick(...points.map((point) => point[axis]))),
  );
  const side = Math.max(high[0] - low[0], high[1] - low[1], 0.05) * (1 + 2 * MARGIN);
  const place = (/** @type {number} */ value, /** @type {number} */ axis) =>
    0.5 + (value - (low[axis] + high[axis]) / 2) / side;
  return strokes.map((stroke) => stroke.map(([x, y]) => [place(x, 0), place(y, 1)]));
}

/**
 * Draw a packed drawing on a canvas of `side` CSS pixels, in the canvas's color.
 * @param {HTMLCanvasElement} canvas
 * @param {string} packed
 * @param {number} side
 */
export function paintDrawing(canvas, packed, side) {
  const dots = Math.round(side * (window.devicePixelRatio || 1));
  canvas.width = canvas.height = dots;
  drawStrokes(canvas.getContext("2d"), fillSquare(unpackStrokes(packed)), {
    pen: 0.09,
    side: dots,
    color: getComputedStyle(canvas).color,
  });
}
