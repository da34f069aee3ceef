// Types of a network's picture: what Python sends, and what is painted.

/**
 * One part, as figures.network_view packs it; see figures.whole_network.Node.
 * @typedef {object} PackedNode
 * @property {string} name
 * @property {string} title
 * @property {string} label The end of the title, for where there is no room.
 * @property {string} note
 * @property {"input" | "layer" | "block" | "repeat"} kind
 * @property {string} color
 * @property {boolean} is_skipped
 * @property {number} count How many equal parts it stands for.
 * @property {number} column
 * @property {number} lane
 * @property {number} lanes
 * @property {string} size Of its maps.
 * @property {number | null} frame The innermost frame that it stands in.
 * @property {boolean} can_open
 * @property {string[]} lines What is said of it.
 * @property {string} layer Whose maps are shown.
 * @property {number} maps How many maps came with it.
 * @property {boolean} vector Whether it is numbers and not maps.
 * @property {number} rows
 * @property {number} columns
 * @property {number[]} channels
 * @property {number} scale
 * @property {string} values Base64 of int8.
 */

/** @typedef {Omit<PackedNode, "values"> & { values: Int8Array }} DrawnNode */
/** @typedef {{ name: string, depth: number, parent: number | null }} Frame An opened part. */

/** @typedef {{ name: string, probability: number, text: string }} AnswerRow */
/** @typedef {Omit<Payload, "nodes"> & { nodes: DrawnNode[] }} Data The payload, decoded. */

/**
 * The pad beside the network.
 * @typedef {object} PadData
 * @property {import("../shared/pad.js").Stroke[]} strokes What is on it.
 * @property {number} pen Diameter of the pen as a fraction of the pad's side.
 * @property {string[]} classes Names of the network's classes.
 * @property {number} paper Value of bare paper in the network's input.
 * @property {number} ink Value of full ink.
 */

/**
 * @typedef {object} Payload
 * @property {import("../shared/colors.js").Themes} tables Colour scales.
 * @property {string} network Name of the network.
 * @property {string} key Of the network and the image: where it changes, all maps do.
 * @property {PackedNode[]} nodes One a part.
 * @property {[number, number][]} ties From node to node, by their numbers.
 * @property {Frame[]} frames The opened parts.
 * @property {string[]} opened Names of opened parts.
 * @property {import("../shared/colors.js").PackedImage | null} image What it sees.
 * @property {AnswerRow[]} answer Most probable classes.
 * @property {PadData | null} pad None without a pad.
 * @property {number} most Maps that a part has at most.
 * @property {string} label All of it in words, for screen readers.
 * @property {Record<string, string[]>} kinds Colours of each kind, light and dark.
 * @property {string} follows Under which name the chosen part is told.
 */

/** @typedef {{ sheet: HTMLCanvasElement, rows: number, columns: number }} Sheet */

/**
 * Colours of the theme, and those of each kind of part.
 * @typedef {Record<"ink" | "ground" | "quiet" | "line" | "faint" | "accent", string> &
 *   { kinds: Record<string, string>, tables: import("../shared/theme.js").Tables }} Look
 */

/**
 * What is painted.
 * @typedef {object} Scene
 * @property {Data} data
 * @property {import("./network_layout.js").Layout} layout
 * @property {import("./network_layout.js").View} view
 * @property {import("./network_layout.js").Size} room
 * @property {boolean} isFitted Whether all of it is in view.
 * @property {(Sheet | null)[]} sheets Of each node.
 * @property {Look} look
 * @property {number} front The column that the signal has reached.
 * @property {{ index: number, map: number }} selected
 * @property {number} hovered
 * @property {AnswerRow[]} answer
 */

export {};
