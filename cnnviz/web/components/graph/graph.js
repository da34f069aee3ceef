// A network as a row of blocks to choose a layer from. Of a long network one block at a time is
// drawn in full, and overview.js shows where it stands.

import { followChoice } from "../shared/chosen.js";
import { build, drawSvg, findIn, findTarget } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { isDarkTheme } from "../shared/theme.js";
import { MOST_FAN_IN, arrangeBlocks, drawBlock, stackRows, tiePath } from "./graph_layout.js";
import { createOverview, viewOf } from "./overview.js";

/**
 * @typedef {object} Block
 * @property {string} name
 * @property {number} column
 * @property {number} lane
 * @property {number} height
 * @property {number} thickness
 * @property {string} color
 * @property {string} sign
 * @property {boolean} spatial
 * @property {string} label
 * @property {string} shape
 * @property {string[]} facts
 * @property {boolean} [ghost]
 */

/**
 * @typedef {object} Unit
 * @property {string} title
 * @property {string} note
 * @property {number} first
 * @property {number} last
 * @property {string} stage
 * @property {number} height
 * @property {number} thickness
 * @property {string} color
 * @property {string} sign
 */

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Payload
 * @property {Block[]} blocks One a layer.
 * @property {[number, number][]} ties From block to block, by their numbers.
 * @property {Unit[]} units The parts of a long network; empty for a short one.
 * @property {Record<string, string[]>} colors Of each kind, on the light and the dark ground.
 * @property {[string, string][]} legend Names of the kinds that there are.
 * @property {string} follows Under which name the chosen layer is told.
 */

/**
 * @param {HTMLElement} root
 * @param {Events} events
 * @param {Payload} first
 */
function createGraph(root, { trigger }, first) {
  const $ = findIn(root);
  const svg = $("svg");
  const tip = $(".tip");
  /** @type {Payload} */
  let data = null;
  /** @type {ReturnType<typeof viewOf>} */
  let view = { blocks: [], ties: [], left: 0 };
  let unit = 0; // the one that is drawn, where the network has units
  const choose = (/** @type {string} */ value) => trigger("picked", value);
  /** @type {import("./graph_layout.js").Places} */
  let places = new Map();
  /** @type {SVGGElement[]} */
  let groups = [];
  /** @type {{ from: number, to: number, path: SVGPathElement }[]} */
  let lines = [];
  let drawnWidth = 0;
  /** @type {string | null} */
  let selected = null;
  let current = 0;

  function arrange() {
    const width = svg.getBoundingClientRect().width;
    if (width === 0 || (width === drawnWidth && groups.length > 0)) return;
    drawnWidth = width;
    const { blocks, ties } = view;
    const arranged = arrangeBlocks(blocks, width);
    places = arranged.places;
    const height = stackRows(arranged, blocks, ties);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", String(height));
    /** @type {Map<number, number>} */
    const fanIn = new Map();
    for (const [, to] of ties) fanIn.set(to, (fanIn.get(to) ?? 0) + 1);
    lines = ties
      .filter(
        ([from, to]) =>
          fanIn.get(to) <= MOST_FAN_IN || blocks[to].column - blocks[from].column === 1,
      )
      .map(([from, to]) => {
        const far = places.get(blocks[from]).row !== places.get(blocks[to]).row;
        const path = drawSvg("path", {
          class: far ? "tie far" : "tie",
          d: tiePath(blocks[from], blocks[to], places, width),
        });
        return { from, to, path };
      });
    groups = blocks.map((block) => drawBlock(block, places.get(block), arranged.labelled));
    // Drawn from the right, so that a block's oblique side lies behind the next one's front.
    svg.replaceChildren(...lines.map((line) => line.path), ...groups);
    mark();
  }

  function mark() {
    const chosen = view.blocks.findIndex((block) => !block.ghost && block.name === selected);
    current = Math.max(chosen, 0);
    groups.forEach((group, index) => {
      group.classList.toggle("selected", index === chosen);
      group.setAttribute("aria-selected", String(index === chosen));
      group.setAttribute("tabindex", index === current ? "0" : "-1");
    });
    light(current);
    overview.mark(unit, unitOf(selected));
    const scroller = $(".scroller");
    const place = places.get(view.blocks[current]);
    if (place && scroller.scrollHeight > scroller.clientHeight) {
      const middle = place.y + place.height / 2;
      if (
        middle < scroller.scrollTop + 40 ||
        middle > scroller.scrollTop + scroller.clientHeight - 40
      ) {
        scroller.scrollTop = middle - scroller.clientHeight / 2;
      }
    }
  }

  // Bring out the ties of one layer.
  /** @param {number} index */
  function light(index) {
    for (const { from, to, path } of lines)
      path.classList.toggle("lit", from === index || to === index);
  }

  /** @param {Event} event */
  function indexOf(event) {
    /** @type {SVGGElement | null} */
    const group = findTarget(event, ".block");
    return group ? groups.indexOf(group) : -1;
  }

  /** @param {number} index */
  function showTip(index) {
    if (index < 0) {
      tip.hidden = true;
      light(current);
      return;
    }
    light(index);
    const [title, ...lines] = view.blocks[index].facts;
    tip.replaceChildren(build("b", {}, title), ...lines.map((line) => build("span", {}, line)));
    tip.hidden = false;
    const frame = root.getBoundingClientRect();
    const box = groups[index].querySelector(".halo").getBoundingClientRect();
    const left = Math.max(0, Math.min(box.left - frame.left, frame.width - tip.offsetWidth));
    const above = box.top - frame.top - tip.offsetHeight - 6;
    tip.style.left = `${left}px`;
    tip.style.top = `${above >= 0 ? above : box.bottom - frame.top + 6}px`;
  }

  /** @param {number} index */
  function pick(index) {
    if (index < 0) return;
    const { ghost, name } = view.blocks[index];
    if (ghost) openUnit(unitOf(name));
    if (ghost || name === selected) return;
    selected = name;
    mark();
    choose(selected);
  }

  // The nearest block above or below.
  /** @param {number} index @param {1 | -1} direction */
  function stepAcross(index, direction) {
    const here = places.get(view.blocks[index]);
    let best = index;
    let least = Infinity;
    view.blocks.forEach((block, other) => {
      const there = places.get(block);
      const down = (there.y + there.height / 2 - here.y - here.height / 2) * direction;
      const far = down + 3 * Math.abs(there.x - here.x);
      if (down > 8 && far < least) {
        best = other;
        least = far;
      }
    });
    return best;
  }

  // Over the end of a block into the next one.
  /** @param {number} direction */
  function walkOn(direction) {
    openUnit(unit + direction);
    groups[direction > 0 ? 0 : groups.length - 1].focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const index = indexOf(event);
    if (index < 0) return;
    const last = groups.length - 1;
    const way = { ArrowRight: index === last ? 1 : 0, ArrowLeft: index === 0 ? -1 : 0 }[event.key];
    /** @type {Record<string, () => number>} */
    const goals = {
      ArrowLeft: () => Math.max(index - 1, 0),
      ArrowRight: () => Math.min(index + 1, last),
      ArrowUp: () => stepAcross(index, -1),
      ArrowDown: () => stepAcross(index, 1),
      Home: () => 0,
      End: () => last,
    };
    const goal = goals[event.key];
    if (way && data.units[unit + way]) walkOn(way);
    else if (goal) {
      const next = goal();
      for (const group of groups) group.setAttribute("tabindex", "-1");
      groups[next].setAttribute("tabindex", "0");
      groups[next].focus();
      showTip(next);
    } else if (event.key === "Enter" || event.key === " ") pick(index);
    else return;
    event.preventDefault();
  }

  function paintKinds() {
    const theme = isDarkTheme(root) ? 1 : 0;
    for (const [kind, colors] of Object.entries(data.colors))
      root.style.setProperty(`--kind-${kind}`, colors[theme]);
  }

  function showLegend() {
    $(".legend").replaceChildren(
      ...data.legend.map(([kind, text]) => {
        const chip = build("i");
        chip.style.setProperty("--kind", `var(--kind-${kind})`);
        return build("span", {}, chip, text);
      }),
    );
  }

  /** @param {Payload} next */
  function update(next) {
    const fresh = !data || JSON.stringify(next.blocks) !== JSON.stringify(data.blocks);
    data = next;
    paintKinds();
    if (!fresh) return;
    showLegend();
    overview.update(data.units);
    unit = Math.max(unitOf(selected), 0);
    redraw();
    readChoice();
  }

  // The block of a long network that a layer belongs to; -1 in a short one.
  /** @param {string} name */
  function unitOf(name) {
    const index = data.blocks.findIndex((block) => block.name === name);
    return data.units.findIndex(({ first, last }) => index >= first && index <= last);
  }

  /** @param {number} index */
  function openUnit(index) {
    if (index < 0 || index >= data.units.length) return;
    unit = index;
    redraw();
  }

  function redraw() {
    view = viewOf(data, unit);
    groups = [];
    tip.hidden = true;
    showPlace();
    arrange();
  }

  function showPlace() {
    $(".place").hidden = data.units.length === 0;
    if (data.units.length === 0) return;
    const { title, note } = data.units[unit];
    $(".place b").textContent = title;
    const left = view.left > 0 ? ` · reads ${view.left} more layers before` : "";
    $(".place span").textContent = `${note} · ${unit + 1} of ${data.units.length}${left}`;
    $(".place button").disabled = unit === 0;
    $("button.on").disabled = unit === data.units.length - 1;
  }

  const overview = createOverview($(".overview"), openUnit);
  const listening = new AbortController();
  const options = { signal: listening.signal };
  $(".place .back").addEventListener("click", () => openUnit(unit - 1), options);
  $(".place .on").addEventListener("click", () => openUnit(unit + 1), options);
  svg.addEventListener("click", (event) => pick(indexOf(event)), options);
  svg.addEventListener("keydown", onKey, options);
  svg.addEventListener(
    "pointerover",
    (event) => {
      if (event.pointerType === "mouse") showTip(indexOf(event));
    },
    options,
  );
  svg.addEventListener("pointerleave", () => showTip(-1), options);
  svg.addEventListener("focusout", () => showTip(-1), options);
  const observer = new ResizeObserver(arrange);
  observer.observe(svg);
  const readChoice = followChoice(
    first.follows,
    (/** @type {string} */ name) => {
      selected = name;
      if (data && unitOf(name) >= 0 && unitOf(name) !== unit) openUnit(unitOf(name));
      else if (groups.length > 0) mark();
    },
    options,
  );

  return {
    update,
    repaint: paintKinds,
    destroy: () => {
      listening.abort();
      observer.disconnect();
    },
  };
}

export default mountComponent(".graph", createGraph);
