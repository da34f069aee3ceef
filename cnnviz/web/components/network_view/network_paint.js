// The whole network on a canvas. Places are world units and turned to the screen's here, so that
// lines and text keep their size at every zoom.

import { COLUMN_GAP, findBands, placeFrames, reached, routeTie } from "./network_layout.js";

const FONT = "12px";
const SMALL = "10.5px";
const LEAST_TITLE = 26; // pixels of a column below which it has no title
const TWO_LINES = 0.9; // zoom from which a title has a second line
const DECK = 3; // pixels between the outlines of equal parts
const KNOB = 13; // side of the sign that opens or closes a part
const TURN = Math.PI * 2;

/** @typedef {import("./network_layout.js").Box} Box */
/** @typedef {import("./types.js").DrawnNode} DrawnNode */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./network_layout.js").Rect} Rect */
/** @typedef {import("./network_layout.js").View} View */
/** @typedef {CanvasRenderingContext2D} Context */
/** @typedef {[number, number]} Point */
/** @typedef {[number, number, number, number]} Edges Left, top, width and height on the screen. */
/** @typedef {import("./types.js").Look} Look */
/** @typedef {import("./types.js").Scene} Scene */
/** @typedef {import("./types.js").Sheet} Sheet */

/**
 * What is drawn once for a node's maps: each a picture of one dot a cell.
 * @param {DrawnNode & { grid: number[] | null }} node @param {Uint32Array} pixels @returns {Sheet}
 */
export function createSheet(node, pixels) {
  const [rows, columns] = node.vector ? node.grid : [node.rows, node.columns];
  const count = node.vector ? 1 : node.maps;
  const sheet = document.createElement("canvas");
  sheet.width = columns;
  sheet.height = rows * count;
  const context = sheet.getContext("2d");
  const image = context.createImageData(columns, rows * count);
  const dots = new Uint32Array(image.data.buffer);
  for (let at = 0; at < node.values.length; at += 1) dots[at] = pixels[node.values[at] + 128];
  context.putImageData(image, 0, 0);
  return { sheet, rows, columns };
}

/**
 * A picture of red, green and blue bytes.
 * @param {{ rows: number, columns: number }} size @param {Uint8Array} bytes @returns {Sheet}
 */
export function createImage({ rows, columns }, bytes) {
  const sheet = document.createElement("canvas");
  sheet.width = columns;
  sheet.height = rows;
  const context = sheet.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let at = 0; at < rows * columns; at += 1) {
    image.data.set([bytes[3 * at], bytes[3 * at + 1], bytes[3 * at + 2], 255], 4 * at);
  }
  context.putImageData(image, 0, 0);
  return { sheet, rows, columns };
}

/**
 * Where the sign that opens a part stands: over its right corner, below its title.
 * @param {Box} box @param {View} view
 */
export function knobOf(box, view) {
  const [x, y] = toScreen(view, box.x + box.width, box.y);
  return { x: x - KNOB + 4, y: y - KNOB - 5, width: KNOB, height: KNOB };
}

/**
 * Where the sign that closes a frame stands: on its upper left corner, beside an outer one's.
 * @param {Rect} rect @param {number} depth @param {View} view
 */
export function knobOfFrame(rect, depth, view) {
  const [x, y] = toScreen(view, rect.x, rect.y);
  const left = x - KNOB / 2 + depth * (KNOB + 3);
  return { x: left, y: y - KNOB / 2, width: KNOB, height: KNOB };
}

/** @param {View} view @param {number} x @param {number} y @returns {Point} */
function toScreen(view, x, y) {
  return [view.x + x * view.scale, view.y + y * view.scale];
}

/** @param {View} view @param {Rect} rect @returns {Edges} */
function rectOf(view, { x, y, width, height }) {
  const [left, top] = toScreen(view, x, y);
  return [left, top, width * view.scale, height * view.scale];
}

/**
 * Paint a network.
 * @param {Context} context
 * @param {Scene} scene
 */
export function paintNetwork(context, scene) {
  context.textBaseline = "top";
  paintBands(context, scene);
  paintFrames(context, scene);
  scene.data.ties.forEach((tie) => paintTie(context, scene, tie));
  scene.data.nodes.forEach((node, index) => paintNode(context, scene, node, index));
  paintAnswer(context, scene);
}

/** @param {Context} context @param {Scene} scene */
function paintBands(context, { data, layout, view, look }) {
  for (const band of findBands(data.nodes, layout.boxes)) {
    const top = layout.tops[band.line];
    const [left, y] = toScreen(view, band.left, top);
    const [right] = toScreen(view, band.right, top);
    write(context, band.size, left, y, { width: right - left, color: look.quiet, font: SMALL });
    context.fillStyle = look.line;
    context.fillRect(left, y + 14, right - left, 1);
  }
}

/** @param {Context} context @param {Scene} scene */
function paintFrames(context, { data, layout, view, look }) {
  const rects = placeFrames(data.frames, data.nodes, layout.boxes, (node, frame) =>
    isInside(data.frames, node.frame, frame),
  );
  for (const rect of rects) {
    context.fillStyle = look.faint;
    context.strokeStyle = look.line;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(...rectOf(view, rect), 6);
    context.fill();
    context.stroke();
    if (!rect.isFirst) continue;
    const { depth } = data.frames[rect.frame];
    paintKnob(context, knobOfFrame(rect, depth, view), { isOpen: true, look });
  }
}

/**
 * Whether a frame (its index) is another one or lies in it.
 * @param {Frame[]} frames @param {number | null} frame @param {number} outer
 */
export function isInside(frames, frame, outer) {
  for (let at = frame; at !== null && at !== undefined; at = frames[at].parent) {
    if (at === outer) return true;
  }
  return false;
}

/** @param {Context} context @param {Rect} place @param {{ isOpen: boolean, look: Look }} how */
function paintKnob(context, { x, y, width, height }, { isOpen, look }) {
  context.fillStyle = look.ground;
  context.strokeStyle = look.quiet;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(x, y, width, height, 3);
  context.fill();
  context.stroke();
  context.fillStyle = look.ink;
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  context.fillRect(middleX - 3, middleY - 0.5, 6, 1);
  if (!isOpen) context.fillRect(middleX - 0.5, middleY - 3, 1, 6);
}

/** @param {Context} context @param {Scene} scene @param {[number, number]} tie */
function paintTie(context, { data, layout, view, look, front }, tie) {
  const [from, to] = tie.map((index) => layout.boxes[index]);
  const route = routeTie(data.nodes, layout.boxes, tie);
  const start = toScreen(view, from.x + from.width, from.y + from.height / 2);
  const end = toScreen(view, to.x, to.y + to.height / 2);
  const column = data.nodes[tie[1]].column;
  const isLit = front >= column - 0.35;
  context.strokeStyle = isLit ? look.quiet : look.line;
  context.lineWidth = isLit ? 1.4 : 1;
  context.beginPath();
  if (route === "stubs") paintStubs(context, start, end);
  else if (route === "arc") paintArc(context, view, from, to);
  else paintCurve(context, start, end, COLUMN_GAP * view.scale);
  context.stroke();
  const share = front - (column - 1);
  if (route === "straight" && share > 0 && share < 1) paintPulse(context, look, start, end, share);
}

// Along its own branch, and into the other in the last gap.
/** @param {Context} context @param {Point} start @param {Point} end @param {number} gap */
function paintCurve(context, [x, y], [right, bottom], gap) {
  const turn = Math.max(x, right - gap);
  const middle = (turn + right) / 2;
  context.moveTo(x, y);
  context.lineTo(turn, y);
  context.bezierCurveTo(middle, y, middle, bottom, right, bottom);
}

// Over the heads of the nodes between, higher for a longer way.
/** @param {Context} context @param {View} view @param {Box} from @param {Box} to */
function paintArc(context, view, from, to) {
  const [x, y] = toScreen(view, from.x + from.width * 0.75, from.label);
  const [right, end] = toScreen(view, to.x + to.width * 0.25, to.label);
  const rise = Math.min(18, 6 + (right - x) / 40) * view.scale;
  context.moveTo(x, y);
  context.bezierCurveTo(x, y - rise * 1.3, right, end - rise * 1.3, right, end);
}

// On to the next line: out to the right, in from the left.
/** @param {Context} context @param {Point} start @param {Point} end */
function paintStubs(context, [x, y], [right, bottom]) {
  context.moveTo(x, y);
  context.lineTo(x + 9, y);
  context.moveTo(right - 9, bottom);
  context.lineTo(right, bottom);
  context.moveTo(right - 4, bottom - 3);
  context.lineTo(right, bottom);
  context.lineTo(right - 4, bottom + 3);
}

/**
 * @param {Context} context
 * @param {Look} look
 * @param {Point} start
 * @param {Point} end
 * @param {number} share
 */
function paintPulse(context, look, [x, y], [right, bottom], share) {
  const ease = share * share * (3 - 2 * share);
  context.fillStyle = look.accent;
  context.beginPath();
  context.arc(x + (right - x) * share, y + (bottom - y) * ease, 4, 0, TURN);
  context.fill();
}

/** @param {Context} context @param {Scene} scene @param {DrawnNode} node @param {number} index */
function paintNode(context, scene, node, index) {
  const { layout, view, look, sheets, front, selected, hovered } = scene;
  const box = layout.boxes[index];
  const frame = rectOf(view, box);
  const color = look.kinds[node.color];
  if (node.is_skipped) paintSkip(context, box, view, look);
  if (node.count > 1) paintDeck(context, frame, color);
  paintTitle(context, scene, node, box);
  box.maps.forEach((map, at) => {
    const place = rectOf(view, map);
    context.fillStyle = look.faint;
    context.fillRect(...place);
    const picture = sheets[index];
    if (picture) {
      context.globalAlpha = reached(node, front);
      context.imageSmoothingEnabled = node.kind === "input" && picture.columns > 32;
      const { sheet, rows, columns } = picture;
      context.drawImage(sheet, 0, at * rows, columns, rows, ...place);
      context.globalAlpha = 1;
    }
    context.strokeStyle = look.line;
    context.lineWidth = 1;
    context.strokeRect(...place);
    if (index === selected.index && at === selected.map && box.maps.length > 1) {
      outline(context, place, look.accent, 2);
    }
  });
  const isBlock = node.can_open;
  outline(context, grow(frame, isBlock ? 4 : 2), color, isBlock ? 1.5 : 1);
  if (index === selected.index) outline(context, grow(frame, 5), look.accent, 2.5);
  else if (index === hovered) outline(context, grow(frame, 5), look.ink, 1);
}

/** @param {Edges} edges @param {number} by @returns {Edges} */
function grow([x, y, width, height], by) {
  return [x - by, y - by, width + 2 * by, height + 2 * by];
}

/** @param {Context} context @param {Edges} edges @param {string} color @param {number} thickness */
function outline(context, [x, y, width, height], color, thickness) {
  context.strokeStyle = color;
  context.lineWidth = thickness;
  context.beginPath();
  context.roundRect(x, y, width, height, 4);
  context.stroke();
}

// Equal parts behind one another.
/** @param {Context} context @param {Edges} frame @param {string} color */
function paintDeck(context, frame, color) {
  for (const step of [2, 1]) {
    const [x, y, width, height] = grow(frame, 4);
    context.globalAlpha = 0.35;
    outline(context, [x + step * DECK, y + step * DECK, width, height], color, 1);
    context.globalAlpha = 1;
  }
}

// A shortcut past what a block computes, to the sum at its end.
/** @param {Context} context @param {Box} box @param {View} view @param {Look} look */
function paintSkip(context, box, view, look) {
  const [x, y] = toScreen(view, box.x - 9, box.y + box.height / 2);
  const [right, top] = toScreen(view, box.x + box.width + 9, box.label);
  const height = Math.min(8, 8 * view.scale);
  context.strokeStyle = look.quiet;
  context.lineWidth = 1.2;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x, top);
  context.quadraticCurveTo(x, top - height, x + height, top - height);
  context.lineTo(right - height, top - height);
  context.quadraticCurveTo(right, top - height, right, top);
  context.lineTo(right, y);
  context.stroke();
  context.fillStyle = look.ground;
  context.beginPath();
  context.arc(right, y, 6, 0, TURN);
  context.fill();
  context.stroke();
  context.fillStyle = look.ink;
  context.fillRect(right - 3, y - 0.5, 6, 1);
  context.fillRect(right - 0.5, y - 3, 1, 6);
}

/** @param {Context} context @param {Scene} scene @param {DrawnNode} node @param {Box} box */
function paintTitle(context, { view, look }, node, box) {
  const [x, y] = toScreen(view, box.x, box.label);
  const knob = node.can_open ? knobOf(box, view) : null;
  const isLow = view.scale < TWO_LINES;
  const width = isLow && knob ? knob.x - x - 2 : (box.width + 12) * view.scale;
  if (knob) paintKnob(context, knob, { isOpen: false, look });
  if (width < LEAST_TITLE) return;
  // Two lines do not fit over a small part; then its count says more than its title.
  const count = node.count > 1 ? `×${node.count}` : "";
  const font = `600 ${FONT}`;
  context.font = `${font} ${context.canvas.dataset.font}`;
  const isLong = context.measureText(node.title).width > width;
  const title = isLong ? node.label : node.title;
  write(context, isLow && count ? count : title, x, y, { width, color: look.ink, font });
  if (isLow) return;
  const room = knob ? knob.x - x - 2 : width;
  const own = count ? `600 ${SMALL}` : SMALL;
  write(context, count || node.note, x, y + 14, { width: room, color: look.quiet, font: own });
}

/**
 * Text that is cut where it does not fit; nothing where not even three signs do.
 * @param {Context} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {{ width: number, color: string, font: string, right?: boolean }} how
 */
function write(context, text, x, y, { width, color, font, right = false }) {
  context.font = `${font} ${context.canvas.dataset.font}`;
  context.fillStyle = color;
  const shown = cutText(text, width, (part) => context.measureText(part).width);
  context.fillText(shown, right ? x - context.measureText(shown).width : x, y);
}

/**
 * The text, or as much of it with "…" as fits.
 * @param {string} text @param {number} width @param {(text: string) => number} measure
 */
export function cutText(text, width, measure) {
  if (measure(text) <= width) return text;
  let end = text.length - 1;
  while (end > 0 && measure(`${text.slice(0, end).trimEnd()}…`) > width) end -= 1;
  return end > 0 ? `${text.slice(0, end).trimEnd()}…` : "";
}

/** @param {Context} context @param {Scene} scene */
function paintAnswer(context, { data, layout, view, look, front, answer }) {
  const last = layout.boxes[layout.boxes.length - 1];
  const [left, top, width, height] = rectOf(view, { ...layout.answer, y: last.y });
  const shown = Math.max(0, Math.min(1, front - data.nodes[data.nodes.length - 1].column));
  const step = Math.min(34, height / Math.max(answer.length, 1));
  write(context, "Answer", left, top - 18, { width, color: look.quiet, font: SMALL });
  if (answer.length === 0) write(context, "—", left, top, { width, color: look.ink, font: FONT });
  context.globalAlpha = shown;
  answer.forEach(({ name, probability, text }, rank) => {
    const y = top + rank * step;
    const font = rank === 0 ? `600 ${FONT}` : FONT;
    const percent = { width: 60, color: look.quiet, font: SMALL, right: true };
    write(context, text, left + width, y + 1, percent);
    write(context, name, left, y, { width: width - 48, color: look.ink, font });
    context.fillStyle = look.faint;
    context.fillRect(left, y + 15, width, 4);
    context.fillStyle = rank === 0 ? look.accent : look.quiet;
    context.fillRect(left, y + 15, Math.max(1, width * probability * shown), 4);
  });
  context.globalAlpha = 1;
}
