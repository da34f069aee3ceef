// Receptive fields, layer by layer: one or two stacks over the same input, one cell, one clock.

import { ARROWS, build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { savePicture } from "../shared/save.js";
import { createEditor } from "./field_editor.js";
import { buildLegend, readLook, readPhotograph } from "./field_look.js";
import { createPicture } from "./field_picture.js";
import { inside, middleCell, nearestCell, placeOf, reachOf, sizeOf, tracePaths } from "./stack.js";

/** @typedef {import("./field_picture.js").Shown} Shown */
/** @typedef {import("./types.js").DrawnStack} DrawnStack */
/** @typedef {import("./types.js").Payload} Payload */
/** @typedef {import("./stack.js").Paths} Paths */
/** @typedef {{ row: number, column: number }} Place In pixels of the input. */

/**
 * One stack on the page.
 * @typedef {object} Panel
 * @property {DrawnStack} stack
 * @property {HTMLElement} element
 * @property {HTMLElement} title
 * @property {HTMLElement} sees
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} facts
 * @property {ReturnType<typeof createEditor>} editor
 * @property {ReturnType<typeof createPicture>} picture
 */

const STEP_MILLISECONDS = 900;
const REST_MILLISECONDS = 450;

/**
 * @param {HTMLElement} root
 * @param {import("../shared/mount.js").Events} events
 */
function createField(root, { trigger }) {
  const back = build("button", { type: "button", "aria-label": "One layer back" }, "‹ Back");
  const play = build("button", { type: "button", class: "play" }, "▶ Play");
  const forward = build("button", { type: "button" }, "Step ›");
  forward.setAttribute("aria-label", "One layer further");
  const count = build("span", { class: "count" });
  const speed = build(
    "select",
    {},
    ...[
      ["0.5", "slow"],
      ["1", "normal"],
      ["2.5", "fast"],
    ].map(([value, name]) => build("option", { value }, name)),
  );
  speed.value = "1";
  const byPaths = build("input", { type: "checkbox" });
  byPaths.checked = true;
  const save = build("button", { type: "button" }, "PNG");
  save.title = "Save the image";
  const bar = build(
    "div",
    { class: "bar" },
    back,
    play,
    forward,
    count,
    build("label", {}, "Speed", speed),
    build("label", {}, byPaths, "shade by number of paths"),
    save,
  );
  const list = build("div", { class: "stacks" });
  const legend = build("div", { class: "legend" });
  root.append(bar, legend, list);

  /** @type {Payload} */
  let data = null;
  const send = (/** @type {{ stack: string, text: string }} */ value) => trigger("edited", value);
  /** @type {Panel[]} */
  let panels = [];
  /** @type {HTMLCanvasElement | null} */
  let photograph = null;
  let level = 0; // the layer whose cell is shown; 0 before the first data
  let depth = Infinity; // how many layers down its cone has been drawn
  /** @type {Place | null} */
  let pinned = null; // place over the input that the chosen cell is nearest to
  /** @type {Place | null} */
  let hovered = null;
  let frame = 0;
  let timer = 0;
  let playing = false;
  let width = 0;

  const deepest = () => Math.max(1, ...panels.map((panel) => panel.stack.rows.length));
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  /** @param {DrawnStack} stack @returns {Panel} */
  function createPanel(stack) {
    const title = build("h3");
    const sees = build("p", { class: "sees", "aria-live": "polite" });
    const canvas = build("canvas", { tabindex: "0", role: "application" });
    const facts = build("dl", { class: "facts" });
    const details = build("details", { class: "editor" });
    const element = build(
      "div",
      { class: "stack", "data-stack": stack.key },
      title,
      sees,
      canvas,
      facts,
      details,
    );
    const editor = createEditor(details, (text) => send({ stack: stack.key, text }));
    const panel = {
      stack,
      element,
      title,
      sees,
      canvas,
      facts,
      editor,
      picture: createPicture(canvas),
    };
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") moveTo(panel, event, false);
    });
    canvas.addEventListener("pointerleave", () => {
      hovered = null;
      paint();
    });
    canvas.addEventListener("click", (event) => moveTo(panel, event, true));
    canvas.addEventListener("keydown", (event) => onKey(panel, event));
    return panel;
  }

  /** @param {Panel} panel @param {MouseEvent} event @param {boolean} keep */
  function moveTo(panel, event, keep) {
    const place = panel.picture.locate(event);
    const next = { row: place.row ?? pinned.row, column: place.column };
    if (keep) pinned = next;
    else hovered = next;
    paint();
  }

  /** @param {Panel} panel @param {KeyboardEvent} event */
  function onKey(panel, event) {
    const move = ARROWS[event.key];
    if (event.key === " ") {
      togglePlay();
      event.preventDefault();
      return;
    }
    if (!move || !panel.stack.rows.length) return;
    event.preventDefault();
    const top = panel.stack.rows.length;
    const { first, jump } = placeOf(panel.stack.rows, top);
    const cells = [pinned.row, pinned.column].map((place, at) => {
      const cell = nearestCell(panel.stack, top, place) + move[at];
      return first + Math.max(0, Math.min(sizeOf(panel.stack, top) - 1, cell)) * jump;
    });
    hovered = null;
    pinned = { row: cells[0], column: cells[1] };
    paint();
  }

  // What one stack shows now: a cell of the current layer and what it reads in every layer below.
  /** @param {DrawnStack} stack @returns {Shown} */
  function lookAt(stack) {
    const place = hovered ?? pinned;
    const top = stack.rows.length;
    const shownLevel = Math.min(level, top);
    const output = [nearestCell(stack, top, place.row), nearestCell(stack, top, place.column)];
    const traces = output.map((cell) => tracePaths(stack.rows, top, cell));
    const inner = stack.rows.map((row, index) =>
      traces.map((levels) => middleCell(levels[index + 1], row.size)),
    );
    const cell = shownLevel === top ? output : inner[shownLevel - 1];
    return {
      level: shownLevel,
      cell,
      inner: [null, ...inner],
      depth: level > top ? Infinity : depth,
      rows: tracePaths(stack.rows, shownLevel, cell[0]),
      columns: tracePaths(stack.rows, shownLevel, cell[1]),
    };
  }

  /** @param {Panel} panel @param {Shown} shown */
  function describe(panel, shown) {
    const { stack } = panel;
    const { field, jump } = stack.rows[shown.level - 1];
    /** @param {Paths} axis */
    const known = (axis) => [...axis.keys()].filter((index) => inside(index, stack.size)).length;
    const pixels = known(shown.rows[0]) * known(shown.columns[0]);
    panel.element.dataset.level = String(shown.level);
    panel.element.dataset.field = String(field);
    panel.element.dataset.pixels = String(pixels);
    panel.element.dataset.cell = shown.cell.join(" ");
    const note =
      pixels === field * field
        ? ""
        : ` It reads ${pixels} of them: the rest is padding or skipped.`;
    panel.sees.replaceChildren(
      `Layer ${shown.level}, row ${shown.cell[0]}, column ${shown.cell[1]} sees `,
      build("b", {}, `${field}×${field} pixels`),
      ` (neighbors ${jump} apart).${note}`,
    );
    panel.canvas.setAttribute(
      "aria-label",
      `${stack.title}. ${panel.sees.textContent} Arrow keys move the cell, space plays.`,
    );
    panel.editor.mark(shown.level);
  }

  const labelFont = () => `600 11.5px ${getComputedStyle(root).getPropertyValue("--st-font")}`;

  const probe = build("span", { hidden: "" });
  root.append(probe);

  function paint() {
    if (!data || !width) return;
    const colors = readLook(root, probe, data.tables);
    const look = {
      ...colors,
      grid: photograph ? colors.veiled : colors.ground,
      byPaths: byPaths.checked,
      photograph,
      font: labelFont(),
    };
    for (const panel of panels) {
      if (!panel.stack.rows.length) continue;
      const shown = lookAt(panel.stack);
      panel.picture.paint(look, shown);
      describe(panel, shown);
    }
    const last = deepest();
    count.textContent = `Layer ${level} of ${last}`;
    root.dataset.level = String(level);
    back.disabled = level <= 1;
    forward.disabled = level >= last;
    play.textContent = playing ? "❚❚ Pause" : "▶ Play";
    play.setAttribute("aria-pressed", String(playing));
  }

  /** @param {number} next @param {() => void} [done] */
  function showLevel(next, done) {
    cancelAnimationFrame(frame);
    level = Math.max(1, Math.min(deepest(), next));
    depth = 0;
    const wanted = level;
    const began = performance.now();
    const length = still()
      ? 0
      : (STEP_MILLISECONDS * Math.min(2, Math.sqrt(wanted))) / Number(speed.value);
    const tick = (/** @type {number} */ now) => {
      const share = length ? (now - began) / length : 1;
      depth = share >= 1 ? Infinity : Math.max(0, share) * wanted;
      paint();
      if (share < 1) frame = requestAnimationFrame(tick);
      else if (done) done();
    };
    frame = requestAnimationFrame(tick);
  }

  function playOn() {
    if (!playing) return;
    if (level >= deepest()) {
      playing = false;
      paint();
      return;
    }
    showLevel(level + 1, playSoon);
  }

  function playSoon() {
    timer = setTimeout(playOn, REST_MILLISECONDS / Number(speed.value));
  }

  function togglePlay() {
    playing = !playing;
    if (!playing) {
      stop();
      paint();
      return;
    }
    if (level >= deepest()) showLevel(1, playSoon);
    else playOn();
  }

  function stop() {
    playing = false;
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    depth = Infinity;
  }

  function arrange() {
    const space = Math.floor(root.getBoundingClientRect().width);
    if (!data || !space) return;
    width = space;
    list.style.setProperty("--stacks", String(panels.length));
    const drawn = panels.filter((panel) => panel.stack.rows.length);
    if (!drawn.length) return;
    const reaches = drawn.map((panel) => reachOf(panel.stack));
    /** @type {[number, number]} */
    const reach = [
      Math.min(...reaches.map(([low]) => low)),
      Math.max(...reaches.map(([, high]) => high)),
    ];
    const single = panels.length === 1;
    list.classList.toggle("single", single);
    const column = Math.floor(panels[0].element.getBoundingClientRect().width);
    const font = labelFont();
    const words = single ? drawn[0].picture.labelWidth(drawn[0].stack, font) : 0;
    const margin = words && column > words + 380 ? words : 0;
    const pixel = Math.min(
      34,
      Math.min(column - margin, single ? 300 : 260) / (reach[1] - reach[0]),
    );
    const wide = single ? Math.ceil(margin + (reach[1] - reach[0]) * pixel) : column;
    const tallest = deepest();
    const side = tallest * Math.max(margin ? 20 : 24, Math.min(64, 160 / tallest));
    for (const panel of drawn) {
      panel.picture.resize(panel.stack, {
        width: wide,
        reach,
        pixel,
        step: side / panel.stack.rows.length,
        margin,
      });
    }
    paint();
  }

  /** @param {Panel} panel */
  function showFacts(panel) {
    panel.title.textContent = panel.stack.title;
    panel.facts.replaceChildren(
      ...panel.stack.facts.map(([name, value]) =>
        build("div", {}, build("dt", {}, name), build("dd", {}, value)),
      ),
    );
    panel.canvas.hidden = panel.stack.rows.length === 0;
    panel.sees.hidden = panel.canvas.hidden;
    panel.editor.update(panel.stack);
  }

  /** @param {Payload} next */
  function update(next) {
    const same =
      data &&
      JSON.stringify([data.stacks, data.image]) === JSON.stringify([next.stacks, next.image]);
    if (data?.size !== next.size) pinned = null;
    data = next;
    if (same) return paint();
    stop();
    photograph = readPhotograph(data.image, data.size);
    const keys = next.stacks.map((stack) => stack.key).join();
    if (panels.map((panel) => panel.stack.key).join() !== keys) {
      panels = next.stacks.map(createPanel);
      list.replaceChildren(...panels.map((panel) => panel.element));
    }
    panels.forEach((panel, index) => {
      panel.stack = next.stacks[index];
      showFacts(panel);
    });
    const middle = (data.size - 1) / 2;
    pinned ??= { row: middle, column: middle };
    level = deepest();
    legend.replaceChildren(...buildLegend(data.stacks));
    arrange();
  }

  back.addEventListener("click", () => {
    stop();
    showLevel(level - 1);
  });
  forward.addEventListener("click", () => {
    stop();
    showLevel(level + 1);
  });
  play.addEventListener("click", togglePlay);
  byPaths.addEventListener("change", paint);
  save.addEventListener("click", () =>
    savePicture(
      panels.filter((panel) => panel.stack.rows.length).map((panel) => panel.canvas),
      root,
      "receptive-field.png",
    ),
  );

  return {
    update,
    repaint: paint,
    arrange,
    destroy: () => {
      stop();
      root.replaceChildren();
    },
  };
}

export default mountComponent(".field", createField);
