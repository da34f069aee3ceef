// A card for each network: what it sees, where it looked, its first five guesses, its cost.

import { build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";

/**
 * @typedef {object} Card
 * @property {string} title
 * @property {number} year
 * @property {{ png: string, caption: string, alt: string }[]} pictures
 * @property {any[]} guesses
 * @property {string} note
 * @property {boolean} flipped
 * @property {[string, string][]} facts
 */

/**
 * @typedef {object} Payload
 * @property {Card[]} cards One a network, of `pack_card`.
 * @property {string} label All of them in words.
 */

// Classes that several networks name have a colour in common; the theme's own come in this order.
const HUES = [
  "--st-orange-color",
  "--st-blue-color",
  "--st-green-color",
  "--st-violet-color",
  "--st-red-color",
  "--st-yellow-color",
];

function makePicture({ png, caption, alt }) {
  const image = build("img", { src: `data:image/png;base64,${png}`, alt });
  return build("figure", {}, image, build("figcaption", {}, caption));
}

function makeGuess({ name, text, share, hue, told }) {
  const dot = build("i", { class: "dot", title: told });
  const bar = build("div", { class: "bar" });
  bar.style.width = `${100 * share}%`;
  if (hue !== null)
    dot.style.background =
      bar.style.background = `var(${HUES[hue % HUES.length]}, var(--st-primary-color))`;
  const line = build(
    "li",
    { title: told || name },
    dot,
    build("span", {}, name),
    build("span", {}, text),
  );
  line.append(build("div", { class: "track" }, bar));
  return line;
}

function makeCard({ title, year, pictures, guesses, note, flipped, facts }) {
  const terms = facts.map(([term, value]) =>
    build("div", {}, build("dt", {}, term), build("dd", {}, value)),
  );
  return build(
    "article",
    {},
    build("header", {}, build("b", {}, title), build("span", {}, year)),
    build("div", { class: "pictures" }, ...pictures.map(makePicture)),
    build("div", { class: "first" }, guesses[0].name),
    build("div", { class: flipped ? "note flipped" : "note" }, note),
    build("ol", {}, ...guesses.map(makeGuess)),
    build("dl", {}, ...terms),
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
