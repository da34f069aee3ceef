// One block, or two beside each other; a click on a box chooses it.

import { SVG, build, drawSvg, findFocused, findTarget, offerFile } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { isDarkTheme } from "../shared/theme.js";
import { blockLines, placeBlock } from "./block_shape.js";

/** @typedef {import("./block_shape.js").Placed} Placed */
/** @typedef {import("./block_shape.js").Plan & { title: string, label: string }} Plan */

/** @typedef {import("../shared/mount.js").Events} Events */

/**
 * @typedef {object} Payload
 * @property {Plan[]} plans The drawings: boxes, lines, title and label of each.
 * @property {string | null} selected Name of the box to point out.
 * @property {Record<string, string[]>} colors Of each kind, on the light and the dark ground.
 * @property {[string, string][]} legend Kinds and their names.
 * @property {string} file What a saved drawing is called, without its ending.
 */

const BESIDE = 560; // from this width on, two blocks stand side by side

/**
 * @param {Plan["boxes"][number]} box
 * @param {Placed["places"][number]} place
 * @param {Placed["size"]} size
 * @param {boolean} chosen
 * @param {boolean} left Whether a sign's note stands on its left, where no line comes in.
 */
function drawBox(box, place, size, chosen, left) {
  const { x, y, width, height, middle, titles } = place;
  const group = drawSvg("g", {
    class: `box ${box.form}${chosen ? " selected" : ""}`,
    "data-box": box.name,
  });
  if (box.form !== "input") {
    for (const [name, value] of Object.entries({
      role: "button",
      tabindex: "0",
      "aria-label": box.tell,
      "aria-pressed": String(chosen),
    }))
      group.setAttribute(name, value);
  }
  group.style.setProperty("--kind", `var(--kind-${box.color})`);
  group.append(drawSvg("title", {}, box.tell));
  if (box.form === "sign") {
    const cy = y + height / 2;
    group.append(
      drawSvg("circle", { class: "face", cx: middle, cy, r: height / 2 }),
      drawSvg("text", { class: "sign", x: middle, y: cy + 5.5 }, box.sign),
    );
    const side = [box.title, ...box.lines].join(" · ");
    const beside = drawSvg(
      "text",
      { class: left ? "note left" : "note", x: left ? x - 8 : x + width + 6, y: cy + 4 },
      side,
    );
    beside.style.fontSize = `${size.line}px`;
    group.append(beside);
    return group;
  }
  group.append(drawSvg("rect", { class: "face", x, y, width, height, rx: 4 }));
  if (box.form === "full")
    group.append(drawSvg("rect", { class: "edge", x, y, width: 4, height, rx: 2 }));
  const head = box.form === "slab" ? size.line : size.head;
  let line = y + (box.form === "slab" ? 1 : 5);
  for (const text of titles) {
    line += head + 2.5;
    const label = drawSvg("text", { class: "head", x: middle, y: line - 1.5 }, text);
    label.style.fontSize = `${head}px`;
    group.append(label);
  }
  for (const text of box.lines) {
    line += size.line + 3.5;
    const label = drawSvg("text", { class: "line", x: middle, y: line }, text);
    label.style.fontSize = `${size.line}px`;
    group.append(label);
  }
  return group;
}

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createBlocks(root, { trigger }) {
  const drawings = root.querySelector(".drawings");
  const legend = root.querySelector(".legend");
  const saves = root.querySelector(".saves");
  /** @type {Payload} */
  let data = null;
  const choose = (/** @type {string} */ value) => trigger("picked", value);
  let drawn = "";

  function draw() {
    const whole = drawings.clientWidth;
    if (!data || whole === 0) return;
    const state = JSON.stringify([data, whole, isDarkTheme(root)]);
    if (state === drawn) return;
    drawn = state;
    const focused = findFocused(root)?.dataset?.box;
    const beside = data.plans.length > 1 && whole >= BESIDE;
    drawings.classList.toggle("beside", beside);
    const width = beside ? (whole - 28) / 2 : whole;
    drawings.replaceChildren(
      ...data.plans.map((plan) => {
        const placed = placeBlock(plan, width, false);
        const svg = drawSvg("svg", {
          viewBox: `0 0 ${width} ${placed.height}`,
          width,
          height: placed.height,
          role: "group",
          "aria-label": plan.label,
        });
        svg.append(
          ...blockLines(plan, placed),
          ...plan.boxes.map((box, index) =>
            drawBox(
              box,
              placed.places[index],
              placed.size,
              box.name === data.selected,
              plan.ties.some(([, target, around]) => target === index && around !== null),
            ),
          ),
        );
        const figure = build("figure", {});
        if (plan.title) figure.append(build("figcaption", {}, plan.title));
        figure.append(svg);
        return figure;
      }),
    );
    if (focused) {
      const selector = `[data-box="${CSS.escape(focused)}"]`;
      /** @type {SVGElement} */ (drawings.querySelector(selector))?.focus();
    }
    const kinds = new Set(data.plans.flatMap((plan) => plan.boxes.map((box) => box.color)));
    legend.replaceChildren(
      ...data.legend
        .filter(([kind]) => kinds.has(kind))
        .map(([kind, text]) => {
          const chip = build("i");
          chip.style.setProperty("--kind", `var(--kind-${kind})`);
          return build("span", {}, chip, text);
        }),
    );
  }

  function paintKinds() {
    const theme = isDarkTheme(root) ? 1 : 0;
    for (const [kind, colors] of Object.entries(data.colors))
      root.style.setProperty(`--kind-${kind}`, colors[theme]);
  }

  /** @param {Event} event */
  function pick(event) {
    const name = findTarget(event, ".box:not(.input)")?.dataset.box;
    if (!name || data.plans.length > 1) return;
    if (event instanceof KeyboardEvent) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
    }
    choose(name);
  }

  // The drawings as one SVG whose colours no longer depend on the page.
  function wholeSvg() {
    const parts = [...drawings.querySelectorAll("svg")];
    const gap = 28;
    const sizes = parts.map((part) => [
      Number(part.getAttribute("width")),
      Number(part.getAttribute("height")),
    ]);
    const width = sizes.reduce((sum, [wide]) => sum + wide + gap, -gap);
    const height = Math.max(...sizes.map(([, high]) => high));
    const sheet = drawSvg("svg", { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
    sheet.append(
      drawSvg("rect", {
        width,
        height,
        fill: getComputedStyle(root).getPropertyValue("--st-background-color"),
      }),
    );
    let x = 0;
    parts.forEach((part, place) => {
      const group = drawSvg("g", { transform: `translate(${x} 0)` });
      const copy = /** @type {Element} */ (part.cloneNode(true));
      const copies = copy.querySelectorAll("rect, circle, path, text");
      part.querySelectorAll("rect, circle, path, text").forEach((shape, index) => {
        const style = getComputedStyle(shape);
        const kept = [
          "fill",
          "stroke",
          "stroke-width",
          "font-size",
          "font-family",
          "font-weight",
          "text-anchor",
        ];
        copies[index].setAttribute(
          "style",
          kept.map((name) => `${name}: ${style.getPropertyValue(name)}`).join("; "),
        );
      });
      group.append(...copy.childNodes);
      sheet.append(group);
      x += sizes[place][0] + gap;
    });
    return { text: new XMLSerializer().serializeToString(sheet), width, height };
  }

  function savePng() {
    const { text, width, height } = wholeSvg();
    const image = new Image();
    image.addEventListener("load", () => {
      const canvas = build("canvas", { width: String(2 * width), height: String(2 * height) });
      canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
      canvas.toBlob((blob) => offerFile(blob, `${data.file}.png`));
    });
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  }

  function saveSvg() {
    offerFile(new Blob([wholeSvg().text], { type: "image/svg+xml" }), `${data.file}.svg`);
  }

  for (const [name, save] of Object.entries({ SVG: saveSvg, PNG: savePng })) {
    const button = build("button", { type: "button", "aria-label": `Drawing as ${name}` }, name);
    button.addEventListener("click", save);
    saves.append(button);
  }

  function repaint() {
    paintKinds();
    draw();
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  drawings.addEventListener("click", pick, options);
  drawings.addEventListener("keydown", pick, options);
  const observer = new ResizeObserver(draw);
  observer.observe(drawings);

  /** @param {Payload} next */
  function update(next) {
    data = next;
    paintKinds();
    draw();
  }
  return {
    update,
    repaint: repaint,
    destroy: () => {
      listening.abort();
      observer.disconnect();
    },
  };
}

export default mountComponent(".blocks", createBlocks);
