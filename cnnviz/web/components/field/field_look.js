// What surrounds the drawing of a stack: the theme's colours, the photograph, the legend.

import { decodeUnsigned } from "../shared/colors.js";
import { build } from "../shared/dom.js";
import { readTables } from "../shared/theme.js";

/** @typedef {ReturnType<typeof readLook>} Colors */

/**
 * The colours of the page's theme.
 * @param {HTMLElement} root
 * @param {HTMLElement} probe An element that nobody sees, to mix colours with.
 * @param {import("../shared/colors.js").Themes} tables
 */
export function readLook(root, probe, tables) {
  const table = readTables(root, tables).signed;
  const rgb = (/** @type {number} */ share) =>
    table.rgb.subarray(3 * (152 + Math.round(66 * share)), 3 * (153 + Math.round(66 * share)));
  /** @param {number} share @param {number} [alpha] */
  const color = (share, alpha = 1) => `rgb(${rgb(share).join(" ")} / ${alpha})`;
  const style = getComputedStyle(root);
  const ground = style.getPropertyValue("--st-background-color");
  /** @param {string} text @param {number} share */
  const mix = (text, share) => {
    probe.style.color = `color-mix(in srgb, ${text} ${share}%, ${ground})`;
    return getComputedStyle(probe).color;
  };
  root.style.setProperty("--soft", color(0));
  root.style.setProperty("--strong", color(1));
  const ink = style.getPropertyValue("--st-text-color");
  const blue = style.getPropertyValue("--st-link-color");
  return {
    ground,
    cell: mix(ink, 9),
    line: mix(ink, 35),
    quiet: mix(ink, 64),
    hatchColor: mix(ink, 32),
    veiled: `color-mix(in srgb, ${ground} 30%, transparent)`,
    strong: style.getPropertyValue("--st-primary-color"),
    frame: blue,
    frameSoft: mix(blue, 70),
    cone: color(0.15, 0.22),
    shade: color,
    rgb,
  };
}

/** @param {string | null} pixels @param {number} size */
export function readPhotograph(pixels, size) {
  if (!pixels) return null;
  const bytes = decodeUnsigned(pixels);
  const scratch = build("canvas", { width: String(size), height: String(size) });
  const image = new ImageData(size, size);
  for (let i = 0; i < size * size; i += 1)
    image.data.set([bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2], 255], 4 * i);
  scratch.getContext("2d").putImageData(image, 0, 0);
  return scratch;
}

/** @param {import("./types.js").DrawnStack[]} stacks */
export function buildLegend(stacks) {
  const items = [
    ["paths", "few paths … many paths to this pixel"],
    ["frame", "theoretical field"],
  ];
  if (stacks.some((stack) => stack.rows.some((row) => row.padding)))
    items.push(["padding", "padding: zeros"]);
  if (stacks.some((stack) => stack.unread.length)) items.push(["unread", "read by no output"]);
  return items.map(([name, text]) => build("span", {}, build("i", { class: name }), text));
}
