// Receptive fields, layer by layer: one or two stacks over the same input, one cell, one clock.

const STEP_MILLISECONDS = 900;
const REST_MILLISECONDS = 450;
const mountedFields = new WeakMap();

function createField(root) {
  const back = build("button", { type: "button", "aria-label": "One layer back" }, "‹ Back");
  const play = build("button", { type: "button", class: "play" }, "▶ Play");
  const forward = build("button", { type: "button", "aria-label": "One layer further" }, "Step ›");
  const count = build("span", { class: "count" });
  const speed = build("select", {}, ...[["0.5", "slow"], ["1", "normal"], ["2.5", "fast"]].map(([value, name]) => build("option", { value }, name)));
  speed.value = "1";
  const byPaths = build("input", { type: "checkbox" });
  byPaths.checked = true;
  const save = build("button", { type: "button" }, "PNG");
  save.title = "Save the picture";
  const bar = build("div", { class: "bar" }, back, play, forward, count, build("label", {}, "Speed", speed), build("label", {}, byPaths, "shade by number of paths"), save);
  const list = build("div", { class: "stacks" });
  const legend = build("div", { class: "legend" });
  root.append(bar, legend, list);

  let data = null;
  let send = () => {};
  let panels = [];
  let photograph = null;
  let level = 0; // the layer whose cell is shown; 0 before the first data
  let depth = Infinity; // how many layers down its cone has been drawn
  let pinned = null; // place over the input that the chosen cell is nearest to
  let hovered = null;
  let frame = 0;
  let timer = 0;
  let playing = false;
  let width = 0;

  const deepest = () => Math.max(1, ...panels.map((panel) => panel.stack.rows.length));
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function createPanel(stack) {
    const title = build("h3");
    const sees = build("p", { class: "sees", "aria-live": "polite" });
    const canvas = build("canvas", { tabindex: "0", role: "application" });
    const facts = build("dl", { class: "facts" });
    const details = build("details", { class: "editor" });
    const element = build("div", { class: "stack", "data-stack": stack.key }, title, sees, canvas, facts, details);
    const editor = createEditor(details, (text) => send({ stack: stack.key, text }));
    const panel = { stack, element, title, sees, canvas, facts, editor, picture: createPicture(canvas) };
    canvas.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") moveTo(panel, event, false); });
    canvas.addEventListener("pointerleave", () => { hovered = null; paint(); });
    canvas.addEventListener("click", (event) => moveTo(panel, event, true));
    canvas.addEventListener("keydown", (event) => onKey(panel, event));
    return panel;
  }

  function moveTo(panel, event, keep) {
    const place = panel.picture.locate(event);
    const next = { row: place.row ?? pinned.row, column: place.column };
    if (keep) pinned = next; else hovered = next;
    paint();
  }

  function onKey(panel, event) {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (event.key === " ") { togglePlay(); event.preventDefault(); return; }
    if (!move || !panel.stack.rows.length) return;
    event.preventDefault();
    const top = panel.stack.rows.length;
    const { first, jump } = placeOf(panel.stack.rows, top);
    const cells = ["row", "column"].map((axis, at) => {
      const cell = nearestCell(panel.stack, top, pinned[axis]) + move[at];
      return first + Math.max(0, Math.min(sizeOf(panel.stack, top) - 1, cell)) * jump;
    });
    hovered = null;
    pinned = { row: cells[0], column: cells[1] };
    paint();
  }

  // What one stack shows now: a cell of the current layer and what it reads in every layer below.
  function lookAt(stack) {
    const place = hovered ?? pinned;
    const top = stack.rows.length;
    const shownLevel = Math.min(level, top);
    const output = [nearestCell(stack, top, place.row), nearestCell(stack, top, place.column)];
    const traces = output.map((cell) => tracePaths(stack.rows, top, cell));
    const inner = stack.rows.map((row, index) => traces.map((levels) => middleCell(levels[index + 1], row.size)));
    const cell = shownLevel === top ? output : inner[shownLevel - 1];
    return {
      level: shownLevel,
      cell,
      inner: [null, ...inner],
      depth: level > top ? Infinity : depth,
      rows: tracePaths(stack.rows, shownLevel, cell[0]),
      columns: tracePaths(stack.rows, shownLevel, cell[1]),
    };
  }

  function describe(panel, shown) {
    const { stack } = panel;
    const { field, jump } = stack.rows[shown.level - 1];
    const known = (axis) => [...axis.keys()].filter((index) => inside(index, stack.size)).length;
    const pixels = known(shown.rows[0]) * known(shown.columns[0]);
    panel.element.dataset.level = String(shown.level);
    panel.element.dataset.field = String(field);
    panel.element.dataset.pixels = String(pixels);
    panel.element.dataset.cell = shown.cell.join(" ");
    const note = pixels === field * field ? "" : ` It reads ${pixels} of them: the rest is padding or skipped.`;
    panel.sees.replaceChildren(
      `Layer ${shown.level}, row ${shown.cell[0]}, column ${shown.cell[1]} sees `,
      build("b", {}, `${field}×${field} pixels`), ` (neighbours ${jump} apart).${note}`,
    );
    panel.canvas.setAttribute("aria-label", `${stack.title}. ${panel.sees.textContent} Arrow keys move the cell, space plays.`);
    panel.editor.mark(shown.level);
  }

  const labelFont = () => `600 11.5px ${getComputedStyle(root).getPropertyValue("--st-font")}`;

  function readLook() {
    const dark = isDarkTheme(root);
    const table = readColorTable(data.tables[dark ? "dark" : "light"].signed);
    const rgb = (share) => table.rgb.subarray(3 * (152 + Math.round(66 * share)), 3 * (153 + Math.round(66 * share)));
    const color = (share, alpha = 1) => `rgb(${rgb(share).join(" ")} / ${alpha})`;
    const style = getComputedStyle(root);
    const mix = (text, share) => { probe.style.color = `color-mix(in srgb, ${text} ${share}%, ${style.getPropertyValue("--st-background-color")})`; return getComputedStyle(probe).color; };
    root.style.setProperty("--soft", color(0));
    root.style.setProperty("--strong", color(1));
    const ink = style.getPropertyValue("--st-text-color");
    const blue = style.getPropertyValue("--st-link-color");
    return {
      ground: style.getPropertyValue("--st-background-color"),
      cell: mix(ink, 9), line: mix(ink, 35), quiet: mix(ink, 64), hatchColor: mix(ink, 32),
      grid: photograph ? `color-mix(in srgb, ${style.getPropertyValue("--st-background-color")} 30%, transparent)` : style.getPropertyValue("--st-background-color"),
      strong: style.getPropertyValue("--st-primary-color"),
      frame: blue, frameSoft: mix(blue, 70),
      cone: color(0.15, 0.22), shade: color, rgb, byPaths: byPaths.checked, photograph,
      font: labelFont(),
    };
  }

  const probe = build("span", { hidden: "" });
  root.append(probe);

  function paint() {
    if (!data || !width) return;
    const look = readLook();
    for (const panel of panels) {
      if (!panel.stack.rows.length) continue;
      const shown = lookAt(panel.stack);
      panel.picture.paint(look, shown);
      describe(panel, shown);
    }
    const last = deepest();
    count.textContent = `Layer ${level} of ${last}`;
    root.dataset.level = String(level);
    back.disabled = level <= 1;
    forward.disabled = level >= last;
    play.textContent = playing ? "❚❚ Pause" : "▶ Play";
    play.setAttribute("aria-pressed", String(playing));
  }

  function showLevel(next, done) {
    cancelAnimationFrame(frame);
    level = Math.max(1, Math.min(deepest(), next));
    depth = 0;
    const wanted = level;
    const began = performance.now();
    const length = still() ? 0 : (STEP_MILLISECONDS * Math.min(2, Math.sqrt(wanted))) / Number(speed.value);
    const tick = (now) => {
      const share = length ? (now - began) / length : 1;
      depth = share >= 1 ? Infinity : Math.max(0, share) * wanted;
      paint();
      if (share < 1) frame = requestAnimationFrame(tick);
      else if (done) done();
    };
    frame = requestAnimationFrame(tick);
  }

  function playOn() {
    if (!playing) return;
    if (level >= deepest()) { playing = false; paint(); return; }
    showLevel(level + 1, playSoon);
  }

  function playSoon() { timer = setTimeout(playOn, REST_MILLISECONDS / Number(speed.value)); }

  function togglePlay() {
    playing = !playing;
    if (!playing) { stop(); paint(); return; }
    if (level >= deepest()) showLevel(1, playSoon);
    else playOn();
  }

  function stop() {
    playing = false;
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    depth = Infinity;
  }

  function arrange() {
    const space = Math.floor(root.getBoundingClientRect().width);
    if (!data || !space) return;
    width = space;
    list.style.setProperty("--stacks", String(panels.length));
    const drawn = panels.filter((panel) => panel.stack.rows.length);
    if (!drawn.length) return;
    const reaches = drawn.map((panel) => reachOf(panel.stack));
    const reach = [Math.min(...reaches.map(([low]) => low)), Math.max(...reaches.map(([, high]) => high))];
    const single = panels.length === 1;
    list.classList.toggle("single", single);
    const column = Math.floor(panels[0].element.getBoundingClientRect().width);
    const font = labelFont();
    const words = single ? drawn[0].picture.labelWidth(drawn[0].stack, font) : 0;
    const margin = words && column > words + 380 ? words : 0;
    const pixel = Math.min(34, Math.min(column - margin, single ? 460 : 400) / (reach[1] - reach[0]));
    const wide = single ? Math.ceil(margin + (reach[1] - reach[0]) * pixel) : column;
    const tallest = deepest();
    const side = tallest * Math.max(margin ? 24 : 30, Math.min(64, 240 / tallest));
    for (const panel of drawn) {
      panel.picture.resize(panel.stack, { width: wide, reach, pixel, step: side / panel.stack.rows.length, margin });
    }
    paint();
  }

  function showFacts(panel) {
    panel.title.textContent = panel.stack.title;
    panel.facts.replaceChildren(...panel.stack.facts.map(([name, value]) => build("div", {}, build("dt", {}, name), build("dd", {}, value))));
    panel.canvas.hidden = panel.stack.rows.length === 0;
    panel.sees.hidden = panel.canvas.hidden;
    panel.editor.update(panel.stack);
  }

  function showLegend() {
    const items = [["paths", "few paths … many paths to this pixel"], ["frame", "theoretical field"]];
    if (panels.some((panel) => panel.stack.rows.some((row) => row.padding))) items.push(["padding", "padding: zeros"]);
    if (panels.some((panel) => panel.stack.unread.length)) items.push(["unread", "read by no output"]);
    legend.replaceChildren(...items.map(([name, text]) => build("span", {}, build("i", { class: name }), text)));
  }

  function readPhotograph() {
    if (!data.picture) return null;
    const { size, pixels } = data.picture;
    const bytes = new Uint8Array(decodeBytes(pixels).buffer);
    const scratch = build("canvas", { width: String(size), height: String(size) });
    const image = new ImageData(size, size);
    for (let i = 0; i < size * size; i += 1) image.data.set([bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2], 255], 4 * i);
    scratch.getContext("2d").putImageData(image, 0, 0);
    return scratch;
  }

  function update(next, onChange) {
    send = onChange;
    const same = data && JSON.stringify([data.stacks, data.picture]) === JSON.stringify([next.stacks, next.picture]);
    data = next;
    if (same) return paint();
    stop();
    photograph = readPhotograph();
    const keys = next.stacks.map((stack) => stack.key).join();
    if (panels.map((panel) => panel.stack.key).join() !== keys) {
      panels = next.stacks.map(createPanel);
      list.replaceChildren(...panels.map((panel) => panel.element));
    }
    panels.forEach((panel, index) => { panel.stack = next.stacks[index]; showFacts(panel); });
    const size = next.stacks[0].size;
    if (!pinned || data.size !== size) pinned = { row: (size - 1) / 2, column: (size - 1) / 2 };
    level = deepest();
    showLegend();
    arrange();
  }

  back.addEventListener("click", () => { stop(); showLevel(level - 1); });
  forward.addEventListener("click", () => { stop(); showLevel(level + 1); });
  play.addEventListener("click", togglePlay);
  byPaths.addEventListener("change", paint);
  save.addEventListener("click", () => savePicture(panels.filter((panel) => panel.stack.rows.length).map((panel) => panel.canvas), root, "receptive-field.png"));

  const observer = new ResizeObserver(() => { if (Math.floor(root.getBoundingClientRect().width) !== width) arrange(); });
  observer.observe(root);
  // The style sheet gives the colour a transition: its end tells of a new theme.
  root.addEventListener("transitionend", (event) => { if (event.target === root) paint(); });

  return { update, destroy: () => { stop(); observer.disconnect(); root.replaceChildren(); } };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".field");
  let field = mountedFields.get(root);
  if (!field) {
    field = createField(root);
    mountedFields.set(root, field);
  }
  field.update(data, (change) => setTriggerValue("edited", change));
  return () => { field.destroy(); mountedFields.delete(root); };
}
