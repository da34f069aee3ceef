// A long network at a glance: one tile a block, in stages of one map size. A click opens a block.

import { build } from "../shared/dom.js";

/** @typedef {import("./graph.js").Block} Block */
/** @typedef {import("./graph.js").Unit} Unit */

/** @typedef {{ blocks: Block[], ties: [number, number][] }} Drawn Blocks, and their numbers. */

/**
 * @param {HTMLElement} host
 * @param {(index: number) => void} open Called when a visitor wants to look into a block.
 */
export function createOverview(host, open) {
  /** @type {HTMLButtonElement[]} */
  let tiles = [];
  let shown = -1;

  /** @param {Unit[]} units */
  function update(units) {
    host.hidden = units.length === 0;
    host.replaceChildren();
    tiles = units.map((unit, index) => createTile(unit, index));
    /** @type {{ size: string, tiles: HTMLElement } | null} */
    let stage = null;
    units.forEach((unit, index) => {
      if (!stage || stage.size !== unit.stage) {
        stage = { size: unit.stage, tiles: build("div", { class: "tiles" }) };
        host.append(build("div", { class: "stage" }, stage.tiles, build("span", {}, unit.stage)));
      }
      stage.tiles.append(tiles[index]);
    });
  }

  /** @param {Unit} unit @param {number} index */
  function createTile(unit, index) {
    const bar = build("i");
    bar.style.width = `${5 + 13 * unit.thickness}px`;
    bar.style.height = `${8 + 34 * unit.height}px`;
    bar.style.setProperty("--kind", `var(--kind-${unit.color})`);
    const tile = build(
      "button",
      {
        type: "button",
        class: "unit",
        tabindex: "-1",
        title: `${unit.title}: ${unit.note}`,
        "aria-label": `${unit.title}, ${unit.note}`,
      },
      bar,
      build("small", {}, unit.sign),
    );
    tile.addEventListener("click", () => open(index));
    tile.addEventListener("keydown", (event) => walk(event, index));
    return tile;
  }

  /** @param {KeyboardEvent} event @param {number} index */
  function walk(event, index) {
    const last = tiles.length - 1;
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: Math.max(index - 1, 0),
      ArrowRight: Math.min(index + 1, last),
      Home: 0,
      End: last,
    };
    const next = goals[event.key];
    if (next === undefined) return;
    event.preventDefault();
    open(next);
    tiles[next].focus();
  }

  // Mark the block that is shown in full and the one with the chosen layer.
  /** @param {number} open @param {number} chosen */
  function mark(open, chosen) {
    shown = open;
    tiles.forEach((tile, index) => {
      tile.classList.toggle("shown", index === shown);
      tile.classList.toggle("chosen", index === chosen);
      tile.setAttribute("aria-pressed", String(index === shown));
      tile.setAttribute("tabindex", index === shown ? "0" : "-1");
    });
  }

  return { update, mark };
}

/**
 * What is drawn in full: a block with what it reads from outside, or a short network as it is.
 * @param {Drawn & { units: Unit[] }} network
 * @param {number} index
 * @returns {Drawn & { left: number }}
 */
export function viewOf({ blocks, ties, units }, index) {
  if (units.length === 0) return { blocks, ties, left: 0 };
  const { first, last } = units[index];
  const isInside = (/** @type {number} */ block) => block >= first && block <= last;
  const sources = [
    ...new Set(ties.filter(([from, to]) => isInside(to) && !isInside(from)).map(([from]) => from)),
  ];
  // The nearest ones: a dense block reads all blocks before it.
  const outside = sources.sort((one, other) => one - other).slice(-MOST_OUTSIDE);
  const inside = blocks.slice(first, last + 1);
  const columns = rankOf(inside.map((block) => block.column));
  const lanes = rankOf(inside.map((block) => block.lane));
  const start = outside.length > 0 ? 1 : 0;
  const chosen = [
    ...outside.map((from, lane) => ({
      ...blocks[from],
      column: 0,
      lane,
      ghost: true,
      label: "",
      shape: "",
    })),
    ...inside.map((block) => ({
      ...block,
      column: columns.get(block.column) + start,
      lane: lanes.get(block.lane),
    })),
  ];
  /** @type {Map<number, number>} */
  const places = new Map(outside.map((from, at) => [from, at]));
  inside.forEach((_, at) => places.set(first + at, outside.length + at));
  return {
    blocks: chosen,
    left: sources.length - outside.length,
    ties: ties
      .filter(([from, to]) => isInside(to) && places.has(from))
      .map(([from, to]) => [places.get(from), places.get(to)]),
  };
}

const MOST_OUTSIDE = 3;

/** @param {number[]} values */
function rankOf(values) {
  return new Map(
    [...new Set(values)].sort((one, other) => one - other).map((value, rank) => [value, rank]),
  );
}
