// One request to a JSON route.

import { findRoute } from "../shared/routes.js";

/**
 * @typedef {object} Reply
 * @property {any} [answer]
 * @property {string} [problem] Why there is none, in a sentence; empty where the server is silent.
 */

/**
 * @param {string} route
 * @param {unknown} sent
 * @param {AbortSignal} signal
 * @returns {Promise<Reply>}
 */
export async function post(route, sent, signal) {
  try {
    const response = await fetch(findRoute(route), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(sent),
      signal,
    });
    const answer = await response.json();
    return response.ok ? { answer } : { problem: answer.error ?? "" };
  } catch {
    return { problem: "" };
  }
}
