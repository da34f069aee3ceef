// Where the tiles of a sheet lie, and the cells of a layer without maps.

const GAP = 12;
export const CAPTION = 24;
const NARROW = 520;

// The side of a tile that suits the number of tiles, before it is fitted to the width.
function wishedSide(tiles) {
  return tiles <= 6 ? 168 : tiles <= 12 ? 136 : tiles <= 24 ? 112 : 92;
}

function wishedCell(units) {
  return units <= 16 ? 44 : units <= 128 ? 26 : units <= 1024 ? 17 : 11;
}

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
  const stride = h + GAP + (data.captions ? CAPTION : 0);
  return {
    across,
    side: w,
    high: h,
    left: (tile) => (tile % across) * (side + GAP),
    top: (tile) => Math.floor(tile / across) * stride,
    totalHeight: Math.ceil(count / across) * stride - GAP,
  };
}

export function arrangeUnits(width, data) {
  const count = data.tiles.length;
  const cell = Math.min(wishedCell(count), width / Math.min(count, 20));
  const across = Math.min(count, Math.floor(width / cell));
  return {
    across,
    side: cell - 1,
    high: cell - 1,
    left: (unit) => (unit % across) * cell,
    top: (unit) => Math.floor(unit / across) * cell,
    totalHeight: Math.ceil(count / across) * cell,
    totalWidth: across * cell,
  };
}
