// A pad whose drawing is reported after every finished stroke.

import { findIn } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { createPad } from "../shared/pad.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Payload
 * @property {number} pen Diameter of the pen as a fraction of the pad's side.
 * @property {[number, number][][]} strokes The drawing, for a pad that has none yet.
 */

/**
 * @param {HTMLElement} root
 * @param {Events} events
 * @param {Payload} data
 */
function createBoard(root, { setState }, data) {
  const $ = findIn(root);
  const pad = createPad($("canvas.pad"), {
    pen: data.pen,
    onMove: () => {
      $(".invitation").hidden = pad.strokes().length > 0;
    },
    onFinish: () => setState("strokes", pad.strokes()),
  });
  const listening = new AbortController();
  const options = { signal: listening.signal };
  $(".undo").addEventListener("click", () => pad.undo(), options);
  $(".clear").addEventListener("click", () => pad.clear(), options);
  const observer = new ResizeObserver(() => pad.refresh());
  observer.observe(root);
  if (data.strokes.length > 0) pad.replace(data.strokes);

  return {
    update: () => pad.refresh(),
    repaint: () => pad.refresh(),
    destroy: () => {
      listening.abort();
      observer.disconnect();
      pad.destroy();
    },
  };
}

export default mountComponent(".board", createBoard);
