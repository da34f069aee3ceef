// Maps of several methods (across) for several classes or networks (down), laid over pictures. The
// place under the pointer is marked in all of them, with its value in each.

import { decodeBytes, decodeUnsigned, readColorTable } from "../shared/colors.js";
import { build, offerFile } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { isDarkTheme } from "../shared/theme.js";
import { formatValue } from "../shared/values.js";
import { FAINT, GLOW, paintPanel, resample } from "./overlay_paint.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/** @typedef {import("./overlay_paint.js").Field} Field */
/** @typedef {import("./overlay_paint.js").Look} Look */
/** @typedef {import("./overlay_paint.js").Panel} Panel */
/** @typedef {import("./overlay_paint.js").Picture} Picture */
/** @typedef {import("../shared/colors.js").PackedImage} PackedImage */
/** @typedef {Omit<Panel, "values" | "color"> & { values?: string, color?: string }} PackedPanel */
/**
 * The payload, decoded.
 * @typedef {Omit<Payload, "panels" | "pictures"> & { panels: Panel[][], pictures: Picture[] }} Data
 */

/**
 * A panel on the page; a note has no canvas.
 * @typedef {object} Cell
 * @property {number} row
 * @property {number} column
 * @property {Panel} panel
 * @property {HTMLElement} element
 * @property {HTMLElement} caption
 * @property {HTMLCanvasElement} [canvas]
 * @property {HTMLElement} [cross]
 * @property {HTMLElement} [frame]
 * @property {Partial<Record<"smooth" | "raw", Float32Array>>} [fields]
 */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {{ picture: number }[]} rows Which of the pictures each row lies on.
 * @property {string[]} columns Titles.
 * @property {PackedImage[]} pictures Those that differ.
 * @property {PackedPanel[][]} panels One list a row.
 * @property {{ opacity: number, signed: boolean, raw: boolean }} look How the maps are drawn.
 * @property {string} label All of it in words.
 * @property {number[] | null} chosen Row and column of the panel that is pointed out.
 * @property {boolean} selectable Whether one can be chosen.
 * @property {string | null} file Name of the PNG file that it offers.
 */

const NARROW_GRID = 620;
const WIDEST = 300; // of a panel, in CSS pixels
const HINT = "Point at a place: it is marked in every map, with its value.";

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createOverlay(root, { trigger }) {
  /** @type {HTMLElement} */
  const grid = root.querySelector(".grid");
  const foot = root.querySelector(".foot");
  /** @type {Data} */
  let data = null;
  /** @type {Cell[]} */
  let cells = [];
  const choose = (/** @type {[number, number]} */ value) => trigger("picked", value);
  /** @type {{ width: number, narrow: boolean | null }} */
  let drawn = { width: 0, narrow: null };

  const pictureOf = (/** @type {number} */ row) => data.pictures[data.rows[row].picture];

  function readTables() {
    const theme = isDarkTheme(root) ? "dark" : "light";
    // Heat glows on a dimmed picture, so its scale is the dark ground's in either theme.
    return {
      heat: readColorTable(data.tables.dark.signed),
      ground: readColorTable(data.tables[theme].signed),
    };
  }

  function paint() {
    const look = { ...data.look, ...readTables() };
    cells.forEach(({ panel, row, canvas }) => {
      if (canvas) paintPanel(canvas, panel, pictureOf(row), look);
    });
    showScale(look);
  }

  /** @param {number} row @param {number} column */
  function buildCell(row, column) {
    const panel = data.panels[row][column];
    const picture = pictureOf(row);
    const head = build("p", { class: "head" }, data.columns[column]);
    const element = build("figure", { class: row > 0 ? "cell later" : "cell" }, head);
    const caption = build("figcaption", { class: "caption" });
    /** @type {Cell} */
    const cell = { row, column, panel, element, caption };
    if (panel.kind === "note") {
      const note = build("div", { class: "note" }, panel.text);
      note.style.aspectRatio = `${picture.columns} / ${picture.rows}`;
      cell.element.append(note, cell.caption);
      return cell;
    }
    const pickable = data.selectable && panel.kind !== "picture";
    cell.canvas = build("canvas");
    cell.canvas.style.aspectRatio = `${picture.columns} / ${picture.rows}`;
    cell.cross = build("span", { class: "cross" });
    cell.cross.hidden = true;
    cell.cross.style.display = "none";
    const attributes = { class: "frame", "aria-label": panel.label };
    cell.frame = pickable
      ? build("button", { ...attributes, type: "button" }, cell.canvas, cell.cross)
      : build("div", { ...attributes, role: "img" }, cell.canvas, cell.cross);
    if (pickable) cell.frame.addEventListener("click", () => choose([row, column]));
    cell.frame.addEventListener("pointermove", (event) => point(event, cell));
    cell.frame.addEventListener("pointerleave", () => point(null, cell));
    cell.element.append(cell.frame, cell.caption);
    return cell;
  }

  function rest() {
    cells.forEach(({ panel, caption }) => {
      caption.className = "caption";
      caption.replaceChildren(
        build("b", {}, panel.name ?? ""),
        panel.name ? ` ${panel.note ?? ""}` : (panel.note ?? ""),
      );
    });
    foot.querySelector(".place").textContent = HINT;
  }

  // Mark the place under the pointer in every panel, and tell each one's value there.
  /** @param {PointerEvent | null} event @param {Cell} over */
  function point(event, over) {
    cells.forEach((cell) => {
      if (cell.cross) cell.cross.style.display = "none";
    });
    if (event === null) {
      rest();
      return;
    }
    const box = over.canvas.getBoundingClientRect();
    const shares = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    if (shares.some((share) => share < 0 || share >= 1)) {
      rest();
      return;
    }
    const { rows, columns } = pictureOf(over.row);
    const [row, column] = [Math.floor(shares[0] * rows), Math.floor(shares[1] * columns)];
    foot.querySelector(".place").textContent = `Row ${row}, column ${column} of the input.`;
    cells.forEach((cell) => {
      if (!cell.canvas) return;
      cell.cross.style.display = "block";
      cell.cross.style.top = `${(100 * (row + 0.5)) / rows}%`;
      cell.cross.style.left = `${(100 * (column + 0.5)) / columns}%`;
      if (cell.panel.kind === "picture") return;
      const value = valueAt(cell, row, column);
      const share =
        cell.panel.peak > 0
          ? `, ${Math.round((100 * value) / cell.panel.peak)} % of the largest`
          : "";
      cell.caption.className = "caption live";
      cell.caption.replaceChildren(build("b", {}, formatValue(value)), share);
    });
  }

  /** @param {Cell} cell @param {number} row @param {number} column */
  function valueAt(cell, row, column) {
    const picture = pictureOf(cell.row);
    const panel = /** @type {Field} */ (cell.panel);
    const smooth = Boolean(cell.panel.smooth && !data.look.raw && cell.panel.kind !== "raw");
    const kind = smooth ? "smooth" : "raw";
    cell.fields ??= {};
    cell.fields[kind] ??= resample(panel, picture.rows, picture.columns, smooth);
    return cell.fields[kind][row * picture.columns + column];
  }

  /** @param {Look} look */
  function showScale(look) {
    /** @type {HTMLElement} */
    const bar = foot.querySelector(".bar");
    if (!bar) return;
    const table = data.look.raw ? look.ground : look.heat;
    const stops = [];
    for (let at = 0; at <= 16; at += 1) {
      const share = data.look.signed ? at / 8 - 1 : at / 16;
      const size = Math.abs(share);
      const tone =
        128 +
        Math.round(
          127 * (data.look.raw ? share : Math.sign(share) * (FAINT + (GLOW - FAINT) * size)),
        );
      const alpha = data.look.raw ? 1 : size ** 1.1;
      stops.push(`rgb(${table.rgb.subarray(3 * tone, 3 * tone + 3).join(" ")} / ${alpha})`);
    }
    bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  }

  function buildFoot() {
    const ends = data.look.signed ? ["against the class", "for it"] : ["0", "for the class"];
    const scale = build(
      "span",
      { class: "scale" },
      ends[0],
      build("span", { class: "bar" }),
      ends[1],
    );
    foot.replaceChildren(scale, build("span", { class: "place" }, HINT));
    if (!data.file) return;
    const save = build("button", { type: "button", class: "save" }, "Figure as PNG");
    save.addEventListener("click", saveFigure);
    foot.append(save);
  }

  function arrange() {
    const width = Math.floor(root.getBoundingClientRect().width);
    if (!width || !data) return;
    const narrow = width < NARROW_GRID;
    if (narrow !== drawn.narrow) {
      const [rows, columns] = [data.rows.length, data.columns.length];
      /** @type {[number, number][]} */
      const order = [];
      // On a phone the classes stand side by side, and the methods one below the other.
      if (narrow && rows === 2) for (let c = 0; c < columns; c += 1) order.push([0, c], [1, c]);
      else
        for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) order.push([r, c]);
      cells = order.map(([row, column]) => buildCell(row, column));
      grid.className = narrow ? "grid" : "grid wide";
      const widest = narrow ? "1fr" : `${WIDEST}px`;
      const across = narrow ? 2 : columns;
      grid.style.gridTemplateColumns = `repeat(${across}, minmax(0, ${widest}))`;
      grid.replaceChildren(...cells.map((cell) => cell.element));
      rest();
      mark();
    }
    if (narrow !== drawn.narrow || width !== drawn.width) {
      drawn = { width, narrow };
      paint();
    }
  }

  function mark() {
    cells.forEach((cell) => {
      const chosen = data.chosen && cell.row === data.chosen[0] && cell.column === data.chosen[1];
      cell.element.classList.toggle("chosen", Boolean(chosen));
      if (cell.frame?.matches("button"))
        cell.frame.setAttribute("aria-pressed", String(Boolean(chosen)));
    });
  }

  // The grid as it stands, with its titles, on the page's ground.
  function saveFigure() {
    const ratio = window.devicePixelRatio || 1;
    const box = grid.getBoundingClientRect();
    const margin = 12;
    const sheet = build("canvas", {
      width: String(Math.round((box.width + 2 * margin) * ratio)),
      height: String(Math.round((box.height + 2 * margin) * ratio)),
    });
    const context = sheet.getContext("2d");
    const style = getComputedStyle(root);
    context.scale(ratio, ratio);
    context.fillStyle = style.getPropertyValue("--st-background-color");
    context.fillRect(0, 0, sheet.width, sheet.height);
    context.fillStyle = style.color;
    context.font = `12px ${style.fontFamily}`;
    context.textBaseline = "top";
    /** @type {(element: Element) => [number, number, number, number]} */
    const place = (element) => {
      const at = element.getBoundingClientRect();
      return [at.left - box.left + margin, at.top - box.top + margin, at.width, at.height];
    };
    cells.forEach(({ element, canvas, caption }) => {
      for (const text of [
        element.querySelector(".head"),
        caption,
        element.querySelector(".note"),
      ]) {
        if (!text || !text.getClientRects().length) continue;
        const [x, y, width] = place(text);
        wrapText(context, text.textContent, width).forEach((line, at) =>
          context.fillText(line, x, y + 15 * at),
        );
      }
      if (canvas) context.drawImage(canvas, ...place(canvas));
    });
    sheet.toBlob((blob) => offerFile(blob, data.file));
  }

  /** @param {CanvasRenderingContext2D} context @param {string} text @param {number} width */
  function wrapText(context, text, width) {
    const lines = [""];
    for (const word of text.trim().split(/\s+/)) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (context.measureText(longer).width <= width || !lines.at(-1))
        lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  /** @param {PackedPanel} packed @returns {Panel} */
  function decodePanel({ values, color, ...rest }) {
    return {
      ...rest,
      values: values ? decodeBytes(values) : undefined,
      color: color ? decodeBytes(color) : undefined,
    };
  }

  /** @param {Payload} next */
  function update(next) {
    data = {
      ...next,
      panels: next.panels.map((row) => row.map(decodePanel)),
      pictures: next.pictures.map((one) => ({ ...one, bytes: decodeUnsigned(one.pixels) })),
    };
    root.setAttribute("aria-label", data.label);
    drawn = { width: 0, narrow: null };
    buildFoot();
    arrange();
  }

  const observer = new ResizeObserver(arrange);
  observer.observe(root);
  return { update, repaint: paint, destroy: () => observer.disconnect() };
}

export default mountComponent(".overlay", createOverlay);
