// What Python sends of receptive fields, as types.

/**
 * @typedef {object} DrawnStack
 * @property {string} key
 * @property {string} title
 * @property {number} size
 * @property {number} most
 * @property {import("./field_editor.js").Layer[]} layers All of them.
 * @property {(import("./stack.js").Row & { title: string })[]} rows Those that fit.
 * @property {number[]} unread
 * @property {[string, string][]} facts
 */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {number} size Side of the input, in pixels.
 * @property {DrawnStack[]} stacks One or two, of figures.receptive_field.pack_stack.
 * @property {string | null} image What lies on the input; None for bare pixels.
 */

export {};
