// The images of a question. A choice that is named as an image is shows that image; images that no
// choice names stand in a row.

import { build } from "../shared/dom.js";

/** @typedef {{ caption: string, png: string }} Picture An image file as base64. */

/**
 * An image beside its caption, which names it: it needs no other name.
 * @param {Picture} picture
 */
export function makeImage({ png }) {
  return build("img", { src: `data:image/png;base64,${png}`, alt: "" });
}

/**
 * The images that no choice names.
 * @param {Picture[]} pictures
 * @param {string[]} choices
 */
export function listApart(pictures, choices) {
  return pictures.filter(({ caption }) => !choices.includes(caption));
}

/**
 * The image of a choice; undefined where it has none.
 * @param {Picture[]} pictures
 * @param {string} choice
 */
export function findPicture(pictures, choice) {
  return pictures.find(({ caption }) => caption === choice);
}

/** @param {Picture[]} pictures */
export function makeFigures(pictures) {
  return pictures.map((one) =>
    build("figure", {}, makeImage(one), build("figcaption", {}, one.caption)),
  );
}
