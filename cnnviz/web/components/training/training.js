// Networks that train. The script asks the server itself for what is new of a run, by one request
// after the other that is answered when there is news; the page does not run again meanwhile.

import { decodeBytes, decodeUnsigned } from "../shared/colors.js";
import { build, findIn } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { findRoute } from "../shared/routes.js";
import { readTables } from "../shared/theme.js";
import { averageSteps, drawBars, drawCurves, formatReading } from "./training_curves.js";

/** @typedef {import("../shared/mount.js").Events} Events */
/** @typedef {import("../shared/colors.js").ColorTable} ColorTable */
/** @typedef {import("./training_curves.js").Point} Point */

/**
 * @typedef {object} Run
 * @property {string} id
 * @property {string} title
 * @property {boolean} is_live Whether it trains or is about to.
 * @property {boolean} is_own Whether its learning rate may be changed.
 * @property {boolean} has_schedule Whether the schedule changes the rate that is shown.
 */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {Run[]} runs In the order of their colors.
 * @property {string} chosen Id of the run whose layers and mistakes are shown.
 * @property {string[]} classes Names of the classes.
 * @property {string[]} colors One for each run, and more.
 */

/**
 * What the server tells of a run; see cnnviz/figures/live_training.py.
 * @typedef {object} Told
 * @property {number} version
 * @property {number} step Steps done.
 * @property {number} steps In all.
 * @property {number} epoch
 * @property {number} epochs
 * @property {number} rate
 * @property {boolean} is_over
 * @property {string} note
 * @property {(number | null)[]} losses Of the steps since those that were seen.
 * @property {[number, number, number, number, number][]} looks Step; loss and accuracy on held-out
 *   digits; loss and accuracy of training batches.
 * @property {[string, number | null, number | null][]} pulse Layer, gradient norm, update ratio.
 * @property {Record<string, number[]>} outputs Histogram of a layer's outputs, zero in the middle.
 * @property {{ maps: number, rows: number, columns: number, values: string }} filters
 * @property {number[][]} [confusion]
 * @property {{ image: string, label: number, said: number, share: number }[]} [hardest]
 */

const RETRY_MS = 1000; // after an answer that did not come
const HIGHEST_LOSS = 3; // at the top of the chart: guessing has ln 10 = 2.3
const SIDE = 32; // of a digit
const SHARED = "All visitors share this run. Select Train to start one whose rate you can change.";

/**
 * Add what is new of a run to what the page has of it.
 * @param {Told | null} known
 * @param {Told} told
 * @returns {Told}
 */
export function joinTold(known, told) {
  if (known === null) return told;
  const losses = [...known.losses, ...told.losses];
  return { ...known, ...told, losses, looks: [...known.looks, ...told.looks] };
}

/**
 * @param {HTMLElement} root
 * @param {Events} events
 */
function createTraining(root, events) {
  const $ = findIn(root);
  /** @type {Payload} */
  let payload = null;
  /** @type {Map<string, Told>} */
  const known = new Map();
  /** @type {Map<string, AbortController>} */
  const following = new Map();
  /** @type {Map<string, number>} */
  const asked = new Map(); // learning rates that the server has not told of yet
  let isDue = false;

  /** @param {string} id */
  const colorOf = (id) => payload.colors[payload.runs.findIndex((run) => run.id === id)];

  /** @param {string} id @param {AbortSignal} signal */
  async function ask(id, signal) {
    const told = known.get(id) ?? null;
    const seen = told ? `?seen=${told.version}&step=${told.step}&look=${told.looks.length}` : "";
    const route = findRoute(`api/training/${id}${seen}`);
    const response = await fetch(route, { signal, cache: "no-store" });
    if (response.status === 204) return false;
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    const answer = await response.json();
    if (signal.aborted) return false;
    known.set(id, joinTold(told, answer));
    if (answer.rate === asked.get(id)) asked.delete(id);
    root.dataset.answers = String(Number(root.dataset.answers ?? 0) + 1);
    paintSoon();
    return !answer.is_over;
  }

  /** @param {Run} run @param {AbortController} controller */
  async function follow(run, { signal }) {
    let goesOn = true;
    while (goesOn && !signal.aborted) {
      try {
        goesOn = (await ask(run.id, signal)) && isLive(run.id);
      } catch {
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    following.delete(run.id);
  }

  /** @param {string} id */
  const isLive = (id) => payload.runs.some((run) => run.id === id && run.is_live);

  function followAll() {
    for (const [id, controller] of following) {
      if (!payload.runs.some((run) => run.id === id)) controller.abort();
    }
    for (const run of payload.runs) {
      const isKnown = known.has(run.id) && !run.is_live;
      if (following.has(run.id) || isKnown || known.get(run.id)?.is_over) continue;
      const controller = new AbortController();
      following.set(run.id, controller);
      follow(run, controller);
    }
  }

  function paintSoon() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      paint();
    });
  }

  /** @param {string} id @param {number} factor */
  function changeRate(id, factor) {
    const rate = (asked.get(id) ?? known.get(id).rate) * factor;
    asked.set(id, rate);
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ run: id, rate });
    fetch(findRoute("api/training/rate"), { method: "POST", headers, body })
      .then(({ ok }) => ok || asked.delete(id))
      .catch(() => asked.delete(id));
  }

  /** @param {Run} run */
  function createRun(run) {
    const item = build("div", { class: "run", "data-run": run.id });
    const choose = build("button", { type: "button", class: "choose" }, run.title);
    choose.onclick = () => events.trigger("choose", run.id);
    item.append(build("span", { class: "dot" }), choose, build("span", { class: "state" }));
    if (run.is_live) {
      const rate = build("span", run.is_own ? { class: "rate" } : { class: "rate", title: SHARED });
      /** @param {string} text @param {string} label @param {number} factor */
      const button = (text, label, factor) => {
        const made = build("button", { type: "button", "aria-label": label }, text);
        made.title = run.is_own ? label : SHARED;
        made.disabled = true; // until the server has told of a rate that may be changed
        made.onclick = () => changeRate(run.id, factor);
        return made;
      };
      const value = build("b", { class: "value" });
      const halve = button("÷2", "Halve the learning rate", 0.5);
      const name = run.has_schedule ? "base rate " : "rate ";
      rate.append(name, halve, value, button("×2", "Double the learning rate", 2));
      item.append(rate);
    }
    if (payload.runs.length > 1) {
      const label = `Remove ${run.title}`;
      const remove = build("button", { type: "button", "aria-label": label, title: label }, "✕");
      remove.onclick = () => events.trigger("remove", run.id);
      item.append(remove);
    }
    return item;
  }

  function paintRuns() {
    for (const item of /** @type {Iterable<HTMLElement>} */ ($(".runs").children)) {
      const id = item.dataset.run;
      const told = known.get(id);
      item.style.setProperty("--color", colorOf(id));
      item.setAttribute("aria-current", String(id === payload.chosen));
      if (!told) continue;
      const last = told.looks.at(-1);
      const score = last ? `${(100 * last[2]).toFixed(1)} %` : "";
      const where = told.is_over ? "" : `epoch ${told.epoch} of ${told.epochs}`;
      item.querySelector(".state").textContent = [score, where].filter(Boolean).join(", ");
      const value = item.querySelector(".value");
      if (!value) continue;
      value.textContent = formatReading(told.rate);
      /** @type {NodeListOf<HTMLButtonElement>} */
      const change = item.querySelectorAll(".rate button");
      const isOwn = payload.runs.find((run) => run.id === id).is_own;
      for (const button of change) button.disabled = !isOwn;
    }
  }

  function paintCurves() {
    const runs = payload.runs.filter((run) => known.has(run.id));
    const steps = Math.max(1, ...runs.map((run) => known.get(run.id).steps));
    const loss = [];
    const accuracy = [];
    for (const { id } of runs) {
      const { losses, looks } = known.get(id);
      const color = colorOf(id);
      /** @type {(place: number, scale: number) => Point[]} */
      const pick = (place, scale) =>
        looks.map((look) => [look[0], look[place] === null ? null : scale * look[place]]);
      loss.push({ color, thin: averageSteps(losses), thick: pick(1, 1) });
      accuracy.push({ color, thin: pick(4, 100), thick: pick(2, 100) });
    }
    drawCurves($(".loss svg"), loss, { steps, top: HIGHEST_LOSS });
    drawCurves($(".accuracy svg"), accuracy, { steps, top: 100 });
    const told = known.get(payload.chosen)?.looks.at(-1);
    if (!told) return;
    $(".loss svg").setAttribute("aria-label", `Held-out loss ${formatReading(told[1])}`);
    const score = `Held-out accuracy ${(100 * told[2]).toFixed(1)} %`;
    $(".accuracy svg").setAttribute("aria-label", score);
  }

  /** @param {Told} told */
  function paintLayers(told) {
    const largest = Math.max(1e-12, ...told.pulse.map(([, gradient]) => gradient ?? 0));
    // Six powers of ten: a vanishing gradient is to be seen as such.
    /** @param {number} value */
    const share = (value) => (value > 0 ? Math.max(0, 1 + Math.log10(value / largest) / 6) : 0);
    const rows = told.pulse.map(([name, gradient, ratio]) => {
      const bar = build("span");
      bar.style.width = `${100 * share(gradient ?? 0)}%`;
      const cells = [name, formatReading(gradient), formatReading(ratio)].map((one) =>
        build("td", {}, one),
      );
      const outputs = build("td", { class: "outputs" }, drawBars(told.outputs[name] ?? []));
      const parts = [cells[0], build("td", { class: "bar" }, bar), ...cells.slice(1), outputs];
      return build("tr", {}, ...parts);
    });
    const head = ["", "", "norm", "update ratio", "outputs"];
    const titles = head.map((title) => build("th", { scope: "col" }, title));
    $(".layers table").replaceChildren(
      build("thead", {}, build("tr", {}, ...titles)),
      build("tbody", {}, ...rows),
    );
  }

  /** @param {Told} told @param {ColorTable} table */
  function paintFilters({ filters }, table) {
    const { maps, rows, columns } = filters;
    const values = decodeBytes(filters.values);
    const across = Math.ceil(Math.sqrt(maps));
    const canvas = $(".filters canvas");
    canvas.width = across * (columns + 1) - 1;
    canvas.height = Math.ceil(maps / across) * (rows + 1) - 1;
    const context = canvas.getContext("2d");
    for (let map = 0; map < maps; map += 1) {
      const image = context.createImageData(columns, rows);
      const pixels = new Uint32Array(image.data.buffer);
      const size = rows * columns;
      for (let at = 0; at < size; at += 1) pixels[at] = table.pixels[values[map * size + at] + 128];
      const [left, top] = [map % across, Math.floor(map / across)];
      context.putImageData(image, left * (columns + 1), top * (rows + 1));
    }
  }

  /** @param {Told} told */
  function paintConfusion({ confusion }) {
    const canvas = $(".confusion canvas");
    const count = payload.classes.length;
    const cell = 40;
    canvas.width = canvas.height = (count + 1) * cell;
    const context = canvas.getContext("2d");
    context.font = `${cell * 0.55}px sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const ink = getComputedStyle(root).color;
    const accent = colorOf(payload.chosen);
    /** @param {string} text @param {number} row @param {number} column */
    const write = (text, row, column) => {
      context.fillStyle = ink;
      context.fillText(text, (column + 0.5) * cell, (row + 0.5) * cell);
    };
    confusion.forEach((counts, row) => {
      write(payload.classes[row], row + 1, 0);
      write(payload.classes[row], 0, row + 1);
      const sum = Math.max(1, counts.reduce((one, other) => one + other, 0));
      counts.forEach((value, column) => {
        context.globalAlpha = value ? 0.12 + (0.88 * value) / sum : 0.04;
        context.fillStyle = accent;
        context.fillRect((column + 1) * cell + 1, (row + 1) * cell + 1, cell - 2, cell - 2);
        context.globalAlpha = 1;
        if (value && row !== column) write(String(value), row + 1, column + 1);
      });
    });
    const wrong = confusion
      .flatMap((counts, row) => counts.filter((_, column) => column !== row))
      .reduce((sum, value) => sum + value, 0);
    canvas.setAttribute("aria-label", `${wrong} held-out digits are named wrongly.`);
  }

  /** @param {Told} told @param {ColorTable} table */
  function paintHardest({ hardest }, table) {
    const tiles = hardest.map(({ image, label, said }) => {
      const canvas = build("canvas", { width: SIDE, height: SIDE });
      const context = canvas.getContext("2d");
      const data = context.createImageData(SIDE, SIDE);
      const pixels = new Uint32Array(data.data.buffer);
      decodeUnsigned(image).forEach((value, at) => {
        pixels[at] = table.pixels[value];
      });
      context.putImageData(data, 0, 0);
      const [truth, guess] = [payload.classes[label], payload.classes[said]];
      return build("div", {}, canvas, `${truth} → ${guess}`);
    });
    $(".tiles").replaceChildren(...tiles);
  }

  function paint() {
    paintRuns();
    paintCurves();
    const told = known.get(payload.chosen);
    $(".note").hidden = !told?.note;
    if (!told) return;
    $(".note").textContent = told.note;
    const { signed, ink } = readTables(root, payload.tables);
    paintLayers(told);
    paintFilters(told, signed);
    // A run that waits has none yet, and those of another run are not its own.
    $(".confusion").style.visibility = told.confusion ? "" : "hidden";
    $(".hardest").style.visibility = told.hardest ? "" : "hidden";
    if (told.confusion) paintConfusion(told);
    if (told.hardest) paintHardest(told, ink);
  }

  /** @param {Payload} next */
  function update(next) {
    payload = next;
    $(".runs").replaceChildren(...next.runs.map(createRun));
    followAll();
    paint();
  }

  function destroy() {
    for (const controller of following.values()) controller.abort();
  }

  return { update, repaint: paint, arrange: paint, destroy };
}

export default mountComponent(".training", createTraining);
