// A job's bar, step, place in line and Stop. The script asks the server itself how far the job is,
// by one request after the other that is answered when there is news. The page runs again only
// when there is a new result to draw. The open request is the sign that the page is open, so the
// requests follow one another without a timer: timers of background tabs are slowed down.

import { findHold } from "../shared/leaving.js";
import { mountComponent } from "../shared/mount.js";
import { findRoute } from "../shared/routes.js";

const RETRY_MS = 1000; // after an answer that did not come
const DRAW_MS = 500; // at least so long between two intermediate results
const LOST_MS = 10000; // so long after it the page is asked again for what it has not drawn

/**
 * How far a job is; see cnnviz/jobs/view.py.
 * @typedef {object} View
 * @property {number} version
 * @property {boolean} is_active
 * @property {string} text
 * @property {number} progress
 * @property {number} partials
 */

/**
 * What Python sends.
 * @typedef {object} Payload
 * @property {string} id
 * @property {number} drawn The intermediate result on the page.
 * @property {View} view
 * @property {string} stop What stands on the button that stops it.
 */

/**
 * How long to wait before the page is asked to draw; null for nothing to draw.
 * @param {View} view
 * @param {{ drawn: number, asked: boolean, since: number }} page What it has drawn, whether it was
 *   asked for more, and the milliseconds since.
 * @returns {number | null}
 */
export function findDelay(view, { drawn, asked, since }) {
  if (view.is_active && view.partials === drawn) return null;
  if (asked) return Math.max(LOST_MS - since, 0);
  return view.is_active ? Math.max(DRAW_MS - since, 0) : 0;
}

/**
 * @param {HTMLElement} root
 * @param {{ trigger: (name: string, value: unknown) => void }} events
 */
function createJob(root, events) {
  const text = root.querySelector(".text");
  const track = root.querySelector(".track");
  /** @type {HTMLElement} */
  const done = root.querySelector(".done");
  /** @type {HTMLButtonElement} */
  const stop = root.querySelector(".stop");
  /** @type {Payload} */
  let payload = null;
  /** @type {View} */
  let view = null;
  let request = new AbortController();
  /** @type {string | null} */
  let asked = null; // the state that the page was asked to draw
  let askedAt = -Infinity;
  let timer = 0;

  function draw() {
    text.textContent = view.text;
    const percent = Math.round(100 * view.progress);
    track.setAttribute("aria-valuenow", String(percent));
    track.setAttribute("aria-label", view.text);
    done.style.width = `${percent}%`;
    if (!view.is_active) stop.disabled = true;
  }

  function tell() {
    clearTimeout(timer);
    const wanted = view.is_active ? `partial ${view.partials}` : "end";
    const isAsked = asked !== null && (asked !== "end") === view.is_active;
    const since = performance.now() - askedAt;
    const due = findDelay(view, { drawn: payload.drawn, asked: isAsked, since });
    if (due === null) return;
    const hold = findHold(document.documentElement.dataset.cnnvizLeft, performance.now());
    const delay = Math.max(due, hold);
    if (delay > 0) {
      timer = setTimeout(tell, delay);
      return;
    }
    asked = wanted;
    askedAt = performance.now();
    timer = setTimeout(tell, LOST_MS);
    events.trigger("due", `${payload.id} ${wanted}`);
  }

  /** @param {AbortSignal} signal */
  async function ask(signal) {
    const route = findRoute(`api/jobs/${payload.id}?seen=${view.version}`);
    const response = await fetch(route, { signal, cache: "no-store" });
    if (response.status === 204) return { ...view, is_active: false };
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    return response.json();
  }

  /** @param {AbortSignal} signal */
  async function follow(signal) {
    while (!signal.aborted && view.is_active) {
      try {
        const answer = await ask(signal);
        if (signal.aborted) return;
        view = answer;
        draw();
        tell();
      } catch {
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  stop.onclick = () => {
    stop.disabled = true;
    fetch(findRoute(`api/jobs/${payload.id}/stop`), { method: "POST" }).catch(() => {
      stop.disabled = false;
    });
  };

  /** @param {Payload} next */
  function update(next) {
    const isOther = payload === null || payload.id !== next.id;
    if (isOther || next.drawn !== payload.drawn) asked = null;
    payload = next;
    stop.textContent = next.stop;
    if (isOther) {
      request.abort();
      request = new AbortController();
      view = next.view;
      stop.disabled = false;
      follow(request.signal);
    }
    draw();
    tell();
  }

  function destroy() {
    clearTimeout(timer);
    request.abort();
  }

  return { update, destroy };
}

export default mountComponent(".job", createJob);
