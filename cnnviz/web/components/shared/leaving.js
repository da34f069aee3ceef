// Whether the visitor is on the way to another page.
//
// Between the click on a link, or Back, and the first word of the next page, Streamlit still sends
// what a component reports in the name of the page that is being left, and runs that one again in
// place of the next. So what a component reports by itself has to wait. The time of leaving stands
// in the document, since each component's script is a bundle of its own.

const HOLD_MS = 30_000; // after so long the visitor is still here
const LEFT = "cnnvizLeft";

function noteLeaving() {
  document.documentElement.dataset[LEFT] = String(performance.now());
}

/**
 * Whether a click leads to another page of the app.
 * @param {MouseEvent} event
 */
function leadsAway(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return false;
  return event.composedPath().some((part) => {
    if (!(part instanceof HTMLAnchorElement) || !part.href || part.download) return false;
    if (part.target === "_blank") return false;
    const { origin, pathname } = new URL(part.href, window.location.href);
    return origin === window.location.origin && pathname !== window.location.pathname;
  });
}

/** Watch, for as long as the tab is open. */
export function watchLeaving() {
  window.addEventListener("popstate", noteLeaving, true);
  document.addEventListener("click", (event) => leadsAway(event) && noteLeaving(), true);
}

/** The next page is there. */
export function noteArrival() {
  delete document.documentElement.dataset[LEFT];
}

/**
 * For how long to report nothing; 0 when nobody leaves.
 * @param {string | undefined} left When the visitor left, as it stands in the document.
 * @param {number} now
 * @returns {number} Milliseconds.
 */
export function findHold(left, now) {
  return left === undefined ? 0 : Math.max(Number(left) + HOLD_MS - now, 0);
}
