// What surrounds a page in the browser: its address, presenter mode, and the class that is taught
// in this tab, which a reload would forget.
//
// The address is written with the history API, not by the server's own message: that one makes an
// entry for every change. A change replaces the entry; a step of the visitor's gets its own.

import { findHold, findPlace, noteShown } from "../shared/leaving.js";
import { mountComponent } from "../shared/mount.js";

const PRESENT = "cnnviz-present";
const STEP = "cnnvizStep";
const TAUGHT = "cnnvizTaught";

/** @returns {boolean} */
function isPresenting() {
  return document.documentElement.classList.contains(PRESENT);
}

/**
 * @param {string} query
 * @param {boolean} presenting
 */
function addPresent(query, presenting) {
  const parameters = new URLSearchParams(query);
  parameters.delete("present");
  if (presenting) parameters.set("present", "1");
  return parameters.toString();
}

/** @param {Payload} data */
export function writeAddress(data) {
  const place = findPlace(window.location.pathname);
  if (place !== data.path && !(data.path === "" && !place)) return;
  const query = addPresent(data.query, isPresenting());
  const address = window.location.pathname + (query ? `?${query}` : "");
  const same = window.location.search === (query ? `?${query}` : "");
  const known = Number(window.sessionStorage.getItem(STEP) ?? 0);
  const isStep = data.step > known;
  window.sessionStorage.setItem(STEP, String(data.step));
  if (same) return;
  if (isStep) window.history.pushState({}, "", address);
  else window.history.replaceState(window.history.state, "", address);
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** @param {boolean} presenting */
function present(presenting) {
  document.documentElement.classList.toggle(PRESENT, presenting);
  const query = addPresent(window.location.search.slice(1), presenting);
  const address = window.location.pathname + (query ? `?${query}` : "");
  window.history.replaceState(window.history.state, "", address);
  window.dispatchEvent(new Event("resize"));
}

/**
 * A picture or control that uses the arrow keys itself keeps them.
 * @param {EventTarget} part
 */
function isOwner(part) {
  return (
    part instanceof HTMLElement &&
    /^(slider|listbox|application|grid|tablist|radiogroup)$/.test(part.getAttribute("role") ?? "")
  );
}

/**
 * @typedef {object} Payload
 * @property {string} path The page's part of the address.
 * @property {string} query What stands behind the question mark.
 * @property {number} step Counts the visitor's steps.
 * @property {boolean} steps Whether arrow keys step in presenter mode.
 * @property {boolean} lecture Whether the bar of a lecture lies at the window's lower edge.
 * @property {string | null} taught The class that the tab is to hold, empty for none; null to be
 *   told which it holds.
 */

export default mountComponent(null, (_root, events) => {
  /** @type {Payload | null} */
  let data = null;
  const listening = new AbortController();
  let isTold = false;

  /** @param {string | null} taught */
  function holdClass(taught) {
    if (taught) window.sessionStorage.setItem(TAUGHT, taught);
    else if (taught === "") window.sessionStorage.removeItem(TAUGHT);
    const held = taught === null ? window.sessionStorage.getItem(TAUGHT) : null;
    const { cnnvizLeft } = document.documentElement.dataset;
    if (held === null || isTold || findHold(cnnvizLeft, performance.now()) > 0) return;
    isTold = true;
    events.trigger("taught", held);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const path = event.composedPath();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(path[0])) return;
    if (event.key === "p") present(!isPresenting());
    else if (event.key === "Escape" && isPresenting()) present(false);
    else if (isPresenting() && data?.steps) {
      const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
      if (by === undefined || path.some(isOwner)) return;
      event.preventDefault();
      events.trigger("stepped", { by, at: Date.now() });
    }
  }

  window.addEventListener("keydown", onKey, { signal: listening.signal });
  if (new URLSearchParams(window.location.search).get("present") === "1") present(true);
  return {
    update: (next) => {
      data = next;
      document.documentElement.classList.toggle("cnnviz-lecture", next.lecture);
      writeAddress(next);
      noteShown(next.path);
      holdClass(next.taught);
    },
    destroy: () => listening.abort(),
  };
});
