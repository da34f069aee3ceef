// A layer's cells beside the network's input: the cell under the pointer shows the patch it sees.

import { decodeUnsigned } from "../shared/colors.js";
import { ARROWS, build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { fitCanvas } from "../shared/paint.js";
import { savePicture } from "../shared/save.js";
import { readTables } from "../shared/theme.js";

/**
 * @typedef {object} Field
 * @property {number[]} size
 * @property {number[]} jump
 * @property {number[]} start
 */

/** @typedef {import("../shared/mount.js").Events} Events */

/** @typedef {[number, number]} Cell Row and column. */
/** @typedef {{ rows: number, columns: number }} Shape */
/** @typedef {ReturnType<typeof fieldAlong>} Along */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {Cell} cell The one that is kept.
 * @property {Shape & { title: string, values: string }} layer Title, shape and bytes.
 * @property {Field} field Size, jump and start along both axes.
 * @property {Shape & { label: string, pixels: string }} image What the network sees, as bytes.
 */

// First and last pixel of a cell's field along one axis, as they are and inside the image.
/** @param {Field} field @param {number} cell @param {0 | 1} axis @param {number} size */
function fieldAlong(field, cell, axis, size) {
  const first = field.start[axis] + cell * field.jump[axis];
  const last = first + field.size[axis] - 1;
  return { first, last, from: Math.max(0, first), to: Math.min(size - 1, last) };
}

const signed = (/** @type {number} */ number) => String(number).replace("-", "−");

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createPatch(root, { trigger }) {
  const cells = build("canvas", { class: "cells", tabindex: "0", role: "img" });
  const picture = build("canvas", { class: "picture", role: "img" });
  const heads = [build("h4"), build("h4", {}, "What the network sees")];
  const words = build("p", { "aria-live": "polite" });
  const save = build("button", { type: "button", title: "Save the image" }, "PNG");
  root.replaceChildren(
    build("div", { class: "panel" }, heads[0], cells),
    build("div", { class: "panel" }, heads[1], picture),
    words,
    save,
  );
  /** @type {Payload} */
  let data = null;
  const send = (/** @type {Cell} */ value) => trigger("pinned", value);
  /** @type {Cell} */
  let pinned = [0, 0];
  /** @type {Cell | null} */
  let awaited = null; // sent, and not come back yet: what comes before it is older
  /** @type {Cell | null} */
  let pointed = null; // the cell under the pointer
  let shown = pinned;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Shape} shape
   * @param {(target: Uint8ClampedArray) => void} fill
   */
  function drawBytes(canvas, { rows, columns }, fill) {
    const width = Math.floor(canvas.getBoundingClientRect().width);
    if (!width) return null;
    const pixel = width / columns;
    const ratio = fitCanvas(canvas, width, pixel * rows);
    canvas.style.width = "";
    const image = new ImageData(columns, rows);
    fill(image.data);
    const scratch = new OffscreenCanvas(columns, rows);
    scratch.getContext("2d").putImageData(image, 0, 0);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(scratch, 0, 0, width, pixel * rows);
    context.strokeStyle = getComputedStyle(root).getPropertyValue("--line");
    context.strokeRect(0.5, 0.5, width - 1, pixel * rows - 1);
    return { context, pixel };
  }

  function paintCells() {
    const table = readTables(root, data.tables).signed;
    const bytes = decodeUnsigned(data.layer.values);
    const drawn = drawBytes(cells, data.layer, (target) => {
      const dots = new Uint32Array(target.buffer);
      for (let i = 0; i < dots.length; i += 1) dots[i] = table.pixels[128 + (bytes[i] >> 1)];
    });
    if (!drawn) return;
    const { context, pixel } = drawn;
    const [row, column] = shown;
    const grow = Math.max(0, (7 - pixel) / 2); // a small cell's frame stays visible
    context.strokeStyle = getComputedStyle(root).getPropertyValue("--st-link-color");
    context.lineWidth = 2.5;
    context.strokeRect(
      column * pixel - grow,
      row * pixel - grow,
      pixel + 2 * grow,
      pixel + 2 * grow,
    );
  }

  /** @param {Along} down @param {Along} across */
  function paintPicture(down, across) {
    const bytes = decodeUnsigned(data.image.pixels);
    const { columns } = data.image;
    const drawn = drawBytes(picture, data.image, (target) => {
      for (let i = 0; i < target.length / 4; i += 1) {
        const [row, column] = [Math.floor(i / columns), i % columns];
        const seen =
          row >= down.from && row <= down.to && column >= across.from && column <= across.to;
        target.set([bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2], seen ? 255 : 70], 4 * i);
      }
    });
    if (!drawn) return;
    const { context, pixel } = drawn;
    context.strokeStyle = getComputedStyle(root).getPropertyValue("--st-link-color");
    context.lineWidth = 2.5;
    context.strokeRect(
      across.from * pixel + 1,
      down.from * pixel + 1,
      (across.to - across.from + 1) * pixel - 2,
      (down.to - down.from + 1) * pixel - 2,
    );
  }

  function paint() {
    const [row, column] = shown;
    const { rows, columns } = data.image;
    const down = fieldAlong(data.field, row, 0, rows);
    const across = fieldAlong(data.field, column, 1, columns);
    paintCells();
    paintPicture(down, across);
    root.dataset.cell = shown.join(" ");
    root.dataset.patch = [down.from, down.to, across.from, across.to].join(" ");
    tell(row, column, down, across);
  }

  /** @param {number} row @param {number} column @param {Along} down @param {Along} across */
  function tell(row, column, down, across) {
    const size = `${down.to - down.from + 1}×${across.to - across.from + 1}`;
    /** @param {string} name @param {0 | 1} axis @param {number} cell @param {Along} ends */
    const sum = (name, axis, cell, ends) =>
      `${name} ${signed(data.field.start[axis])} + ${cell}·${data.field.jump[axis]} = ` +
      `${signed(ends.first)} to ${signed(ends.last)}`;
    const beyond = [down, across].some(({ first, last, from, to }) => first < from || last > to);
    const fieldSize = data.field.size.join("×");
    const parts = [
      `Row ${row}, column ${column} sees `,
      build("b", {}, `${size} pixels`),
      `: ${sum("rows", 0, row, down)}, ${sum("columns", 1, column, across)}.`,
      beyond ? ` The rest of its field of ${fieldSize} lies beyond the border, on padding.` : "",
    ];
    words.replaceChildren(...parts);
    cells.setAttribute("aria-label", words.textContent);
    picture.setAttribute(
      "aria-label",
      `${data.image.label}, rows ${down.from} to ${down.to} and ` +
        `columns ${across.from} to ${across.to} marked`,
    );
  }

  /** @param {MouseEvent} event @returns {Cell} */
  function cellUnder(event) {
    const box = cells.getBoundingClientRect();
    const { rows, columns } = data.layer;
    /** @param {number} share @param {number} count */
    const at = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return [
      at((event.clientY - box.top) / box.height, rows),
      at((event.clientX - box.left) / box.width, columns),
    ];
  }

  const show = (/** @type {Cell} */ cell) => {
    shown = cell;
    paint();
  };
  const point = (/** @type {Cell | null} */ cell) => {
    pointed = cell;
    show(pointed ?? pinned);
  };
  const pin = (/** @type {Cell} */ cell) => {
    pinned = awaited = cell;
    show(cell);
    send(cell);
  };
  cells.addEventListener("pointermove", (event) => point(cellUnder(event)));
  cells.addEventListener("pointerleave", () => point(null));
  cells.addEventListener("click", (event) => pin(cellUnder(event)));
  cells.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    const { rows, columns } = data.layer;
    pin([
      Math.max(0, Math.min(rows - 1, pinned[0] + step[0])),
      Math.max(0, Math.min(columns - 1, pinned[1] + step[1])),
    ]);
  });
  save.addEventListener("click", () => savePicture([cells, picture], root, "patch.png"));

  /** @param {Payload} next */
  function update(next) {
    const same =
      data && next.layer.title === data.layer.title && next.layer.rows === data.layer.rows;
    data = next;
    if (!same || !awaited || awaited.join() === next.cell.join()) {
      awaited = null;
      pinned = next.cell;
      shown = (same && pointed) || pinned;
    }
    heads[0].textContent = `${next.layer.title}, ${next.layer.rows}×${next.layer.columns} cells`;
    paint();
  }

  return { update, repaint: paint, arrange: paint };
}

export default mountComponent(".patch", createPatch);
