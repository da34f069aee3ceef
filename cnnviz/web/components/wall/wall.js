// The wall of a class. It asks the server for news by one request after the other, each of which is
// answered when there is some, with the drawings that came or changed since.

import { build, findIn } from "../shared/dom.js";
import { findHold } from "../shared/leaving.js";
import { mountComponent } from "../shared/mount.js";
import { post } from "../shared/post.js";
import { findRoute } from "../shared/routes.js";
import { paintDrawing } from "../shared/strokes.js";
import { formatPercent } from "../shared/values.js";

/**
 * What Python sends.
 * @typedef {object} Payload
 * @property {string} code Of the class.
 * @property {string} secret The teacher's key.
 * @property {string} entrance Where students type the code; empty without a network.
 * @property {string} qr The QR code, as the address of an image; empty without a network.
 * @property {number | null} asked Only drawings of this digit, null for all.
 * @property {number | null} guess Only drawings that were taken for this digit, null for all.
 * @property {boolean} mistakes Only wrong guesses.
 * @property {number | null} drawn The class's version that the page draws below, and is to run
 *   again for newer drawings; null where the wall shows them itself.
 * @property {boolean} all_changes Whether it is to run again for all other changes too.
 * @property {{ title: string, address: string }[]} ways Pages that a drawing can be opened in.
 */

/**
 * @typedef {object} Drawing
 * @property {number} id
 * @property {string} strokes
 * @property {number} asked
 * @property {number} guess
 * @property {number} share
 * @property {boolean} is_hidden
 * @property {number} version
 */

/**
 * What api/class/wall answers.
 * @typedef {object} Wall
 * @property {number} version
 * @property {number} phones
 * @property {Round} round
 * @property {Drawing[]} drawings Those that came or changed.
 * @property {Summary} summary
 */

/** @typedef {Pick<import("../phone/phone.js").Round, "kind" | "digit">} Round */

/**
 * The class as a test set.
 * @typedef {object} Summary
 * @property {number} count
 * @property {number} right
 * @property {number[][]} confusion Counts, digit asked for by guess.
 * @property {number | null} hardest
 * @property {number[]} mistaken Drawings.
 */

const RETRY_MS = 2000;
const REPORT_MS = 2000; // at least so long between two reports
const MOST = 300; // drawings that are painted, the newest
const DIGITS = [...Array(10).keys()];

/**
 * The drawings to show, the newest first.
 * @param {Iterable<Drawing>} drawings
 * @param {{ asked: number | null, guess: number | null, mistakes: boolean }} filter
 */
export function chooseDrawings(drawings, { asked, guess, mistakes }) {
  return [...drawings]
    .filter((one) => !one.is_hidden)
    .filter((one) => asked === null || one.asked === asked)
    .filter((one) => guess === null || one.guess === guess)
    .filter((one) => !mistakes || one.guess !== one.asked)
    .sort((one, other) => other.id - one.id)
    .slice(0, MOST);
}

/**
 * What the phones do, in words.
 * @param {Round} round
 * @param {number} phones
 */
export function nameRound({ kind, digit }, phones) {
  const who = `${phones} ${phones === 1 ? "phone" : "phones"}`;
  if (kind === "draw") return `${who}: draw ${digit === 8 ? "an" : "a"} ${digit}`;
  if (kind === "ask") return `${who}: your question`;
  return kind === "look" ? `${who}: your page` : `${who}: waiting`;
}

/**
 * @param {HTMLElement} root
 * @param {import("../shared/mount.js").Events} events
 */
function createWall(root, events) {
  const $ = findIn(root);
  const listening = new AbortController();
  const options = { signal: listening.signal };
  let life = new AbortController(); // of the class that is shown
  /** @type {Payload} */
  let data = null;
  /** @type {Map<number, Drawing>} */
  const drawings = new Map();
  /** @type {Map<number, HTMLElement>} */
  let tiles = new Map();
  /** @type {Wall | null} */
  let wall = null;
  /** @type {Drawing | null} */
  let large = null;
  let timer = 0; // of the report that is due

  /** @param {string} text */
  function tell(text) {
    $(".problem").textContent = text;
    $(".problem").hidden = text === "";
  }

  /**
   * @param {string} route
   * @param {object} body
   * @param {AbortSignal} signal
   */
  function ask(route, body, signal) {
    const sent = { code: data.code, key: data.secret, ...body };
    return post(`api/class/${route}`, sent, signal);
  }

  /**
   * @param {string} route
   * @param {object} body
   */
  async function act(route, body) {
    const { problem } = await ask(route, body, life.signal);
    if (problem !== undefined) tell(problem || "The server does not answer. Try again.");
  }

  /** @param {AbortSignal} signal */
  async function follow(signal) {
    while (!signal.aborted) {
      const { answer, problem } = await ask("wall", { seen: wall?.version ?? 0 }, signal);
      if (signal.aborted) return;
      if (answer?.is_there) {
        tell("");
        take(answer);
      } else if (answer) {
        tell("This class is deleted.");
        return;
      } else {
        tell(problem || "The server does not answer. The wall tries again by itself.");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** @param {Wall} answer */
  function take(answer) {
    const isNews = wall?.version !== answer.version;
    wall = answer;
    for (const one of answer.drawings) {
      drawings.set(one.id, one);
      tiles.delete(one.id);
    }
    if (isNews) draw();
    const drawn = data.drawn ?? Infinity;
    const isOld = data.all_changes
      ? answer.version > drawn
      : answer.drawings.some(({ version }) => version > drawn);
    if (isOld && timer === 0) timer = setTimeout(report, REPORT_MS);
  }

  /** Have the page run again, unless the visitor is leaving it. */
  function report() {
    const hold = findHold(document.documentElement.dataset.cnnvizLeft, performance.now());
    timer = hold > 0 ? setTimeout(report, hold) : 0;
    if (hold === 0) events.trigger("grown", wall.version);
  }

  /** @param {Drawing} one */
  function makeTile(one) {
    const isWrong = one.guess !== one.asked;
    const canvas = build("canvas", { "aria-hidden": "true" });
    const note = build("small", {}, isWrong ? ` for ${one.asked}` : "");
    const tile = build(
      "button",
      { type: "button", class: isWrong ? "drawing wrong" : "drawing" },
      canvas,
      build("b", {}, String(one.guess), note),
    );
    tile.setAttribute("aria-label", `Requested ${one.asked}, predicted ${one.guess}`);
    tile.addEventListener("click", () => enlarge(one), options);
    return tile;
  }

  /** @param {Drawing} one */
  function findTile(one) {
    const tile = tiles.get(one.id) ?? makeTile(one);
    tiles.set(one.id, tile);
    return tile;
  }

  function draw() {
    if (!wall) return;
    const chosen = chooseDrawings(drawings.values(), data);
    $(".told").textContent = nameRound(wall.round, wall.phones);
    for (const button of [...buttons, wait]) {
      const isAsked = button.dataset.digit === String(wall.round.digit ?? wall.round.kind);
      button.setAttribute("aria-pressed", String(isAsked));
    }
    $(".entrance").hidden = drawings.size > 0;
    $(".empty").hidden = chosen.length > 0 || drawings.size === 0;
    $(".drawings").replaceChildren(...chosen.map((one) => build("li", {}, findTile(one))));
    showSummary();
    paint();
  }

  function paint() {
    for (const [id, tile] of tiles) {
      const canvas = tile.querySelector("canvas");
      if (tile.isConnected) paintDrawing(canvas, drawings.get(id).strokes, canvas.clientWidth);
    }
    if (large) paintDrawing($(".large canvas"), large.strokes, $(".large canvas").clientWidth);
  }

  function showSummary() {
    const { count, right, confusion, hardest, mistaken } = wall.summary;
    const hidden = [...drawings.values()].filter((one) => one.is_hidden);
    if (count === 0) return $(".summary").replaceChildren(...offerHidden(hidden));
    const parts = [
      build("strong", {}, formatPercent(right / count)),
      build("span", {}, `LeNet-5 is correct on ${right} of ${count} drawings.`),
    ];
    if (hardest !== null) {
      const asked = confusion[hardest].reduce((sum, one) => sum + one, 0);
      const hits = confusion[hardest][hardest];
      const said = `Hardest digit: ${hardest}, correct on ${hits} of ${asked}.`;
      const which = mistaken.length > 1 ? "The two most confident mistakes:" : "The mistake:";
      parts.push(build("span", {}, said), makeTable(confusion), build("span", {}, which));
      const ones = mistaken.map((id) => drawings.get(id)).filter(Boolean);
      parts.push(build("div", { class: "mistaken" }, ...ones.map(makeMistake)));
    } else parts.push(makeTable(confusion));
    return $(".summary").replaceChildren(...parts, ...offerHidden(hidden));
  }

  /** @param {Drawing[]} hidden */
  function offerHidden(hidden) {
    if (hidden.length === 0) return [];
    const button = build("button", { type: "button" }, `Show ${hidden.length} hidden`);
    const show = () => hidden.forEach(({ id }) => act("hide", { drawing: id, is_hidden: false }));
    button.addEventListener("click", show, options);
    return [button];
  }

  /** @param {Drawing} one */
  function makeMistake(one) {
    const tile = makeTile(one);
    requestAnimationFrame(() => {
      const canvas = tile.querySelector("canvas");
      if (tile.isConnected) paintDrawing(canvas, one.strokes, canvas.clientWidth);
    });
    return tile;
  }

  /** @param {number[][]} confusion Counts, digit asked for by guess. */
  function makeTable(confusion) {
    const head = build("tr", {}, build("th", { title: "requested ↓, predicted →" }, "↓→"));
    head.append(...DIGITS.map((digit) => build("th", { scope: "col" }, String(digit))));
    const rows = DIGITS.map((asked) => {
      const total = confusion[asked].reduce((sum, one) => sum + one, 0);
      const cells = confusion[asked].map((count, guess) => {
        const cell = build("td", { title: `${asked} predicted as ${guess}: ${count}` });
        cell.textContent = count > 0 ? String(count) : "";
        const color = guess === asked ? "var(--st-blue-color)" : "var(--accent)";
        const share = count > 0 ? 15 + (50 * count) / total : 0;
        cell.style.background = `color-mix(in srgb, ${color} ${share}%, var(--ground))`;
        return cell;
      });
      return build("tr", {}, build("th", { scope: "row" }, String(asked)), ...cells);
    });
    const caption = "Confusion matrix: requested digits by predicted digits";
    return build("table", { "aria-label": caption }, head, ...rows);
  }

  /** @param {Drawing} one */
  function enlarge(one) {
    large = one;
    const share = formatPercent(one.share);
    const predicted = `LeNet-5 predicts ${one.guess} (${share}).`;
    $(".verdict").textContent = `Requested: ${one.asked}. ${predicted}`;
    const links = data.ways.map(({ title, address }) => {
      const href = findRoute(`${address}drawing.${one.strokes}`);
      return build("a", { href, target: "_blank", rel: "noopener" }, title);
    });
    $(".open").replaceChildren("Open in", ...links);
    $("dialog.large").showModal();
    paint();
  }

  function hide() {
    act("hide", { drawing: large.id, is_hidden: true });
    $("dialog.large").close();
  }

  const buttons = DIGITS.map((digit) => {
    const button = build("button", { type: "button", "data-digit": digit }, String(digit));
    button.setAttribute("aria-label", `Draw a ${digit}`);
    button.addEventListener("click", () => act("ask", { kind: "draw", digit }), options);
    return button;
  });
  const wait = build("button", { type: "button", "data-digit": "wait" }, "Wait");
  wait.addEventListener("click", () => act("ask", { kind: "wait" }), options);
  $(".digits").append("Draw a", ...buttons, wait);
  $(".hide").addEventListener("click", hide, options);
  $(".close").addEventListener("click", () => $("dialog.large").close(), options);
  $("dialog.large").addEventListener("close", () => (large = null), options);

  return {
    /** @param {Payload} next */
    update(next) {
      const isOther = data?.code !== next.code || data?.secret !== next.secret;
      data = next;
      $(".body").hidden = data.drawn !== null;
      $(".entrance img").src = data.qr;
      $(".entrance img").hidden = data.qr === "";
      $(".entrance").lastElementChild.textContent = data.qr
        ? `Scan the code with your phone, or open ${data.entrance} and type ${data.code}.`
        : "This machine has no network. Connect it to your class's network and reload the page.";
      if (isOther) {
        life.abort();
        life = new AbortController();
        wall = null;
        drawings.clear();
        tiles = new Map();
        follow(life.signal);
      }
      draw();
    },
    repaint: paint,
    arrange: paint,
    destroy() {
      clearTimeout(timer);
      life.abort();
      listening.abort();
    },
  };
}

export default mountComponent(".wall", createWall);
