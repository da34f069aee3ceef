// Light or dark, and the change between them.

import { luminance, parseColor, readColorTable } from "./colors.js";

/** @typedef {Record<"signed" | "ink", import("./colors.js").ColorTable>} Tables */

/**
 * @param {Element} element
 */
export function isDarkTheme(element) {
  const ground = getComputedStyle(element).getPropertyValue("--st-background-color");
  return luminance(parseColor(ground)) < 0.5;
}

/**
 * The colour scales in the theme of an element.
 * @param {Element} element
 * @param {import("./colors.js").Themes} tables
 * @returns {Tables}
 */
export function readTables(element, tables) {
  const { signed, ink } = tables[isDarkTheme(element) ? "dark" : "light"];
  return { signed: readColorTable(signed), ink: readColorTable(ink) };
}

/**
 * Call `repaint` when the theme has changed. Every component's style sheet gives its root's colour
 * a transition: its end tells of a new theme.
 * @param {HTMLElement} root
 * @param {() => void} repaint
 * @param {AddEventListenerOptions} options
 */
export function watchTheme(root, repaint, options) {
  const onEnd = (/** @type {Event} */ event) => {
    if (event.target === root) repaint();
  };
  root.addEventListener("transitionend", onEnd, options);
}
