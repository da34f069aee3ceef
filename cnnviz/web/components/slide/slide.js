// Convolution, ReLU and pooling: a window slides, one cell is worked out, the grids fill in.

import { signedColor } from "../shared/colors.js";
import { ARROWS, build, findFocused } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { savePicture } from "../shared/save.js";
import { magnitude, sign } from "../shared/sums.js";
import { colorEditor, createKernelEditor } from "./kernel_editor.js";
import { createGrid } from "./slide_grid.js";
import { fitCells, listSteps } from "./slide_layout.js";
import { findWindow, readLook, writeLegend } from "./slide_look.js";
import { showSlideSum } from "./slide_sum.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/** @typedef {import("./slide_grid.js").Cell} Cell */
/** @typedef {import("./slide_look.js").PackedGrid} PackedGrid */
/** @typedef {import("./slide_look.js").Step} Step */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {PackedGrid[]} grids The input, the map, and what is made of it.
 * @property {number[][]} kernel Its rows.
 * @property {number} divisor What its sums are divided by.
 * @property {number} bias What is added then.
 * @property {number | null} cell The pinned cell, counted over all computed grids.
 */

const SPEEDS = [
  ["900", "slow"],
  ["280", "normal"],
  ["50", "fast"],
];

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createSlide(root, { trigger }) {
  const back = build("button", { type: "button", "aria-label": "One cell back" }, "‹ Back");
  const play = build("button", { type: "button", class: "play" }, "▶ Play");
  const forward = build("button", { type: "button", "aria-label": "One cell further" }, "Step ›");
  const whole = build("button", { type: "button" }, "Show all");
  const count = build("span", { class: "count" });
  const speed = build(
    "select",
    {},
    ...SPEEDS.map(([value, name]) => build("option", { value }, name)),
  );
  speed.value = "280";
  const save = build("button", { type: "button", title: "Save the image" }, "PNG");
  const bar = build(
    "div",
    { class: "controls" },
    back,
    play,
    forward,
    whole,
    count,
    build("label", {}, "Speed", speed),
    save,
  );
  const first = build("div", { class: "flow" });
  const second = build("div", { class: "flow" });
  const legend = build("p", { class: "legend" });
  const sum = build("div", {
    class: "sum",
    role: "region",
    "aria-label": "How this number was computed",
    "aria-live": "polite",
  });
  root.append(first, second, sum, bar, legend);

  /** @type {Payload} */
  let data = null;
  const send = (/** @type {string} */ value) => trigger("edited", value);
  /** @type {ReturnType<typeof createPanel>[]} */
  let panels = [];
  /** @type {HTMLElement | null} */
  let editor = null;
  /** @type {Step[]} */
  let steps = []; // every cell to compute, in order
  let pinned = 0;
  /** @type {number | null} */
  let hovered = null;
  let filled = Infinity;
  let timer = 0;
  let width = 0;

  const probe = build("span", { hidden: "" });
  root.append(probe);

  /**
   * Grey levels as they are; the input's numbers by their own largest, later grids by the map's.
   * @param {number} index
   * @param {import("./slide_look.js").Look} look
   * @returns {(value: number) => number[]}
   */
  function colorOf(index, look) {
    const grid = data.grids[index];
    if (grid.grey)
      return (value) => {
        const level = Math.max(0, Math.min(255, Math.round(value)));
        return [level, level, level];
      };
    const limit = magnitude(data.grids[Math.min(index, 1)].values);
    return (value) => signedColor(look.table, value, limit);
  }

  const current = () => steps[hovered ?? pinned];

  /** @param {number} index */
  function valuesOf(index) {
    const { values } = data.grids[index];
    if (filled === Infinity || index === 0) return values;
    const start = steps.findIndex((step) => step.grid === index);
    return values.map((row, y) =>
      row.map((value, x) => (start + y * row.length + x <= filled ? value : null)),
    );
  }

  /** @param {number} index */
  function unreadOf(index) {
    return data.grids.find((grid) => grid.reads === index && grid.unread)?.unread ?? [[], []];
  }

  function paint() {
    if (!data || !width) return;
    const look = readLook(root, probe, data.tables);
    const step = current();
    const grid = data.grids[step.grid];
    const looked = findWindow(data.grids, step);
    panels.forEach(({ picture }, index) =>
      picture.paint(
        { ...look, colorOf: colorOf(index, look) },
        {
          values: valuesOf(index),
          unread: unreadOf(index),
          cell: index === step.grid ? [step.row, step.column] : null,
          window:
            index === grid.reads
              ? { ...looked, weights: grid.step === "convolution" ? data.kernel : null }
              : null,
        },
      ),
    );
    const below = { table: look.table, limit: 1, colorOf: colorOf(grid.reads, look) };
    showSlideSum(sum, {
      grid,
      row: step.row,
      column: step.column,
      looked,
      data,
      context: { table: look.table, below },
    });
    describe(step, grid);
  }

  /** @param {Step} step @param {PackedGrid} grid */
  function describe(step, grid) {
    Object.assign(root.dataset, {
      grid: grid.title,
      cell: `${step.row} ${step.column}`,
      value: String(grid.values[step.row][step.column]),
      filled: filled === Infinity ? "all" : String(filled + 1),
    });
    panels.forEach(({ canvas }, index) =>
      canvas.setAttribute(
        "aria-label",
        index === 0
          ? "The input and the window on it."
          : `${data.grids[index].title}: ${sum.textContent} ` +
              "Arrow keys go from cell to cell, space plays.",
      ),
    );
    const at = hovered ?? pinned;
    count.textContent = `cell ${at + 1} of ${steps.length}`;
    back.disabled = at === 0;
    forward.disabled = at === steps.length - 1;
    whole.disabled = filled === Infinity;
    play.textContent = timer ? "❚❚ Pause" : "▶ Play";
  }

  /** @param {number} index */
  function go(index) {
    pinned = Math.max(0, Math.min(steps.length - 1, index));
    hovered = null;
    filled = pinned;
    paint();
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
  }

  function playOn() {
    timer = 0;
    if (pinned >= steps.length - 1) {
      paint();
      return;
    }
    timer = setTimeout(playOn, Number(speed.value));
    go(pinned + 1);
  }

  function togglePlay() {
    if (timer) {
      stop();
      paint();
      return;
    }
    timer = setTimeout(playOn, Number(speed.value));
    go(filled === Infinity || pinned >= steps.length - 1 ? 0 : pinned);
  }

  /** @param {number} grid @param {Cell} cell */
  const findStep = (grid, [row, column]) =>
    steps.findIndex((step) => step.grid === grid && step.row === row && step.column === column);

  /** @param {number} index */
  function createPanel(index) {
    const title = build("h4");
    const note = build("span", { class: "label" });
    const canvas = build(
      "canvas",
      index === 0 ? { role: "img" } : { tabindex: "0", role: "application" },
    );
    const element = build(
      "figure",
      { class: "grid" },
      build("figcaption", {}, title, note),
      canvas,
    );
    const picture = createGrid(canvas);
    if (index > 0) {
      canvas.addEventListener("pointermove", (event) => {
        if (event.pointerType === "mouse" && !timer) look(picture.locate(event));
      });
      canvas.addEventListener("pointerleave", () => {
        if (hovered !== null) {
          hovered = null;
          paint();
        }
      });
      canvas.addEventListener("click", (event) => {
        const cell = picture.locate(event);
        if (cell) {
          stop();
          pin(findStep(index, cell));
        }
      });
      canvas.addEventListener("keydown", (event) => onKey(index, event));
    }
    /** @param {Cell | null} cell */
    function look(cell) {
      hovered = cell ? findStep(index, cell) : null;
      paint();
    }
    return { element, canvas, title, note, picture };
  }

  /** @param {number} index @param {KeyboardEvent} event */
  function onKey(index, event) {
    const move = ARROWS[event.key];
    if (event.key === " ") {
      togglePlay();
      event.preventDefault();
      return;
    }
    if (!move) return;
    event.preventDefault();
    stop();
    const { values } = data.grids[index];
    const from =
      steps[pinned].grid === index
        ? [steps[pinned].row, steps[pinned].column]
        : [-move[0], -move[1]].map((each) => Math.max(0, each));
    /** @param {number} at @param {number} size */
    const clamp = (at, size) => Math.max(0, Math.min(size - 1, at));
    /** @type {Cell} */
    const cell = [
      clamp(from[0] + move[0], values.length),
      clamp(from[1] + move[1], values[0].length),
    ];
    pin(findStep(index, cell));
  }

  /** @param {number} index */
  function pin(index) {
    pinned = index;
    hovered = null;
    paint();
    trigger("pinned", index);
  }

  function arrange() {
    const space = Math.floor(root.getBoundingClientRect().width);
    if (!data || !space) return;
    width = space;
    const { shapes, cell } = fitCells(data.grids, data.kernel.length, space);
    const font = getComputedStyle(root).getPropertyValue("--st-font");
    panels.forEach(({ picture }, index) => picture.resize({ ...shapes[index], cell, font }));
    paint();
  }

  // The cell that the page says, else the map's middle.
  function findPinned() {
    if (data.cell !== null && data.cell < steps.length) return data.cell;
    const { values } = data.grids[1];
    const middle = (/** @type {number} */ size) => Math.floor((size - 1) / 2);
    return findStep(1, [middle(values.length), middle(values[0].length)]);
  }

  /** @param {Payload} next */
  function update(next) {
    const same =
      data &&
      JSON.stringify([data.grids, data.kernel, data.divisor, data.bias]) ===
        JSON.stringify([next.grids, next.kernel, next.divisor, next.bias]);
    const moved = !data || data.cell !== next.cell;
    data = next;
    if (same) {
      if (moved && pinned !== findPinned()) {
        stop();
        pinned = findPinned();
        filled = Infinity;
      }
      colorEditor(editor, data.kernel, readLook(root, probe, data.tables).table);
      paint();
      return;
    }
    stop();
    if (panels.length !== next.grids.length)
      panels = next.grids.map((_, index) => createPanel(index));
    next.grids.forEach(({ title, values }, index) => {
      panels[index].title.textContent = title;
      panels[index].note.textContent = `${values.length}×${values[0].length}`;
    });
    /** @type {HTMLElement[]} */
    const fields = editor ? [...editor.querySelectorAll("input")] : [];
    const focused = fields.indexOf(findFocused(root));
    editor = createKernelEditor(data, readLook(root, probe, data.tables).table, send);
    /** @param {string} text @param {HTMLElement} element */
    const unit = (text, element) => build("div", { class: "unit" }, sign(text), element);
    first.replaceChildren(panels[0].element, unit("∗", editor), unit("=", panels[1].element));
    second.replaceChildren(
      ...panels.slice(2).map(({ element }, index) => unit(index === 2 ? "or" : "→", element)),
    );
    editor.querySelectorAll("input")[focused]?.focus();
    steps = listSteps(next.grids);
    pinned = findPinned();
    hovered = null;
    filled = Infinity;
    colorEditor(editor, data.kernel, readLook(root, probe, data.tables).table);
    legend.textContent = writeLegend(data.grids);
    arrange();
  }

  function repaint() {
    colorEditor(editor, data.kernel, readLook(root, probe, data.tables).table);
    paint();
  }

  back.addEventListener("click", () => {
    stop();
    go((hovered ?? pinned) - 1);
  });
  forward.addEventListener("click", () => {
    stop();
    go(filled === Infinity ? 0 : pinned + 1);
  });
  whole.addEventListener("click", () => {
    stop();
    filled = Infinity;
    paint();
  });
  play.addEventListener("click", togglePlay);
  save.addEventListener("click", () =>
    savePicture(
      panels.map(({ canvas }) => canvas),
      root,
      "convolution.png",
    ),
  );

  return {
    update,
    repaint: repaint,
    arrange,
    destroy: () => {
      stop();
      root.replaceChildren();
    },
  };
}

export default mountComponent(".slide", createSlide);
