// Where the parts of a network stand: columns set in lines like words, so that a deep network uses
// the height of the screen too. Nothing here knows the document; all lengths are world units, CSS
// pixels at zoom 1.

/** @typedef {import("./types.js").DrawnNode} DrawnNode */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {{ width: number, height: number }} Size */
/** @typedef {Size & { x: number, y: number }} Rect */
/** @typedef {{ scale: number, x: number, y: number }} View */
/** @typedef {ReturnType<typeof layOut>} Layout */
/** @typedef {Size & { members: number[] }} Column The numbers of its nodes. */
/** @typedef {Size & { columns: Column[], first: number }} Line */

/**
 * @typedef {Rect & { line: number, label: number, maps: Rect[], grid: number[] | null }} Box
 * A node's place. `label` is where its title's baseline stands; `maps` are the places of its maps;
 * `grid` is rows and columns of a vector's cells.
 */

export const SIDE = 48; // of a map
export const MAP_GAP = 4;
export const COLUMN_GAP = 22;
export const ANSWER_WIDTH = 150;
const INPUT_SIDE = 84;
const LANE_GAP = 8; // between branches
const TITLE = 30; // above a node: its title and what it does
const ARCS = 20; // above the nodes of a line: shortcuts
const BAND = 20; // above the arcs: the size of the maps
const LINE_GAP = 18;
const EDGE = 10;
const MOST_LINES = 8;
const STACKS = [6, 5, 4, 3, 2]; // maps on top of each other
const MOST_SCALE = 1.5;

/**
 * Lay a network out for a window of this size, so that its maps are as large as they can be.
 * @param {DrawnNode[]} nodes
 * @param {Size} room
 * @param {number} most Maps that each node has at most.
 */
export function layOut(nodes, room, most) {
  let best = null;
  for (const stack of STACKS.filter((each) => each <= most)) {
    const columns = measureColumns(nodes, stack);
    for (let count = 1; count <= Math.min(MOST_LINES, columns.length); count += 1) {
      const lines = breakLines(columns, count);
      const size = measureLines(lines);
      const scale = Math.min(room.width / size.width, room.height / size.height, MOST_SCALE);
      // The area of the maps of one part; titles that shrink with them cost more than they gain.
      const worth = scale * scale * stack * Math.min(1, scale);
      if (!best || worth > best.worth) best = { worth, scale, stack, lines, size };
    }
  }
  const { lines, stack, size, scale } = best;
  return { ...size, scale, stack, lines: lines.length, ...placeNodes(nodes, lines, stack) };
}

/**
 * How many maps a node shows on top of each other, with its branches beside it.
 * @param {DrawnNode} node @param {number} stack
 */
export function countShown(node, stack) {
  if (node.kind === "input") return 1;
  return Math.max(1, Math.min(node.maps, Math.floor(stack / node.lanes)));
}

/** @param {DrawnNode} node @param {number} stack */
function heightOf(node, stack) {
  if (node.kind === "input") return INPUT_SIDE;
  const rows = Math.max(1, Math.floor(stack / node.lanes));
  const shown = node.vector || node.maps === 0 ? rows : countShown(node, stack);
  return shown * (SIDE + MAP_GAP) - MAP_GAP;
}

/** @param {DrawnNode} node @param {number} stack */
function heightOfLanes(node, stack) {
  return node.lanes * (heightOf(node, stack) + TITLE + LANE_GAP) - LANE_GAP;
}

/** @param {DrawnNode[]} nodes @param {number} stack */
function measureColumns(nodes, stack) {
  /** @type {Column[]} */
  const columns = [];
  nodes.forEach((node, index) => {
    columns[node.column] ??= { members: [], width: 0, height: 0 };
    const column = columns[node.column];
    column.members.push(index);
    column.width = Math.max(column.width, node.kind === "input" ? INPUT_SIDE : SIDE);
    column.height = Math.max(column.height, heightOfLanes(node, stack));
  });
  const last = columns[columns.length - 1];
  // The answer stands behind the last column.
  return [...columns.slice(0, -1), { ...last, width: last.width + COLUMN_GAP + ANSWER_WIDTH }];
}

/**
 * Break columns into lines so that the longest line is as short as it can be.
 * @param {Column[]} columns @param {number} count
 */
export function breakLines(columns, count) {
  const total = columns.reduce((sum, column) => sum + column.width + COLUMN_GAP, 0);
  const widest = Math.max(...columns.map((column) => column.width + COLUMN_GAP));
  let [low, high] = [Math.max(widest, total / count), total];
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (fillLines(columns, middle).length <= count) high = middle;
    else low = middle;
  }
  return fillLines(columns, high);
}

/** @param {Column[]} columns @param {number} limit */
function fillLines(columns, limit) {
  /** @type {Line[]} */
  const lines = [];
  let used = Infinity;
  columns.forEach((column, index) => {
    const width = column.width + COLUMN_GAP;
    if (used + width > limit + 0.01) {
      lines.push({ columns: [], width: 0, height: 0, first: index });
      used = 0;
    }
    const line = lines[lines.length - 1];
    line.columns.push(column);
    line.width += width;
    line.height = Math.max(line.height, column.height);
    used += width;
  });
  return lines;
}

/** @param {Line[]} lines */
function measureLines(lines) {
  const head = BAND + ARCS;
  return {
    width: Math.max(...lines.map((line) => line.width)) - COLUMN_GAP + 2 * EDGE,
    height: lines.reduce((sum, line) => sum + line.height + head + LINE_GAP, 2 * EDGE - LINE_GAP),
  };
}

/** @param {DrawnNode[]} nodes @param {Line[]} lines @param {number} stack */
function placeNodes(nodes, lines, stack) {
  /** @type {Box[]} */
  const boxes = [];
  /** @type {number[]} */
  const tops = [];
  let top = EDGE;
  lines.forEach((line, number) => {
    tops.push(top);
    let left = EDGE;
    for (const column of line.columns) {
      for (const index of column.members) {
        boxes[index] = placeNode(nodes[index], stack, {
          x: left,
          y: top + BAND + ARCS,
          height: line.height,
          line: number,
        });
      }
      left += column.width + COLUMN_GAP;
    }
    top += BAND + ARCS + line.height + LINE_GAP;
  });
  const end = boxes[boxes.length - 1];
  const answer = { x: end.x + end.width + COLUMN_GAP, y: end.y, width: ANSWER_WIDTH, height: 0 };
  return { boxes, tops, answer: { ...answer, height: end.height } };
}

/**
 * @param {DrawnNode} node
 * @param {number} stack
 * @param {{ x: number, y: number, height: number, line: number }} room
 */
function placeNode(node, stack, { x, y, height, line }) {
  const own = heightOf(node, stack);
  const lane = own + TITLE + LANE_GAP;
  const top = y + (height - heightOfLanes(node, stack)) / 2 + node.lane * lane + TITLE;
  const width = node.kind === "input" ? INPUT_SIDE : SIDE;
  const shown = node.vector || node.maps === 0 ? 1 : countShown(node, stack);
  const side = node.vector || node.maps === 0 ? own : width;
  const maps = Array.from({ length: shown }, (_, at) => ({
    x,
    y: top + at * (side + MAP_GAP),
    width,
    height: side,
  }));
  const grid = node.vector ? gridOfVector(node.maps, width, own) : null;
  return { x, y: top, width, height: own, line, label: top - TITLE, maps, grid };
}

/**
 * Rows and columns in which so many cells fill a rectangle with cells that are nearly square.
 * @param {number} count @param {number} width @param {number} height
 */
export function gridOfVector(count, width, height) {
  const columns = Math.max(1, Math.round(Math.sqrt((count * width) / height)));
  return [Math.ceil(count / columns), columns];
}

/**
 * The line from one node to another: "straight" to the next column, an "arc" over the nodes that
 * stand between, or two "stubs" where it goes on in another line.
 * @param {DrawnNode[]} nodes @param {Box[]} boxes @param {[number, number]} tie
 */
export function routeTie(nodes, boxes, [from, to]) {
  const [one, other] = [boxes[from], boxes[to]];
  if (one.line !== other.line) return "stubs";
  if (nodes[to].column === nodes[from].column + 1) return "straight";
  const isBetween = nodes.some(
    (node) =>
      node.column > nodes[from].column &&
      node.column < nodes[to].column &&
      node.lane === nodes[from].lane,
  );
  return isBetween ? "arc" : "straight";
}

/**
 * The frames of opened parts, cut at the ends of the lines.
 * @param {Frame[]} frames @param {DrawnNode[]} nodes @param {Box[]} boxes
 * @param {(node: DrawnNode, frame: number) => boolean} isInside
 */
export function placeFrames(frames, nodes, boxes, isInside) {
  /** @type {(Rect & { frame: number, isFirst: boolean })[]} */
  const rects = [];
  frames.forEach((frame, index) => {
    /** @type {Map<number, Box[]>} */
    const byLine = new Map();
    boxes.forEach((box, at) => {
      if (isInside(nodes[at], index)) byLine.set(box.line, [...(byLine.get(box.line) ?? []), box]);
    });
    const pad = Math.max(2, 9 - 3 * frame.depth);
    [...byLine.values()].forEach((members, piece) => {
      const left = Math.min(...members.map((box) => box.x)) - pad;
      const right = Math.max(...members.map((box) => box.x + box.width)) + pad;
      const top = Math.min(...members.map((box) => box.label)) - pad;
      const bottom = Math.max(...members.map((box) => box.y + box.height)) + pad;
      rects.push({
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
        frame: index,
        isFirst: piece === 0,
      });
    });
  });
  return rects;
}

/**
 * Neighbours in one line whose maps have one size, for the captions above.
 * @param {DrawnNode[]} nodes @param {Box[]} boxes
 */
export function findBands(nodes, boxes) {
  /** @type {{ index: number, size: string, line: number, left: number, right: number }[]} */
  const bands = [];
  const order = nodes.map((_, index) => index).sort((a, b) => nodes[a].column - nodes[b].column);
  for (const index of order) {
    const last = bands[bands.length - 1];
    const [node, box] = [nodes[index], boxes[index]];
    if (last && last.size === node.size && last.line === box.line) {
      last.right = Math.max(last.right, box.x + box.width);
    } else if (!last || nodes[last.index].column < node.column) {
      bands.push({ index, size: node.size, line: box.line, left: box.x, right: box.x + box.width });
    }
  }
  return bands;
}

/**
 * What lies under a point of the world: a node, and which of its maps; null for nothing.
 * @param {Box[]} boxes @param {number} x @param {number} y
 */
export function hitTest(boxes, x, y) {
  for (let index = boxes.length - 1; index >= 0; index -= 1) {
    const box = boxes[index];
    const isInside =
      x >= box.x - 2 && x <= box.x + box.width + 2 && y >= box.label && y <= box.y + box.height + 2;
    if (!isInside) continue;
    const map = box.maps.findIndex((rect) => contains(rect, x, y));
    return { index, map, cell: map === 0 && box.grid ? cellOf(box, x, y) : -1 };
  }
  return null;
}

/** @param {Rect} rect @param {number} x @param {number} y */
export function contains(rect, x, y) {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

/** @param {Box} box @param {number} x @param {number} y */
function cellOf({ maps, grid }, x, y) {
  const [rows, columns] = grid;
  const row = Math.floor(((y - maps[0].y) / maps[0].height) * rows);
  const column = Math.floor(((x - maps[0].x) / maps[0].width) * columns);
  return row * columns + column;
}

/**
 * The view that shows all of the world in the middle of the window.
 * @param {Size} world @param {Size} room
 */
export function fitView(world, room) {
  const scale = Math.min(room.width / world.width, room.height / world.height, MOST_SCALE);
  return {
    scale,
    x: (room.width - world.width * scale) / 2,
    y: Math.max(0, (room.height - world.height * scale) / 2),
  };
}

/**
 * Zoom by a factor with the point (x, y) of the window staying where it is.
 * @param {View} view
 * @param {number} factor
 * @param {number} x
 * @param {number} y
 * @param {number} least
 */
export function zoomAt(view, factor, x, y, least) {
  const scale = Math.min(Math.max(view.scale * factor, least), 8);
  const share = scale / view.scale;
  return { scale, x: x - (x - view.x) * share, y: y - (y - view.y) * share };
}

/**
 * The same view moved so that it does not leave the world.
 * @param {View} view @param {Size} world @param {Size} room
 */
export function keepInside(view, world, room) {
  /** @param {number} offset @param {number} length @param {number} window */
  const along = (offset, length, window) => {
    const free = window - length * view.scale;
    return free >= 0 ? free / 2 : Math.min(0, Math.max(free, offset));
  };
  return {
    scale: view.scale,
    x: along(view.x, world.width, room.width),
    y: along(view.y, world.height, room.height),
  };
}

/**
 * The view that brings a box into the window, moved no more than needed.
 * @param {View} view @param {Box} box @param {Size} room
 */
export function reveal(view, box, room) {
  /** @param {number} offset @param {number} from @param {number} length @param {number} window */
  const along = (offset, from, length, window) => {
    const [low, high] = [offset + from * view.scale, offset + (from + length) * view.scale];
    if (low < 0) return offset - low + 8;
    if (high > window) return offset - (high - window) - 8;
    return offset;
  };
  return {
    scale: view.scale,
    x: along(view.x, box.x, box.width, room.width),
    y: along(view.y, box.label, box.height + TITLE, room.height),
  };
}

/**
 * The node that an arrow key leads to: the next column, or the next branch.
 * @param {DrawnNode[]} nodes @param {number} index @param {string} key
 */
export function moveSelection(nodes, index, key) {
  const here = nodes[index];
  /** @type {Record<string, number>} */
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  const step = steps[key];
  const rated = nodes
    .map((node, at) => ({ at, node }))
    .filter(({ node }) =>
      step
        ? Math.sign(node.column - here.column) === step
        : node.column === here.column &&
          Math.sign(node.lane - here.lane) === (key === "ArrowDown" ? 1 : -1),
    )
    .sort(
      (one, other) =>
        Math.abs(one.node.column - here.column) - Math.abs(other.node.column - here.column) ||
        Math.abs(one.node.lane - here.lane) - Math.abs(other.node.lane - here.lane),
    );
  return rated.length > 0 ? rated[0].at : index;
}

/**
 * How much of a node the signal has reached when it stands at column `front`: from 0 to 1.
 * @param {DrawnNode} node @param {number} front
 */
export function reached(node, front) {
  return Math.min(1, Math.max(0, front - node.column));
}
