// A block from top to bottom: boxes in lanes, lines between them, shortcuts round the outside.
// The plan comes from Python.

import { drawSvg } from "../shared/dom.js";

/**
 * A box as figures.blocks packs it.
 * @typedef {object} Box
 * @property {string} name
 * @property {string} title
 * @property {"full" | "slab" | "sign" | "input"} form
 * @property {string} color
 * @property {string} sign
 * @property {number} lane Where it stands from left to right; -1 in the middle.
 * @property {string[]} lines
 * @property {string} tell All of it in words.
 */

/**
 * A drawing as figures.blocks packs it.
 * @typedef {object} Plan
 * @property {Box[]} boxes In the order of computation.
 * @property {[number, number, number | null][]} ties Source, target, and the way round them.
 * @property {number} lanes
 * @property {number} arounds
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Rect */
/** @typedef {Rect & { middle: number, titles: string[] }} Place */
/** @typedef {ReturnType<typeof placeBlock>} Placed */

// Sizes in pixels for a drawing of this width; a tiny one is for the timeline and has no text.
/** @param {Plan} plan @param {number} width @param {boolean} tiny */
function blockSizes(plan, width, tiny) {
  if (tiny)
    return {
      gap: 4,
      box: 8,
      slab: 2.5,
      sign: 7,
      step: 4,
      lane: Math.min(26, (width - plan.arounds * 4) / plan.lanes),
      head: 0,
      line: 0,
    };
  const room = width - plan.arounds * 16 - 8;
  const lane = Math.min(196, room / plan.lanes);
  const narrow = lane < 120;
  return {
    gap: narrow ? 6 : 18,
    box: 22,
    slab: 20,
    sign: 26,
    step: 16,
    lane,
    head: narrow ? 11 : 13,
    line: narrow ? 10 : 11.5,
    narrow,
  };
}

/** @param {Plan} plan @param {number} width @param {boolean} tiny */
export function placeBlock(plan, width, tiny) {
  const size = blockSizes(plan, width, tiny);
  const wide = size.lane * plan.lanes;
  const left = Math.max(tiny ? 0 : 4, (width - wide - plan.arounds * size.step) / 2);
  const boxWidth = size.lane - size.gap;
  const drop = tiny ? 4 : 16;
  const sources = plan.boxes.map(() => /** @type {number[]} */ ([]));
  for (const [source, target] of plan.ties) sources[target].push(source);
  /** @type {Place[]} */
  const places = [];
  plan.boxes.forEach((box, index) => {
    const middle = box.lane < 0 ? left + wide / 2 : left + (box.lane + 0.5) * size.lane;
    const titles = tiny || box.form === "sign" ? [] : wrapTitle(box.title, boxWidth, size.head);
    const text = titles.length * (size.head + 3) + box.lines.length * (size.line + 3.5);
    let height = box.form === "sign" ? size.sign : box.form === "slab" ? size.slab : size.box;
    if (!tiny && box.form !== "sign" && box.form !== "slab") height = text + 12;
    if (!tiny && box.form === "slab") height = titles.length * (size.line + 3) + 5;
    const across =
      box.form === "sign"
        ? size.sign
        : tiny
          ? Math.min(boxWidth, box.form === "input" ? 10 : 18)
          : boxWidth;
    const top = Math.max(
      tiny ? 1 : 4,
      ...sources[index].map((source) => {
        const above = places[source];
        // Branches leave and meet with room for their bends.
        return above.y + above.height + (Math.abs(above.middle - middle) > 1 ? drop * 1.5 : drop);
      }),
    );
    places.push({ x: middle - across / 2, y: top, width: across, height, middle, titles });
  });
  const bottom = Math.max(...places.map((place) => place.y + place.height));
  return { places, size, height: bottom + (tiny ? 1 : 6), side: left + wide - size.gap / 2 };
}

// Two lines where a title is too long for its box.
/** @param {string} title @param {number} width @param {number} head */
function wrapTitle(title, width, head) {
  if (title.length * head * 0.56 <= width - 6) return [title];
  const words = title.split(" ");
  let best = [title];
  let least = title.length;
  for (let cut = 1; cut < words.length; cut += 1) {
    const lines = [words.slice(0, cut).join(" "), words.slice(cut).join(" ")];
    const longest = Math.max(...lines.map((line) => line.length));
    if (longest < least) {
      best = lines;
      least = longest;
    }
  }
  return best;
}

/**
 * @param {Place} a
 * @param {Place & { lane: number }} b
 * @param {number | null} around
 * @param {Placed} placed
 */
function tieLine(a, b, around, { size, side }) {
  const [x1, y1, x2, y2] = [a.middle, a.y + a.height, b.middle, b.y];
  if (around !== null) {
    const x = side + (around + 0.6) * size.step;
    const r = Math.min(8, size.step / 2);
    const from = a.y + a.height * 0.5;
    const to = b.y + b.height * 0.5;
    const out = `M${a.x + a.width} ${from}H${x - r}q${r} 0 ${r} ${r}`;
    return `${out}V${to - r}q0 ${r} ${-r} ${r}H${b.x + b.width}`;
  }
  if (Math.abs(x1 - x2) < 0.5) return `M${x1} ${y1}V${y2}`;
  // Straight down its own lane, then across: a box below its source leaves by the top.
  const bend = size.head ? 12 : 3;
  if (b.lane < 0) {
    const down = `M${x1} ${y1}V${y2 - 2 * bend}`;
    return `${down}C${x1} ${y2 - bend * 0.6} ${x2} ${y2 - bend * 1.4} ${x2} ${y2}`;
  }
  const start = `M${x1} ${y1}C${x1} ${y1 + bend * 1.4}`;
  return `${start} ${x2} ${y1 + bend * 0.6} ${x2} ${y1 + 2 * bend}V${y2}`;
}

/** @param {Plan} plan @param {Placed} placed */
export function blockLines(plan, placed) {
  return plan.ties.map(([source, target, around]) => {
    const [a, b] = [
      placed.places[source],
      { ...placed.places[target], lane: plan.boxes[target].lane },
    ];
    return drawSvg("path", {
      class: around === null ? "tie" : "tie round",
      d: tieLine(a, b, around, placed),
    });
  });
}

/** @param {Plan} plan @param {number} width */
export function drawTiny(plan, width) {
  const placed = placeBlock(plan, width, true);
  const svg = drawSvg("svg", {
    viewBox: `0 0 ${width} ${placed.height}`,
    "aria-hidden": "true",
    class: "tiny",
  });
  svg.append(...blockLines(plan, placed));
  plan.boxes.forEach((box, index) => {
    const { x, y, width: across, height, middle } = placed.places[index];
    const shape =
      box.form === "sign"
        ? drawSvg("circle", { cx: middle, cy: y + height / 2, r: height / 2 })
        : drawSvg("rect", { x, y, width: across, height, rx: 1 });
    shape.setAttribute("style", `fill: var(--kind-${box.color})`);
    svg.append(shape);
  });
  return svg;
}
