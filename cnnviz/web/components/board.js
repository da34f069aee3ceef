// A pad whose drawing is reported after every finished stroke.

const mounted = new WeakMap();

function createBoard(root, data) {
  const $ = (selector) => root.querySelector(selector);
  let report = () => {};
  const pad = createPad($(".pad"), {
    pen: data.pen,
    onMove: () => { $(".invitation").hidden = pad.strokes().length > 0; },
    onFinish: () => report(pad.strokes()),
  });
  const listening = new AbortController();
  const options = { signal: listening.signal };
  $(".undo").addEventListener("click", () => pad.undo(), options);
  $(".clear").addEventListener("click", () => pad.clear(), options);
  const observer = new ResizeObserver(() => pad.refresh());
  observer.observe(root);
  if (data.strokes.length > 0) pad.replace(data.strokes);
  // The style sheet's colour follows the theme; the strokes are drawn in it.
  root.addEventListener("transitionend", () => pad.refresh(), options);

  return {
    update: (onReport) => { report = onReport; pad.refresh(); },
    destroy: () => { listening.abort(); observer.disconnect(); pad.destroy(); },
  };
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".board");
  let board = mounted.get(root);
  if (!board) {
    board = createBoard(root, data);
    mounted.set(root, board);
  }
  board.update((strokes) => setStateValue("strokes", strokes));
  return () => { board.destroy(); mounted.delete(root); };
}
