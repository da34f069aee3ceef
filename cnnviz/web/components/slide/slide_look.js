// What surrounds the grids: the theme's colours and the legend.

import { readTables } from "../shared/theme.js";

/**
 * The input, or what was computed from another grid, as figures.sliding packs it.
 * @typedef {object} PackedGrid
 * @property {string} title
 * @property {number[][]} values
 * @property {boolean} [grey] Whether the input is grey levels.
 * @property {number} [reads] The grid that it is computed from.
 * @property {"convolution" | "relu" | "max" | "average"} [step]
 * @property {Record<"kernel" | "stride" | "padding" | "dilation", number>} [window]
 * @property {[number[], number[]]} [unread] Rows and columns below that no window reads.
 */

/** @typedef {{ grid: number, row: number, column: number }} Step A cell to compute. */
/** @typedef {{ top: number, left: number, kernel: number, dilation: number }} Looked A window. */
/** @typedef {ReturnType<typeof readLook>} Look */

/**
 * The colours of the page's theme. `probe` is an element that nobody sees, to mix colours with.
 * @param {HTMLElement} root
 * @param {HTMLElement} probe
 * @param {import("../shared/colors.js").Themes} tables
 */
export function readLook(root, probe, tables) {
  const style = getComputedStyle(root);
  const [ink, ground, accent] = [
    "--st-text-color",
    "--st-background-color",
    "--st-primary-color",
  ].map((name) => style.getPropertyValue(name));
  /** @param {string} color @param {number} share */
  const mix = (color, share) => {
    probe.style.color = `color-mix(in srgb, ${color} ${share}%, ${ground})`;
    return getComputedStyle(probe).color;
  };
  return {
    ink,
    ground,
    accent,
    accentText: accent,
    line: mix(ink, 26),
    quiet: mix(ink, 60),
    padding: mix(ink, 7),
    empty: mix(ink, 4),
    veil: `color-mix(in srgb, ${ground} 55%, transparent)`,
    table: readTables(root, tables).signed,
  };
}

// What stands below the grids.
/** @param {PackedGrid[]} grids */
export function writeLegend(grids) {
  const said = [];
  if (grids[1].window.padding) said.push("Gray 0: padding.");
  if (grids.some((grid) => grid.unread?.flat().length))
    said.push("Crossed out: read by no window.");
  said.push(
    "Point at a cell of any grid to the right of or below the input, or click it to keep it.",
  );
  return said.join(" ");
}

// The window of a cell in the grid that it is computed from.
/** @param {PackedGrid[]} grids @param {Step} step @returns {Looked} */
export function findWindow(grids, step) {
  const { window: made } = grids[step.grid];
  if (!made) return { top: step.row, left: step.column, kernel: 1, dilation: 1 };
  const { kernel, stride, padding, dilation } = made;
  return {
    top: step.row * stride - padding,
    left: step.column * stride - padding,
    kernel,
    dilation,
  };
}
