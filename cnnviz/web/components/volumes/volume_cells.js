// Where a cell lies, which window belongs to it, and what it spreads.

/**
 * The grid, row and column of a cell that is counted over all grids.
 * @param {number[][][]} grids
 * @param {number} index
 */
export function findPlace(grids, index) {
  const [rows, columns] = [grids[0].length, grids[0][0].length];
  const within = index % (rows * columns);
  return {
    grid: Math.floor(index / (rows * columns)),
    row: Math.floor(within / columns),
    column: within % columns,
  };
}

/**
 * The cell to begin with, counted over all grids: the one nearest the middle whose value is not 0,
 * since products with 0 explain nothing; the middle of the first grid where all are 0.
 * @param {number[][][]} grids
 */
export function chooseCell(grids) {
  const [rows, columns] = [grids[0].length, grids[0][0].length];
  const [middle, center] = [Math.floor((rows - 1) / 2), Math.floor((columns - 1) / 2)];
  let [best, least] = [middle * columns + center, Infinity];
  grids.flat(2).forEach((value, index) => {
    const { row, column } = findPlace(grids, index);
    const distance = (row - middle) ** 2 + (column - center) ** 2;
    if (value !== 0 && distance < least) [best, least] = [index, distance];
  });
  return best;
}

/**
 * The window that a map's cell reads, or that a cell of the input is spread over.
 * @param {{ window: { stride: number, padding: number, dilation: number },
 *   kernels: number[][][][] }} data
 * @param {{ row: number, column: number }} place
 */
export function locateWindow({ window: { stride, padding, dilation }, kernels }, { row, column }) {
  return {
    top: row * stride - padding,
    left: column * stride - padding,
    kernel: kernels[0][0].length,
    dilation,
  };
}

/**
 * The cells of the window on one grid: zeros on padding.
 * @param {number[][]} values
 * @param {{ top: number, left: number, kernel: number, dilation: number }} looked
 */
export function readPatch(values, { top, left, kernel, dilation }) {
  const taps = [...Array(kernel).keys()].map((tap) => tap * dilation);
  return taps.map((row) => taps.map((column) => values[top + row]?.[left + column] ?? 0));
}

/**
 * What one cell of the input adds to a map; null where it adds nothing.
 * @param {{ inputs: { values: number[][] }[], maps: number[][][], kernels: number[][][][],
 *   divisor: number, window: { stride: number, padding: number, dilation: number } }} data
 * @param {{ grid: number, row: number, column: number }} place
 * @param {number} filter
 * @returns {(number | null)[][]}
 */
export function spreadCell(data, place, filter) {
  const { top, left, dilation } = locateWindow(data, place);
  const x = data.inputs[place.grid].values[place.row][place.column];
  const spread = data.maps[filter].map((row) => row.map(() => /** @type {number | null} */ (null)));
  data.kernels[filter][place.grid].forEach((line, a) =>
    line.forEach((weight, b) => {
      const [row, column] = [top + a * dilation, left + b * dilation];
      if (spread[row]?.[column] === null) spread[row][column] = (x * weight) / data.divisor;
    }),
  );
  return spread;
}
