// The one way in which a component's script begins.

import { watchTheme } from "./theme.js";

/**
 * What a component reports to Python.
 * @typedef {object} Events
 * @property {(name: string, value: unknown) => void} setState Kept until it is set anew.
 * @property {(name: string, value: unknown) => void} trigger Told once, in the next rerun.
 */

/**
 * A mounted component.
 * @template Payload
 * @typedef {object} Part
 * @property {(data: Payload) => void} update Take what Python sent, at first and in every rerun.
 * @property {() => void} [repaint] Draw again in a new theme.
 * @property {() => void} [arrange] Draw again in a new width.
 * @property {() => void} [destroy] Let go of observers, timers and listeners.
 */

/**
 * What Streamlit calls a component's script with, at first and in every rerun.
 * @template Payload
 * @typedef {object} Run
 * @property {Payload} data
 * @property {HTMLElement} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * Call `arrange` when the width of `root` is another than now.
 * @param {HTMLElement} root
 * @param {() => void} arrange
 */
function watchWidth(root, arrange) {
  const measure = () => Math.floor(root.getBoundingClientRect().width);
  let width = measure();
  const observer = new ResizeObserver(() => {
    if (measure() === width) return;
    width = measure();
    arrange();
  });
  observer.observe(root);
  return observer;
}

/**
 * Return the function that Streamlit calls: it creates the component once, and updates it after.
 * @template Payload
 * @param {string | null} selector Of the component's root; null for the element that it stands in.
 * @param {(root: HTMLElement, events: Events, data: Payload) => Part<Payload>} create
 * @returns {(run: Run<Payload>) => () => void}
 */
export function mountComponent(selector, create) {
  const mounted = new WeakMap();

  /**
   * @param {HTMLElement} root
   * @param {Run<Payload>} run
   */
  function begin(root, run) {
    const listening = new AbortController();
    /** @type {{ run: Run<Payload>, observer?: ResizeObserver }} */
    const entry = { run };
    const part = create(
      root,
      {
        setState: (name, value) => entry.run.setStateValue(name, value),
        trigger: (name, value) => entry.run.setTriggerValue(name, value),
      },
      run.data,
    );
    if (part.repaint) watchTheme(root, part.repaint, { signal: listening.signal });
    const destroy = () => {
      listening.abort();
      entry.observer?.disconnect();
      part.destroy?.();
    };
    return Object.assign(entry, { part, destroy });
  }

  return (run) => {
    /** @type {HTMLElement} */
    const root = selector ? run.parentElement.querySelector(selector) : run.parentElement;
    const entry = mounted.get(root) ?? begin(root, run);
    mounted.set(root, entry);
    entry.run = run;
    entry.part.update(run.data);
    // Only now: the part is laid out in this width already.
    if (entry.part.arrange) entry.observer ??= watchWidth(root, entry.part.arrange);
    return () => {
      entry.destroy();
      mounted.delete(root);
    };
  };
}
