// The years from left to right: error bars and one button a block; a phone scrolls it sideways.

import { drawTiny } from "../block/block_shape.js";
import { build, findTarget } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { isDarkTheme } from "../shared/theme.js";

/**
 * A block as figures.blocks packs it.
 * @typedef {object} Block
 * @property {string} name
 * @property {string} label
 * @property {string} title
 * @property {number} year
 * @property {string} idea
 * @property {import("../block/block_shape.js").Plan} plan
 */

/**
 * @typedef {object} Year
 * @property {string} name
 * @property {number | null} error
 * @property {string} won
 * @property {Block[]} blocks
 */

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Payload
 * @property {Year[]} years From left to right, each with its blocks.
 * @property {string} selected Name of the block to point out.
 * @property {number} human Top-5 error of a person, in percent.
 * @property {number} most The largest error of a winner, in percent.
 * @property {Record<string, string[]>} colors Of each kind, on the light and the dark ground.
 */

const TALLEST = 40; // pixels of the tallest bar

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createTimeline(root, { trigger }) {
  /** @type {HTMLElement} */
  const years = root.querySelector(".years");

  /** @returns {HTMLElement[]} */
  const listCards = () => Array.from(years.querySelectorAll(".card"));

  /** @type {Payload} */
  let data = null;
  /** @param {string} value */
  const choose = (value) => trigger("picked", value);
  let drawn = "";

  /** @param {Year} year */
  function bar(year) {
    const cell = build("div", { class: "error" });
    if (year.error === null) return cell;
    const share = year.error / data.most;
    const fill = build("i", { class: "fill" });
    fill.style.setProperty("--share", String(share));
    const text = build("b", {}, `${year.error.toFixed(1)} %`);
    text.style.setProperty("--share", String(share));
    const human = build("i", { class: "human" });
    human.style.setProperty("--share", String(data.human / data.most));
    cell.title = year.won;
    cell.append(fill, text, human);
    return cell;
  }

  /** @param {Block} block */
  function card(block) {
    const button = build(
      "button",
      { type: "button", class: "card", "data-block": block.name, title: block.idea },
      drawTiny(block.plan, 60),
      build("b", {}, block.label),
    );
    button.setAttribute("aria-label", `${block.label}, ${block.year}: ${block.title}`);
    return button;
  }

  function mark() {
    for (const button of listCards()) {
      const chosen = button.dataset.block === data.selected;
      button.classList.toggle("selected", chosen);
      button.setAttribute("aria-pressed", String(chosen));
      if (chosen) showCard(button);
    }
  }

  /** @param {HTMLElement} button Brought into sight without scrolling the page. */
  function showCard(button) {
    const at = button.getBoundingClientRect();
    const frame = root.getBoundingClientRect();
    if (at.left < frame.left || at.right > frame.right)
      root.scrollLeft += at.left - frame.left - (frame.width - at.width) / 2;
  }

  function paintKinds() {
    const theme = isDarkTheme(root) ? 1 : 0;
    for (const [kind, colors] of Object.entries(data.colors))
      root.style.setProperty(`--kind-${kind}`, colors[theme]);
  }

  /** @param {Payload} next */
  function update(next) {
    data = next;
    paintKinds();
    const state = JSON.stringify(next.years);
    if (state !== drawn) {
      drawn = state;
      years.style.setProperty("--tallest", `${TALLEST}px`);
      years.style.setProperty(
        "--tracks",
        next.years
          .map((year) => (year.blocks.length > 5 ? "5.3fr" : year.blocks.length ? "1fr" : "0.55fr"))
          .join(" "),
      );
      years.replaceChildren(
        ...next.years.map((year) =>
          build(
            "div",
            {
              class:
                year.blocks.length > 5 ? "year full" : year.blocks.length ? "year" : "year bare",
            },
            build("h4", {}, year.name),
            bar(year),
            build("div", { class: "cards" }, ...year.blocks.map(card)),
          ),
        ),
      );
    }
    mark();
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  years.addEventListener(
    "click",
    (event) => {
      const name = findTarget(event, ".card")?.dataset.block;
      if (name && name !== data.selected) choose(name);
    },
    options,
  );
  years.addEventListener(
    "keydown",
    (event) => {
      const move = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      const cards = listCards();
      const here = cards.indexOf(findTarget(event, ".card"));
      if (!move || here < 0) return;
      cards[Math.max(0, Math.min(cards.length - 1, here + move))].focus();
      event.preventDefault();
    },
    options,
  );
  return { update, repaint: paintKinds, destroy: () => listening.abort() };
}

export default mountComponent(".timeline", createTimeline);
