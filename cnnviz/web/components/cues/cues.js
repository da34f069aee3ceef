// The pictures side by side, and below them a card for each network: how it decides, its first
// five guesses, and its probabilities for both cues on the originals and on the conflict.

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
 * @typedef {object} Card
 * @property {string} title
 * @property {number} year
 * @property {string} head
 * @property {string} note
 * @property {string} tone
 * @property {any[]} guesses
 * @property {string[]} columns
 * @property {any[]} rows
 */

/**
 * @typedef {object} Payload
 * @property {Shown[]} pictures What stands side by side: png, title, caption and tone.
 * @property {Card[]} cards One a network.
 */

function makePicture({ png, title, caption, tone }) {
  return build(
    "figure",
    { class: tone },
    build("h4", {}, title),
    build("img", { src: `data:image/png;base64,${png}`, alt: `${title}: ${caption}` }),
    build("figcaption", {}, caption),
  );
}

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

function makeTable({ columns, rows }) {
  const table = build("table");
  if (!rows.length) return table;
  const head = build(
    "tr",
    {},
    build("th", {}, "on the picture"),
    ...columns.map((text) => build("th", {}, text)),
  );
  const body = rows.map(({ name, tone, cells }) =>
    build(
      "tr",
      { class: tone },
      build("td", {}, name),
      ...cells.map((text) => build("td", {}, text)),
    ),
  );
  table.append(head, ...body);
  return table;
}

function makeCard(card) {
  return build(
    "article",
    {},
    build("header", {}, build("b", {}, card.title), build("span", {}, card.year)),
    build("div", { class: `head ${card.tone}` }, card.head),
    build("div", { class: "note" }, card.note),
    build("ol", {}, ...card.guesses.map(makeGuess)),
    makeTable(card),
  );
}

/**
 * @param {HTMLElement} root
 */
function createCues(root) {
  /** @param {Payload} data */
  function update(data) {
    const pictures = build("div", { class: "pictures" }, ...data.pictures.map(makePicture));
    pictures.style.setProperty("--count", String(data.pictures.length));
    const cards = build("div", { class: "cards" }, ...data.cards.map(makeCard));
    root.replaceChildren(pictures, cards);
  }
  return { update };
}

export default mountComponent(".cues", createCues);
