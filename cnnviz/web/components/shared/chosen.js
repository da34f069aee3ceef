// What is chosen in the page's pictures reaches them apart from their data, which is large and
// need not be sent again for every choice. The component `choices` posts it here.

const CHOSEN = "cnnviz-chosen";

// Call `apply` with what is chosen under `name`, now and whenever it changes.
export function followChoice(name, apply, options) {
  const read = () => {
    const chosen = window[CHOSEN]?.[name];
    if (chosen !== undefined) apply(chosen);
  };
  window.addEventListener(CHOSEN, read, options);
  return read;
}

export function postChoices(choices) {
  window[CHOSEN] = { ...window[CHOSEN], ...choices };
  window.dispatchEvent(new CustomEvent(CHOSEN));
}
