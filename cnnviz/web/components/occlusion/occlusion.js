// Zeiler and Fergus's figure: the covered image, what covering costs, the class's probability and
// the most probable class, by where the square lies; the square under the pointer is laid and told.

import { decodeUnsigned, luminance, parseColor } from "../shared/colors.js";
import { build, findIn } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { formatNumber, formatProbability } from "../shared/values.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/** @typedef {import("../shared/colors.js").PackedImage} PackedImage */
/** @typedef {import("../overlay/overlay_paint.js").Picture} Picture */

/**
 * The payload, its bytes decoded, with what the positions say of each pixel.
 * @typedef {Omit<Payload, "picture" | "fill"> & Record<"picture" | "fill", Picture> &
 *   { rgb: Uint8Array } & ReturnType<typeof lookUp>} Data
 */

/**
 * @typedef {object} Payload
 * @property {PackedImage} picture What the network sees.
 * @property {PackedImage} fill What the square shows.
 * @property {number} patch Its side in pixels.
 * @property {number[]} tops First rows of the positions.
 * @property {number[]} lefts First columns.
 * @property {(number | null)[]} probability
 *   Of the class, a position; null where it was not covered.
 * @property {number[]} best Which of the legend is most probable, a position.
 * @property {{ name: string, color: string }[]} legend Classes that are most probable somewhere.
 * @property {number} clean Probability in the whole image.
 * @property {number} low Lower end of the scale.
 * @property {number} top Upper end.
 * @property {string} table Base64 of the scale.
 * @property {string} name Of the class.
 * @property {([number, number][] | null)[]} guesses
 *   Numbers and shares of the likeliest classes, a position.
 * @property {string[]} names Of the numbered classes.
 * @property {number[]} before Their probabilities in the whole image.
 * @property {number} chosen Position shown where the pointer is elsewhere.
 * @property {boolean} pinned Whether the visitor chose it.
 * @property {string} label All of it in words.
 */

const NARROW = 560;
const DIM = 0.7;

// The position whose square's middle is nearest to a pixel, along one axis.
/** @param {number[]} starts @param {number[]} ends @param {number} pixel */
function nearest(starts, ends, pixel) {
  let best = 0;
  starts.forEach((start, at) => {
    /** @param {number} index */
    const far = (index) => Math.abs((starts[index] + ends[index]) / 2 - pixel);
    if (far(at) < far(best)) best = at;
  });
  return best;
}

/** @param {Payload} sent */
function lookUp({ picture: { rows, columns }, patch, tops, lefts }) {
  const bottoms = tops.map((top) => Math.min(rows, top + patch));
  const rights = lefts.map((left) => Math.min(columns, left + patch));
  const down = Array.from({ length: rows }, (_, row) => nearest(tops, bottoms, row + 0.5));
  const across = Array.from({ length: columns }, (_, column) =>
    nearest(lefts, rights, column + 0.5),
  );
  /** @param {number} row @param {number} column */
  const cellAt = (row, column) => down[row] * lefts.length + across[column];
  return { bottoms, rights, cellAt };
}

/** @param {Picture} picture @param {number} row @param {number} column */
function pixelOf({ rows, columns, channels, bytes }, row, column) {
  const at = (Math.min(row, rows - 1) * columns + Math.min(column, columns - 1)) * channels;
  return channels === 3
    ? [bytes[at], bytes[at + 1], bytes[at + 2]]
    : [bytes[at], bytes[at], bytes[at]];
}

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createOcclusion(root, { trigger }) {
  const [grid, place, formula, answers] = [".grid", ".place", ".formula", ".answers"].map(
    findIn(root),
  );
  /** @type {Data} */
  let data = null;
  const choose = (/** @type {number} */ value) => trigger("picked", value);
  /** @type {ReturnType<typeof buildPanel>[]} */
  let panels = [];


  /** @param {number} cell */
  function boxOf(cell) {
    const [row, column] = [Math.floor(cell / data.lefts.length), cell % data.lefts.length];
    return {
      top: data.tops[row],
      bottom: data.bottoms[row],
      left: data.lefts[column],
      right: data.rights[column],
    };
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(row: number, column: number) => number[] | null} colorAt
   */
  function paint(canvas, colorAt) {
    const { rows, columns } = data.picture;
    if (canvas.width !== columns || canvas.height !== rows)
      [canvas.width, canvas.height] = [columns, rows];
    const image = new ImageData(columns, rows);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const color = colorAt(row, column);
        if (color) image.data.set([...color, 255], 4 * (row * columns + column));
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  const viridis = (/** @type {number} */ share) => {
    const at = 3 * Math.round(255 * Math.max(0, Math.min(1, share)));
    return [data.rgb[at], data.rgb[at + 1], data.rgb[at + 2]];
  };

  /** @param {HTMLCanvasElement} canvas @param {number} cell */
  function paintCovered(canvas, cell) {
    const box = boxOf(cell);
    const uniform = data.fill.rows === 1;
    paint(canvas, (row, column) => {
      const inside = row >= box.top && row < box.bottom && column >= box.left && column < box.right;
      return inside
        ? pixelOf(data.fill, uniform ? 0 : row, uniform ? 0 : column)
        : pixelOf(data.picture, row, column);
    });
  }

  function paintMaps() {
    const [, overlay, probability, best] = panels.map(({ canvas }) => canvas);
    const span = Math.max(1e-9, data.clean - data.low);
    paint(overlay, (row, column) => {
      const grey = 255 * luminance(pixelOf(data.picture, row, column)) * DIM;
      const value = data.probability[data.cellAt(row, column)];
      const lost = value === null ? 0 : Math.max(0, Math.min(1, (data.clean - value) / span));
      return [240, 120, 40].map((tone) => (1 - 0.85 * lost) * grey + 0.85 * lost * tone);
    });
    paint(probability, (row, column) => {
      const value = data.probability[data.cellAt(row, column)];
      return value === null ? null : viridis((value - data.low) / (data.top - data.low));
    });
    paint(best, (row, column) => {
      const index = data.best[data.cellAt(row, column)];
      return index < 0 ? null : parseColor(data.legend[index].color);
    });
  }

  // A frame around the square on the maps, and the square itself on the picture.
  /** @param {number} cell */
  function show(cell) {
    paintCovered(panels[0].canvas, cell);
    const box = boxOf(cell);
    const { rows, columns } = data.picture;
    panels.forEach(({ frame }) => {
      frame.style.cssText =
        "position:absolute;pointer-events:none;box-sizing:border-box;" +
        "border:2px solid #fff;outline:1px solid #222;" +
        `left:${(100 * box.left) / columns}%;top:${(100 * box.top) / rows}%;` +
        `width:${(100 * (box.right - box.left)) / columns}%;` +
        `height:${(100 * (box.bottom - box.top)) / rows}%`;
    });
    const name = cell === data.chosen && data.pinned ? "Pinned" : "Covered";
    place.textContent =
      `${name}: rows ${box.top} to ${box.bottom - 1}, ` +
      `columns ${box.left} to ${box.right - 1}`;
    const guesses = data.guesses[cell];
    formula.textContent = guesses ? writeDrop(data.probability[cell]) : "Not computed yet.";
    if (!guesses) {
      answers.replaceChildren();
      return;
    }
    answers.replaceChildren(
      ...guesses.flatMap(([index, share]) => {
        const before = data.before[index];
        const told = formatProbability(before);
        const bar = build("b");
        bar.style.width = `${100 * share}%`;
        const line = build("i");
        line.style.left = `calc(${100 * before}% - 1px)`;
        return [
          build("span", {}, data.names[index]),
          build("span", { class: "share" }, formatProbability(share)),
          build("span", { class: "track", title: `uncovered: ${told}` }, bar, line),
        ];
      }),
    );
  }

  // What covering takes from the class, worked out.
  /** @param {number} left */
  function writeDrop(left) {
    const [before, after] = [data.clean, left].map((share) => formatNumber(share, 3));
    return `p(x) − p(covered) = ${before} − ${after} = ${formatNumber(data.clean - left, 3)}`;
  }

  /** @param {MouseEvent} event @param {HTMLCanvasElement} canvas */
  function cellUnder(event, canvas) {
    const area = canvas.getBoundingClientRect();
    const { rows, columns } = data.picture;
    /** @param {number} share @param {number} count */
    const inside = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return data.cellAt(
      inside((event.clientY - area.top) / area.height, rows),
      inside((event.clientX - area.left) / area.width, columns),
    );
  }

  /** @param {string} title @param {string | HTMLElement} caption */
  function buildPanel(title, caption) {
    const [canvas, frame] = [build("canvas", { role: "img", "aria-label": title }), build("span")];
    canvas.style.aspectRatio = `${data.picture.columns} / ${data.picture.rows}`;
    const holder = build("div", {}, canvas, frame);
    holder.style.cssText = "position:relative;overflow:hidden";
    canvas.addEventListener("pointermove", (event) => show(cellUnder(event, canvas)));
    canvas.addEventListener("pointerleave", () => show(data.chosen));
    canvas.addEventListener("click", (event) => choose(cellUnder(event, canvas)));
    return {
      canvas,
      frame,
      element: build(
        "figure",
        {},
        build("p", { class: "head" }, title),
        holder,
        build("figcaption", {}, caption),
      ),
    };
  }

  /** @param {number} low @param {number} high @param {string[]} colors */
  function scaleOf(low, high, colors) {
    const bar = build("span", { class: "bar" });
    bar.style.background = `linear-gradient(90deg, ${colors.join(", ")})`;
    /** @param {number} share */
    const write = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
    return build("span", { class: "scale" }, write(low), bar, write(high));
  }

  /** @param {Payload} next */
  function update(next) {
    /** @param {PackedImage} picture */
    const decode = (picture) => ({ ...picture, bytes: decodeUnsigned(picture.pixels) });
    data = {
      ...next,
      picture: decode(next.picture),
      fill: decode(next.fill),
      rgb: decodeUnsigned(next.table),
      ...lookUp(next),
    };
    const key = build(
      "span",
      { class: "key" },
      ...data.legend.map(({ name, color }) => {
        const swatch = build("i");
        swatch.style.background = color;
        return build("span", {}, swatch, name);
      }),
    );
    const steps = Array.from({ length: 9 }, (_, at) => `rgb(${viridis(at / 8).join(" ")})`);
    panels = [
      buildPanel("Covered image", "Point at a position; click to pin it."),
      buildPanel(
        `Drop of “${data.name}”`,
        scaleOf(0, Math.max(0, data.clean - data.low), ["rgb(240 120 40 / 0)", "rgb(240 120 40)"]),
      ),
      buildPanel(`Probability of “${data.name}”`, scaleOf(data.low, data.top, steps)),
      buildPanel("Top-1 class", key),
    ];
    grid.replaceChildren(...panels.map(({ element }) => element));
    root.setAttribute("aria-label", data.label);
    paintMaps();
    show(data.chosen);
    arrange();
  }

  function arrange() {
    root.classList.toggle("narrow", root.getBoundingClientRect().width < NARROW);
  }

  const observer = new ResizeObserver(arrange);
  observer.observe(root);
  return { update, destroy: () => observer.disconnect() };
}

export default mountComponent(".occlusion", createOcclusion);
