// All maps of a layer as one sheet of tiles (or all units of a vector as one grid) to choose from.

import { followChoice } from "../shared/chosen.js";
import { decodeBytes, decodeUnsigned } from "../shared/colors.js";
import { build, findIn, findTarget } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { fitCanvas } from "../shared/paint.js";
import { readTables } from "../shared/theme.js";
import { formatValue } from "../shared/values.js";
import { arrangeTiles, arrangeUnits, findCaption } from "./tile_layout.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/** @typedef {import("../shared/colors.js").ColorTable} ColorTable */
/** @typedef {ReturnType<typeof arrangeTiles> & { totalWidth?: number }} Plan */
/** @typedef {{ tile: number, row: number, column: number }} Place */

/** @typedef {import("./types.js").Payload} Payload */
/** @typedef {import("./types.js").Tile} Tile */

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createMaps(root, { trigger }) {
  const $ = findIn(root);
  const sheet = $(".sheet");
  const canvas = $("canvas");
  const tip = $(".tip");
  /** @type {Payload} */
  let data = null;
  const choose = (/** @type {number} */ value) => trigger("picked", value);
  /** @type {Int8Array | Uint8Array} */
  let values = null;
  /** @type {Plan | null} */
  let plan = null;
  /** @type {HTMLElement[]} */
  let buttons = [];
  let drawnWidth = 0;
  let cursor = 0;
  /** @type {number | null} */
  let chosen = null;
  let forget = new AbortController();

  const isVector = () => data.mode === "vector";
  const area = () => data.rows * data.columns;

  // RGBA of one tile.
  /** @param {number} tile @param {ImageData} image @param {ColorTable} table */
  function colorTile(tile, image, table) {
    const dots = new Uint32Array(image.data.buffer);
    const base = tile * area();
    if (data.mode === "rgb") {
      for (let i = 0; i < area(); i += 1) {
        image.data.set(
          [values[3 * (base + i)], values[3 * (base + i) + 1], values[3 * (base + i) + 2], 255],
          4 * i,
        );
      }
      return;
    }
    const gain = data.limits[tile] > 0 ? (data.scales[tile] * 127) / data.limits[tile] : 0;
    for (let i = 0; i < area(); i += 1) {
      dots[i] =
        table.pixels[128 + Math.max(-128, Math.min(127, Math.round(values[base + i] * gain)))];
    }
  }

  function paint() {
    const table = readTables(root, data.tables).signed;
    const ratio = fitCanvas(canvas, plan.totalWidth ?? drawnWidth, plan.totalHeight);
    const context = canvas.getContext("2d");
    const scratch = new OffscreenCanvas(data.columns, data.rows);
    const image = new ImageData(data.columns, data.rows);
    const line = getComputedStyle(canvas).color;
    const hair = Math.max(1, Math.round(ratio));
    context.imageSmoothingEnabled = false;
    data.tiles.forEach((_, tile) => {
      colorTile(tile, image, table);
      scratch.getContext("2d").putImageData(image, 0, 0);
      const [x, y, w, h] = [plan.left(tile), plan.top(tile), plan.side, plan.high].map((length) =>
        Math.round(length * ratio),
      );
      if (!isVector()) {
        context.strokeStyle = line;
        context.lineWidth = hair;
        context.strokeRect(x + hair / 2, y + hair / 2, w - hair, h - hair);
      }
      const inset = isVector() ? 0 : hair;
      context.drawImage(
        scratch,
        0,
        0,
        data.columns,
        data.rows,
        x + inset,
        y + inset,
        w - 2 * inset,
        h - 2 * inset,
      );
    });
    if (isVector()) {
      outline(
        context,
        ratio,
        indexOfSelected(),
        getComputedStyle(root).getPropertyValue("--st-primary-color"),
      );
      if (canvas.matches(":focus-visible"))
        outline(context, ratio, cursor, getComputedStyle(root).color);
    }
    showScale(table);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} ratio
   * @param {number} unit
   * @param {string} color
   */
  function outline(context, ratio, unit, color) {
    if (unit < 0) return;
    context.strokeStyle = color;
    context.lineWidth = 2 * ratio;
    context.strokeRect(
      plan.left(unit) * ratio,
      plan.top(unit) * ratio,
      plan.side * ratio,
      plan.high * ratio,
    );
  }

  /** @param {ColorTable} table */
  function showScale(table) {
    if (!data.scale) {
      $(".scale").replaceChildren();
      return;
    }
    const bar = build("span", { class: "bar" });
    const stops = [];
    for (let i = 0; i <= 16; i += 1) {
      const at = Math.min(255, i * 16);
      stops.push(`rgb(${table.rgb[3 * at]} ${table.rgb[3 * at + 1]} ${table.rgb[3 * at + 2]})`);
    }
    bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    const [low, high, note] = data.scale;
    $(".scale").replaceChildren(
      build("span", {}, low),
      bar,
      build("span", {}, high),
      build("span", {}, note),
    );
  }

  function indexOfSelected() {
    return data.tiles.findIndex((tile) => tile.channel === chosen);
  }

  function placeButtons() {
    if (isVector()) {
      buttons = [];
      sheet.replaceChildren(canvas);
      return;
    }
    buttons = data.tiles.map((tile, index) => {
      const attributes = {
        class: "tile",
        "aria-label": tile.label,
        "data-channel": String(tile.channel),
      };
      const button = data.selectable
        ? build("button", { ...attributes, type: "button" })
        : build("div", { ...attributes, role: "img" });
      button.style.left = `${plan.left(index)}px`;
      button.style.top = `${plan.top(index)}px`;
      button.style.width = `${plan.side}px`;
      button.style.height = `${plan.high + findCaption(data.captions)}px`;
      button.style.setProperty("--side", `${plan.high}px`);
      if (data.captions)
        button.append(build("span", { class: "caption" }, build("b", {}, tile.name), tile.note));
      if (data.captions > 1) button.append(build("span", { class: "caption" }, tile.line));
      return button;
    });
    sheet.replaceChildren(canvas, ...buttons);
  }

  function mark() {
    const selected = indexOfSelected();
    buttons.forEach((button, index) => {
      button.classList.toggle("selected", index === selected);
      if (!data.selectable) return;
      button.setAttribute("aria-pressed", String(index === selected));
      button.setAttribute("tabindex", index === Math.max(selected, 0) ? "0" : "-1");
    });
  }

  function arrange() {
    const width = Math.floor(root.getBoundingClientRect().width);
    if (width === 0 || !data) return;
    if (width !== drawnWidth || plan === null) {
      drawnWidth = width;
      plan = isVector() ? arrangeUnits(width, data) : arrangeTiles(width, data);
      sheet.style.height = isVector() ? "" : `${plan.totalHeight}px`;
      canvas.classList.toggle("alone", isVector());
      placeButtons();
    }
    paint();
    mark();
  }

  // Which tile and cell lies under a pointer.
  /** @param {MouseEvent} event */
  function locate(event) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const tile = data.tiles.findIndex((_, index) => {
      const [dx, dy] = [x - plan.left(index), y - plan.top(index)];
      return dx >= 0 && dy >= 0 && dx < plan.side && dy < plan.high;
    });
    if (tile < 0) return null;
    const row = Math.floor(((y - plan.top(tile)) / plan.high) * data.rows);
    const column = Math.floor(((x - plan.left(tile)) / plan.side) * data.columns);
    return { tile, row, column, x, y };
  }

  /** @param {number} tile @param {number} row @param {number} column */
  function valueAt(tile, row, column) {
    const index = tile * area() + row * data.columns + column;
    if (data.mode === "rgb") return `(${[0, 1, 2].map((c) => values[3 * index + c]).join(", ")})`;
    return formatValue(values[index] * data.scales[tile]);
  }

  /** @param {Place} place */
  function describe({ tile, row, column }) {
    const entry = data.tiles[tile];
    const place =
      isVector() || area() === 1 ? "" : `, row ${row * data.step}, column ${column * data.step}`;
    return [`${entry.title}${place}: `, valueAt(tile, row, column)];
  }

  /** @param {PointerEvent} event */
  function showTip(event) {
    const place = event.pointerType === "mouse" ? locate(event) : null;
    tip.hidden = place === null;
    if (place === null) return;
    const [text, value] = describe(place);
    tip.replaceChildren(text, build("b", {}, value));
    tip.style.left = `${Math.max(0, Math.min(place.x + 14, root.clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${place.y + 18}px`;
  }

  /** @param {number} tile */
  function pick(tile) {
    if (tile < 0 || !data.selectable) return;
    chosen = data.tiles[tile].channel;
    mark();
    if (isVector()) paint();
    choose(chosen);
  }

  /** @param {string} key @param {number} from */
  function step(key, from) {
    const last = data.tiles.length - 1;
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      ArrowUp: from - plan.across,
      ArrowDown: from + plan.across,
      Home: 0,
      End: last,
    };
    const goal = goals[key];
    return goal === undefined ? null : Math.max(0, Math.min(last, goal));
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const here = isVector() ? cursor : buttons.indexOf(/** @type {HTMLElement} */ (event.target));
    if (here < 0 || !data.selectable) return;
    const next = step(event.key, here);
    if (next !== null && isVector()) {
      cursor = next;
      paint();
      $(".spoken").textContent = describe({ tile: next, row: 0, column: 0 }).join("");
    } else if (next !== null) {
      buttons[here].setAttribute("tabindex", "-1");
      buttons[next].setAttribute("tabindex", "0");
      buttons[next].focus();
    } else if (isVector() && (event.key === "Enter" || event.key === " ")) pick(cursor);
    else return;
    event.preventDefault();
  }

  /** @param {Payload} next */
  function update(next) {
    /** @param {Payload} sent */
    const shape = ({ mode, rows, columns, tiles, selectable, captions }) =>
      JSON.stringify([mode, rows, columns, tiles, selectable, captions]);
    const same = data && shape(data) === shape(next);
    if (!data || data.values !== next.values)
      values = next.mode === "rgb" ? decodeUnsigned(next.values) : decodeBytes(next.values);
    data = next;
    root.dataset.tiles = String(data.tiles.length);
    if (isVector()) {
      canvas.tabIndex = 0;
      canvas.setAttribute("role", "application");
      canvas.setAttribute("aria-label", data.label);
    } else {
      canvas.removeAttribute("tabindex");
      canvas.setAttribute("role", "presentation");
      canvas.removeAttribute("aria-label");
    }
    if (!same) plan = null;
    arrange();
    forget.abort();
    forget = new AbortController();
    followChoice(
      data.name,
      (/** @type {number} */ channel) => {
        chosen = channel;
        cursor = Math.max(indexOfSelected(), 0);
        if (plan === null) return;
        if (isVector()) paint();
        mark();
      },
      { signal: forget.signal },
    )();
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  sheet.addEventListener(
    "click",
    (event) => {
      if (isVector()) pick(locate(event)?.tile ?? -1);
      else pick(buttons.indexOf(findTarget(event, ".tile")));
    },
    options,
  );
  sheet.addEventListener("keydown", onKey, options);
  sheet.addEventListener("pointermove", showTip, options);
  sheet.addEventListener(
    "pointerleave",
    () => {
      tip.hidden = true;
    },
    options,
  );
  canvas.addEventListener(
    "focus",
    () => {
      if (isVector()) paint();
    },
    options,
  );
  canvas.addEventListener(
    "blur",
    () => {
      if (isVector()) paint();
    },
    options,
  );
  const observer = new ResizeObserver(arrange);
  observer.observe(root);

  return {
    update,
    repaint: paint,
    destroy: () => {
      listening.abort();
      forget.abort();
      observer.disconnect();
    },
  };
}

export default mountComponent(".maps", createMaps);
