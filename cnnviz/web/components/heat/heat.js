// Effective fields as heat maps, with the theoretical field's frame and a cut through the cell.

import { decodeUnsigned } from "../shared/colors.js";
import { build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { fitCanvas } from "../shared/paint.js";
import { savePicture } from "../shared/save.js";
import { readTables } from "../shared/theme.js";

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} note
 * @property {number} rows
 * @property {number} columns
 * @property {number} row
 * @property {number[]} frame
 * @property {string} values
 */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {Panel[]} panels One a field, with its bytes and its frame.
 * @property {string} label All of them in words.
 */

/**
 * @typedef {object} Drawn
 * @property {Panel} panel
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} element
 * @property {Uint8Array} bytes
 */

const CUT = 56; // CSS pixels for the cut below the map

/**
 * @param {HTMLElement} root
 */
function createHeat(root) {
  /** @type {Payload} */
  let data = null;
  /** @type {Drawn[]} */
  let panels = [];

  /** @param {Drawn} drawn */
  function paintPanel({ panel, canvas, bytes }) {
    const width = Math.floor(canvas.getBoundingClientRect().width);
    if (!width) return;
    const { rows, columns, frame } = panel;
    const pixel = width / columns;
    const ratio = fitCanvas(canvas, width, pixel * rows + CUT);
    canvas.style.width = "";
    const context = canvas.getContext("2d");
    const table = readTables(root, data.tables).signed;
    const image = new ImageData(columns, rows);
    const dots = new Uint32Array(image.data.buffer);
    for (let i = 0; i < dots.length; i += 1) dots[i] = table.pixels[128 + (bytes[i] >> 1)];
    const scratch = new OffscreenCanvas(columns, rows);
    scratch.getContext("2d").putImageData(image, 0, 0);
    const style = getComputedStyle(root);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(scratch, 0, 0, width, pixel * rows);
    context.strokeStyle = style.getPropertyValue("--line");
    context.strokeRect(0.5, 0.5, width - 1, pixel * rows - 1);
    context.strokeStyle = style.getPropertyValue("--st-link-color");
    context.setLineDash([6, 4]);
    context.lineWidth = 2.5;
    const [top, bottom, left, right] = frame;
    context.strokeRect(
      left * pixel + 1,
      top * pixel + 1,
      (right - left + 1) * pixel - 2,
      (bottom - top + 1) * pixel - 2,
    );
    context.setLineDash([]);
    drawCut(context, { panel, bytes, pixel, style });
  }

  /**
   * Draw the row through the cell as a curve.
   * @param {CanvasRenderingContext2D} context
   * @param {Pick<Drawn, "panel" | "bytes"> & { pixel: number, style: CSSStyleDeclaration }} drawn
   */
  function drawCut(context, { panel, bytes, pixel, style }) {
    const { rows, columns, row } = panel;
    const floor = pixel * rows + CUT - 1;
    context.fillStyle = style.getPropertyValue("--st-primary-color");
    for (let column = 0; column < columns; column += 1) {
      const high = (bytes[row * columns + column] / 255) * (CUT - 10);
      context.fillRect(
        column * pixel,
        floor - high,
        Math.max(1, pixel - (pixel > 4 ? 1 : 0)),
        high,
      );
    }
    context.fillStyle = style.getPropertyValue("--line");
    context.fillRect(0, floor, columns * pixel, 1);
  }

  function paint() {
    panels.forEach(paintPanel);
  }

  /** @param {Payload} next */
  function update(next) {
    data = next;
    root.setAttribute("aria-label", next.label);
    panels = next.panels.map((panel) => {
      const canvas = build("canvas");
      const element = build(
        "div",
        { class: "panel" },
        build("h4", {}, panel.title),
        canvas,
        build("p", {}, panel.note),
      );
      return { panel, canvas, element, bytes: decodeUnsigned(panel.values) };
    });
    const save = build("button", { type: "button", title: "Save the image" }, "PNG");
    save.addEventListener("click", () =>
      savePicture(
        panels.map(({ canvas }) => canvas),
        root,
        "effective-field.png",
      ),
    );
    root.replaceChildren(...panels.map((panel) => panel.element), save);
    paint();
  }

  return { update, repaint: paint, arrange: paint };
}

export default mountComponent(".heat", createHeat);
