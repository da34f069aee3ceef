// Thumbnails to choose a sample image from, under headings, found by what they show.

import { followChoice } from "../shared/chosen.js";
import { build, findTarget } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { findRoute } from "../shared/routes.js";
import { findMatches } from "./search.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Sample
 * @property {string} key What is reported when it is picked.
 * @property {string} title
 * @property {string} group The heading that it stands under.
 * @property {string} label What ImageNet calls it, where that is known.
 * @property {string | null} image Base64 of a PNG; without it the server draws it when it is seen.
 */

/**
 * @typedef {object} Payload
 * @property {Sample[]} samples To choose from, those of a group together.
 * @property {string} follows Under which name the chosen title is told.
 */

/**
 * @param {Sample} sample
 * @returns {string}
 */
function findAddress({ key, image }) {
  if (image) return `data:image/png;base64,${image}`;
  return findRoute(`api/thumbnails/${encodeURIComponent(key)}`);
}

/**
 * @param {Sample} sample
 * @returns {HTMLButtonElement}
 */
function buildButton({ title }) {
  const attributes = { type: "button", title, role: "option", "aria-label": title };
  return build("button", attributes, build("img", { alt: "" }));
}

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createGallery(root, { trigger }) {
  /** @type {Payload | null} */
  let data = null;
  const choose = (/** @type {string} */ value) => trigger("picked", value);
  const [input, list, none] = /** @type {[HTMLInputElement, HTMLElement, HTMLElement]} */ ([
    ...root.children,
  ]);
  /** @type {HTMLButtonElement[]} */
  let buttons = [];
  /** @type {string | null} */
  let chosen = null;

  function mark() {
    const selected = data.samples.findIndex(({ title }) => title === chosen);
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === selected));
      button.tabIndex = index === Math.max(selected, 0) ? 0 : -1;
    });
    if (selected >= 0) requestAnimationFrame(() => reveal(buttons[selected]));
  }

  /**
   * Scroll the gallery alone, never the page.
   * @param {HTMLButtonElement} button
   */
  function reveal(button) {
    const [box, view] = [button.getBoundingClientRect(), list.getBoundingClientRect()];
    if (box.top < view.top || box.bottom > view.bottom)
      list.scrollTop += (box.top + box.bottom - view.top - view.bottom) / 2;
  }

  /** @param {number} index */
  function pick(index) {
    if (index < 0 || data.samples[index].title === chosen) return;
    chosen = data.samples[index].title;
    mark();
    choose(data.samples[index].key);
  }

  function search() {
    const described = data.samples.map(({ title, label, group }) => `${title} ${label} ${group}`);
    const found = findMatches(described, input.value);
    buttons.forEach((button, index) => {
      button.hidden = !found[index];
    });
    for (const section of list.children) {
      const own = [...section.querySelectorAll("button")];
      /** @type {HTMLElement} */ (section).hidden = own.every((button) => button.hidden);
    }
    none.hidden = found.includes(true);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const seen = buttons.filter((button) => !button.hidden);
    const here = seen.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: here - 1,
      ArrowUp: here - 1,
      ArrowRight: here + 1,
      ArrowDown: here + 1,
      Home: 0,
      End: seen.length - 1,
    };
    const goal = goals[event.key];
    if (here < 0 || goal === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(seen.length - 1, goal));
    seen[here].tabIndex = -1;
    seen[next].tabIndex = 0;
    seen[next].focus();
  }

  // Asked for when they are seen: the server draws many of them. `loading="lazy"` asks for all
  // that are near the window, which is more than the list shows.
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        const button = /** @type {HTMLButtonElement} */ (target);
        button.querySelector("img").src = findAddress(data.samples[buttons.indexOf(button)]);
        observer.unobserve(button);
      }
    },
    { root: list },
  );

  function buildGroups() {
    observer.disconnect();
    buttons = data.samples.map(buildButton);
    /** @type {Map<string, HTMLElement>} */
    const sections = new Map();
    data.samples.forEach(({ group }, index) => {
      if (!sections.has(group)) {
        const heading = build("h4", {}, group);
        sections.set(group, build("section", { role: "group", "aria-label": group }, heading));
      }
      sections.get(group).append(buttons[index]);
    });
    list.replaceChildren(...sections.values());
    for (const button of buttons) observer.observe(button);
    search();
  }

  /** @param {Payload} next */
  function update(next) {
    const fresh =
      data?.samples.map(({ key }) => key).join() !== next.samples.map(({ key }) => key).join();
    data = next;
    if (fresh) buildGroups();
    // Under which name the choice comes is told with the first data.
    readChoice ??= followChoice(
      data.follows,
      (/** @type {string} */ title) => {
        chosen = title;
        mark();
      },
      { signal: listening.signal },
    );
    readChoice();
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  /** @type {(() => void) | null} */
  let readChoice = null;
  const findButton = (/** @type {Event} */ event) =>
    buttons.indexOf(/** @type {HTMLButtonElement} */ (findTarget(event, "button")));
  list.addEventListener("click", (event) => pick(findButton(event)), options);
  list.addEventListener("keydown", onKey, options);
  input.addEventListener("input", search, options);
  const destroy = () => {
    listening.abort();
    observer.disconnect();
  };
  return { update, destroy };
}

export default mountComponent(".gallery", createGallery);
