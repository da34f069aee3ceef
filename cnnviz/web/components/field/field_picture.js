// One stack as a picture: its layers from the side, and under them the input from above, pixel for
// pixel at the same places.

import { fitCanvas } from "../shared/paint.js";
import { inside, paddingOf, placeOf, sizeOf, spanOf } from "./stack.js";

const LABEL = 17; // CSS pixels for the words above each layer
const BAR = 13; // height of a layer seen from the side
const GAP = 10; // between the layers and the input from above

/** @typedef {import("./stack.js").Paths} Paths */
/** @typedef {import("./stack.js").Span} Span */
/** @typedef {import("./types.js").DrawnStack} DrawnStack */

/**
 * Colours, and what else is chosen of the drawing.
 * @typedef {object} Choice
 * @property {string} grid
 * @property {boolean} byPaths
 * @property {HTMLCanvasElement | null} photograph
 * @property {string} font
 */

/** @typedef {import("./field_look.js").Colors & Choice} Look */
/** @typedef {Look & { hatch: CanvasPattern }} Inks */

/**
 * A cell, and what it reads.
 * @typedef {object} Shown
 * @property {number} level
 * @property {number[]} cell Row and column.
 * @property {number[][]} inner The cell in the middle of what it reads, by level.
 * @property {number} depth How many layers down its cone has been drawn.
 * @property {Paths[]} rows By level.
 * @property {Paths[]} columns
 */

/**
 * The room for a drawing, in CSS pixels.
 * @typedef {object} Room
 * @property {number} width
 * @property {Span} reach In pixels of the input.
 * @property {number} pixel Of the input.
 * @property {number} step From layer to layer.
 * @property {number} margin For the words on the left; 0 where they stand above.
 */

/** @param {HTMLCanvasElement} canvas */
export function createPicture(canvas) {
  const context = canvas.getContext("2d");
  /** @type {ReturnType<typeof layOut>} */
  let plan = null;

  /** @param {string} color */
  function hatch(color) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 5;
    const pen = tile.getContext("2d");
    pen.strokeStyle = color;
    pen.beginPath();
    pen.moveTo(-1, 1);
    pen.lineTo(1, -1);
    pen.moveTo(0, 5);
    pen.lineTo(5, 0);
    pen.moveTo(4, 6);
    pen.lineTo(6, 4);
    pen.stroke();
    return context.createPattern(tile, "repeat");
  }

  const write = (/** @type {number} */ side) => `${side}×${side}`;
  /** @param {DrawnStack} stack @param {number} level */
  const labelOf = (stack, level) =>
    level === 0
      ? `Input ${write(stack.size)}`
      : `${level}  ${stack.rows[level - 1].title} → ${write(sizeOf(stack, level))}`;

  // The words stand left of the layers where there is room, else above each.
  /** @param {DrawnStack} stack @param {string} font */
  function labelWidth(stack, font) {
    context.font = font;
    return (
      12 +
      Math.max(
        ...[0, ...stack.rows.map((_, index) => index + 1)].map(
          (level) => context.measureText(labelOf(stack, level)).width,
        ),
      )
    );
  }

  /** @param {DrawnStack} stack @param {Room} room */
  function layOut(stack, { width, reach, pixel, step, margin }) {
    const levels = stack.rows.length;
    const across = (reach[1] - reach[0]) * pixel;
    const low = -0.5 - paddingOf(stack, 0);
    const left = margin || Math.max(0, (width - across) / 2);
    const planeTop = LABEL + levels * step + BAR + GAP;
    const planeHeight = (stack.size - 1 - 2 * low) * pixel;
    return {
      stack,
      pixel,
      reach,
      low,
      margin,
      left,
      planeTop,
      planeHeight,
      width,
      height: planeTop + planeHeight + 1,
      x: (/** @type {number} */ place) => left + (place - reach[0]) * pixel,
      y: (/** @type {number} */ level) => LABEL + (levels - level) * step,
      planeY: (/** @type {number} */ place) => planeTop + (place - low) * pixel,
    };
  }

  /** @param {DrawnStack} stack @param {Room} room */
  function resize(stack, room) {
    plan = layOut(stack, room);
    const ratio = fitCanvas(canvas, plan.width, plan.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  // Left edge and width of a cell seen from the side.
  /** @param {number} level @param {number} index */
  function cellBox(level, index) {
    const { first, jump } = placeOf(plan.stack.rows, level);
    const x = plan.x(first + (index - 0.5) * jump);
    return [x, jump * plan.pixel];
  }

  /** @param {Inks} look @param {Shown} shown */
  function drawSide(look, shown) {
    const { stack } = plan;
    for (let level = stack.rows.length; level >= 0; level -= 1) drawLayer(level, look);
    const levels = shown.columns;
    for (let level = shown.level; level > 0 && level > shown.level - shown.depth; level -= 1) {
      drawCone(levels, level, look, Math.min(1, shown.depth - (shown.level - level)));
    }
    for (let level = shown.level; level >= 0; level -= 1) {
      if (shown.level - level <= shown.depth) drawRead(level, levels[level], look);
    }
    context.textBaseline = "alphabetic";
    context.font = look.font;
    for (let level = stack.rows.length; level >= 0; level -= 1) drawLabel(level, shown, look);
  }

  /** @param {number} level @param {Inks} look */
  function drawLayer(level, look) {
    const { stack } = plan;
    const size = sizeOf(stack, level);
    const padding = paddingOf(stack, level);
    const [left, cell] = cellBox(level, 0);
    const y = plan.y(level);
    context.fillStyle = look.cell;
    context.fillRect(left, y, size * cell, BAR);
    if (padding) {
      context.fillStyle = look.hatch;
      context.fillRect(left - padding * cell, y, padding * cell, BAR);
      context.fillRect(left + size * cell, y, padding * cell, BAR);
    }
    if (cell < 4) return;
    context.strokeStyle = look.ground;
    context.lineWidth = 1;
    context.beginPath();
    for (let index = -padding; index <= size + padding; index += 1) {
      const x = Math.round(left + index * cell) + 0.5;
      context.moveTo(x, y);
      context.lineTo(x, y + BAR);
    }
    context.stroke();
  }

  /** @param {number} level @param {Paths} paths @param {Inks} look */
  function drawRead(level, paths, look) {
    const size = sizeOf(plan.stack, level);
    const y = plan.y(level);
    const most = Math.max(...paths.values());
    for (const [index, count] of paths) {
      const [x, width] = cellBox(level, index);
      const gap = width >= 4 ? 0.5 : 0;
      if (inside(index, size)) {
        context.fillStyle = look.shade(look.byPaths ? count / most : 1);
        context.fillRect(x + gap, y, width - 2 * gap, BAR);
      } else {
        context.strokeStyle = look.strong;
        context.lineWidth = 1.5;
        context.strokeRect(x + 1, y + 1, width - 2, BAR - 2);
      }
    }
  }

  /** @param {Paths[]} levels @param {number} level @param {Inks} look @param {number} share */
  function drawCone(levels, level, look, share) {
    const size = sizeOf(plan.stack, level);
    const used = [...levels[level].keys()].filter((index) => inside(index, size));
    if (!used.length || !levels[level - 1].size) return;
    const [top, bottom] = [[Math.min(...used), Math.max(...used)], spanOf(levels[level - 1])];
    /** @type {(ends: number[], at: number) => number[]} */
    const edges = ([first, last], at) => [
      cellBox(at, first)[0],
      cellBox(at, last)[0] + cellBox(at, last)[1],
    ];
    const [upper, lower] = [edges(top, level), edges(bottom, level - 1)];
    const [from, to] = [plan.y(level) + BAR, plan.y(level - 1)];
    const reach = lower.map((edge, side) => upper[side] + (edge - upper[side]) * share);
    context.fillStyle = look.cone;
    context.strokeStyle = look.strong;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(upper[0], from);
    context.lineTo(upper[1], from);
    context.lineTo(reach[1], from + (to - from) * share);
    context.lineTo(reach[0], from + (to - from) * share);
    context.closePath();
    context.fill();
    context.stroke();
  }

  /** @param {number} level @param {Shown} shown @param {Inks} look */
  function drawLabel(level, shown, look) {
    const text = labelOf(plan.stack, level);
    const width = context.measureText(text).width;
    const x = Math.max(
      0,
      plan.margin ? plan.margin - 10 - width : Math.min(plan.left, plan.width - width),
    );
    const y = plan.y(level) + (plan.margin ? BAR - 3 : -4);
    context.lineWidth = 4;
    context.strokeStyle = look.ground;
    context.fillStyle = level === shown.level ? look.strong : look.quiet;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }

  /** @param {Inks} look @param {Shown} shown */
  function drawPlane(look, shown) {
    const { stack, pixel } = plan;
    const size = stack.size;
    const [left, top, side] = [plan.x(-0.5), plan.planeY(-0.5), size * pixel];
    const padding = paddingOf(stack, 0) * pixel;
    if (padding) {
      context.fillStyle = look.hatch;
      context.fillRect(left - padding, top - padding, side + 2 * padding, side + 2 * padding);
    }
    context.fillStyle = look.ground;
    context.fillRect(left, top, side, side);
    context.fillStyle = look.cell;
    context.fillRect(left, top, side, side);
    context.imageSmoothingEnabled = false;
    if (look.photograph) context.drawImage(look.photograph, left, top, side, side);
    const arrived = shown.depth >= shown.level;
    if (arrived) drawPatch(look, shown);
    if (pixel >= 5) drawGrid(look, { left, top, side });
    drawUnread(look);
    context.strokeStyle = look.line;
    context.lineWidth = 1;
    context.strokeRect(left, top, side, side);
    if (arrived) drawFrames(look, shown);
  }

  // The pixels that the shown cell reads, stronger the more paths lead to them; over a photograph
  // the strength is the veil's, so that the photograph stays.
  /** @param {Inks} look @param {Shown} shown */
  function drawPatch(look, shown) {
    const { stack, pixel } = plan;
    const [rows, columns] = [shown.rows[0], shown.columns[0]];
    const most = Math.max(...rows.values()) * Math.max(...columns.values());
    const [[top, bottom], [left, right]] = [spanOf(rows), spanOf(columns)];
    const image = new ImageData(right - left + 1, bottom - top + 1);
    for (const [row, down] of rows) {
      for (const [column, along] of columns) {
        const share = look.byPaths ? (down * along) / most : 1;
        const known = inside(row, stack.size) && inside(column, stack.size);
        const alpha = !known ? 60 : look.photograph ? 40 + 130 * share : 255;
        const color = look.rgb(known && !look.photograph ? share : 1);
        image.data.set([...color, alpha], 4 * ((row - top) * image.width + column - left));
      }
    }
    const scratch = new OffscreenCanvas(image.width, image.height);
    scratch.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(
      scratch,
      plan.x(left - 0.5),
      plan.planeY(top - 0.5),
      image.width * pixel,
      image.height * pixel,
    );
  }

  /** @param {Inks} look @param {{ left: number, top: number, side: number }} plane */
  function drawGrid(look, { left, top, side }) {
    context.strokeStyle = look.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (let index = 1; index < plan.stack.size; index += 1) {
      const [x, y] = [
        Math.round(left + index * plan.pixel) + 0.5,
        Math.round(top + index * plan.pixel) + 0.5,
      ];
      context.moveTo(x, top);
      context.lineTo(x, top + side);
      context.moveTo(left, y);
      context.lineTo(left + side, y);
    }
    context.stroke();
  }

  // A cross on every pixel that no output reads; on fine grids a veil.
  /** @param {Inks} look */
  function drawUnread(look) {
    const { stack, pixel } = plan;
    if (!stack.unread.length) return;
    const unread = new Set(stack.unread);
    context.strokeStyle = look.quiet;
    context.lineWidth = 1;
    context.beginPath();
    for (let row = 0; row < stack.size; row += 1) {
      for (let column = 0; column < stack.size; column += 1) {
        if (!unread.has(row) && !unread.has(column)) continue;
        const [x, y] = [plan.x(column - 0.5), plan.planeY(row - 0.5)];
        const inset = pixel * 0.28;
        context.moveTo(x + inset, y + inset);
        context.lineTo(x + pixel - inset, y + pixel - inset);
        if (pixel < 4) continue;
        context.moveTo(x + pixel - inset, y + inset);
        context.lineTo(x + inset, y + pixel - inset);
      }
    }
    context.stroke();
  }

  // The theoretical field of the shown cell, and those of the layers it has grown through.
  /** @param {Inks} look @param {Shown} shown */
  function drawFrames(look, shown) {
    const { stack, pixel } = plan;
    context.save();
    context.beginPath();
    context.rect(0, plan.planeTop - GAP / 2, plan.width, plan.planeHeight + GAP);
    context.clip();
    for (let level = 1; level <= shown.level; level += 1) {
      const { start, jump, field } = placeOf(stack.rows, level);
      // In a tall stack only the steps that widen the jump, lest frames hide the pixels.
      if (level < shown.level && shown.level > 6 && stack.rows[level - 1].stride === 1) continue;
      const [row, column] = level === shown.level ? shown.cell : shown.inner[level];
      const last = level === shown.level;
      context.strokeStyle = last ? look.frame : look.frameSoft;
      context.setLineDash(last ? [6, 4] : []);
      context.lineWidth = last ? 2.5 : 1.25;
      context.strokeRect(
        plan.x(start + column * jump - 0.5),
        plan.planeY(start + row * jump - 0.5),
        field * pixel,
        field * pixel,
      );
    }
    context.restore();
  }

  /** @param {Look} colors @param {Shown} shown */
  function paint(colors, shown) {
    const look = { ...colors, hatch: hatch(colors.hatchColor) };
    context.clearRect(0, 0, plan.width, plan.height);
    drawSide(look, shown);
    drawPlane(look, shown);
  }

  // The place over the input under a pointer; the row is null beside the input from above.
  /** @param {MouseEvent} event */
  function locate(event) {
    const box = canvas.getBoundingClientRect();
    const column = (event.clientX - box.left - plan.left) / plan.pixel + plan.reach[0];
    const down = event.clientY - box.top;
    const row = down >= plan.planeTop ? (down - plan.planeTop) / plan.pixel + plan.low : null;
    return { row, column };
  }

  return { labelWidth, resize, paint, locate };
}
