// Where the tiles of a sheet lie, and the cells of a layer without maps.

/**
 * Of a sheet what decides on its layout.
 * @typedef {object} Sheet
 * @property {number} rows Of a tile.
 * @property {number} columns
 * @property {unknown[]} tiles
 * @property {number} captions Lines below a tile: none, its name, or what is said of it too.
 * @property {number | null} [side] Side of a tile in CSS pixels.
 */

const GAP = 12;
const LINE = 20; // pixels, and a little above the first
const NARROW = 520;

/**
 * The height of so many lines below a tile.
 * @param {number} lines
 */
export function findCaption(lines) {
  return lines && 4 + LINE * lines;
}

/**
 * The side of a tile that suits the number of tiles, before it is fitted to the width.
 * @param {number} tiles
 */
function wishedSide(tiles) {
  return tiles <= 6 ? 168 : tiles <= 12 ? 136 : tiles <= 24 ? 112 : 92;
}

/**
 * @param {number} units
 */
function wishedCell(units) {
  return units <= 16 ? 44 : units <= 128 ? 26 : units <= 1024 ? 17 : 11;
}

/**
 * @param {number} width
 * @param {Sheet} data
 */
export function arrangeTiles(width, data) {
  const tall = data.rows / data.columns;
  const count = data.tiles.length;
  const fewest = width < NARROW && count > 6 ? (count > 12 ? 4 : 3) : 2;
  const wished = Math.min(data.side ?? wishedSide(count), width / fewest - GAP);
  const fit = Math.max(1, Math.floor((width + GAP) / (wished + GAP)));
  const across = Math.min(fit, count);
  const side =
    across < fit || data.side ? wished : Math.floor((width - (across - 1) * GAP) / across);
  const [w, h] = tall > 1 ? [side / tall, side] : [side, side * tall];
  const stride = h + GAP + findCaption(data.captions);
  return {
    across,
    side: w,
    high: h,
    /** @param {number} tile */
    left: (tile) => (tile % across) * (side + GAP),
    /** @param {number} tile */
    top: (tile) => Math.floor(tile / across) * stride,
    totalHeight: Math.ceil(count / across) * stride - GAP,
  };
}

/**
 * @param {number} width
 * @param {{ tiles: unknown[] }} data
 */
export function arrangeUnits(width, data) {
  const count = data.tiles.length;
  const cell = Math.min(wishedCell(count), width / Math.min(count, 20));
  const across = Math.min(count, Math.floor(width / cell));
  return {
    across,
    side: cell - 1,
    high: cell - 1,
    /** @param {number} unit */
    left: (unit) => (unit % across) * cell,
    /** @param {number} unit */
    top: (unit) => Math.floor(unit / across) * cell,
    totalHeight: Math.ceil(count / across) * cell,
    totalWidth: across * cell,
  };
}
