// The one builder of elements.

/**
 * Create an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} attributes By name, `class` and `data-*` included.
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function build(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export const SVG = "http://www.w3.org/2000/svg";

/**
 * Create what stands inside an SVG.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} attributes
 * @param {(Node | string)[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function drawSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @typedef {HTMLElementTagNameMap & Pick<SVGElementTagNameMap, "svg">} Tags */

/**
 * What a selector such as "button.undo", ".map canvas" or ".problem" finds.
 * @template {string} Selector
 * @typedef {Selector extends `${string} ${infer Tag extends keyof Tags}` ? Tags[Tag]
 *   : Selector extends `${infer Tag extends keyof Tags}.${string}` ? Tags[Tag]
 *   : Selector extends keyof Tags ? Tags[Selector] : HTMLElement} Found
 */

/**
 * Return what finds an element within `root`; a tag in the selector tells its type.
 * @param {Element} root
 * @returns {<Selector extends string>(selector: Selector) => Found<Selector>}
 */
export function findIn(root) {
  return (selector) => root.querySelector(selector);
}

/**
 * The rows and columns by which an arrow key moves.
 * @type {Record<string, [number, number]>}
 */
export const ARROWS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/**
 * Return the element with the focus, inside the component's own tree.
 * @param {Element} root
 * @returns {HTMLElement | null}
 */
export function findFocused(root) {
  const tree = /** @type {ShadowRoot} */ (root.getRootNode());
  return /** @type {HTMLElement | null} */ (tree.activeElement);
}

/**
 * Return the nearest element of this selector around what an event happened to.
 * @template {Element} [Kind=HTMLElement]
 * @param {Event} event
 * @param {string} selector
 * @returns {Kind | null}
 */
export function findTarget(event, selector) {
  return /** @type {Element} */ (event.target).closest?.(selector) ?? null;
}

/**
 * Hand a file to the visitor.
 * @param {Blob} blob
 * @param {string} name
 */
export function offerFile(blob, name) {
  const link = build("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
