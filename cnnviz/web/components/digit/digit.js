// The digit page's component: pad, network, guess and inspector, tied to the two JSON routes.

import { createClient } from "../shared/client.js";
import { build, findIn } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { createPad } from "../shared/pad.js";
import { isDarkTheme, readTables } from "../shared/theme.js";
import { formatNumber, formatPercent } from "../shared/values.js";
import { nameCell, showCell } from "./inspector.js";
import { drawLinks, drawMarks } from "./links.js";
import { createNetwork } from "./network.js";

/** @typedef {import("../shared/mount.js").Events} Events */

/** @typedef {import("./inspector.js").CellAnswer} CellAnswer */
/** @typedef {import("./network.js").DigitAnswer} DigitAnswer */
/** @typedef {import("./network.js").Place} Place */
/** @typedef {import("./network.js").Stage} Stage */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {string} network Name of the network that answers.
 * @property {string} drawing The drawing's value in the address.
 * @property {number} serial Number of the pad's last drawing that reached the page.
 * @property {import("../shared/pad.js").Stroke[]} strokes The drawing.
 * @property {number} pen Diameter of the pen as a fraction of the pad's side.
 * @property {number} paper The input's value of bare paper.
 * @property {number} ink And of full ink.
 * @property {string[]} classes Names of the classes.
 * @property {Stage[]} plan The stages.
 */

const CELL_PAUSE_MS = 120;

const HINT =
  "Point at any cell of any layer, or tap it, and its arithmetic appears here: the patch it saw, " +
  "the weights it used, and the sum that made its value. Orange cells are positive, blue ones " +
  "negative, and each layer has its own scale.";

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createDigit(root, { setState }) {
  const $ = findIn(root);
  const host = $(".figure");
  const inspector = $(".inspector");
  /** @type {import("./network.js").Looks} */
  const looks = { colors: null, paper: 0, ink: 1 };
  /** @type {Payload} */
  let data = null;
  let theme = "";
  /** @type {DigitAnswer | null} */
  let last = null;
  let frame = 0;
  /** @type {Place | null} */
  let cell = null;
  let pinned = false;
  /** @type {number | null} */
  let picked = null;
  /** @type {CellAnswer | null} */
  let cellAnswer = null;
  let cellTimer = 0;
  let serial = 0;

  const pad = createPad($("canvas.pad"), {
    pen: 0.09,
    onMove: () => {
      $(".invitation").hidden = pad.strokes().length > 0;
      client.request();
    },
    onFinish: finish,
  });
  const network = createNetwork(host, { onPoint: pointAt, onPick: pick });
  const client = createClient("api/digit", {
    body: () => ({
      network: data.network,
      strokes: pad.strokes(),
      pen: data.pen,
      layers: network
        .stages()
        .filter(({ kind }) => kind !== "bars")
        .map(({ layer }) => layer),
    }),
    onAnswer(/** @type {DigitAnswer} */ answer) {
      last = answer;
      showProblem("");
      if (frame === 0) frame = requestAnimationFrame(paint);
      if (cell) cellTimer ||= setTimeout(requestCell, CELL_PAUSE_MS);
    },
    onProblem: showProblem,
  });
  const cellClient = createClient("api/digit/cell", {
    body: () =>
      cell && {
        network: data.network,
        strokes: pad.strokes(),
        pen: data.pen,
        layer: stageOf(cell).explain,
        channel: cell.channel,
        row: cell.row,
        column: cell.column,
      },
    onAnswer: (/** @type {CellAnswer} */ answer) => {
      if (cell && matches(answer)) showAnswer(answer);
    },
    onProblem: showProblem,
  });

  function finish() {
    serial = Math.max(serial + 1, Date.now());
    setState("drawn", { strokes: pad.strokes(), serial });
    updateTools();
  }

  /** @param {Place} place */
  function stageOf(place) {
    return data.plan.find((stage) => stage.stage === place.stage);
  }

  /** @param {CellAnswer} answer */
  function matches(answer) {
    return (
      answer.layer === stageOf(cell).explain &&
      answer.channel === cell.channel &&
      answer.row === cell.row &&
      answer.column === cell.column
    );
  }

  function requestCell() {
    cellTimer = 0;
    if (cell) cellClient.request();
  }

  function paint() {
    frame = 0;
    network.paint(last, looks);
    const probability = last.ink ? Math.max(...last.probabilities) : 0;
    const runnerUp = last.ink ? last.probabilities[data.classes.indexOf(last.second)] : 0;
    const guess = $(".guess");
    guess.textContent = last.ink ? last.guess : "?";
    guess.classList.toggle("empty", !last.ink);
    $(".certainty").textContent = last.ink ? formatPercent(probability) : "nothing drawn";
    $(".second").textContent = last.ink ? last.second : "";
    $(".chance").textContent = last.ink ? formatPercent(runnerUp) : "";
    root.dataset.guess = last.guess ?? "";
    root.dataset.probability = last.ink ? probability.toFixed(4) : "";
    root.dataset.painted = String(Number(root.dataset.painted) + 1);
    if (!pad.isDrawing()) {
      speakGuess();
      offerEach(last.digits);
    }
  }

  /**
   * Tell that several digits stand side by side, and offer to keep one of them.
   * @param {number[][]} digits The numbers of each digit's strokes.
   */
  function offerEach(digits) {
    const several = $(".several");
    several.hidden = digits.length < 2;
    if (several.hidden) return;
    const keep = (/** @type {number[]} */ strokes) => () => {
      const drawn = pad.strokes();
      pad.replace(strokes.map((number) => drawn[number]).filter(Boolean));
      finish();
    };
    const buttons = digits.map((strokes, place) => {
      const button = build("button", { type: "button" }, `Keep digit ${place + 1}`);
      button.addEventListener("click", keep(strokes));
      return button;
    });
    several.replaceChildren(
      `These look like ${digits.length} digits; the network reads one at a time. `,
      ...buttons,
    );
  }

  function speakGuess() {
    const percent = Math.round(Number(root.dataset.probability) * 100);
    const text = last.ink
      ? `The network sees a ${last.guess}, ${percent} percent; second guess ${last.second}.`
      : "The pad is empty.";
    if ($(".guess-spoken").textContent !== text) $(".guess-spoken").textContent = text;
  }

  /** @param {string} sentence */
  function showProblem(sentence) {
    $(".problem").textContent = sentence;
    $(".problem").hidden = sentence === "";
  }

  function updateTools() {
    $("button.undo").disabled = !pad.canUndo();
    $("button.clear").disabled = pad.strokes().length === 0;
  }

  /** @param {Place} next @param {{ byKey?: boolean }} [how] */
  function pointAt(next, { byKey = false } = {}) {
    if (pinned && !byKey) return;
    if (cell && JSON.stringify(cell) === JSON.stringify(next)) return;
    select(next, { keepPin: byKey && pinned });
    root.classList.toggle("by-key", byKey);
  }

  /** @param {Place} next */
  function pick(next) {
    const same = cell && JSON.stringify(cell) === JSON.stringify(next);
    const release = pinned && same;
    select(next, { keepPin: !release });
  }

  /** @param {Place} next @param {{ keepPin: boolean }} how */
  function select(next, { keepPin }) {
    if (!cell || cell.stage !== next.stage) picked = null;
    cell = next;
    pinned = keepPin;
    cellClient.request();
  }

  function closeCell() {
    cell = cellAnswer = null;
    pinned = false;
    inspector.classList.remove("open");
    delete inspector.dataset.value;
    inspector.replaceChildren(build("p", { class: "hint" }, HINT));
    $("svg.marks").replaceChildren();
  }

  /** @param {CellAnswer} answer */
  function showAnswer(answer) {
    cellAnswer = answer;
    const stage = stageOf(cell);
    const place = data.plan.indexOf(stage);
    showCell(inspector, answer, {
      stage,
      cell,
      pinned,
      picked,
      ...looks,
      below: data.plan[place - 1] ?? stage,
      table: looks.colors.signed,
      onChannel: (channel) => {
        picked = channel;
        showAnswer(answer);
      },
      onClose: closeCell,
    });
    redrawMarks();
    if (root.classList.contains("by-key")) {
      const value = formatNumber(Number(inspector.dataset.value), 3);
      $(".cell-spoken").textContent = `${nameCell(stage, cell)}: ${value}`;
    }
  }

  function redrawMarks() {
    if (!cell || !cellAnswer || !matches(cellAnswer)) return;
    if (!stageOf(cell).visible) closeCell();
    else drawMarks($("svg.marks"), network, { plan: data.plan, cell, patches: cellAnswer.patches });
  }

  function arrange() {
    network.arrange();
    drawLinks($("svg.links"), network);
    redrawMarks();
    pad.refresh();
  }

  // Called on every rerun of the page and on a change of theme.
  /** @param {Payload} next */
  function update(next) {
    const before = data;
    data = next;
    const seen = theme;
    theme = isDarkTheme(root) ? "dark" : "light";
    looks.colors = readTables(root, data.tables);
    Object.assign(looks, { paper: data.paper, ink: data.ink });
    pad.setPen(data.pen);
    if (theme !== seen || JSON.stringify(before?.plan) !== JSON.stringify(data.plan)) {
      network.setPlan(data.plan.filter((stage) => stage.visible));
      arrange();
    }
    // What was drawn here comes back by the page and is on the pad already. Any other drawing (a
    // sample, a step back in the history, a pad that is new) replaces it.
    const isEcho = data.serial !== before?.serial;
    const isOther = data.drawing !== before?.drawing && !isEcho;
    if (before === null || isOther) pad.replace(data.strokes);
    $(".invitation").hidden = pad.strokes().length > 0;
    updateTools();
    client.request();
    if (cell) requestCell();
  }

  const listening = new AbortController();
  const options = { signal: listening.signal };
  $(".undo").addEventListener("click", () => pad.undo(), options);
  $(".clear").addEventListener("click", () => pad.clear(), options);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") closeCell();
  };
  root.addEventListener("keydown", onKey, options);
  let resizing = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(arrange);
  });
  observer.observe(host);
  closeCell();

  function destroy() {
    listening.abort();
    observer.disconnect();
    pad.destroy();
    client.close();
    cellClient.close();
    cancelAnimationFrame(frame);
    cancelAnimationFrame(resizing);
    clearTimeout(cellTimer);
  }

  return { update, destroy };
}

export default mountComponent(".digit", createDigit);
