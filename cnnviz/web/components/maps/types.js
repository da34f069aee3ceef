// What Python sends of a layer's maps, as types.

/**
 * What is said of one tile.
 * @typedef {object} Tile
 * @property {number} channel Its number, reported when it is picked.
 * @property {string} name Short name below it.
 * @property {string} note What stands beside the name.
 * @property {string} title Name at the pointer.
 * @property {string} label Name for a screen reader.
 * @property {string} line What stands below the name.
 */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {"signed" | "rgb" | "vector"} mode
 * @property {number} rows Rows of a tile.
 * @property {number} columns Columns of a tile.
 * @property {number} step Every which row and column was sent.
 * @property {string} values Bytes of all tiles.
 * @property {[string, string, string] | null} scale Texts round the colour scale.
 * @property {Tile[]} tiles
 * @property {number} captions Lines below a tile: none, its name, or what is said of it too.
 * @property {string} name Under which name the chosen channel is told.
 * @property {boolean} selectable Whether one can be chosen.
 * @property {number | null} side Side of a tile in CSS pixels.
 * @property {number[] | null} scales Of each tile's bytes.
 * @property {number[] | null} limits The magnitude that gets the end of the colour scale.
 * @property {string} label Name of the grid.
 */

export {};
