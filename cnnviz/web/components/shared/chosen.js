// What is chosen in the page's pictures reaches them apart from their data, which is large and
// need not be sent again for every choice. The component `choices` posts it here.

const CHOSEN = "cnnviz-chosen";

/** @typedef {Record<string, string | number | null>} Choices */

// All components of a page see one window; it holds the newest choices.
const holder = /** @type {typeof globalThis & { [CHOSEN]?: Choices }} */ (globalThis);

/**
 * Call `apply` with what is chosen under `name`, now and whenever it changes.
 * @template {Choices[string]} Choice
 * @param {string} name
 * @param {(chosen: Choice) => void} apply
 * @param {AddEventListenerOptions} options
 * @returns {() => void} Applies it again.
 */
export function followChoice(name, apply, options) {
  const read = () => {
    const chosen = holder[CHOSEN]?.[name];
    if (chosen !== undefined) apply(/** @type {Choice} */ (chosen));
  };
  window.addEventListener(CHOSEN, read, options);
  return read;
}

/**
 * @param {Choices} choices
 */
export function postChoices(choices) {
  holder[CHOSEN] = { ...holder[CHOSEN], ...choices };
  window.dispatchEvent(new CustomEvent(CHOSEN));
}
