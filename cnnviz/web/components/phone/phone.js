// A phone in a class. It asks the server for news by one request after the other, each of which is
// answered when there is some. What it was given and what it has not sent yet stays in the browser,
// so that a reload, a sleep or a lost network costs nothing.

import { createQuestion } from "./question.js";
import { findIn } from "../shared/dom.js";
import { mountComponent } from "../shared/mount.js";
import { createPad } from "../shared/pad.js";
import { post } from "../shared/post.js";
import { findRoute } from "../shared/routes.js";
import { formatPercent } from "../shared/values.js";

const RETRY_MS = 2000; // after an answer that did not come
const PATIENCE_MS = 30000; // longer than the server holds a request
const LOST = "No connection. What you sent is kept; the phone tries again by itself.";
const KEPT = "Your vote is kept. You may change it until the answer is shown.";
const OVER = "This class is over. Its drawings are deleted.";

/**
 * What Python sends.
 * @typedef {object} Payload
 * @property {string} code Of the class; empty before one is typed.
 * @property {number} pen Diameter of the pen as a fraction of the pad's side.
 */

/**
 * What a phone keeps of a class.
 * @typedef {object} Kept
 * @property {string} token
 * @property {number} round What was asked for last.
 * @property {[number, number][][]} draft What is on the pad.
 * @property {{ name: string, round: number, strokes: [number, number][][] } | null} pending What
 *     was sent and not acknowledged yet.
 * @property {{ number: number, given: number | number[] } | null} vote The same of a vote.
 */

/** @typedef {import("./question.js").Question} Question */

/**
 * What the teacher asks for.
 * @typedef {object} Round
 * @property {number} number
 * @property {"wait" | "draw" | "ask" | "look"} kind
 * @property {number | null} digit To draw.
 * @property {string} address Of the teacher's page.
 */

/** @type {Kept} */
const NOTHING = { token: "", round: -1, draft: [], pending: null, vote: null };

/**
 * @param {string} code
 * @returns {Kept}
 */
export function recall(code) {
  try {
    return { ...NOTHING, ...JSON.parse(window.localStorage.getItem(nameStore(code)) ?? "{}") };
  } catch {
    return { ...NOTHING };
  }
}

/**
 * @param {string} code
 * @param {Kept | null} kept
 */
export function remember(code, kept) {
  try {
    if (kept === null) window.localStorage.removeItem(nameStore(code));
    else window.localStorage.setItem(nameStore(code), JSON.stringify(kept));
  } catch {
    /* a private window: kept until the page is left */
  }
}

/** @param {string} code */
function nameStore(code) {
  return `cnnviz-class-${code}`;
}

function makeName() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What a round asks for, in words.
 * @param {Pick<Round, "kind" | "digit">} round
 */
export function nameTask({ kind, digit }) {
  if (kind === "ask") return "";
  if (kind === "draw") return `Draw ${digit === 8 ? "an" : "a"} ${digit}`;
  return kind === "look" ? "Your teacher's page" : "You are in. Wait for your teacher.";
}

/**
 * @param {HTMLElement} root
 * @param {import("../shared/mount.js").Events} events
 * @param {Payload} data
 */
function createPhone(root, { trigger }, data) {
  const $ = findIn(root);
  const listening = new AbortController();
  let life = new AbortController(); // of the class that is followed
  let wake = () => {};
  /** @type {string | null} */
  let code = null;
  let kept = { ...NOTHING };
  /** @type {Round | null} */
  let round = null;
  /** @type {Question | null} */
  let question = null;
  let seen = 0;
  let isSending = false;
  let isVoting = false;

  const pad = createPad($("canvas.pad"), { pen: data.pen, onMove: showTools, onFinish: keepDraft });
  const asking = createQuestion($(".question"), vote, loadImages);

  function showTools() {
    $("button.send").disabled = kept.pending !== null || pad.strokes().length === 0;
  }

  function keepDraft() {
    keep({ draft: pad.strokes() });
    showTools();
  }

  /** @param {Partial<Kept>} changes */
  function keep(changes) {
    kept = { ...kept, ...changes };
    remember(code, kept);
  }

  /** @param {string} text */
  function tell(text) {
    $(".answer").textContent = text;
  }

  /** @param {number} milliseconds */
  function pause(milliseconds) {
    return new Promise((resolve) => {
      wake = () => resolve(undefined);
      setTimeout(resolve, milliseconds);
    });
  }

  /**
   * @param {string} route
   * @param {object} body
   * @param {AbortSignal} signal
   */
  async function ask(route, body, signal) {
    const asking = new AbortController();
    const stop = () => asking.abort();
    const patience = setTimeout(stop, PATIENCE_MS);
    signal.addEventListener("abort", stop);
    const reply = await post(`api/class/${route}`, { code, ...body }, asking.signal);
    signal.removeEventListener("abort", stop);
    clearTimeout(patience);
    return reply;
  }

  function showRound() {
    const isDrawing = round?.kind === "draw";
    const isLooking = round?.kind === "look";
    if (round) $(".task").textContent = nameTask(round);
    $(".drawing").hidden = !isDrawing;
    $(".look").hidden = !isLooking;
    const address = isLooking ? findRoute(round.address) : "about:blank";
    if ($("iframe.look").src !== address) $("iframe.look").src = address;
    $(".enter").hidden = true;
    showQuestion();
    pad.refresh();
    showTools();
  }

  function showQuestion() {
    const isMine = question !== null && kept.vote?.number === question.number;
    asking.show(question, isMine ? kept.vote.given : null);
    const isKept = question && !question.is_over && question.given !== null && !kept.vote;
    if (isKept) tell(KEPT);
    else if ($(".answer").textContent === KEPT) tell("");
  }

  /** @param {number} number Of the question. */
  async function loadImages(number) {
    const { answer } = await ask("images", { token: kept.token, number }, life.signal);
    return answer ? answer.images : null;
  }

  /** @param {string} sentence Why there is no class to follow. */
  function askForCode(sentence) {
    round = null;
    question = null;
    showRound();
    $(".task").textContent = sentence;
    $(".enter").hidden = false;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} Whether to go on.
   */
  async function enter(signal) {
    const { answer, problem } = await ask("join", {}, signal);
    if (signal.aborted) return false;
    if (answer) keep({ token: answer.token });
    else if (problem) askForCode(problem);
    else {
      tell(LOST);
      await pause(RETRY_MS);
    }
    return Boolean(answer) || !problem;
  }

  /** @param {{ version: number, round: Round, question: Question | null }} answer */
  function take(answer) {
    const isOther = round?.number !== answer.round.number;
    if (isOther || $(".answer").textContent === LOST) tell("");
    seen = answer.version;
    round = answer.round;
    question = answer.question;
    if (kept.vote && (kept.vote.number !== question?.number || question.is_over)) {
      keep({ vote: null });
    }
    if (kept.round !== round.number) {
      pad.clear(); // what is drawn already belongs to the round before
      keep({ round: round.number });
    }
    if (isOther) showRound();
    else showQuestion();
    if (kept.pending) deliver(life.signal);
    if (kept.vote) deliverVote(life.signal);
  }

  /** @param {AbortSignal} signal */
  async function follow(signal) {
    let isInside = false;
    let missed = 0; // answers in a row; a single one is no news for a student
    while (!signal.aborted) {
      if (!kept.token) {
        if (await enter(signal)) continue;
        return;
      }
      const turn = new AbortController();
      const stop = () => turn.abort();
      wake = stop;
      signal.addEventListener("abort", stop);
      const { answer, problem } = await ask("follow", { token: kept.token, seen }, turn.signal);
      signal.removeEventListener("abort", stop);
      if (signal.aborted) return;
      if (turn.signal.aborted) continue;
      if (answer?.is_there) {
        isInside = true;
        missed = 0;
        take(answer);
      } else if (answer) {
        pad.clear();
        kept = { ...NOTHING };
        remember(code, null);
        if (isInside) return askForCode(OVER);
      } else {
        missed += 1;
        if (problem || missed > 1) tell(problem || LOST);
        await pause(RETRY_MS);
      }
    }
  }

  /** @param {AbortSignal} signal */
  async function deliver(signal) {
    if (isSending) return;
    isSending = true;
    while (kept.pending && !signal.aborted) {
      const { answer, problem } = await ask("draw", { token: kept.token, ...kept.pending }, signal);
      if (signal.aborted) return;
      if (answer) {
        const isSame = JSON.stringify(pad.strokes()) === JSON.stringify(kept.pending.strokes);
        keep({ pending: null });
        tell(`Sent. LeNet-5 predicts ${answer.guess} (${formatPercent(answer.share)}).`);
        if (isSame) pad.clear();
      } else if (problem) {
        keep({ pending: null });
        tell(problem);
      } else {
        tell(LOST);
        await pause(RETRY_MS);
      }
      showTools();
    }
    isSending = false;
  }

  function send() {
    keep({ pending: { name: makeName(), round: round.number, strokes: pad.strokes() } });
    showTools();
    deliver(life.signal);
  }

  /** @param {AbortSignal} signal */
  async function deliverVote(signal) {
    if (isVoting) return;
    isVoting = true;
    while (kept.vote && !signal.aborted) {
      const sent = kept.vote;
      const { answer, problem } = await ask("vote", { token: kept.token, ...sent }, signal);
      if (signal.aborted) return;
      if (answer || problem) {
        if (kept.vote === sent) keep({ vote: null }); // else it was changed meanwhile
        if (answer && question?.number === sent.number) question.given = sent.given;
        showQuestion();
        if (problem) tell(problem);
      } else {
        tell(LOST);
        await pause(RETRY_MS);
      }
    }
    isVoting = false;
  }

  /** @param {number | number[]} given */
  function vote(given) {
    tell("Sending");
    keep({ vote: { number: question.number, given } });
    deliverVote(life.signal);
  }

  /** @param {SubmitEvent} event */
  function enterCode(event) {
    event.preventDefault();
    const typed = $("input.code").value.trim().toUpperCase();
    if (!typed) return;
    if (typed === code) begin(typed);
    else trigger("typed", typed);
  }

  /** @param {string} next */
  function begin(next) {
    life.abort();
    life = new AbortController();
    code = next;
    [kept, round, question, seen] = [recall(next), null, null, 0];
    [isSending, isVoting] = [false, false];
    pad.replace(kept.draft);
    tell("");
    if (code) {
      showRound();
      $(".task").textContent = "Joining the class";
      follow(life.signal);
    } else askForCode("Type the code of your class.");
  }

  const options = { signal: listening.signal };
  $(".undo").addEventListener("click", () => pad.undo(), options);
  $(".clear").addEventListener("click", () => pad.clear(), options);
  $(".send").addEventListener("click", send, options);
  $(".enter").addEventListener("submit", enterCode, options);
  // A phone that wakes up, or finds its network again, asks at once for all: a time may be over.
  const wakeUp = () => {
    seen = 0;
    wake();
  };
  window.addEventListener("online", wakeUp, options);
  document.addEventListener("visibilitychange", wakeUp, options);
  const observer = new ResizeObserver(() => pad.refresh());
  observer.observe(root);

  return {
    /** @param {Payload} next */
    update(next) {
      if (next.code !== code) begin(next.code);
    },
    repaint: () => pad.refresh(),
    destroy() {
      life.abort();
      listening.abort();
      observer.disconnect();
      asking.destroy();
      pad.destroy();
    },
  };
}

export default mountComponent(".phone", createPhone);
