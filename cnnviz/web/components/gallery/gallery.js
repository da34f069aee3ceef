// Thumbnails to choose a sample picture from.

import { followChoice } from "../shared/chosen.js";
import { build, findTarget } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Payload
 * @property {{ key: string, title: string, picture: string }[]} samples To choose from.
 * @property {string} follows Under which name the chosen title is told.
 */

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createGallery(root, { trigger }) {
  /** @type {Payload} */
  let data = null;
  const choose = (value) => trigger("picked", value);
  let buttons = [];
  let chosen = null;

  function mark() {
    const selected = data.samples.findIndex(({ title }) => title === chosen);
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === selected));
      button.tabIndex = index === Math.max(selected, 0) ? 0 : -1;
    });
    if (selected >= 0) requestAnimationFrame(() => reveal(buttons[selected]));
  }

  // Scroll the gallery alone, never the page.
  function reveal(button) {
    const [box, view] = [button.getBoundingClientRect(), root.getBoundingClientRect()];
    if (box.top < view.top || box.bottom > view.bottom)
      root.scrollTop += (box.top + box.bottom - view.top - view.bottom) / 2;
    if (box.left < view.left || box.right > view.right)
      root.scrollLeft += (box.left + box.right - view.left - view.right) / 2;
  }

  function pick(index) {
    if (index < 0 || data.samples[index].title === chosen) return;
    chosen = data.samples[index].title;
    mark();
    choose(data.samples[index].key);
  }

  function onKey(event) {
    const here = buttons.indexOf(event.target);
    const goal = {
      ArrowLeft: here - 1,
      ArrowUp: here - 1,
      ArrowRight: here + 1,
      ArrowDown: here + 1,
      Home: 0,
      End: buttons.length - 1,
    }[event.key];
    if (here < 0 || goal === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(buttons.length - 1, goal));
    buttons[here].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  }

  /** @param {Payload} next */
  function update(next) {
    const fresh =
      data?.samples.map(({ key }) => key).join() !== next.samples.map(({ key }) => key).join();
    data = next;
    if (fresh) {
      buttons = data.samples.map(({ title, picture }) => {
        const image = new Image();
        image.src = `data:image/png;base64,${picture}`;
        image.alt = "";
        const attributes = { type: "button", title, role: "option", "aria-label": title };
        return build("button", attributes, image);
      });
      root.replaceChildren(...buttons);
    }
    // Under which name the choice comes is told with the first data.
    readChoice ??= followChoice(
      data.follows,
      (title) => {
        chosen = title;
        mark();
      },
      { signal: listening.signal },
    );
    readChoice();
  }

  const listening = new AbortController();
  let readChoice = null;
  root.addEventListener("click", (event) => pick(buttons.indexOf(findTarget(event, "button"))), {
    signal: listening.signal,
  });
  root.addEventListener("keydown", onKey, { signal: listening.signal });
  return { update, destroy: () => listening.abort() };
}

export default mountComponent(".gallery", createGallery);
