// One map enlarged beside the input: a cell's receptive field outlined, its arithmetic below.

import { decodeBytes, decodeUnsigned, signedColor } from "../shared/colors.js";
import { ARROWS, build, drawSvg, findIn } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { showSum } from "../shared/sums.js";
import { readTables } from "../shared/theme.js";
import { formatValue } from "../shared/values.js";

/**
 * @typedef {object} ShownMap
 * @property {string} values
 * @property {number} scale
 * @property {number} limit
 * @property {number} rows
 * @property {number} columns
 * @property {string} title
 * @property {string} note
 * @property {string} label
 */

/** @typedef {import("../shared/mount.js").Events} Events */

/** @typedef {[number, number]} Cell Row and column. */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {ShownMap} map The enlarged map: its bytes, scale, shape and names.
 * @property {import("../shared/colors.js").PackedImage} view The network's input as bytes.
 * @property {{ size: number[], jump: number[], start: number[] } | null} field
 *   The layer's receptive field; None where there is none.
 * @property {string} field_note Why there is none.
 * @property {Cell} cell The one that is worked out.
 * @property {boolean} pinned Whether the visitor chose it.
 * @property {number} value The cell's value.
 * @property {import("../shared/sums.js").Sum} sum Its arithmetic.
 */

const MOST_MARGIN = 0.16; // of the picture's side, for what lies on padding
let patterns = 0;

/** @param {number} first @param {number} last @param {string} word */
function plural(first, last, word) {
  return first === last ? `${word} ${first}` : `${word}s ${first}–${last}`;
}

// The frame round a picture of this size, `margin` wide.
/** @param {number} rows @param {number} columns @param {number} margin */
function borderOf(rows, columns, margin) {
  const outside = `M${-margin} ${-margin}H${columns + margin}V${rows + margin}H${-margin}z`;
  return `${outside}M0 0V${rows}H${columns}V0z`;
}

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createCell(root, { trigger }) {
  const $ = findIn(root);
  const pattern = `hatch-${(patterns += 1)}`;
  /** @type {Payload} */
  let data = null;
  const pin = (/** @type {Cell | null} */ place) => trigger("pinned", place ?? "none");
  /** @type {Int8Array} */
  let values = null;
  /** @type {Cell | null} */
  let hovered = null;
  /** @type {Cell} */
  let cursor = [0, 0];
  let shownPart = 0;

  const table = () => readTables(root, data.tables).signed;

  // The input's field of a cell, by axis: first and last index, padding included.
  /** @param {Cell} cell */
  function fieldOf([row, column]) {
    if (!data.field) return null;
    const { size, jump, start } = data.field;
    return [row, column].map((index, axis) => {
      const first = start[axis] + index * jump[axis];
      return /** @type {[number, number]} */ ([first, first + size[axis] - 1]);
    });
  }

  // How much padding is drawn round the picture, in input pixels.
  function marginOf() {
    if (!data.field) return 0;
    const { rows, columns } = data.map;
    const first = fieldOf([0, 0]);
    const last = fieldOf([rows - 1, columns - 1]);
    const over = Math.max(
      -first[0][0],
      -first[1][0],
      last[0][1] - data.view.rows + 1,
      last[1][1] - data.view.columns + 1,
      0,
    );
    return Math.min(over, MOST_MARGIN * Math.max(data.view.rows, data.view.columns));
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} rows
   * @param {number} columns
   * @param {(index: number) => number[]} colorOf
   */
  function paintCanvas(canvas, rows, columns, colorOf) {
    canvas.width = columns;
    canvas.height = rows;
    const image = new ImageData(columns, rows);
    for (let i = 0; i < rows * columns; i += 1) image.data.set(colorOf(i), 4 * i);
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  function paintMap() {
    const { rows, columns, scale, limit } = data.map;
    const colors = table();
    paintCanvas($(".map canvas"), rows, columns, (i) => [
      ...signedColor(colors, values[i] * scale, limit),
      255,
    ]);
    const svg = $(".map svg");
    svg.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
    svg.setAttribute("preserveAspectRatio", "none");
  }

  function paintView() {
    const { rows, columns, channels } = data.view;
    const pixels = decodeUnsigned(data.view.pixels);
    paintCanvas($(".seen canvas"), rows, columns, (i) =>
      channels === 1
        ? [pixels[i], pixels[i], pixels[i], 255]
        : [pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2], 255],
    );
    // The margin of padding lies outside the canvas, in the frame's own space.
    const margin = marginOf();
    const canvas = $(".seen canvas");
    const share = margin / (columns + 2 * margin);
    canvas.style.width = `${100 * (1 - 2 * share)}%`;
    canvas.style.margin = "0 auto";
    canvas.style.padding = "0";
    $(".seen .frame").style.padding = `${100 * share}% 0`;
    const svg = $(".seen svg");
    svg.setAttribute(
      "viewBox",
      `${-margin} ${-margin} ${columns + 2 * margin} ${rows + 2 * margin}`,
    );
    svg.setAttribute("preserveAspectRatio", "none");
  }

  // A rectangle in cells, its line of the same width on the screen whatever the enlargement.
  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  function box(x, y, width, height) {
    const at = { x, y, width, height, "vector-effect": "non-scaling-stroke" };
    return [drawSvg("rect", { ...at, class: "halo" }), drawSvg("rect", { ...at, class: "box" })];
  }

  /** @param {[number, number][] | null} field */
  function markInput(field) {
    const svg = $(".seen svg");
    const { rows, columns } = data.view;
    const margin = marginOf();
    if (!field) {
      svg.replaceChildren();
      return;
    }
    const [[top, bottom], [left, right]] = field;
    const unit = Math.max(rows, columns) / 60;
    const hatch = drawSvg(
      "pattern",
      {
        id: pattern,
        width: unit,
        height: unit,
        patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)",
      },
      drawSvg("line", {
        class: "hatching",
        x1: 0,
        y1: 0,
        x2: 0,
        y2: unit,
        "stroke-width": unit / 5,
      }),
    );
    const clip = drawSvg(
      "clipPath",
      { id: `${pattern}-clip` },
      drawSvg("path", {
        d: borderOf(rows, columns, margin),
        "clip-rule": "evenodd",
      }),
    );
    const x = Math.max(left, -margin);
    const y = Math.max(top, -margin);
    const width = Math.min(right + 1, columns + margin) - x;
    const height = Math.min(bottom + 1, rows + margin) - y;
    svg.replaceChildren(
      drawSvg("defs", {}, hatch, clip),
      ...(margin > 0
        ? [
            drawSvg("path", {
              class: "outside",
              "fill-rule": "evenodd",
              d: borderOf(rows, columns, margin),
            }),
          ]
        : []),
      drawSvg("rect", {
        x,
        y,
        width,
        height,
        fill: `url(#${pattern})`,
        "clip-path": `url(#${pattern}-clip)`,
      }),
      ...box(x, y, width, height),
    );
  }

  /** @param {Cell} cell */
  function valueAt([row, column]) {
    return values[row * data.map.columns + column] * data.map.scale;
  }

  /** @param {[number, number][] | null} field */
  function describeField(field) {
    if (!field) return data.field_note;
    const sizes = [data.view.rows, data.view.columns];
    const [seenRows, seenColumns] = field.map(([first, last], axis) =>
      plural(Math.max(first, 0), Math.min(last, sizes[axis] - 1), ["row", "column"][axis]),
    );
    const padded = field.some(([first, last], axis) => first < 0 || last >= sizes[axis]);
    const note = padded ? "; the hatched part lies on padding" : "";
    return `sees ${seenRows}, ${seenColumns} of the input${note}`;
  }

  function show() {
    const cell = hovered ?? data.cell;
    const field = fieldOf(cell);
    markInput(field);
    $(".map svg").replaceChildren(...box(cell[1], cell[0], 1, 1));
    const worked = cell[0] === data.cell[0] && cell[1] === data.cell[1];
    const value = formatValue(worked ? data.value : valueAt(cell));
    const text = `${data.map.title}, row ${cell[0]}, column ${cell[1]}`;
    /** @type {(Node | string)[]} */
    const pieces = [
      `${text}: `,
      build("b", {}, worked ? value : `≈ ${value}`),
      build("span", { class: "quiet" }, ` — ${describeField(field)}.`),
    ];
    if (worked && data.pinned) {
      const loose = build("button", { type: "button" }, "Unpin");
      loose.addEventListener("click", () => pin(null));
      pieces.push(loose);
    } else {
      pieces.push(
        build(
          "span",
          { class: "quiet" },
          worked
            ? " The strongest cell of this map; point at others, tap to pin one."
            : " Tap to pin it and see its arithmetic.",
        ),
      );
    }
    $(".place").replaceChildren(...pieces);
    return `${text}: ${value}, ${describeField(field)}`;
  }

  function showArithmetic() {
    showSum($(".sum"), data.sum, {
      table: table(),
      shown: shownPart,
      onPart: (index) => {
        shownPart = index;
        showArithmetic();
      },
    });
  }

  /** @param {MouseEvent} event @returns {Cell | null} */
  function locate(event) {
    const frame = $(".map canvas").getBoundingClientRect();
    const row = Math.floor(((event.clientY - frame.top) / frame.height) * data.map.rows);
    const column = Math.floor(((event.clientX - frame.left) / frame.width) * data.map.columns);
    return row < 0 || column < 0 || row >= data.map.rows || column >= data.map.columns
      ? null
      : [row, column];
  }

  /** @param {Cell | null} cell */
  function choose(cell) {
    if (!cell) return;
    const same = data.pinned && cell[0] === data.cell[0] && cell[1] === data.cell[1];
    hovered = same ? null : cell;
    pin(same ? null : cell);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const move = ARROWS[event.key];
    if (move) {
      const from = hovered ?? cursor;
      /** @param {number} value @param {number} size */
      const clamp = (value, size) => Math.max(0, Math.min(size - 1, value));
      hovered = cursor = [
        clamp(from[0] + move[0], data.map.rows),
        clamp(from[1] + move[1], data.map.columns),
      ];
      $(".spoken").textContent = show();
    } else if (event.key === "Enter" || event.key === " ") choose(cursor);
    else if (event.key === "Escape") pin(null);
    else return;
    event.preventDefault();
  }

  /** @param {Payload} next */
  function update(next) {
    if (data?.sum.title !== next.sum.title) shownPart = 0;
    data = next;
    values = decodeBytes(data.map.values);
    hovered = null;
    cursor = data.cell;
    root.dataset.value = String(data.value);
    $(".seen figcaption").replaceChildren(
      build("b", {}, "What the network sees"),
      `${data.view.columns}×${data.view.rows}`,
    );
    $(".map figcaption").replaceChildren(build("b", {}, data.map.title), data.map.note);
    $(".map .frame").setAttribute("aria-label", data.map.label);
    repaint();
  }

  function repaint() {
    paintMap();
    paintView();
    show();
    showArithmetic();
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  const map = $(".map .frame");
  map.addEventListener(
    "pointermove",
    (event) => {
      if (event.pointerType !== "mouse") return;
      hovered = locate(event);
      show();
    },
    options,
  );
  map.addEventListener(
    "pointerleave",
    () => {
      hovered = null;
      show();
    },
    options,
  );
  map.addEventListener("click", (event) => choose(locate(event)), options);
  map.addEventListener("keydown", onKey, options);

  return { update, repaint: repaint, destroy: () => listening.abort() };
}

export default mountComponent(".cell", createCell);
