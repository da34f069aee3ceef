// One conversation with a JSON route: at most one request under way, and the newest one next.

import { findRoute } from "../shared/routes.js";

const PATIENCE_MS = 10000;
const SERVER_GONE =
  "The server does not answer. Your drawing is kept; the next stroke tries again.";

//   body()             what to send, null for nothing; read when the request leaves, so it is the
//                      newest
//   onAnswer(answer)
//   onProblem(sentence)
export function createClient(route, { body, onAnswer, onProblem }) {
  let wanted = false;
  let controller = null;
  let closed = false;

  // Returns {answer} or {problem}.
  async function post(sent) {
    controller = new AbortController();
    const patience = setTimeout(() => controller.abort(), PATIENCE_MS);
    try {
      const response = await fetch(findRoute(route), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(sent),
        signal: controller.signal,
      });
      const answer = await response.json();
      return response.ok ? { answer } : { problem: answer.error ?? SERVER_GONE };
    } catch {
      return { problem: SERVER_GONE };
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
      const { answer, problem } = await post(sent);
      if (closed) return;
      if (problem) onProblem(problem);
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
