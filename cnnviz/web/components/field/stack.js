// The arithmetic of a stack along one axis, for a pointer that moves faster than a server answers.

/**
 * A layer that fits: its window, and how its cells stand over the input.
 * @typedef {object} Row
 * @property {number} kernel
 * @property {number} stride
 * @property {number} padding
 * @property {number} dilation
 * @property {number} size Cells along a side.
 * @property {number} field Pixels that a cell sees along a side.
 * @property {number} jump Pixels between neighbours.
 * @property {number} start First pixel of the first cell.
 */

/** @typedef {{ size: number, rows: Row[] }} Stack The side of the input, and its layers. */
/** @typedef {[number, number]} Span The first and the last. */
/** @typedef {Map<number, number>} Paths From a cell's index to the paths that lead to it. */

/**
 * How many paths lead from one cell of layer `top` to each cell of every layer below it: an array
 * of maps from index to count, the input first. Cells outside their layer are padding: they are
 * noted, and not followed.
 * @param {Row[]} rows
 * @param {number} top
 * @param {number} cell
 */
export function tracePaths(rows, top, cell) {
  /** @type {Paths[]} */
  const levels = [];
  levels[top] = new Map([[cell, 1]]);
  for (let level = top; level > 0; level -= 1) {
    const { kernel, stride, padding, dilation, size } = rows[level - 1];
    const below = new Map();
    for (const [index, paths] of levels[level]) {
      if (index < 0 || index >= size) continue;
      for (let tap = 0; tap < kernel; tap += 1) {
        const at = index * stride - padding + tap * dilation;
        below.set(at, (below.get(at) ?? 0) + paths);
      }
    }
    levels[level - 1] = below;
  }
  return levels;
}

/**
 * Where cells stand over the input, in pixels; level 0 is the input itself.
 * @param {Row[]} rows
 * @param {number} level
 */
export function placeOf(rows, level) {
  if (level === 0) return { first: 0, jump: 1, field: 1, start: 0 };
  const { start, field, jump } = rows[level - 1];
  return { first: start + (field - 1) / 2, jump, field, start };
}

/**
 * @type {(stack: Stack, level: number) => number}
 */
export const sizeOf = (stack, level) => (level === 0 ? stack.size : stack.rows[level - 1].size);
/**
 * @type {(stack: Stack, level: number) => number}
 */
export const paddingOf = (stack, level) => stack.rows[level]?.padding ?? 0;
/**
 * @type {(index: number, size: number) => boolean}
 */
export const inside = (index, size) => index >= 0 && index < size;

/**
 * The cell of the top layer that stands nearest to a place over the input.
 * @param {Stack} stack
 * @param {number} level
 * @param {number} at
 */
export function nearestCell(stack, level, at) {
  const { first, jump } = placeOf(stack.rows, level);
  // A place midway between two cells belongs to the left one, on either side of the screen.
  return Math.max(0, Math.min(sizeOf(stack, level) - 1, Math.ceil((at - first) / jump - 0.5)));
}

/**
 * The middle one of the cells that a traced level reads inside its layer; the first cell of a layer
 * of which it reads nothing but padding.
 * @param {Paths} level
 * @param {number} size
 */
export function middleCell(level, size) {
  const known = [...level.keys()]
    .filter((index) => inside(index, size))
    .sort((one, other) => one - other);
  return known.length ? known[Math.floor((known.length - 1) / 2)] : 0;
}

/**
 * From the first to the last index, the span of a map's keys.
 * @param {Paths} level
 * @returns {Span}
 */
export function spanOf(level) {
  const keys = [...level.keys()];
  return [Math.min(...keys), Math.max(...keys)];
}

/**
 * The pixels that the picture must have room for, padding of every layer included.
 * @param {Stack} stack
 * @returns {Span}
 */
export function reachOf(stack) {
  let [low, high] = [-0.5, stack.size - 0.5];
  for (let level = 0; level < stack.rows.length; level += 1) {
    const { first, jump } = placeOf(stack.rows, level);
    const padding = paddingOf(stack, level);
    low = Math.min(low, first - (padding + 0.5) * jump);
    high = Math.max(high, first + (sizeOf(stack, level) - 0.5 + padding) * jump);
  }
  return [low, high];
}
