// One conversation with a JSON route: at most one request under way, and the newest one next.

import { post } from "../shared/post.js";

const PATIENCE_MS = 10000;
const DRAWING_KEPT =
  "The server does not answer. Your drawing is kept; the next stroke tries again.";

/**
 * @template Answer
 * @typedef {object} Talk
 * @property {() => unknown} body What to send, null for nothing; read when the request leaves, so
 *     that it is the newest.
 * @property {(answer: Answer) => void} onAnswer
 * @property {(sentence: string) => void} onProblem
 * @property {string} [gone] What to say where the server does not answer.
 */

/**
 * @template Answer
 * @param {string} route
 * @param {Talk<Answer>} talk
 */
export function createClient(route, { body, onAnswer, onProblem, gone = DRAWING_KEPT }) {
  let wanted = false;
  /** @type {AbortController | null} */
  let controller = null;
  let closed = false;

  /** @param {unknown} sent */
  async function ask(sent) {
    const aborting = new AbortController();
    controller = aborting;
    const patience = setTimeout(() => aborting.abort(), PATIENCE_MS);
    try {
      return await post(route, sent, aborting.signal);
    } finally {
      clearTimeout(patience);
    }
  }

  async function request() {
    wanted = true;
    if (controller !== null) return;
    while (wanted && !closed) {
      wanted = false;
      const sent = body();
      if (sent === null) continue;
      const { answer, problem } = await ask(sent);
      if (closed) return;
      if (problem !== undefined) onProblem(problem || gone);
      else onAnswer(answer);
    }
    controller = null;
  }

  return {
    request,
    close: () => {
      closed = true;
      controller?.abort();
    },
  };
}
