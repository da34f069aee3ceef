// Bytes from Python, and the colours that they stand for.

/**
 * Colour scales by theme, as base64 of 256 RGB triples.
 * @typedef {Record<"light" | "dark", { signed: string, ink: string }>} Themes
 */

/**
 * An image as figures.attribution.pack_image packs it: base64 of its bytes, row by row.
 * @typedef {{ rows: number, columns: number, channels: number, pixels: string }} PackedImage
 */

/**
 * A colour scale: its bytes, and the pixels as a canvas stores them.
 * @typedef {{ rgb: Uint8Array, pixels: Uint32Array }} ColorTable
 */

/**
 * @param {string} text Base64 of int8.
 */
export function decodeBytes(text) {
  const binary = atob(text);
  const bytes = new Int8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * @param {string} text Base64 of uint8.
 */
export function decodeUnsigned(text) {
  return new Uint8Array(decodeBytes(text).buffer);
}

/**
 * Base64 of 256 RGB triples to {rgb, pixels}; a pixel is RGBA as a canvas stores it.
 * @param {string} text
 * @returns {ColorTable}
 */
export function readColorTable(text) {
  const rgb = new Uint8Array(decodeBytes(text).buffer);
  const pixels = new Uint32Array(256);
  const channels = new Uint8Array(pixels.buffer);
  for (let i = 0; i < 256; i += 1) {
    channels.set([rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2], 255], 4 * i);
  }
  return { rgb, pixels };
}

/** @type {CanvasRenderingContext2D} */
let colorProbe = null;

/**
 * @param {string} text
 */
export function parseColor(text) {
  colorProbe ??= document.createElement("canvas").getContext("2d");
  colorProbe.fillStyle = "#000000";
  colorProbe.fillStyle = text.trim() || "#000000";
  const hex = String(colorProbe.fillStyle); // the canvas answers every opaque colour as #rrggbb
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

/** @param {ArrayLike<number>} color */
export function luminance(color) {
  return (0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]) / 255;
}

/**
 * Colour of a signed value; `limit` gets the end of the scale.
 * @param {ColorTable} table
 * @param {number} value
 * @param {number} limit
 */
export function signedColor(table, value, limit) {
  const share = limit > 0 ? value / limit : 0;
  const index = 128 + Math.max(-128, Math.min(127, Math.round(share * 127)));
  return [table.rgb[3 * index], table.rgb[3 * index + 1], table.rgb[3 * index + 2]];
}

/**
 * Pixels by int8 + 128 for signed activations: the scale's middle is zero.
 * @param {ColorTable} table
 */
export function signedPixels(table) {
  return table.pixels;
}

/**
 * Pixels by int8 + 128 for the input: `paper` and `ink` are the values of bare paper and full ink.
 * @param {ColorTable} table
 * @param {number} scale
 * @param {number} paper
 * @param {number} ink
 */
export function inkPixels(table, scale, paper, ink) {
  const pixels = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    const share = ((i - 128) * scale - paper) / (ink - paper);
    pixels[i] = table.pixels[Math.max(0, Math.min(255, Math.round(share * 255)))];
  }
  return pixels;
}
