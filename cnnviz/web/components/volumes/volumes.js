// Filters over several channels: a cell's sum over all, or what a cell of the input spreads.

import { signedColor } from "../shared/colors.js";
import { ARROWS, build } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { magnitude } from "../shared/sums.js";
import { createGrid } from "../slide/slide_grid.js";
import { readLook } from "../slide/slide_look.js";
import { chooseCell, findPlace, locateWindow, spreadCell } from "./volume_cells.js";
import { showVolumeSum } from "./volume_sum.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Channel
 * @property {string} title
 * @property {number[][]} values
 * @property {number[] | null} tint Red, green and blue of the level 255; null for plain numbers.
 */

/** @typedef {import("../slide/slide_grid.js").Cell} Cell */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {Channel[]} inputs
 * @property {number[][][]} maps What each filter made.
 * @property {number[][][][]} kernels By filter and channel.
 * @property {{ stride: number, padding: number, dilation: number }} window
 * @property {boolean} transposed Whether each cell of the input is spread.
 * @property {number} divisor
 * @property {number} bias
 * @property {number | null} cell The pinned cell, counted over all maps, or over all channels.
 */

const LARGEST_CELL = 32; // CSS pixels
const LEAST_BESIDE = 15; // with smaller cells the maps stand below the channels
const GAP = 16;
const TALLEST = 330; // what channels and maps may take, so that a screen holds all

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createVolumes(root, { trigger }) {
  const flow = build("div", { class: "flow" });
  const sum = build("div", {
    class: "sum",
    role: "region",
    "aria-label": "How this number was computed",
    "aria-live": "polite",
  });
  const legend = build("p", { class: "legend" });
  const probe = build("span", { hidden: "" });
  root.append(flow, sum, legend, probe);

  /** @type {Payload} */
  let data = null;
  /** @type {ReturnType<typeof createPanel>[]} */
  let inputs = [];
  /** @type {ReturnType<typeof createPanel>[]} */
  let maps = [];
  /** @type {number | null} */
  let pinned = null;
  /** @type {number | null} */
  let hovered = null;

  const grids = () => (data.transposed ? data.inputs.map(({ values }) => values) : data.maps);

  /**
   * @param {number[][][]} values
   * @param {number[] | null} tint
   * @param {import("../slide/slide_look.js").Look} look
   * @returns {(value: number) => number[]}
   */
  function colorOf(values, tint, look) {
    if (tint)
      return (value) => tint.map((part) => Math.round((part * Math.min(255, value)) / 255));
    const limit = magnitude(values.flat());
    return (value) => signedColor(look.table, value, limit);
  }

  function paint() {
    if (!data) return;
    const look = readLook(root, probe, data.tables);
    const at = hovered ?? pinned;
    const place = findPlace(grids(), at);
    const looked = locateWindow(data, place);
    const all = data.inputs.map(({ values }) => values);
    inputs.forEach(({ picture }, index) => {
      const { values, tint } = data.inputs[index];
      const isHere = data.transposed && index === place.grid;
      picture.paint(
        { ...look, colorOf: colorOf(all, tint, look) },
        {
          values,
          unread: [[], []],
          cell: isHere ? [place.row, place.column] : null,
          window: data.transposed
            ? null
            : { ...looked, weights: data.kernels[place.grid][index] },
        },
      );
    });
    maps.forEach(({ picture }, index) => {
      const isHere = !data.transposed && index === place.grid;
      const isAlone = data.transposed && hovered !== null;
      picture.paint(
        { ...look, colorOf: colorOf(data.maps, null, look) },
        {
          values: isAlone ? spreadCell(data, place, index) : data.maps[index],
          unread: [[], []],
          cell: isHere ? [place.row, place.column] : null,
          window: data.transposed ? { ...looked, weights: null } : null,
        },
      );
    });
    showVolumeSum(sum, { data, place, looked, table: look.table });
    Object.assign(root.dataset, {
      cell: `${place.grid} ${place.row} ${place.column}`,
      value: String(grids()[place.grid][place.row][place.column]),
    });
  }

  /** @param {number} index */
  function pin(index) {
    pinned = index;
    hovered = null;
    paint();
    trigger("pinned", index);
  }

  /** @param {string} title @param {number} index @param {boolean} isPointed */
  function createPanel(title, index, isPointed) {
    const canvas = build(
      "canvas",
      isPointed
        ? {
            tabindex: "0",
            role: "application",
            "aria-label": `${title}. Arrow keys move the cell.`,
          }
        : { role: "img", "aria-label": title },
    );
    const element = build(
      "figure",
      { class: "grid" },
      build("figcaption", {}, build("h4", {}, title)),
      canvas,
    );
    const picture = createGrid(canvas);
    /** @param {Cell} cell */
    const indexOf = ([row, column]) => {
      const [rows, columns] = [grids()[0].length, grids()[0][0].length];
      return (index * rows + row) * columns + column;
    };
    if (isPointed) {
      canvas.addEventListener("pointermove", (event) => {
        if (event.pointerType !== "mouse") return;
        const cell = picture.locate(event);
        hovered = cell ? indexOf(cell) : null;
        paint();
      });
      canvas.addEventListener("pointerleave", () => {
        hovered = null;
        paint();
      });
      canvas.addEventListener("click", (event) => {
        const cell = picture.locate(event);
        if (cell) pin(indexOf(cell));
      });
      canvas.addEventListener("keydown", (event) => onKey(event, indexOf));
    }
    return { element, picture };
  }

  /** @param {KeyboardEvent} event @param {(cell: Cell) => number} indexOf */
  function onKey(event, indexOf) {
    const move = ARROWS[event.key];
    if (!move) return;
    event.preventDefault();
    const { row, column } = findPlace(grids(), pinned);
    /** @param {number} at @param {number} size */
    const clamp = (at, size) => Math.max(0, Math.min(size - 1, at));
    /** @type {Cell} */
    const cell = [
      clamp(row + move[0], grids()[0].length),
      clamp(column + move[1], grids()[0][0].length),
    ];
    pin(indexOf(cell));
  }

  function arrange() {
    const space = Math.floor(root.getBoundingClientRect().width);
    if (!data || !space) return;
    const padding = data.transposed ? 0 : data.window.padding;
    /** @param {number[][]} values @param {number} around */
    const shapeOf = (values, around) => ({
      rows: values.length,
      columns: values[0].length,
      padding: around,
    });
    const below = shapeOf(data.inputs[0].values, padding);
    const above = shapeOf(data.maps[0], 0);
    const across = [below.columns + 2 * padding, above.columns];
    const high = [below.rows + 2 * padding, above.rows];
    const [channels, filters] = [data.inputs.length, data.maps.length];
    const wide = channels * across[0] + filters * across[1];
    const beside = (space - GAP * (channels + filters + 1)) / wide;
    const rows = [channels * across[0], filters * across[1]];
    const alone = (space - GAP * Math.max(channels, filters)) / Math.max(...rows);
    const fits =
      beside >= LEAST_BESIDE
        ? Math.min(beside, TALLEST / Math.max(...high))
        : Math.min(alone, TALLEST / (high[0] + high[1]));
    const cell = Math.max(3, Math.min(LARGEST_CELL, Math.floor(fits)));
    const font = getComputedStyle(root).getPropertyValue("--st-font");
    inputs.forEach(({ picture }) => picture.resize({ ...below, cell, font }));
    maps.forEach(({ picture }) => picture.resize({ ...above, cell, font }));
    paint();
  }

  /** @param {Payload} next */
  function update(next) {
    /** @param {Payload} sent */
    const shapes = ({ inputs: one, maps: other, transposed }) =>
      JSON.stringify([one.map(({ title }) => title), other.length, transposed]);
    const isSame = data && shapes(data) === shapes(next);
    data = next;
    if (!isSame) {
      inputs = next.inputs.map(({ title }, index) => createPanel(title, index, next.transposed));
      maps = next.maps.map((_, index) => createPanel(`Map ${index}`, index, !next.transposed));
      flow.replaceChildren(
        ...inputs.map(({ element }) => element),
        build("span", { class: "sign", "aria-hidden": "true" }, "→"),
        ...maps.map(({ element }) => element),
      );
    }
    const count = grids().length * grids()[0].length * grids()[0][0].length;
    pinned = next.cell !== null && next.cell < count ? next.cell : chooseCell(grids());
    hovered = null;
    legend.textContent = next.transposed
      ? "Point at a cell of a channel: the maps show its products alone. Click to keep it."
      : "Point at a cell of a map, or click it to keep it.";
    arrange();
  }

  return { update, repaint: paint, arrange, destroy: () => root.replaceChildren() };
}

export default mountComponent(".volumes", createVolumes);
