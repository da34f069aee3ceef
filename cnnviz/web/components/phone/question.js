// The question that a class is asked, on a phone: choices as large buttons, or a field for a
// number. All texts are set as text, so that markup in them stays text.

import { build, findIn } from "../shared/dom.js";
import { findPicture, listApart, makeFigures, makeImage } from "../shared/pictures.js";

/**
 * @typedef {object} Question
 * @property {number} number Of its round.
 * @property {string} text
 * @property {"number" | "one" | "several"} kind
 * @property {string[]} choices
 * @property {string} unit
 * @property {boolean} has_picture
 * @property {string[]} images What stands below each.
 * @property {number | null} left Seconds.
 * @property {number | number[] | null} given The own vote.
 * @property {boolean} is_over
 * @property {boolean | null} is_right
 * @property {number[]} places
 * @property {string} answer
 * @property {string} solution
 */

const TICK_MS = 500;

/**
 * A number as somebody types it, with a comma or a point; null where it is none.
 * @param {string} text
 */
export function readNumber(text) {
  const typed = text.trim().replace(/[−–]/g, "-");
  const isGrouped = /^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(typed);
  const plain = isGrouped ? typed.replaceAll(",", "") : typed.replace(",", ".");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

/**
 * What is said of the own vote once the answer is shown.
 * @param {Question} question
 */
export function nameVerdict({ given, is_right, answer }) {
  if (!answer) return given === null ? "" : "Your vote is counted.";
  if (is_right) return `Right: ${answer}.`;
  return given === null ? `Answer: ${answer}.` : `Not right. Answer: ${answer}.`;
}

/**
 * @param {HTMLElement} root The element `.question`.
 * @param {(given: number | number[]) => void} onVote
 * @param {(number: number) => Promise<import("../shared/pictures.js").Picture[] | null>} load
 *     The images of a question, null where they do not come.
 */
export function createQuestion(root, onVote, load) {
  const $ = findIn(root);
  const listening = new AbortController();
  const options = { signal: listening.signal };
  /** @type {Question | null} */
  let question = null;
  /** @type {number | number[] | null} */
  let given = null;
  /** @type {HTMLButtonElement[]} */
  let buttons = []; // one a choice
  let pictured = -1; // number of the question whose images are here, or on their way
  let came = 0; // when the question came, for the time that is left

  /** @returns {number[]} */
  const chosen = () => (Array.isArray(given) ? given : []);

  /** @param {number} place */
  function choose(place) {
    const others = question.kind === "several" ? chosen() : [];
    const isOff = question.kind === "several" && others.includes(place);
    given = isOff ? others.filter((one) => one !== place) : [...others, place];
    mark();
    if (question.kind === "one") onVote(given);
  }

  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault();
    const value = question.kind === "number" ? readNumber($("input.number").value) : chosen();
    if (value === null || (Array.isArray(value) && value.length === 0)) return;
    given = value;
    onVote(value);
  }

  function makeButtons() {
    buttons = question.choices.map((label, place) => {
      const button = build("button", { type: "button" }, label);
      button.addEventListener("click", () => choose(place), options);
      return button;
    });
    $(".choices").replaceChildren(...buttons);
    $(".choices").classList.remove("pictured");
  }

  async function showImages() {
    const { number, images, choices } = question;
    if (number === pictured) return;
    pictured = number;
    $(".images").replaceChildren();
    const pictures = images.length > 0 ? await load(number) : [];
    if (question?.number !== number) return;
    if (pictures === null) {
      pictured = -1; // the next news tries again
      return;
    }
    $(".images").replaceChildren(...makeFigures(listApart(pictures, choices)));
    for (const [place, button] of buttons.entries()) {
      const picture = findPicture(pictures, choices[place]);
      if (picture) button.prepend(makeImage(picture));
      $(".choices").classList.toggle("pictured", Boolean(picture));
    }
  }

  function mark() {
    for (const [place, button] of buttons.entries()) {
      button.setAttribute("aria-pressed", String(chosen().includes(place)));
      button.disabled = question.is_over;
      button.classList.toggle("right", question.places.includes(place));
    }
  }

  function tick() {
    const isLimited = question !== null && question.left !== null && !question.is_over;
    const left = isLimited ? question.left - (performance.now() - came) / 1000 : 0;
    const told = left > 0 ? `${Math.ceil(left)} s left` : "The time is over.";
    $(".time").textContent = isLimited ? told : "";
  }

  $(".vote").addEventListener("submit", submit, options);
  const timer = setInterval(tick, TICK_MS);

  return {
    /**
     * @param {Question | null} next
     * @param {number | number[] | null} own The vote that is on its way, null for the one kept.
     */
    show(next, own) {
      const isOther = question?.number !== next?.number;
      [question, came] = [next, performance.now()];
      root.hidden = question === null;
      if (!question) return;
      if (isOther || question.is_over) given = null;
      given = own ?? (question.kind === "several" && !isOther ? given : null) ?? question.given;
      $(".text").textContent = question.text;
      $(".figure").hidden = !question.has_picture;
      if (isOther) {
        makeButtons();
        $("input.number").value = typeof given === "number" ? String(given) : "";
      }
      showImages();
      $(".unit").textContent = question.unit;
      $(".field").hidden = question.kind !== "number";
      $(".vote").hidden = question.kind === "one" || question.is_over;
      $(".verdict").textContent = question.is_over ? nameVerdict(question) : "";
      $(".verdict").classList.toggle("right", question.is_right === true);
      $(".why").textContent = question.solution;
      mark();
      tick();
    },
    destroy() {
      clearInterval(timer);
      listening.abort();
    },
  };
}
