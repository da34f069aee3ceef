// What a page's components know of the visitor's way to another page; see cnnviz/web/page.js.
//
// Between the click on a link, or Back, and the first word of the next page, Streamlit still sends
// what a component reports in the name of the page that is being left, and runs that one again in
// place of the next. So what a component reports by itself has to wait.

const HOLD_MS = 30_000; // after so long the visitor is still here
export const SHOWN = "cnnviz-shown"; // the event of a page that is there; its detail, which one
export const SENT = "cnnviz-sent"; // the event of who is sent on; its detail, where to and how

/**
 * Say which page is there; the reports of its components need not wait any longer.
 * @param {string} place
 */
export function noteShown(place) {
  document.dispatchEvent(new CustomEvent(SHOWN, { detail: place }));
}

/**
 * Have the server go to another page, once more where that is lost.
 * @param {string} place The next page.
 * @param {() => void} send Asks the server to go there.
 */
export function leaveFor(place, send) {
  document.dispatchEvent(new CustomEvent(SENT, { detail: { place, send } }));
  send();
}

/**
 * The name of the page in an address; empty for the first page.
 * @param {string} path The address from behind the host to the question mark.
 * @returns {string}
 */
export function findPlace(path) {
  return path.replace(/\/+$/, "").split("/").pop() ?? "";
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
