// Where a network's blocks and the lines between them lie, and how a block is drawn.

import { drawSvg } from "../shared/dom.js";

const SLAB = 6;
const MARGIN_X = 14;
const FEW = 16; // columns whose names are shown on narrow screens, too
export const MOST_FAN_IN = 4;

/** @typedef {import("./graph.js").Block} Block */
/** @typedef {{ end: number, arc: number, blocks: Block[] }} Row */

/**
 * Where a block stands.
 * @typedef {object} Place
 * @property {Row} row
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {number} depth Of the oblique third dimension.
 */

/** @typedef {Map<Block, Place>} Places */

/** @param {Block} block @param {number} scale */
function widthOf(block, scale) {
  if (block.sign) return 16;
  return block.thickness === 0 ? SLAB * Math.min(scale, 1.3) : (7 + 30 * block.thickness) * scale;
}

/** @param {Block} block @param {number} scale */
function heightOf(block, scale) {
  return block.sign ? 16 : (8 + 70 * block.height) * scale;
}

// The oblique third dimension of a block.
/** @param {Block} block @param {number} scale */
function depthOf(block, scale) {
  return block.sign || !block.spatial ? 0 : 0.2 * heightOf(block, scale);
}

// Break the columns into rows of about one length and place every block.
/** @param {Block[]} blocks @param {number} width */
export function arrangeBlocks(blocks, width) {
  /** @type {Block[][]} */
  const columns = [];
  for (const block of blocks) (columns[block.column] ??= []).push(block);
  const room = width - 2 * MARGIN_X;
  /** @param {Block[]} members @param {number} scale */
  const wideness = (members, scale) =>
    Math.max(...members.map((block) => widthOf(block, scale) + 0.7 * depthOf(block, scale)));
  /** @param {number} scale @param {number} gap */
  const natural = (scale, gap) =>
    columns.reduce((sum, members) => sum + wideness(members, scale) + gap, 0);
  let scale = 1;
  let gap = 7;
  const few = columns.length <= FEW;
  if (few) gap = 26;
  if (natural(1, gap) < room) {
    scale = Math.min(1.35, Math.max(1, room / natural(1, 34)));
    gap = Math.min(74, Math.max(7, gap + (room - natural(scale, gap)) / columns.length));
  } else if (columns.length > 60) {
    scale = 0.72;
    gap = 5;
  }
  // As many rows as are needed, all about equally long.
  const whole = natural(scale, gap);
  const aim = whole <= room + 1 ? Infinity : whole / Math.ceil(whole / room) + 30;
  /** @type {Places} */
  const places = new Map();
  /** @type {Row[]} */
  const rows = [];
  /** @type {Row | null} */
  let row = null;
  for (const members of columns) {
    const wide = wideness(members, scale);
    if (!row || row.end + wide > width - MARGIN_X || row.end > aim) {
      row = { end: MARGIN_X, arc: 0, blocks: [] };
      rows.push(row);
    }
    for (const block of members) {
      const own = widthOf(block, scale) + 0.7 * depthOf(block, scale);
      places.set(block, {
        row,
        x: row.end + (wide - own) / 2,
        y: 0,
        width: widthOf(block, scale),
        height: heightOf(block, scale),
        depth: depthOf(block, scale),
      });
      row.blocks.push(block);
    }
    row.end += wide + gap;
  }
  return { places, rows, labelled: gap > 18 };
}

/**
 * Give each row its height: arcs on top, then one strip for each lane in use.
 * @param {ReturnType<typeof arrangeBlocks>} arranged
 * @param {Block[]} blocks
 * @param {[number, number][]} ties
 */
export function stackRows({ places, rows, labelled }, blocks, ties) {
  let y = 4;
  for (const row of rows) {
    const spans = ties
      .filter(
        ([from, to]) =>
          isArc(blocks[from], blocks[to], places) && places.get(blocks[from]).row === row,
      )
      .map(([from, to]) => places.get(blocks[to]).x - places.get(blocks[from]).x);
    row.arc = spans.length ? Math.min(34, 10 + Math.max(...spans) * 0.08) : 0;
    const depth = Math.max(...row.blocks.map((block) => places.get(block).depth));
    const lanes = Math.max(...row.blocks.map((block) => block.lane)) + 1;
    let top = y + row.arc + depth + 2;
    for (let lane = 0; lane < lanes; lane += 1) {
      const members = row.blocks
        .filter((block) => block.lane === lane)
        .map((block) => places.get(block));
      if (members.length === 0) continue;
      const tall = Math.max(...members.map((place) => place.height));
      for (const place of members) place.y = top + (tall - place.height) / 2;
      top += tall + (labelled ? 36 : 12);
    }
    y = top + (labelled ? 2 : 20);
  }
  return y - (labelled ? 2 : 8);
}

/** @param {Block} from @param {Block} to @param {Places} places */
function isArc(from, to, places) {
  return (
    from.lane === to.lane &&
    to.column - from.column > 1 &&
    places.get(from).row === places.get(to).row
  );
}

/** @param {Block} from @param {Block} to @param {Places} places @param {number} width */
export function tiePath(from, to, places, width) {
  const a = places.get(from);
  const b = places.get(to);
  const [x1, y1] = [a.x + a.width, a.y + a.height / 2];
  const [x2, y2] = [b.x, b.y + b.height / 2];
  if (a.row !== b.row) {
    const out = `M${x1} ${y1}H${Math.min(x1 + 14, width - 2)}`;
    return to.column - from.column === 1
      ? `${out}M${Math.max(x2 - 12, 2)} ${y2}H${x2}`
      : `${out}M${x2 - 4} ${y2 - 14}L${x2} ${y2 - 4}`;
  }
  if (isArc(from, to, places)) {
    const rise =
      Math.min(a.y - a.depth, b.y - b.depth) - Math.min(a.row.arc, 10 + (x2 - x1) * 0.08);
    const [start, end] = [a.x + a.width / 2 + a.depth / 2, b.x + b.width / 2];
    return `M${start} ${a.y - a.depth}C${start} ${rise} ${end} ${rise} ${end} ${b.y}`;
  }
  const bend = Math.min(24, (x2 - x1) / 2);
  return y1 === y2
    ? `M${x1} ${y1}H${x2}`
    : `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** @param {Block} block @param {Place} place @param {boolean} labelled */
export function drawBlock(block, place, labelled) {
  const { x, y, width, height, depth } = place;
  const group = drawSvg("g", {
    class: block.ghost ? "block ghost" : "block",
    role: "option",
    tabindex: "-1",
    "aria-label": block.facts.join(", "),
    "data-layer": block.name,
  });
  group.style.setProperty("--kind", `var(--kind-${block.color})`);
  if (block.sign) {
    group.append(
      drawSvg("circle", { cx: x + 8, cy: y + 8, r: 8 }),
      drawSvg("text", { class: "sign", x: x + 8, y: y + 8 }, block.sign),
    );
  } else {
    if (depth > 0) {
      group.append(
        drawSvg("path", {
          class: "face top",
          d: `M${x} ${y}l${depth} ${-depth}h${width}l${-depth} ${depth}z`,
        }),
        drawSvg("path", {
          class: "face side",
          d: `M${x + width} ${y}l${depth} ${-depth}v${height}l${-depth} ${depth}z`,
        }),
      );
    }
    group.append(drawSvg("rect", { class: "face front", x, y, width, height }));
  }
  group.append(
    drawSvg("rect", {
      class: "halo",
      x: x - 3,
      y: y - depth - 3,
      width: width + depth + 6,
      height: height + depth + 6,
      rx: 4,
    }),
    drawSvg("rect", {
      class: "hit",
      x: x - 3,
      y: y - depth - 3,
      width: width + depth + 6,
      height: height + depth + 6,
    }),
  );
  if (labelled && block.thickness > 0 && !block.sign) {
    group.append(
      drawSvg("text", { class: "name", x: x + width / 2, y: y + height + 15 }, block.label),
      drawSvg("text", { class: "shape", x: x + width / 2, y: y + height + 28 }, block.shape),
    );
  }
  return group;
}
