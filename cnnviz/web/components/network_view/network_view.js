// The whole network at once: its parts with their strongest maps, to zoom, open and follow.

import { createClient } from "../shared/client.js";
import { followChoice } from "../shared/chosen.js";
import { decodeBytes, decodeUnsigned, inkPixels } from "../shared/colors.js";
import { build, findIn } from "../shared/dom.js";
import { leaveFor } from "../shared/leaving.js";
import { mountComponent } from "../shared/mount.js";
import { createPad } from "../shared/pad.js";
import { fitCanvas } from "../shared/paint.js";
import { isDarkTheme, readTables } from "../shared/theme.js";
import { formatPercent } from "../shared/values.js";
import { ZOOM_STEP, findChannel, listenToInput } from "./network_input.js";
import { fitView, keepInside, layOut, zoomAt } from "./network_layout.js";
import { createImage, createSheet, paintNetwork } from "./network_paint.js";

const NARROW = 640;
const HEIGHT = 580; // of the stage on a wide screen
const COLUMN_MS = 320;
const MOST_MS = 9000;
const AHEAD_MS = 3000;

/** @typedef {import("../digit/network.js").DigitAnswer} DigitAnswer */
/** @typedef {import("./types.js").DrawnNode} DrawnNode */
/** @typedef {import("./types.js").PadData} PadData */
/** @typedef {import("./types.js").Payload} Payload */

/**
 * @param {HTMLElement} root
 * @param {import("../shared/mount.js").Events} events
 * @param {Payload} first
 */
function createNetworkView(root, { setState, trigger }, first) {
  const $ = findIn(root);
  const canvas = $("canvas.network");
  const context = canvas.getContext("2d");
  /** @type {import("./types.js").Scene} */
  const state = {
    data: null,
    layout: null,
    view: { scale: 1, x: 0, y: 0 },
    room: { width: 0, height: 0 },
    isFitted: true,
    sheets: [],
    look: null,
    front: Infinity,
    selected: { index: -1, map: -1 },
    hovered: -1,
    answer: [],
  };
  let frame = 0;
  let painted = 0;
  let playing = 0;
  let chosen = "";
  let finished = -Infinity;

  // ---- painting

  function repaint() {
    readLook();
    makeSheets();
    paint();
  }

  function readLook() {
    const style = getComputedStyle(root);
    const theme = isDarkTheme(root) ? 1 : 0;
    const read = (/** @type {string} */ name) => resolveColor(root, `var(--${name})`);
    canvas.dataset.font = style.fontFamily;
    const kinds = Object.entries(state.data.kinds).map(([kind, pair]) => [kind, pair[theme]]);
    state.look = {
      ink: read("ink"),
      ground: read("ground"),
      quiet: read("quiet"),
      line: read("line"),
      faint: read("faint"),
      accent: read("accent"),
      kinds: Object.fromEntries(kinds),
      tables: readTables(root, state.data.tables),
    };
  }

  function makeSheets() {
    state.sheets = state.data.nodes.map((node, index) => makeSheet(node, index));
  }

  /** @param {DrawnNode} node @param {number} index */
  function makeSheet(node, index) {
    const { data, look, layout } = state;
    if (node.kind === "input" && data.image) {
      return createImage(data.image, decodeUnsigned(data.image.pixels));
    }
    if (node.maps === 0) return null;
    const { paper, ink } = data.pad ?? {};
    const isInk = node.kind === "input" && data.pad;
    const { signed, ink: inks } = look.tables;
    const pixels = isInk ? inkPixels(inks, node.scale, paper, ink) : signed.pixels;
    return createSheet({ ...node, grid: layout.boxes[index].grid }, pixels);
  }

  function paint() {
    if (frame === 0) frame = requestAnimationFrame(paintNow);
  }

  function paintNow() {
    frame = 0;
    if (!state.layout || state.room.width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, state.room.width, state.room.height);
    paintNetwork(context, state);
    painted += 1;
    root.dataset.painted = String(painted);
  }

  // ---- layout and view

  function arrange() {
    const width = $(".stage").clientWidth;
    if (width === 0 || !state.data) return;
    const isNarrow = root.clientWidth < NARROW;
    const room = { width, height: isNarrow ? width * 2.4 : HEIGHT };
    state.layout = layOut(state.data.nodes, room, state.data.most);
    // A phone scrolls the page over a figure as high as it needs.
    if (isNarrow) room.height = Math.ceil(state.layout.height * state.layout.scale);
    state.room = room;
    fitCanvas(canvas, room.width, room.height);
    if (state.isFitted) fit();
    else moveTo(state.view);
    root.dataset.parts = String(state.data.nodes.length);
    root.dataset.lines = String(state.layout.lines);
    repaint();
  }

  function fit() {
    state.isFitted = true;
    state.view = fitView(state.layout, state.room);
    updateTouch();
    paint();
  }

  /** @param {import("./network_layout.js").View} view */
  function moveTo(view) {
    state.view = keepInside(view, state.layout, state.room);
    updateTouch();
    paint();
  }

  // While all is seen a finger scrolls the page; zoomed in, it moves the network.
  function updateTouch() {
    canvas.style.touchAction = state.isFitted ? "pan-y" : "none";
    root.dataset.scale = state.view.scale.toFixed(3);
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] */
  function zoom(factor, x = state.room.width / 2, y = state.room.height / 2) {
    const least = fitView(state.layout, state.room).scale;
    const view = zoomAt(state.view, factor, x, y, least);
    state.isFitted = view.scale <= least;
    if (state.isFitted) fit();
    else moveTo(view);
  }

  // ---- selection

  /** @param {number} index @param {number} [map] @param {number} [cell] */
  function select(index, map = -1, cell = -1) {
    state.selected = { index, map };
    const node = state.data.nodes[index];
    chosen = node.name;
    speak(node);
    setState("picked", { part: node.name, channel: findChannel(node, map, cell) });
    paint();
  }

  /** @param {string} name */
  function applyChoice(name) {
    chosen = name;
    if (!state.data) return;
    const index = state.data.nodes.findIndex((node) => node.name === name);
    if (index !== state.selected.index) state.selected = { index, map: -1 };
    root.dataset.selected = name;
    paint();
  }

  /** @param {DrawnNode} node */
  function speak(node) {
    $(".spoken").textContent = `${node.title}: ${node.lines.join(", ")}`;
  }

  /** @param {string} name */
  function toggle(name) {
    const opened = new Set(state.data.opened);
    if (opened.has(name)) opened.delete(name);
    else opened.add(name);
    setState("opened", [...opened]);
  }

  // Into a block: what it is made of. Into a layer: its page.
  /** @param {number} index */
  function enter(index) {
    const node = state.data.nodes[index];
    if (node.can_open) toggle(node.name);
    else {
      const entered = { part: node.name, channel: findChannel(node, state.selected.map, -1) };
      leaveFor("activations", () => trigger("entered", entered));
    }
  }

  /**
   * @param {{ index: number } | null} hit
   * @param {boolean} isKnob
   * @param {number} x
   * @param {number} y
   */
  function hover(hit, isKnob, x, y) {
    canvas.classList.toggle("pointing", Boolean(hit || isKnob));
    const index = hit ? hit.index : -1;
    if (index !== state.hovered) {
      state.hovered = index;
      paint();
    }
    showTip(index, x, y);
  }

  /** @param {number} index @param {number} x @param {number} y */
  function showTip(index, x, y) {
    const tip = $(".tip");
    tip.hidden = index < 0;
    if (index < 0) return;
    const node = state.data.nodes[index];
    const lines = node.lines.map((line) => build("div", {}, line));
    tip.replaceChildren(build("b", {}, node.title), ...lines);
    const isRight = x > state.room.width / 2;
    tip.style.left = isRight ? "auto" : `${x + 14}px`;
    tip.style.right = isRight ? `${state.room.width - x + 14}px` : "auto";
    tip.style.top = `${Math.max(0, y - 20)}px`;
  }

  // ---- the signal

  function play() {
    cancelAnimationFrame(playing);
    const last = Math.max(...state.data.nodes.map((node) => node.column)) + 1;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      finish();
      return;
    }
    root.dataset.playing = "true";
    const length = Math.min(MOST_MS, last * COLUMN_MS);
    const start = performance.now();
    const step = (/** @type {number} */ now) => {
      state.front = ((now - start) / length) * (last + 1);
      if (state.front >= last + 1) finish();
      else playing = requestAnimationFrame(step);
      paint();
    };
    playing = requestAnimationFrame(step);
  }

  function finish() {
    cancelAnimationFrame(playing);
    state.front = Infinity;
    root.dataset.playing = "false";
    paint();
  }

  // ---- the pen

  const pad = createPad($("canvas.pad"), {
    pen: 0.09,
    onMove: () => {
      if (state.data?.pad) client.request();
    },
    onFinish: () => {
      finished = performance.now();
      setState("strokes", pad.strokes());
    },
  });
  const client = createClient("api/digit", {
    body: () =>
      state.data.pad && {
        strokes: pad.strokes(),
        pen: state.data.pad.pen,
        network: state.data.network,
        layers: [...new Set(state.data.nodes.map((node) => node.layer))],
      },
    onAnswer: takeAnswer,
    onProblem: showProblem,
  });

  // The maps of each part that are drawn, from all that the layer has.
  /** @param {DigitAnswer} answer */
  function takeAnswer(answer) {
    showProblem("");
    // Meanwhile another network may be shown, or an image in place of the drawing.
    if (!state.data.pad || answer.network !== state.data.network) return;
    const layers = new Map(answer.layers.map((layer) => [layer.name, layer]));
    for (const node of state.data.nodes) {
      const layer = layers.get(node.layer);
      if (!layer || node.maps === 0) continue;
      const all = decodeBytes(layer.values);
      const cells = node.rows * node.columns;
      node.scale = layer.scale;
      node.values = new Int8Array(node.values.length);
      node.channels.forEach((channel, at) => {
        node.values.set(all.subarray(channel * cells, (channel + 1) * cells), at * cells);
      });
    }
    state.answer = answer.ink ? rankClasses(answer.probabilities, state.data.pad.classes) : [];
    root.dataset.guess = answer.guess ?? "";
    makeSheets();
    paint();
  }

  /** @param {string} sentence */
  function showProblem(sentence) {
    $(".problem").textContent = sentence;
    $(".problem").hidden = sentence === "";
  }

  // ---- life

  /** @param {Payload} next */
  function update(next) {
    const before = state.data;
    const nodes = next.nodes.map((node) => ({ ...node, values: decodeBytes(node.values) }));
    state.data = { ...next, nodes };
    state.answer = next.answer;
    root.dataset.guess = next.answer[0]?.name ?? "";
    $(".hand").hidden = !next.pad;
    canvas.setAttribute("aria-label", next.label);
    if (before?.key !== next.key) {
      finish();
      if (before?.network !== next.network) state.isFitted = true;
    }
    applyChoice(chosen);
    arrange();
    if (next.pad) updatePad(next.pad);
  }

  // For a moment after a stroke the pad is ahead of what Python knows of it.
  /** @param {PadData} sent */
  function updatePad({ strokes, pen }) {
    pad.setPen(pen);
    const isAhead = pad.isDrawing() || performance.now() - finished < AHEAD_MS;
    const isOther = JSON.stringify(strokes) !== JSON.stringify(pad.strokes());
    if (isAhead) client.request();
    else if (isOther) pad.replace(strokes);
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  listenToInput(canvas, state, { zoom, moveTo, fit, select, toggle, enter, hover }, options);
  $(".play").addEventListener("click", play, options);
  $(".in").addEventListener("click", () => zoom(ZOOM_STEP), options);
  $(".out").addEventListener("click", () => zoom(1 / ZOOM_STEP), options);
  $(".fit").addEventListener("click", fit, options);
  $(".clear").addEventListener("click", () => pad.clear(), options);
  const observer = new ResizeObserver(() => requestAnimationFrame(arrange));
  observer.observe($(".stage"));
  const readChoice = followChoice(first.follows, applyChoice, options);
  readChoice();

  function destroy() {
    listening.abort();
    observer.disconnect();
    cancelAnimationFrame(frame);
    cancelAnimationFrame(playing);
    pad.destroy();
    client.close();
  }

  return { update, repaint, destroy };
}

// What a canvas can paint with: the style sheet's variables mix colours.
/** @param {HTMLElement} root @param {string} color */
function resolveColor(root, color) {
  const probe = build("span", { style: `color: ${color}` });
  root.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/**
 * The five most probable classes.
 * @param {number[]} probabilities @param {string[]} classes
 */
export function rankClasses(probabilities, classes) {
  return probabilities
    .map((share, at) => ({ name: classes[at], probability: share, text: formatPercent(share) }))
    .sort((one, other) => other.probability - one.probability)
    .slice(0, 5);
}

export default mountComponent(".network-view", createNetworkView);
