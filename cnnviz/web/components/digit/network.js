// The network as a picture: one canvas a layer, the output as bars, and the cell under the pointer.
// The plan comes from Python; nothing here knows a network by name.

import { decodeBytes, inkPixels, signedPixels } from "../shared/colors.js";
import { ARROWS, build, findIn, findTarget } from "../shared/dom.js";
import { cellAt, createMapPainter, gridOf } from "../shared/paint.js";
import { formatPercent } from "../shared/values.js";

const NARROW = 700;
const LEAST_GAP = 18;
const LEAST_HEIGHT = 372;
const IMBALANCE = 1.3; // how much larger for its place than the smallest a layer may be drawn
const ARRANGEMENTS = /** @type {const} */ (["tall", "broad"]);
const FOCUSABLE = { role: "application", tabindex: "0" };

/**
 * A stage of the plan, as figures.digit_stages packs it.
 * @typedef {object} Stage
 * @property {string} stage
 * @property {string} layer What is shown: after ReLU, or raw.
 * @property {string} explain What a cell's arithmetic is asked of.
 * @property {boolean} rectified
 * @property {string} title
 * @property {string} note
 * @property {string} step
 * @property {string} spoken
 * @property {"ink" | "maps" | "vector" | "bars"} kind
 * @property {"all" | "same"} reads Which maps of the stage below.
 * @property {number} maps
 * @property {number} rows
 * @property {number} columns
 * @property {Record<"tall" | "broad" | "phone", number>} across Maps side by side.
 * @property {number} cell
 * @property {number} gap
 * @property {string[]} classes
 * @property {boolean} visible
 */

/**
 * What api/digit answers.
 * @typedef {object} DigitAnswer
 * @property {string} network
 * @property {boolean} ink Whether anything is drawn.
 * @property {string | null} guess
 * @property {string | null} second
 * @property {number[]} probabilities
 * @property {number[][]} digits The numbers of each digit's strokes.
 * @property {{ name: string, scale: number, values: string }[]} layers Base64 of int8.
 */

/** @typedef {import("../shared/paint.js").Grid} Grid */
/** @typedef {{ channel: number, row: number, column: number }} Cell */
/** @typedef {Cell & { stage: string }} Place */
/** @typedef {{ x: number, y: number, width: number, height: number }} Rect */
/** @typedef {[number, number, number, number]} Patch First and last row, first and last column. */
/** @typedef {{ colors: import("../shared/theme.js").Tables, paper: number, ink: number }} Looks */
/** @typedef {ReturnType<typeof createNetwork>} Network */
/** @typedef {ReturnType<typeof createPart>} Part */

/**
 * What is called when a cell is pointed at or picked.
 * @typedef {object} Calls
 * @property {(place: Place, how?: { byKey: boolean }) => void} onPoint
 * @property {(place: Place) => void} onPick
 */

/** @param {HTMLElement} host @param {Calls} calls */
export function createNetwork(host, { onPoint, onPick }) {
  const [flow, hand, verdict] = [".flow", ".hand", ".verdict"].map(findIn(host));
  /** @type {Partial<Record<Stage["kind"], HTMLElement>>} */
  const homes = { ink: hand, bars: verdict }; // beside the flow, in a wide window
  /** @type {Stage[]} */
  let stages = [];
  /** @type {Map<string, Part>} */
  let parts = new Map();
  let shape = "";
  let narrow = false;

  // Build a figure for each stage; only when the plan's stages change.
  /** @param {Stage[]} plan */
  function setPlan(plan) {
    stages = plan;
    const next = JSON.stringify(plan.map(({ stage, maps, rows }) => [stage, maps, rows]));
    if (next !== shape) {
      shape = next;
      for (const part of parts.values()) part.figure.remove();
      const calls = { find, onPoint, onPick };
      parts = new Map(plan.map((stage) => [stage.stage, createPart(stage, calls)]));
    }
    for (const stage of plan) parts.get(stage.stage).label(stage);
    arrange();
  }

  /** @param {string} name */
  function find(name) {
    return stages.find((stage) => stage.stage === name);
  }

  function arrange() {
    const width = host.clientWidth;
    if (width === 0 || stages.length === 0) return;
    narrow = width < NARROW;
    host.classList.toggle("narrow", narrow);
    for (const stage of stages) {
      const home = narrow ? flow : (homes[stage.kind] ?? flow);
      home.append(parts.get(stage.stage).figure);
    }
    if (narrow) arrangeNarrow(width);
    else arrangeWide();
  }

  /** @param {number} width */
  function arrangeNarrow(width) {
    for (const stage of stages) {
      const across = stage.across.phone;
      const room = (width - (across - 1) * stage.gap) / (across * stage.columns);
      place(stage, { across, cell: dots(Math.min(room, stage.cell * 2)) });
    }
  }

  // The arrangement that shows the maps largest with all layers side by side.
  function arrangeWide() {
    const ink = stages.find((stage) => stage.kind === "ink");
    const inkCell = ink ? Math.min(hand.clientWidth / ink.columns, ink.cell) : 0;
    if (ink) place(ink, { across: 1, cell: dots(inkCell) });
    const beside = stages.filter((stage) => stage.kind === "maps" || stage.kind === "vector");
    const room = {
      width: flow.clientWidth - LEAST_GAP * (beside.length + 1),
      height: Math.max(LEAST_HEIGHT, hand.clientWidth + 90),
    };
    const best = ARRANGEMENTS.map((name) => fill(beside, name, room)).reduce((one, other) =>
      area(other) > area(one) ? other : one,
    );
    best.forEach((grid, index) => place(beside[index], grid));
  }

  /** @param {Grid[]} grids */
  function area(grids) {
    return grids.reduce((sum, grid) => sum + grid.totalWidth * grid.totalHeight, 0);
  }

  /**
   * Enlarge the layer that is smallest for its place in the plan, dot by dot, while there is room.
   * @param {Stage[]} beside
   * @param {"tall" | "broad"} name
   * @param {{ width: number, height: number }} room
   */
  function fill(beside, name, room) {
    const dot = dots(0);
    /** @param {Stage} stage @param {number} cell */
    const gridAt = (stage, cell) => gridOf({ ...stage, across: stage.across[name], cell });
    const grids = beside.map((stage) => gridAt(stage, dot));
    for (;;) {
      const used = grids.reduce((sum, grid) => sum + grid.totalWidth, 0);
      const shares = beside.map((stage, index) => grids[index].cell / stage.cell);
      const least = Math.min(...shares);
      const next = beside
        .map((stage, index) => ({ index, grid: gridAt(stage, grids[index].cell + dot) }))
        .filter(
          ({ index, grid }) =>
            grid.totalHeight <= room.height &&
            used - grids[index].totalWidth + grid.totalWidth <= room.width &&
            (shares[index] === least || grid.cell / beside[index].cell <= least * IMBALANCE),
        )
        .sort((one, other) => shares[one.index] - shares[other.index])[0];
      if (!next) return grids;
      grids[next.index] = next.grid;
    }
  }

  // Cells of whole screen dots, so that every cell of a map is as large as its neighbour.
  /** @param {number} length */
  function dots(length) {
    const ratio = window.devicePixelRatio || 1;
    return Math.max(1, Math.floor(length * ratio + 0.01)) / ratio;
  }

  /** @param {Stage} stage @param {{ across: number, cell: number }} how */
  function place(stage, { across, cell }) {
    parts.get(stage.stage).resize(gridOf({ ...stage, across, cell }));
  }

  // Rectangle of a patch [top, bottom, left, right] of one map, in the host's coordinates.
  /** @param {string} name @param {number} channel @param {Patch} patch @returns {Rect} */
  function locate(name, channel, [top, bottom, left, right]) {
    const { surface, grid } = parts.get(name);
    const origin = host.getBoundingClientRect();
    const box = (grid ? surface : surface.children[channel]).getBoundingClientRect();
    const [x, y] = [box.left - origin.left, box.top - origin.top];
    if (!grid) return { x, y, width: box.width, height: box.height };
    return {
      x: x + grid.left(channel) + left * grid.cell,
      y: y + grid.top(channel) + top * grid.cell,
      width: (right - left + 1) * grid.cell,
      height: (bottom - top + 1) * grid.cell,
    };
  }

  /** @param {DigitAnswer} answer @param {Looks} looks */
  function paint(answer, { colors, paper, ink }) {
    const layers = new Map(answer.layers.map((layer) => [layer.name, layer]));
    for (const stage of stages) {
      const part = parts.get(stage.stage);
      const layer = layers.get(stage.layer);
      if (stage.kind === "bars") part.paintBars(answer);
      else if (layer) {
        const pixels =
          stage.kind === "ink"
            ? inkPixels(colors.ink, layer.scale, paper, ink)
            : signedPixels(colors.signed);
        part.paint(decodeBytes(layer.values), pixels);
      }
    }
  }

  return {
    setPlan,
    arrange,
    locate,
    paint,
    find,
    stages: () => stages,
    isNarrow: () => narrow,
    /** @param {string} name */
    gridOf: (name) => parts.get(name).grid,
  };
}

// One stage: a figure with a label and a surface of cells.
/** @param {Stage} stage @param {Calls & { find: (name: string) => Stage }} calls */
function createPart(stage, { find, onPoint, onPick }) {
  const title = build("b", {});
  const note = build("span", { class: "note" });
  const step = build("span", { class: "step" });
  const bars = stage.kind === "bars";
  /** @type {HTMLElement} */
  const surface = bars ? createBars(stage) : build("canvas", FOCUSABLE);
  const figure = build(
    "figure",
    { class: `stage ${stage.kind}`, "data-stage": stage.stage },
    build("figcaption", {}, title, note),
    surface,
    step,
  );
  const painter = bars ? null : createMapPainter(/** @type {HTMLCanvasElement} */ (surface));
  const part = {
    figure,
    surface,
    grid: /** @type {Grid | null} */ (null),
    /** @param {Stage} next */
    label(next) {
      title.textContent = next.title;
      note.textContent = next.note;
      step.textContent = next.step;
      surface.setAttribute("aria-label", next.spoken);
    },
    /** @param {Grid} grid */
    resize(grid) {
      if (bars) return;
      part.grid = grid;
      painter.resize(grid);
      painter.frame(getComputedStyle(surface).color);
      if (last) part.paint(last[0], last[1]);
    },
    /** @param {ArrayLike<number>} values @param {Uint32Array} pixels */
    paint(values, pixels) {
      last = [values, pixels];
      painter.paint(values, pixels);
    },
    /** @param {DigitAnswer} answer */
    paintBars: (answer) => paintBars(surface, answer),
  };
  /** @type {[ArrayLike<number>, Uint32Array] | null} */
  let last = null;
  let cursor = { channel: 0, row: 0, column: 0 };

  /** @param {MouseEvent} event @returns {Cell | null} */
  function cellOf(event) {
    if (bars) {
      const row = findTarget(event, "[data-channel]");
      return row && { channel: Number(row.dataset.channel), row: 0, column: 0 };
    }
    const box = surface.getBoundingClientRect();
    return cellAt(part.grid, event.clientX - box.left, event.clientY - box.top);
  }

  surface.addEventListener("pointermove", (event) => {
    const cell = event.pointerType === "mouse" ? cellOf(event) : null;
    if (cell) onPoint({ stage: stage.stage, ...cell });
  });
  surface.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (cell) onPick({ stage: stage.stage, ...(cursor = cell) });
  });
  surface.addEventListener("keydown", (event) => {
    const grid = part.grid ?? gridOf({ ...find(stage.stage), across: 1, cell: 1 });
    const next = moveCursor(grid, cursor, event.key);
    if (next) onPoint({ stage: stage.stage, ...(cursor = next) }, { byKey: true });
    else if (event.key === "Enter" || event.key === " ") onPick({ stage: stage.stage, ...cursor });
    else return;
    event.preventDefault();
  });
  return part;
}

// The cell that an arrow key leads to: within a map, then over its edge into the neighbour.
/** @param {Grid} grid @param {Cell} cursor @param {string} key */
function moveCursor(grid, { channel, row, column }, key) {
  const step = ARROWS[key];
  if (!step) return null;
  const next = { channel, row: row + step[0], column: column + step[1] };
  if (next.column < 0 || next.column >= grid.columns) {
    next.channel += step[1];
    next.column = step[1] > 0 ? 0 : grid.columns - 1;
  } else if (next.row < 0 || next.row >= grid.rows) {
    next.channel += step[0] * grid.across;
    next.row = step[0] > 0 ? 0 : grid.rows - 1;
  }
  return next.channel >= 0 && next.channel < grid.maps ? next : { channel, row, column };
}

/** @param {Stage} stage */
function createBars(stage) {
  const rows = stage.classes.map((name, index) =>
    build(
      "div",
      { class: "bar", "data-channel": index },
      build("span", { class: "numeral" }, name),
      build("span", { class: "track" }, build("span", { class: "fill" })),
      build("span", { class: "percent" }),
    ),
  );
  return build("div", { class: "bars-surface", ...FOCUSABLE }, ...rows);
}

/** @param {HTMLElement} surface @param {DigitAnswer} answer */
function paintBars(surface, answer) {
  answer.probabilities.forEach((probability, index) => {
    const row = surface.children[index];
    const find = findIn(row);
    const shown = answer.ink ? probability : 0;
    find(".fill").style.transform = `scaleX(${shown})`;
    find(".percent").textContent = answer.ink ? formatPercent(probability) : "";
    row.classList.toggle("first", answer.ink && row.children[0].textContent === answer.guess);
  });
}
