// Curves of runs of training as SVG paths, and the numbers beside them.

import { drawSvg } from "../shared/dom.js";
import { formatValue } from "../shared/values.js";

const POINTS = 160; // of a curve at most
const LEFT = 38;
const BOTTOM = 34;
const TOP = 8;

/** @typedef {[number, number | null]} Point Step and value; null where it is no number. */

/**
 * Means of so many neighbors that at most `most` points are left.
 * @param {(number | null)[]} values One a step, from step 1 on.
 * @param {number} [most]
 * @returns {Point[]}
 */
export function averageSteps(values, most = POINTS) {
  const size = Math.max(1, Math.ceil(values.length / most));
  /** @type {Point[]} */
  const points = [];
  for (let from = 0; from < values.length; from += size) {
    const known = values.slice(from, from + size).filter((value) => value !== null);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    points.push([Math.min(from + size, values.length), known.length ? mean : null]);
  }
  return points;
}

/**
 * An SVG path through points; it is broken where a value is no number.
 * @param {Point[]} points
 * @param {(step: number) => number} across
 * @param {(value: number) => number} down
 */
export function tracePath(points, across, down) {
  let text = "";
  let isDown = false;
  for (const [step, value] of points) {
    if (value !== null) {
      const place = `${across(step).toFixed(1)} ${down(value).toFixed(1)}`;
      text += isDown ? `L${place}` : `M${place}h0`; // a point alone is a dot
    }
    isDown = value !== null;
  }
  return text;
}

/**
 * Even ticks from 0 to at most `top`, three to six of them.
 * @param {number} top
 */
export function listTicks(top) {
  const rough = top / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, place) => place * step);
}

/**
 * A reading of a run, whose loss may have become no number.
 * @param {number | null} value
 */
export function formatReading(value) {
  return value === null ? "no number" : formatValue(value);
}

/**
 * A small histogram, with a line where zero is.
 * @param {number[]} counts
 */
export function drawBars(counts) {
  const [wide, high] = [Math.max(counts.length, 1), 10];
  const svg = drawSvg("svg", { viewBox: `0 0 ${wide} ${high}`, preserveAspectRatio: "none" });
  const most = Math.max(1, ...counts);
  counts.forEach((count, x) => {
    const height = (high * count) / most;
    svg.append(drawSvg("rect", { x, y: high - height, width: 1, height }));
  });
  svg.append(drawSvg("line", { x1: wide / 2, x2: wide / 2, y1: 0, y2: high }));
  return svg;
}

/**
 * Draw curves over the steps.
 * @param {SVGSVGElement} svg
 * @param {{ color: string, thin: Point[], thick: Point[] }[]} curves
 * @param {{ steps: number, top: number }} range
 */
export function drawCurves(svg, curves, { steps, top }) {
  const { width, height } = svg.getBoundingClientRect();
  const right = Math.max(width - 6, LEFT + 1);
  const end = Math.max(steps, 4); // of the axis, also before the first step
  /** @param {number} step */
  const across = (step) => LEFT + ((right - LEFT) * step) / end;
  /** @param {number} value */
  const down = (value) => TOP + (height - TOP - BOTTOM) * (1 - Math.min(value, top) / top);
  const parts = [];
  for (const tick of listTicks(top)) {
    const y = down(tick);
    parts.push(drawSvg("line", { class: "grid", x1: LEFT, x2: right, y1: y, y2: y }));
    const label = { x: LEFT - 6, y: y + 4, "text-anchor": "end" };
    parts.push(drawSvg("text", label, String(Number(tick.toPrecision(3)))));
  }
  for (const tick of listTicks(end)) {
    const label = { x: across(tick), y: height - BOTTOM + 16, "text-anchor": "middle" };
    parts.push(drawSvg("text", label, String(tick)));
  }
  parts.push(drawSvg("text", { x: right, y: height - 3, "text-anchor": "end" }, "step"));
  for (const { color, thin, thick } of curves) {
    for (const [name, points] of Object.entries({ thin, thick })) {
      const d = tracePath(points, across, down);
      parts.push(drawSvg("path", { class: name, stroke: color, d }));
    }
  }
  svg.replaceChildren(...parts);
}
