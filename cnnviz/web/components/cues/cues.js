// The images side by side, and below them a card for each network: how it decides, and its top-5.

import { build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";

/**
 * @typedef {object} Shown
 * @property {string} png
 * @property {string} title
 * @property {string} caption
 * @property {string} tone
 */

/**
 * @typedef {object} Guess
 * @property {string} name
 * @property {number} share
 * @property {string} text
 * @property {string} tone
 */

/**
 * @typedef {object} Card
 * @property {string} title
 * @property {number} year
 * @property {string} head
 * @property {string} note
 * @property {string} tone
 * @property {Guess[]} guesses
 */

/**
 * @typedef {object} Payload
 * @property {Shown[]} images What stands side by side: png, title, caption and tone.
 * @property {Card[]} cards One a network.
 */

/** @param {Shown} shown */
function makeImage({ png, title, caption, tone }) {
  return build(
    "figure",
    { class: tone },
    build("h4", {}, title),
    build("img", { src: `data:image/png;base64,${png}`, alt: `${title}: ${caption}` }),
    build("figcaption", {}, caption),
  );
}

/** @param {Guess} guess */
function makeGuess({ name, share, text, tone }) {
  const bar = build("div", { class: "bar" });
  bar.style.width = `${100 * share}%`;
  return build(
    "li",
    { class: tone, title: name },
    build("span", {}, name),
    build("span", {}, text),
    build("div", { class: "track" }, bar),
  );
}

/** @param {Card} card */
function makeCard(card) {
  return build(
    "article",
    {},
    build("header", {}, build("b", {}, card.title), build("span", {}, String(card.year))),
    build("div", { class: `head ${card.tone}` }, card.head),
    build("div", { class: "note" }, card.note),
    build("ol", {}, ...card.guesses.map(makeGuess)),
  );
}

/**
 * @param {HTMLElement} root
 */
function createCues(root) {
  /** @param {Payload} data */
  function update(data) {
    const images = build("div", { class: "images" }, ...data.images.map(makeImage));
    images.style.setProperty("--count", String(data.images.length));
    const cards = build("div", { class: "cards" }, ...data.cards.map(makeCard));
    root.replaceChildren(images, cards);
  }
  return { update };
}

export default mountComponent(".cues", createCues);
