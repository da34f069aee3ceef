// A surface over two weights: its level lines, and where a point of it lies on the canvas.

/** @typedef {[number, number, number, number]} Window Least and largest x, least and largest y. */

/**
 * The line of one level through a grid, as pairs of points in cells: marching squares.
 * @param {ArrayLike<number>} heights Row by row.
 * @param {number} rows
 * @param {number} columns
 * @param {number} level
 * @returns {number[][]} Each [column, row, column, row].
 */
export function traceLevel(heights, rows, columns, level) {
  const lines = [];
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const at = row * columns + column;
      const corners = [
        [column, row, heights[at]],
        [column + 1, row, heights[at + 1]],
        [column + 1, row + 1, heights[at + columns + 1]],
        [column, row + 1, heights[at + columns]],
      ];
      /** @type {number[]} */
      const crossed = [];
      corners.forEach(([x, y, here], place) => {
        const [nextX, nextY, there] = corners[(place + 1) % 4];
        if (here < level === there < level) return;
        const share = (level - here) / (there - here);
        crossed.push(x + share * (nextX - x), y + share * (nextY - y));
      });
      for (let pair = 0; pair + 3 < crossed.length; pair += 4)
        lines.push(crossed.slice(pair, pair + 4));
    }
  }
  return lines;
}

/**
 * @param {Window} window
 * @param {number} width In pixels.
 * @param {number} height
 */
export function scaleOf([left, right, low, high], width, height) {
  return {
    /** @param {number} x */
    across: (x) => ((x - left) / (right - left)) * width,
    /** @param {number} y */
    down: (y) => ((high - y) / (high - low)) * height,
    /**
     * The weights under a pixel, inside of the window.
     * @param {number} pixelX
     * @param {number} pixelY
     */
    weightsAt: (pixelX, pixelY) => {
      const x = left + (pixelX / width) * (right - left);
      const y = high - (pixelY / height) * (high - low);
      const round = (/** @type {number} */ value) => Number(value.toFixed(3));
      return [
        Math.min(right, Math.max(left, round(x))),
        Math.min(high, Math.max(low, round(y))),
      ];
    },
  };
}
