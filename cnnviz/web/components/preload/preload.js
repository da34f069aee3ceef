// Loads, while the visitor reads, the scripts that the next page's charts and tables will ask for:
// the chart library alone keeps a browser busy for a second.

import { mountComponent } from "../shared/mount.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Payload
 * @property {string[]} scripts Where they lie, from the page's base.
 */

const REST = 2500; // milliseconds: until the strip at the top has played

/**
 * @param {HTMLElement} root
 * @param {Events} events
 * @param {Payload} data
 */
function createPreload(root, events, data) {
  const later = window.requestIdleCallback ?? ((call) => setTimeout(call, 0));
  setTimeout(() => {
    for (const script of data.scripts) {
      // A script that does not load here is loaded, or complained of, by the page that needs it.
      later(() => import(new URL(script, document.baseURI).href).catch(() => {}));
    }
  }, REST);
  return { update: () => {} };
}

export default mountComponent(null, createPreload);
