// Where the maps of a layer lie on a canvas, and how they are painted there.

/**
 * Maps of a layer and how they lie: cells, and CSS pixels.
 * @typedef {object} Shape
 * @property {number} maps
 * @property {number} rows Of one map.
 * @property {number} columns
 * @property {number} across Maps side by side.
 * @property {number} cell Side of a cell.
 * @property {number} gap Between maps.
 */

/** @typedef {ReturnType<typeof gridOf>} Grid */

const MARGIN = 1; // for the frame around the outer maps

/**
 * Where the maps of a layer lie on its canvas. All lengths are in CSS pixels.
 * @param {Shape} shape
 */
export function gridOf({ maps, rows, columns, across, cell, gap }) {
  const down = Math.ceil(maps / across);
  const width = columns * cell;
  const height = rows * cell;
  return {
    maps,
    rows,
    columns,
    across,
    cell,
    gap,
    width,
    height,
    totalWidth: across * width + (across - 1) * gap + 2 * MARGIN,
    totalHeight: down * height + (down - 1) * gap + 2 * MARGIN,
    /** @param {number} map */
    left: (map) => MARGIN + (map % across) * (width + gap),
    /** @param {number} map */
    top: (map) => MARGIN + Math.floor(map / across) * (height + gap),
  };
}

/**
 * The cell under a point of the canvas, or null between the maps.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 */
export function cellAt(grid, x, y) {
  const across = Math.floor((x - MARGIN) / (grid.width + grid.gap));
  const channel = Math.floor((y - MARGIN) / (grid.height + grid.gap)) * grid.across + across;
  if (across < 0 || across >= grid.across || channel < 0 || channel >= grid.maps) return null;
  let column = Math.floor((x - grid.left(channel)) / grid.cell);
  let row = Math.floor((y - grid.top(channel)) / grid.cell);
  // A hairline between single cells belongs to the one before it.
  if (grid.gap <= 1) {
    row = Math.min(row, grid.rows - 1);
    column = Math.min(column, grid.columns - 1);
  }
  if (row < 0 || column < 0 || column >= grid.columns || row >= grid.rows) return null;
  return { channel, row, column };
}

/**
 * Give a canvas one dot for every dot of the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {number} Dots of the screen in a CSS pixel.
 */
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  return ratio;
}

/**
 * Paint all maps of a layer: one dot a cell on a scratch canvas, then enlarged without smoothing.
 * @param {HTMLCanvasElement} canvas
 */
export function createMapPainter(canvas) {
  const context = canvas.getContext("2d");
  const scratch = document.createElement("canvas");
  const scratchContext = scratch.getContext("2d");
  /** @type {Grid} */
  let grid = null;
  let ratio = 1;
  /** @type {ImageData} */
  let image = null;
  /** @type {Uint32Array} */
  let dots = null;

  /**
   * @param {Grid} next
   */
  function resize(next) {
    grid = next;
    ratio = fitCanvas(canvas, grid.totalWidth, grid.totalHeight);
    scratch.width = grid.columns;
    scratch.height = grid.rows * grid.maps;
    image = scratchContext.createImageData(scratch.width, scratch.height);
    dots = new Uint32Array(image.data.buffer);
  }

  /**
   * Left, top, width and height of a map in screen dots.
   * @param {number} map
   * @returns {[number, number, number, number]}
   */
  function place(map) {
    const dotsOf = (/** @type {number} */ length) => Math.round(length * ratio);
    const [left, top] = [dotsOf(grid.left(map)), dotsOf(grid.top(map))];
    return [left, top, dotsOf(grid.width), dotsOf(grid.height)];
  }

  /**
   * A hairline around each map, in the margin, so that a map of zeros is seen too.
   * @param {string} color
   */
  function frame(color) {
    const hair = Math.max(1, Math.round(ratio));
    context.fillStyle = color;
    for (let map = 0; map < grid.maps; map += 1) {
      const [x, y, width, height] = place(map);
      context.fillRect(x - hair, y - hair, width + 2 * hair, height + 2 * hair);
    }
  }

  /**
   * @param {ArrayLike<number>} values Int8 of all maps.
   * @param {Uint32Array} pixels By int8 + 128.
   */
  function paint(values, pixels) {
    for (let i = 0; i < dots.length; i += 1) dots[i] = pixels[values[i] + 128];
    scratchContext.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    for (let map = 0; map < grid.maps; map += 1) {
      context.drawImage(scratch, 0, map * grid.rows, grid.columns, grid.rows, ...place(map));
    }
  }

  return { resize, frame, paint };
}
