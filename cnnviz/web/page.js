// Whether the visitor is on the way to another page.
//
// What was on its way already when a link was clicked, or what the visitor clicked right after,
// brings the old page back: then the visitor is sent on again. The address that Streamlit gives the
// old page for such a run is not taken: on top of the next page's it would cut off what Forward
// leads to. The time of leaving stands in the document, since each component's script is a bundle
// of its own; so does the page that is there. The document brings this script, since the first page
// may be left before the components' scripts are there.

import { findPlace, SENT, SHOWN } from "./components/shared/leaving.js";

const LOOK_MS = 250;
const CALM_LOOKS = 4; // so often in a row no script runs where the next page was lost
const MOST_TRIES = 5; // a page that ends in an error never says that it is there
const LEFT = "cnnvizLeft";

function isCalm() {
  return document.querySelector('[data-test-script-state="notRunning"]') !== null;
}

/** @type {Set<string>} */
const left = new Set(); // the pages that are left, should they still be there in the end
const opened = findPlace(window.location.pathname); // what is left before it says that it is there
let target = "";
let watch = 0;
let isSending = false; // what the script itself does to send the visitor on is not watched again

function findShown() {
  return document.documentElement.dataset.cnnvizPath ?? opened;
}

/**
 * Note that the visitor leaves, and look which page is there when all has come to rest.
 * @param {string} place The next page.
 * @param {() => void} sendOn Called when it is not there.
 */
function noteLeaving(place, sendOn) {
  const { dataset } = document.documentElement;
  if (dataset[LEFT] === undefined) left.clear();
  else left.add(target); // on the way already, and now on to another one
  left.add(findShown());
  left.delete(place);
  target = place;
  dataset[LEFT] = String(performance.now());
  let calm = 0;
  let tries = 0;
  clearInterval(watch);
  watch = setInterval(() => {
    calm = isCalm() ? calm + 1 : 0;
    if (calm < CALM_LOOKS) return;
    calm = 0;
    const isLost = left.has(findShown());
    if (!isLost || tries === MOST_TRIES) {
      clearInterval(watch);
      watch = 0;
      return;
    }
    tries += 1;
    // Where the network is only slow, the same page is asked for twice, which does no harm. What
    // is asked for may be lost again.
    isSending = true;
    try {
      sendOn();
    } finally {
      isSending = false;
    }
  }, LOOK_MS);
}

/** @param {Event} event A CustomEvent of the page's name. */
function takeShown(event) {
  const { dataset } = document.documentElement;
  const place = /** @type {CustomEvent<string>} */ (event).detail;
  // A page that is left may be drawn to its end on the way to the next one.
  if (place === target || !left.has(place)) delete dataset[LEFT];
  dataset.cnnvizPath = place;
}

/**
 * The link that leads to another page of the app, if the click was on one.
 * @param {MouseEvent} event
 * @returns {HTMLAnchorElement | undefined}
 */
function findLink(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
  for (const part of event.composedPath()) {
    if (!(part instanceof HTMLAnchorElement) || !part.href || part.download) continue;
    if (part.target === "_blank") continue;
    const { origin, pathname } = new URL(part.href, window.location.href);
    if (origin === window.location.origin && pathname !== window.location.pathname) return part;
  }
  return undefined;
}

/** Go once more where Back or Forward led. */
function goAgain() {
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/** Take no entry of the history from a page that is left already. */
function keepHistory() {
  const push = window.history.pushState.bind(window.history);
  window.history.pushState = (state, unused, url) => {
    const isThere = watch !== 0 && findPlace(window.location.pathname) === target;
    const place = findPlace(new URL(url ?? "", window.location.href).pathname);
    // As long as it is watched: the page that is left may run after the next one was shown.
    if (!isThere || !left.has(place)) push(state, unused, url);
  };
}

function noteBack() {
  const place = findPlace(window.location.pathname);
  const { dataset } = document.documentElement;
  const isHere = place === dataset.cnnvizPath && dataset[LEFT] === undefined;
  if (!isSending && !isHere) noteLeaving(place, goAgain);
}

/**
 * The button that leads to another page (see offer_way in page.py) and its name, where one was
 * clicked.
 * @param {MouseEvent} event
 * @returns {[HTMLElement, string] | undefined}
 */
function findWay(event) {
  const button = event.composedPath().find((part) => part instanceof HTMLButtonElement);
  const name = button?.closest('[class*="st-key-leave-"]')?.className.match(/st-key-leave-(\w+)/);
  return button && name ? [button, name[1]] : undefined;
}

/** @param {MouseEvent} event */
function noteClick(event) {
  if (isSending) return;
  const link = findLink(event); // clicked by hand, or by a script as voice control does
  const [button, name] = findWay(event) ?? [];
  if (link) noteLeaving(findPlace(new URL(link.href).pathname), () => link.click());
  else if (button) noteLeaving(name, () => button.click());
}

/** @param {Event} event A CustomEvent of the next page and of what asks the server for it. */
function takeSent(event) {
  const sent = /** @type {CustomEvent<{ place: string, send: () => void }>} */ (event).detail;
  noteLeaving(sent.place, sent.send);
}

keepHistory();
window.addEventListener("popstate", noteBack, true);
document.addEventListener("click", noteClick, true);
document.addEventListener(SHOWN, takeShown);
document.addEventListener(SENT, takeSent);
