// A card for each network: its top-5 classes, its input, and Grad-CAM.

import { build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";

/**
 * @typedef {object} Guess
 * @property {string} name
 * @property {string} text
 * @property {number} share
 * @property {string} color Its class's own.
 * @property {string} told
 */

/**
 * @typedef {object} Card
 * @property {string} title
 * @property {number} year
 * @property {{ png: string, caption: string, alt: string }[]} images
 * @property {Guess[]} guesses
 * @property {string} note
 * @property {boolean} flipped
 */

/**
 * @typedef {object} Payload
 * @property {Card[]} cards One a network, of figures.compare.pack_card.
 * @property {string} label All of them in words.
 */

/** @param {Card["images"][number]} image */
function makeImage({ png, caption, alt }) {
  const image = build("img", { src: `data:image/png;base64,${png}`, alt });
  return build("figure", {}, image, build("figcaption", {}, caption));
}

/** @param {Guess} guess */
function makeGuess({ name, text, share, color, told }) {
  const bar = build("div", { class: "bar" });
  bar.style.width = `${100 * share}%`;
  bar.style.background = color;
  return build(
    "li",
    { title: told || name },
    build("span", {}, name),
    build("span", {}, text),
    build("div", { class: "track" }, bar),
  );
}

/** @param {Card} card */
function makeCard({ title, year, images, guesses, note, flipped }) {
  return build(
    "article",
    {},
    build("header", {}, build("b", {}, title), build("span", {}, String(year))),
    build("ol", {}, ...guesses.map(makeGuess)),
    build("div", { class: flipped ? "note flipped" : "note" }, note),
    build("div", { class: "images" }, ...images.map(makeImage)),
  );
}

/**
 * @param {HTMLElement} root
 */
function createCompare(root) {
  /** @param {Payload} data */
  function update(data) {
    root.setAttribute("aria-label", data.label);
    root.replaceChildren(...data.cards.map(makeCard));
  }
  return { update };
}

export default mountComponent(".compare", createCompare);
