// The lines between layers: a quiet mesh behind them, and what one cell saw, outlined on top.

import { drawSvg } from "../shared/dom.js";

const MOST_PORTS = 10;
const FEW_PAIRS = 6;
const MOST_PAIRS = 16;
const DENSE_MESH = 60;

/** @typedef {import("./network.js").Network} Network */
/** @typedef {import("./network.js").Patch} Patch */
/** @typedef {import("./network.js").Place} Place */
/** @typedef {import("./network.js").Rect} Rect */
/** @typedef {import("./network.js").Stage} Stage */

/**
 * @param {SVGElement} svg
 * @param {"line" | "polygon" | "rect"} name
 * @param {Record<string, unknown>} attributes
 */
function drawShape(svg, name, attributes) {
  svg.append(drawSvg(name, attributes));
}

/** @param {Stage} stage @returns {Patch} */
function wholeMap(stage) {
  return [0, stage.rows - 1, 0, stage.columns - 1];
}

// Rectangles of the maps of a stage that face its neighbour: the last column of maps (or row), or
// the first; at most MOST_PORTS of them, evenly taken.
/** @param {Network} network @param {Stage} stage @param {{ far: boolean }} side */
function facingMaps(network, stage, { far }) {
  const grid = network.gridOf(stage.stage);
  const across = grid ? grid.across : 1;
  const down = Math.ceil(stage.maps / across);
  const count = network.isNarrow() ? Math.min(across, stage.maps) : down;
  const line = far ? (network.isNarrow() ? down : across) - 1 : 0;
  const taken = Math.min(count, MOST_PORTS);
  /** @type {Rect[]} */
  const rectangles = [];
  for (let i = 0; i < taken; i += 1) {
    const place = taken === 1 ? 0 : Math.round((i * (count - 1)) / (taken - 1));
    const map = network.isNarrow() ? line * across + place : place * across + line;
    rectangles.push(network.locate(stage.stage, Math.min(map, stage.maps - 1), wholeMap(stage)));
  }
  return rectangles;
}

// The four corners of the frustum between a rectangle and what it reads, in drawing order.
/** @param {Network} network @param {Rect} upper @param {Rect} lower */
function frustum(network, upper, lower) {
  const corners = network.isNarrow()
    ? [
        [upper.x, upper.y],
        [upper.x + upper.width, upper.y],
        [lower.x + lower.width, lower.y + lower.height],
        [lower.x, lower.y + lower.height],
      ]
    : [
        [upper.x, upper.y],
        [upper.x, upper.y + upper.height],
        [lower.x + lower.width, lower.y + lower.height],
        [lower.x + lower.width, lower.y],
      ];
  return corners.map((corner) => corner.map((value) => value.toFixed(1)).join(",")).join(" ");
}

/** @param {Network} network @param {Rect} upper @param {Rect} lower */
function middleLine(network, upper, lower) {
  const [x1, y1, x2, y2] = network.isNarrow()
    ? [lower.x + lower.width / 2, lower.y + lower.height, upper.x + upper.width / 2, upper.y]
    : [lower.x + lower.width, lower.y + lower.height / 2, upper.x, upper.y + upper.height / 2];
  return { x1, y1, x2, y2 };
}

// Redraw the mesh behind the layers.
/** @param {SVGElement} svg @param {Network} network */
export function drawLinks(svg, network) {
  svg.replaceChildren();
  const stages = network.stages();
  for (let i = 1; i < stages.length; i += 1) {
    const lower = facingMaps(network, stages[i - 1], { far: true });
    const upper = facingMaps(network, stages[i], { far: false });
    if (stages[i].reads === "same" && lower.length === upper.length) {
      upper.forEach((rectangle, index) =>
        drawShape(svg, "polygon", { points: frustum(network, rectangle, lower[index]) }),
      );
    } else {
      const name = lower.length * upper.length > DENSE_MESH ? "dense" : "";
      for (const one of lower) {
        for (const other of upper) {
          drawShape(svg, "line", { ...middleLine(network, other, one), class: name });
        }
      }
    }
  }
}

// Which maps of every stage below a cell take part: [stage, channels], the cell's own stage first.
/** @param {Stage[]} plan @param {Place} cell */
function followDown(plan, cell) {
  const place = plan.findIndex((stage) => stage.stage === cell.stage);
  /** @type {[Stage, number[]][]} */
  const trail = [[plan[place], [cell.channel]]];
  let channels = [cell.channel];
  for (let i = place; i > 0; i -= 1) {
    if (plan[i].reads === "all") channels = [...Array(plan[i - 1].maps).keys()];
    trail.push([plan[i - 1], channels]);
  }
  return trail;
}

/**
 * Outline one cell and the patch it saw in every visible layer below, with the frusta between them.
 * @param {SVGElement} svg
 * @param {Network} network
 * @param {{ plan: Stage[], cell: Place, patches: Record<string, Patch> }} seen
 */
export function drawMarks(svg, network, { plan, cell, patches }) {
  svg.replaceChildren();
  const seen = followDown(plan, cell)
    .filter(([stage]) => stage.visible && (patches[stage.explain] || stage.stage === cell.stage))
    .map(([stage, channels]) => ({
      rectangles: outline(network, stage, channels, patches[stage.explain] ?? [0, 0, 0, 0]),
    }));
  for (let i = 1; i < seen.length; i += 1) drawFrusta(svg, network, seen[i - 1], seen[i]);
  seen.forEach(({ rectangles }, depth) =>
    rectangles.forEach((rectangle) => {
      for (const name of ["halo", depth === 0 ? "cell" : "patch"]) {
        drawShape(svg, "rect", { ...grow(rectangle), class: name });
      }
    }),
  );
}

// A patch of each map; one outline around all cells of a layer without maps.
/** @param {Network} network @param {Stage} stage @param {number[]} channels @param {Patch} patch */
function outline(network, stage, channels, patch) {
  const rectangles = channels.map((channel) => network.locate(stage.stage, channel, patch));
  if (stage.kind !== "vector" || channels.length === 1) return rectangles;
  const [first, last] = [rectangles[0], rectangles[rectangles.length - 1]];
  return [
    {
      x: first.x,
      y: first.y,
      width: last.x + last.width - first.x,
      height: last.y + last.height - first.y,
    },
  ];
}

/** @param {Rect} rectangle */
function grow({ x, y, width, height }) {
  return { x: x - 1, y: y - 1, width: width + 2, height: height + 2 };
}

/**
 * @param {SVGElement} svg
 * @param {Network} network
 * @param {{ rectangles: Rect[] }} upper
 * @param {{ rectangles: Rect[] }} lower
 */
function drawFrusta(svg, network, upper, lower) {
  const count = upper.rectangles.length;
  const matched = count > 1 && count === lower.rectangles.length;
  const pairs = matched
    ? upper.rectangles.map((rectangle, index) => [rectangle, lower.rectangles[index]])
    : upper.rectangles.flatMap((one) => lower.rectangles.map((other) => [one, other]));
  if (pairs.length > MOST_PAIRS) return;
  const name = pairs.length > FEW_PAIRS ? "many" : "";
  for (const [one, other] of pairs) {
    drawShape(svg, "polygon", { points: frustum(network, one, other), class: name });
  }
}
