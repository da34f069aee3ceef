// What a class votes. It asks the server for news by one request after the other, each of which is
// answered when there is some. All texts are set as text, so that markup in them stays text.

import { build, findIn, offerFile } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { findPicture, listApart, makeFigures, makeImage } from "../shared/pictures.js";
import { post } from "../shared/post.js";

/**
 * What Python sends.
 * @typedef {object} Payload
 * @property {string} code Of the class.
 * @property {string} secret The teacher's key.
 * @property {boolean} is_wall Large, with the results of all questions.
 */

/** @typedef {import("../phone/question.js").Question} Question */
/** @typedef {{ label: string, count: number, is_right: boolean }} Bar */

/**
 * A question whose answer was shown.
 * @typedef {object} Result
 * @property {string} text
 * @property {number} answered
 * @property {number | null} right Null where nothing is right.
 * @property {string} wrong The most frequent wrong answer; empty for none.
 * @property {number} wrong_count
 */

/**
 * What api/class/votes answers.
 * @typedef {object} Poll
 * @property {number} version
 * @property {number} phones
 * @property {Question | null} question
 * @property {number} voted
 * @property {number | null} right
 * @property {Bar[]} bars
 * @property {Result[]} results
 */

const AGAIN_MS = 2000;
const TICK_MS = 500;

/**
 * How many have voted, and how much time is left, in words.
 * @param {{ voted: number, phones: number }} poll
 * @param {number | null} left Seconds.
 */
export function nameState({ voted, phones }, left) {
  const told = `${voted} of ${phones} voted`;
  return left === null ? told : `${told} · ${Math.ceil(left)} s left`;
}

/**
 * How the class did, in words; empty before the answer is shown.
 * @param {{ right: number | null, voted: number, question: { answer: string } }} poll
 */
export function nameOutcome({ right, voted, question }) {
  if (right === null) return "";
  return `Answer: ${question.answer}. ${right} of ${voted} right.`;
}

/**
 * @param {HTMLElement} root
 * @param {import("../shared/mount.js").Events} events
 */
function createVotes(root, { trigger }) {
  const $ = findIn(root);
  const listening = new AbortController();
  const options = { signal: listening.signal };
  let life = new AbortController(); // of the class that is shown
  /** @type {Payload} */
  let data = null;
  /** @type {Poll | null} */
  let poll = null;
  /** @type {import("../shared/pictures.js").Picture[]} */
  let pictures = [];
  let pictured = -1; // number of the question whose images are here, or on their way
  let came = 0; // when the poll came, for the time that is left

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
    return post(`api/class/${route}`, { code: data.code, key: data.secret, ...body }, signal);
  }

  /** @param {AbortSignal} signal */
  async function follow(signal) {
    while (!signal.aborted) {
      const { answer } = await ask("votes", { seen: poll?.version ?? 0 }, signal);
      if (signal.aborted || answer?.is_there === false) return;
      if (answer) {
        [poll, came] = [answer, performance.now()];
        draw();
      } else await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  function draw() {
    const question = poll?.question ?? null;
    $(".poll").hidden = question === null;
    $(".results").hidden = !data.is_wall || !poll?.results.length;
    if (question) drawPoll(question);
    if (poll) $(".results table").replaceChildren(...listRows(poll.results));
  }

  /**
   * The images stand on the wall; beside the navigation, the page shows them itself.
   * @param {Question} question
   */
  async function loadImages({ number, images }) {
    if (number === pictured) return;
    [pictures, pictured] = [[], number];
    if (images.length === 0 || !data.is_wall) return;
    const { answer } = await ask("images", { number }, life.signal);
    if (poll?.question?.number !== number) return;
    if (answer) {
      pictures = answer.images;
      draw();
    } else pictured = -1; // the next news tries again
  }

  /** @param {Question} question */
  function drawPoll(question) {
    loadImages(question);
    $(".text").textContent = question.text;
    $(".images").replaceChildren(...makeFigures(listApart(pictures, question.choices)));
    $(".bars").replaceChildren(...poll.bars.map((one) => makeBar(one, Math.max(1, poll.voted))));
    $(".outcome").textContent = nameOutcome(poll);
    $(".why").textContent = question.solution;
    $(".reveal").hidden = question.is_over;
    tick();
  }

  /**
   * @param {Bar} bar
   * @param {number} voted
   */
  function makeBar({ label, count, is_right }, voted) {
    const line = build("li", {}, build("span", {}, label), build("b", {}, String(count)));
    const picture = findPicture(pictures, label);
    if (picture) line.prepend(makeImage(picture));
    line.classList.toggle("right", is_right);
    line.classList.toggle("pictured", Boolean(picture));
    line.style.setProperty("--share", `${(100 * count) / voted}%`);
    return line;
  }

  /** @param {Result[]} results */
  function listRows(results) {
    const head = ["Question", "Right", "Most frequent wrong answer"];
    const rows = results.map(({ text, answered, right, wrong, wrong_count }) => [
      text,
      right === null ? `${answered} answers` : `${right} of ${answered}`,
      wrong ? `${wrong} (${wrong_count})` : "",
    ]);
    /** @param {"th" | "td"} tag @param {string[]} cells */
    const write = (tag, cells) => build("tr", {}, ...cells.map((one) => build(tag, {}, one)));
    return [write("th", head), ...rows.map((cells) => write("td", cells))];
  }

  function tick() {
    if (!poll?.question) return;
    const { left, is_over } = poll.question;
    const passed = (performance.now() - came) / 1000;
    const rest = left === null || is_over ? null : Math.max(0, left - passed);
    $(".state").textContent = nameState(poll, rest);
  }

  async function reveal() {
    const { number } = poll.question;
    const { answer, problem } = await ask("reveal", { number }, life.signal);
    tell(answer ? "" : problem || "The server does not answer. Try again.");
    if (answer) trigger("revealed", number);
  }

  async function save() {
    const { answer, problem } = await ask("results", {}, life.signal);
    tell(answer ? "" : problem || "The server does not answer. Try again.");
    if (answer) offerFile(new Blob([answer.csv], { type: "text/csv" }), "class-results.csv");
  }

  $(".reveal").addEventListener("click", reveal, options);
  $(".save").addEventListener("click", save, options);
  const timer = setInterval(tick, TICK_MS);

  return {
    /** @param {Payload} next */
    update(next) {
      const isOther = data?.code !== next.code || data?.secret !== next.secret;
      data = next;
      root.classList.toggle("wall", data.is_wall);
      if (isOther) {
        life.abort();
        life = new AbortController();
        [poll, pictures, pictured] = [null, [], -1];
        follow(life.signal);
      }
      draw();
    },
    destroy() {
      clearInterval(timer);
      life.abort();
      listening.abort();
    },
  };
}

export default mountComponent(".votes", createVotes);
