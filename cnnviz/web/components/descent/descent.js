// Optimizers on their ways over a surface, and the step of one of them in numbers. All steps are
// here: playing asks no server. A click on the surface begins anew from there.

import { followChoice } from "../shared/chosen.js";
import { decodeBytes, parseColor } from "../shared/colors.js";
import { build, findTarget } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { fitCanvas } from "../shared/paint.js";
import { formatValue } from "../shared/values.js";
import { scaleOf, traceLevel } from "./contour.js";
import { writeStep } from "./steps.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Way
 * @property {string} title
 * @property {string} color
 * @property {string} points Base64 of float32, as all numbers of a way.
 * @property {string} losses
 * @property {string} rates
 * @property {import("./steps.js").Line[]} lines
 * @property {Record<string, string>} values
 * @property {boolean} has_diverged
 */

/** @typedef {Record<"points" | "losses" | "rates", Float32Array>} Floats */
/** @typedef {Omit<Way, keyof Floats | "values">} Told */
/** @typedef {Told & Floats & { values: Record<string, Float32Array> }} DecodedWay */

/**
 * @typedef {object} Contours
 * @property {import("./contour.js").Window} window
 * @property {number} rows
 * @property {number} columns
 * @property {string} heights Base64 of float32, from the lowest row up.
 * @property {number[]} levels
 * @property {[number, number][]} minima
 */

/**
 * @typedef {object} Payload
 * @property {Contours} contours The surface.
 * @property {[number, number]} start Where all begin.
 * @property {Way[]} ways
 * @property {number} steps
 * @property {string} step_follows Under which name the step is told.
 * @property {string} way_follows Under which name the way is told whose numbers are shown.
 * @property {string} label All of it in words.
 */

const BEAT = 60; // milliseconds a step
const DEEP = 90; // of 255, how much colour the minimum gets
const NUDGE = 40; // steps of an arrow key across the surface

/** @param {string} text */
const decodeFloats = (text) => new Float32Array(decodeBytes(text).buffer);

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createDescent(root, { trigger }) {
  /** @type {HTMLCanvasElement} */
  const canvas = root.querySelector("canvas");
  /** @type {HTMLInputElement} */
  const slider = root.querySelector("input");
  const [output, play, back, next, runners, code] = [
    "output",
    ".play",
    ".back",
    ".next",
    ".runners",
    ".code",
  ].map((each) => root.querySelector(each));
  /** @type {Payload} */
  let data = null;
  let shown = "";
  /** @type {DecodedWay[]} */
  let ways = [];
  /** @type {number[][]} */
  let lines = [];
  let heights = new Float32Array(0);
  /** @type {OffscreenCanvas | null} The surface's depth in this theme. */
  let depth = null;
  let chosen = 0;
  let step = 0;
  let timer = 0;
  let isAwaited = false; // whether a click's new ways are to be played
  /** @type {{ step: number | null, way: number | null }} What Python has not told back yet. */
  const sentBack = { step: null, way: null };
  let scale = scaleOf([0, 1, 0, 1], 1, 1);

  const lastOf = (/** @type {DecodedWay} */ way) => Math.min(step, way.rates.length);
  /** @type {(way: DecodedWay, at: number) => [number, number]} */
  const pointOf = (way, at) => [
    scale.across(way.points[2 * at]),
    scale.down(way.points[2 * at + 1]),
  ];

  function paint() {
    const width = Math.floor(canvas.getBoundingClientRect().width);
    if (!width || !data) return;
    const { window, rows, columns } = data.contours;
    const height = Math.round((width * (window[3] - window[2])) / (window[1] - window[0]));
    const ratio = fitCanvas(canvas, width, height);
    canvas.style.width = "";
    scale = scaleOf(window, width, height);
    const context = canvas.getContext("2d");
    const style = getComputedStyle(root);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = style.getPropertyValue("--st-secondary-background-color");
    context.fillRect(0, 0, width, height);
    depth ??= paintDepth(style.getPropertyValue("--st-link-color"));
    context.drawImage(depth, 0, 0, width, height);
    context.strokeStyle = style.getPropertyValue("--quiet");
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    context.beginPath();
    const [stepX, stepY] = [width / (columns - 1), height / (rows - 1)];
    for (const [x1, y1, x2, y2] of lines) {
      context.moveTo(x1 * stepX, height - y1 * stepY);
      context.lineTo(x2 * stepX, height - y2 * stepY);
    }
    context.stroke();
    context.globalAlpha = 1;
    context.fillStyle = context.strokeStyle = style.getPropertyValue("--ink");
    context.font = "600 17px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    data.contours.minima.forEach(([x, y]) => context.fillText("✕", scale.across(x), scale.down(y)));
    context.lineWidth = 2;
    context.beginPath();
    context.arc(scale.across(data.start[0]), scale.down(data.start[1]), 7, 0, 7);
    context.stroke();
    ways.forEach((way, index) => index !== chosen && paintWay(context, way, 2));
    if (ways[chosen]) paintWay(context, ways[chosen], 3.5);
  }

  // The lower, the bluer: by how many level lines lie below.
  /** @param {string} color */
  function paintDepth(color) {
    const { rows, columns, levels } = data.contours;
    const image = new ImageData(columns, rows);
    const [red, green, blue] = parseColor(color);
    for (let at = 0; at < heights.length; at += 1) {
      const [row, column] = [rows - 1 - Math.floor(at / columns), at % columns];
      const above = levels.filter((level) => level < heights[at]).length / levels.length;
      image.data.set([red, green, blue, DEEP * (1 - above)], 4 * (row * columns + column));
    }
    const scratch = new OffscreenCanvas(columns, rows);
    scratch.getContext("2d").putImageData(image, 0, 0);
    return scratch;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {DecodedWay} way
   * @param {number} lineWidth
   */
  function paintWay(context, way, lineWidth) {
    const last = lastOf(way);
    context.strokeStyle = context.fillStyle = way.color;
    context.lineWidth = lineWidth;
    context.beginPath();
    for (let at = 0; at <= last; at += 1) context.lineTo(...pointOf(way, at));
    context.stroke();
    context.beginPath();
    context.arc(...pointOf(way, last), lineWidth + 3.5, 0, 7);
    context.fill();
  }

  function write() {
    slider.value = String(step);
    output.textContent = `Step ${step}`;
    Array.from(runners.children).forEach((button, index) => {
      const way = ways[index];
      button.setAttribute("aria-pressed", String(index === chosen));
      const isOver = way.has_diverged && step >= way.rates.length;
      button.querySelector("b").textContent = isOver
        ? "diverged"
        : formatValue(way.losses[lastOf(way)]);
    });
    const way = ways[chosen];
    const at = way ? lastOf(way) : 0;
    // Before the first step the first one is told, which is the next.
    const written = way ? writeStep(way.lines, way, Math.max(at, 1)) : [];
    code.replaceChildren(
      ...written.map(({ rule, filled, value }) =>
        build(
          "li",
          {},
          build("span", { class: "rule" }, rule),
          build("span", { class: "filled" }, `= ${filled}`),
          build("span", { class: "value" }, `= ${value}`),
        ),
      ),
    );
    root.dataset.step = String(step);
  }

  function show() {
    paint();
    write();
  }

  /** @param {number} to */
  function move(to) {
    step = Math.max(0, Math.min(data.steps, to));
    show();
  }

  function rest() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }

  function tell() {
    rest();
    sentBack.step = step;
    trigger("moved", step);
  }

  function start() {
    if (timer) {
      tell();
      return;
    }
    play.textContent = "Pause";
    if (step === data.steps) move(0);
    timer = setInterval(() => {
      move(step + 1);
      if (step === data.steps) tell();
    }, BEAT);
  }

  /** @param {Way} way @returns {DecodedWay} */
  function decode(way) {
    const values = Object.entries(way.values).map(([name, text]) => [name, decodeFloats(text)]);
    return {
      ...way,
      points: decodeFloats(way.points),
      losses: decodeFloats(way.losses),
      rates: decodeFloats(way.rates),
      values: Object.fromEntries(values),
    };
  }

  /** @param {Payload} sent */
  function update(sent) {
    const text = JSON.stringify(sent);
    data = sent;
    canvas.setAttribute("aria-label", sent.label);
    const isChanged = text !== shown;
    if (isChanged) {
      shown = text;
      rest();
      [sentBack.step, sentBack.way] = [null, null];
      ways = sent.ways.map(decode);
      const { rows, columns, levels } = sent.contours;
      heights = decodeFloats(sent.contours.heights);
      depth = null;
      lines = levels.flatMap((level) => traceLevel(heights, rows, columns, level));
      slider.max = String(sent.steps);
      runners.replaceChildren(
        ...ways.map((way, index) => {
          const button = build(
            "button",
            { type: "button", class: "runner", "data-index": index },
            build("i", {}),
            build("span", {}, way.title),
            build("b", {}, ""),
          );
          button.style.setProperty("--color", way.color);
          return button;
        }),
      );
    }
    follow();
    if (isChanged && isAwaited) {
      isAwaited = false;
      move(0);
      start();
    } else show();
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  /** @type {(() => void)[] | null} Made with the first data, which tells the names. */
  let reads = null;
  function follow() {
    reads ??= [
      followChoice(
        data.step_follows,
        (/** @type {number} */ told) => {
          if (timer || (sentBack.step ?? told) !== told) return;
          sentBack.step = null;
          move(told);
        },
        options,
      ),
      followChoice(
        data.way_follows,
        (/** @type {number} */ told) => {
          if ((sentBack.way ?? told) !== told) return;
          sentBack.way = null;
          chosen = told;
          show();
        },
        options,
      ),
    ];
    for (const read of reads) read();
  }

  /** @param {[number, number] | number[]} weights */
  function begin(weights) {
    isAwaited = true;
    trigger("started", weights);
  }
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    begin(scale.weightsAt(event.clientX - box.left, event.clientY - box.top));
  });
  canvas.addEventListener("keydown", (event) => {
    const [x, y] = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    }[event.key] ?? [0, 0];
    if (!x && !y) return;
    event.preventDefault();
    event.stopPropagation();
    const box = canvas.getBoundingClientRect();
    const far = box.width / NUDGE;
    begin(
      scale.weightsAt(
        scale.across(data.start[0]) + x * far,
        scale.down(data.start[1]) + y * far,
      ),
    );
  });
  slider.addEventListener("input", () => {
    rest();
    move(Number(slider.value));
  });
  slider.addEventListener("change", tell);
  play.addEventListener("click", start);
  for (const [button, by] of /** @type {[Element, number][]} */ ([
    [back, -1],
    [next, 1],
  ]))
    button.addEventListener("click", () => {
      rest();
      move(step + by);
      tell();
    });
  runners.addEventListener("click", (event) => {
    const index = findTarget(event, ".runner")?.dataset.index;
    if (index === undefined) return;
    chosen = Number(index);
    show();
    sentBack.way = chosen;
    trigger("chosen", chosen);
  });
  return {
    update,
    repaint: () => {
      depth = null;
      paint();
    },
    arrange: paint,
    destroy: () => {
      rest();
      listening.abort();
    },
  };
}

export default mountComponent(".descent", createDescent);
