// A surface to draw on with mouse, finger or pen. Points are fractions of its side, from 0 to 1.

/** @typedef {[number, number]} Point Fractions of the pad's side. */
/** @typedef {Point[]} Stroke */

/**
 * What a pad is made with.
 * @typedef {object} PadOptions
 * @property {number} pen Diameter of the pen as a fraction of the pad's side.
 * @property {() => void} onMove The drawing changed; called while the pen moves.
 * @property {() => void} onFinish A stroke is done, or the drawing was undone, cleared or replaced.
 */

const THINNING = 0.004;
const DECIMALS = 3;
const MAX_HISTORY = 200;

/**
 * @param {number} value
 */
function roundPoint(value) {
  return Number(Math.max(0, Math.min(1, value)).toFixed(DECIMALS));
}

/**
 * Draw strokes on a canvas of `side` dots with a round pen.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 * @param {{ pen: number, side: number, color: string }} look
 */
export function drawStrokes(context, strokes, { pen, side, color }) {
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = Math.max(1, pen * side);
  context.strokeStyle = color;
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * side, stroke[0][1] * side);
    // A dot is a line of no length: the round caps draw it.
    if (stroke.length === 1) context.lineTo(stroke[0][0] * side, stroke[0][1] * side);
    for (const [x, y] of stroke.slice(1)) context.lineTo(x * side, y * side);
    context.stroke();
  }
}

/**
 * Make a canvas a pad.
 * @param {HTMLCanvasElement} canvas
 * @param {PadOptions} options
 */
export function createPad(canvas, { pen, onMove, onFinish }) {
  const listening = new AbortController();
  const context = canvas.getContext("2d");
  /** @type {Stroke[]} */
  let strokes = [];
  /** @type {Stroke[][]} */
  let history = [];
  /** @type {number | null} */
  let pointer = null;
  let width = pen;
  let frame = 0;

  function paint() {
    frame = 0;
    const box = canvas.getBoundingClientRect();
    const side = Math.round(box.width * (window.devicePixelRatio || 1));
    if (side === 0) return;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    context.clearRect(0, 0, side, side);
    drawStrokes(context, strokes, { pen: width, side, color: getComputedStyle(canvas).color });
  }

  function refresh() {
    if (frame === 0) frame = requestAnimationFrame(paint);
  }

  function remember() {
    history.push(strokes);
    if (history.length > MAX_HISTORY) history.shift();
  }

  /**
   * @param {Stroke[]} next
   * @param {{ finished: boolean }} how
   */
  function change(next, { finished }) {
    strokes = next;
    refresh();
    onMove();
    if (finished) onFinish();
  }

  /**
   * @param {PointerEvent} event
   * @param {DOMRect} box
   * @returns {Point}
   */
  function pointOf(event, box) {
    return [
      roundPoint((event.clientX - box.left) / box.width),
      roundPoint((event.clientY - box.top) / box.height),
    ];
  }

  /**
   * @param {PointerEvent} event
   */
  function extend(event) {
    const box = canvas.getBoundingClientRect();
    const stroke = strokes[strokes.length - 1];
    const before = stroke.length;
    const coalesced = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const part of coalesced.length > 0 ? coalesced : [event]) {
      const [x, y] = pointOf(part, box);
      const [lastX, lastY] = stroke[stroke.length - 1];
      if (Math.hypot(x - lastX, y - lastY) >= THINNING) stroke.push([x, y]);
    }
    return stroke.length > before;
  }

  /**
   * @param {PointerEvent} event
   */
  function begin(event) {
    if (pointer !== null || event.button > 0) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    pointer = event.pointerId;
    // A pointer made by a script cannot be captured; the stroke works without.
    try {
      canvas.setPointerCapture(pointer);
    } catch {
      /* drawn inside the pad only */
    }
    remember();
    change([...strokes, [pointOf(event, canvas.getBoundingClientRect())]], { finished: false });
  }

  /**
   * @param {PointerEvent} event
   */
  function move(event) {
    if (event.pointerId !== pointer || !extend(event)) return;
    refresh();
    onMove();
  }

  /**
   * @param {PointerEvent} event
   */
  function end(event) {
    if (event.pointerId !== pointer) return;
    if (event.type === "pointerup") extend(event);
    pointer = null;
    change(strokes, { finished: true });
  }

  function undo() {
    if (pointer !== null || history.length === 0) return;
    change(history.pop(), { finished: true });
  }

  function clear() {
    if (pointer !== null || strokes.length === 0) return;
    remember();
    change([], { finished: true });
  }

  /**
   * @param {Stroke[]} next
   */
  function replace(next) {
    pointer = null;
    if (strokes.length > 0) remember();
    strokes = next.map((stroke) => stroke.map(([x, y]) => [x, y]));
    refresh();
    onMove();
  }

  /**
   * @param {KeyboardEvent} event
   */
  function onKey(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") undo();
    else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const options = { signal: listening.signal };
  canvas.style.touchAction = "none";
  canvas.addEventListener("pointerdown", begin, options);
  canvas.addEventListener("pointermove", move, options);
  canvas.addEventListener("pointerup", end, options);
  canvas.addEventListener("pointercancel", end, options);
  canvas.addEventListener("keydown", onKey, options);

  return {
    strokes: () => strokes,
    isDrawing: () => pointer !== null,
    canUndo: () => history.length > 0,
    /** @param {number} next */
    setPen: (next) => {
      width = next;
      refresh();
    },
    replace,
    undo,
    clear,
    refresh,
    destroy: () => {
      listening.abort();
      cancelAnimationFrame(frame);
    },
  };
}
