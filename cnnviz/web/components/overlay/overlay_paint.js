// What an overlay's panel looks like: maps brought to the picture's size and laid over it as heat.

import { luminance } from "../shared/colors.js";
import { fitCanvas } from "../shared/paint.js";

const FINE = 192; // dots of a panel's shorter side at least, for smooth heat on small images
const DIM = 0.7; // the picture steps back behind the heat
export const FAINT = 0.45; // the scale's share at which the faintest heat begins
export const GLOW = 0.86; // and at which the strongest ends: beyond it the scale is nearly white

/** @typedef {import("../shared/colors.js").ColorTable} ColorTable */

/**
 * What a network sees.
 * @typedef {object} Picture
 * @property {number} rows
 * @property {number} columns
 * @property {number} channels
 * @property {ArrayLike<number>} bytes Row by row, all channels of a pixel together.
 */

/**
 * A map.
 * @typedef {object} Field
 * @property {number} rows
 * @property {number} columns
 * @property {ArrayLike<number>} values
 * @property {number} scale Of the values.
 */

/**
 * A panel as figures.attribution packs it, its bytes decoded: the picture, a map, or a note.
 * @typedef {Partial<Field> & PanelText} Panel
 */

/**
 * @typedef {object} PanelText
 * @property {"picture" | "map" | "raw" | "color" | "note"} kind
 * @property {number} [limit] The value that gets the end of the colour scale.
 * @property {number} [peak] The largest magnitude.
 * @property {boolean} [smooth] Whether the map is drawn without its cells.
 * @property {ArrayLike<number>} [color] Red, green and blue of each cell.
 * @property {string} [text] A note's.
 * @property {string} [name]
 * @property {string} [note]
 * @property {string} [label]
 */

/**
 * How heat is laid over a picture.
 * @typedef {object} Look
 * @property {ColorTable} heat
 * @property {ColorTable} [ground] Of a map that is drawn alone.
 * @property {number} opacity
 * @property {boolean} signed Whether values below zero are drawn too.
 * @property {boolean} raw Whether a map is drawn cell by cell and alone.
 */

/**
 * The map's value at each place of rows × columns: bilinear, or that of the cell around the place.
 * @param {Field} panel
 * @param {number} rows
 * @param {number} columns
 * @param {boolean} smooth
 */
export function resample(panel, rows, columns, smooth) {
  const field = new Float32Array(rows * columns);
  const { values, scale } = panel;
  const [height, width] = [panel.rows, panel.columns];
  const spots = (/** @type {number} */ count, /** @type {number} */ size) =>
    Array.from({ length: count }, (_, at) => {
      const spot = Math.max(0, ((at + 0.5) * size) / count - 0.5);
      const low = Math.min(Math.floor(spot), size - 1);
      return {
        low,
        high: Math.min(low + 1, size - 1),
        share: spot - low,
        cell: Math.floor((at * size) / count),
      };
    });
  const [down, across] = [spots(rows, height), spots(columns, width)];
  down.forEach((y, row) =>
    across.forEach((x, column) => {
      const at = (/** @type {number} */ r, /** @type {number} */ c) => values[r * width + c];
      const value = smooth
        ? (1 - y.share) * ((1 - x.share) * at(y.low, x.low) + x.share * at(y.low, x.high)) +
          y.share * ((1 - x.share) * at(y.high, x.low) + x.share * at(y.high, x.high))
        : at(y.cell, x.cell);
      field[row * columns + column] = value * scale;
    }),
  );
  return field;
}

/**
 * @param {ImageData} image
 * @param {Picture} picture
 * @param {number} fine Dots of a pixel's side.
 * @param {boolean} shade Whether it is gray and dim.
 */
function paintPicture(image, picture, fine, shade) {
  const { rows, columns, channels, bytes } = picture;
  const dots = new Uint32Array(image.data.buffer);
  const color = new Uint8ClampedArray(4);
  const dot = new Uint32Array(color.buffer);
  color[3] = 255;
  for (let row = 0; row < rows; row += 1) {
    const top = row * fine * columns * fine;
    for (let column = 0; column < columns; column += 1) {
      const from = (row * columns + column) * channels;
      color[0] = bytes[from];
      color[1] = bytes[from + (1 % channels)];
      color[2] = bytes[from + (2 % channels)];
      if (shade) color[0] = color[1] = color[2] = 255 * luminance(color) * DIM;
      const left = top + column * fine;
      for (let at = left; at < left + fine; at += 1) dots[at] = dot[0];
    }
    // The same row of dots again, for as many as a pixel is high.
    for (let copy = 1; copy < fine; copy += 1) {
      dots.copyWithin(top + copy * columns * fine, top, top + columns * fine);
    }
  }
}

/**
 * @param {ImageData} image
 * @param {Panel} panel
 * @param {Float32Array} field
 * @param {{ table: ColorTable, opacity: number, signed: boolean }} look
 */
function paintHeat(image, panel, field, { table, opacity, signed }) {
  for (let at = 0; at < field.length; at += 1) {
    const share = panel.limit > 0 ? Math.max(-1, Math.min(1, field[at] / panel.limit)) : 0;
    if (share === 0 || (share < 0 && !signed)) continue;
    const size = Math.abs(share);
    const alpha = opacity * size ** 1.1;
    const tone = 128 + Math.round(Math.sign(share) * 127 * (FAINT + (GLOW - FAINT) * size));
    for (let axis = 0; axis < 3; axis += 1) {
      const dot = 4 * at + axis;
      image.data[dot] = (1 - alpha) * image.data[dot] + alpha * table.rgb[3 * tone + axis];
    }
  }
}

/**
 * @param {ImageData} image
 * @param {Panel} panel
 * @param {Float32Array} field
 * @param {{ table: ColorTable, signed: boolean }} look
 */
function paintRaw(image, panel, field, { table, signed }) {
  for (let at = 0; at < field.length; at += 1) {
    const share = panel.limit > 0 ? Math.max(-1, Math.min(1, field[at] / panel.limit)) : 0;
    const tone = 128 + Math.round(127 * (signed ? share : Math.max(0, share)));
    for (let axis = 0; axis < 3; axis += 1) image.data[4 * at + axis] = table.rgb[3 * tone + axis];
    image.data[4 * at + 3] = 255;
  }
}

/**
 * Signed colour around mid-grey, as papers print guided backpropagation.
 * @param {ImageData} image
 * @param {Panel} panel
 * @param {number} rows
 * @param {number} columns
 */
function paintColor(image, panel, rows, columns) {
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const from =
        3 *
        (Math.floor((row * panel.rows) / rows) * panel.columns +
          Math.floor((column * panel.columns) / columns));
      const to = 4 * (row * columns + column);
      for (let axis = 0; axis < 3; axis += 1)
        image.data[to + axis] = 128 + panel.color[from + axis];
      image.data[to + 3] = 255;
    }
  }
}

/**
 * Paint a panel at the picture's size, finer where that is small, and then onto its canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {Panel} panel
 * @param {Picture} picture
 * @param {Look} look
 */
export function paintPanel(canvas, panel, picture, look) {
  const fine = Math.max(1, Math.ceil(FINE / Math.min(picture.rows, picture.columns)));
  const [rows, columns] = [picture.rows * fine, picture.columns * fine];
  const image = new ImageData(columns, rows);
  const raw = look.raw || panel.kind === "raw";
  if (panel.kind === "picture") paintPicture(image, picture, fine, false);
  else if (panel.kind === "color" && !raw) paintColor(image, panel, rows, columns);
  else {
    const map = /** @type {Field} */ (panel);
    const field = resample(map, rows, columns, panel.smooth && !raw);
    if (raw) paintRaw(image, panel, field, { table: look.ground, signed: look.signed });
    else {
      paintPicture(image, picture, fine, true);
      paintHeat(image, panel, field, {
        table: look.heat,
        opacity: look.opacity,
        signed: look.signed,
      });
    }
  }
  const scratch = new OffscreenCanvas(columns, rows);
  scratch.getContext("2d").putImageData(image, 0, 0);
  const width = Math.floor(canvas.getBoundingClientRect().width);
  if (!width) return;
  const height = Math.round((width * rows) / columns);
  const ratio = window.devicePixelRatio || 1;
  // A canvas of a new size has the page laid out anew, and a camera paints many times a second.
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    fitCanvas(canvas, width, height);
    canvas.style.width = "";
  }
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = columns > canvas.width;
  context.imageSmoothingQuality = "high";
  context.drawImage(scratch, 0, 0, canvas.width, canvas.height);
}
