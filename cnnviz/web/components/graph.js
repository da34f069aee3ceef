// A network as a row of blocks to choose a layer from. Of a long network one block at a time is
// drawn in full, and overview.js shows where it stands.

const SLAB = 6;
const MARGIN_X = 14;
const FEW = 16; // columns whose names are shown on narrow screens, too
const MOST_FAN_IN = 4;
const SVG = "http://www.w3.org/2000/svg";
const mounted = new WeakMap();

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function widthOf(block, scale) {
  if (block.sign) return 16;
  return block.thickness === 0 ? SLAB * Math.min(scale, 1.3) : (7 + 30 * block.thickness) * scale;
}

function heightOf(block, scale) {
  return block.sign ? 16 : (8 + 70 * block.height) * scale;
}

// The oblique third dimension of a block.
function depthOf(block, scale) {
  return block.sign || !block.spatial ? 0 : 0.2 * heightOf(block, scale);
}

// Break the columns into rows of about one length and place every block.
function arrangeBlocks(blocks, width) {
  const columns = [];
  for (const block of blocks) (columns[block.column] ??= []).push(block);
  const room = width - 2 * MARGIN_X;
  const wideness = (members, scale) => Math.max(...members.map((block) => widthOf(block, scale) + 0.7 * depthOf(block, scale)));
  const natural = (scale, gap) => columns.reduce((sum, members) => sum + wideness(members, scale) + gap, 0);
  let scale = 1;
  let gap = 7;
  const few = columns.length <= FEW;
  if (few) gap = 26;
  if (natural(1, gap) < room) {
    scale = Math.min(1.35, Math.max(1, room / natural(1, 34)));
    gap = Math.min(74, Math.max(7, gap + (room - natural(scale, gap)) / columns.length));
  } else if (columns.length > 60) {
    scale = 0.72;
    gap = 5;
  }
  // As many rows as are needed, all about equally long.
  const whole = natural(scale, gap);
  const aim = whole <= room + 1 ? Infinity : whole / Math.ceil(whole / room) + 30;
  const places = new Map();
  const rows = [];
  let row = null;
  for (const members of columns) {
    const wide = wideness(members, scale);
    if (!row || row.end + wide > width - MARGIN_X || row.end > aim) {
      row = { index: rows.length, end: MARGIN_X, blocks: [] };
      rows.push(row);
    }
    for (const block of members) {
      const own = widthOf(block, scale) + 0.7 * depthOf(block, scale);
      places.set(block, { row, x: row.end + (wide - own) / 2, width: widthOf(block, scale), height: heightOf(block, scale), depth: depthOf(block, scale) });
      row.blocks.push(block);
    }
    row.end += wide + gap;
  }
  return { places, rows, labelled: gap > 18 };
}

// Give each row its height: arcs on top, then one strip for each lane in use.
function stackRows({ places, rows, labelled }, blocks, ties) {
  let y = 4;
  for (const row of rows) {
    const spans = ties
      .filter(([from, to]) => isArc(blocks[from], blocks[to], places) && places.get(blocks[from]).row === row)
      .map(([from, to]) => places.get(blocks[to]).x - places.get(blocks[from]).x);
    row.arc = spans.length ? Math.min(34, 10 + Math.max(...spans) * 0.08) : 0;
    const depth = Math.max(...row.blocks.map((block) => places.get(block).depth));
    const lanes = Math.max(...row.blocks.map((block) => block.lane)) + 1;
    let top = y + row.arc + depth + 2;
    for (let lane = 0; lane < lanes; lane += 1) {
      const members = row.blocks.filter((block) => block.lane === lane).map((block) => places.get(block));
      if (members.length === 0) continue;
      const tall = Math.max(...members.map((place) => place.height));
      for (const place of members) place.y = top + (tall - place.height) / 2;
      top += tall + (labelled ? 36 : 12);
    }
    row.bottom = top;
    y = top + (labelled ? 2 : 20);
  }
  return y - (labelled ? 2 : 8);
}

function isArc(from, to, places) {
  return from.lane === to.lane && to.column - from.column > 1 && places.get(from).row === places.get(to).row;
}

function tiePath(from, to, places, width) {
  const a = places.get(from);
  const b = places.get(to);
  const [x1, y1] = [a.x + a.width, a.y + a.height / 2];
  const [x2, y2] = [b.x, b.y + b.height / 2];
  if (a.row !== b.row) {
    const out = `M${x1} ${y1}H${Math.min(x1 + 14, width - 2)}`;
    return to.column - from.column === 1 ? `${out}M${Math.max(x2 - 12, 2)} ${y2}H${x2}` : `${out}M${x2 - 4} ${y2 - 14}L${x2} ${y2 - 4}`;
  }
  if (isArc(from, to, places)) {
    const rise = Math.min(a.y - a.depth, b.y - b.depth) - Math.min(a.row.arc, 10 + (x2 - x1) * 0.08);
    const [start, end] = [a.x + a.width / 2 + a.depth / 2, b.x + b.width / 2];
    return `M${start} ${a.y - a.depth}C${start} ${rise} ${end} ${rise} ${end} ${b.y}`;
  }
  const bend = Math.min(24, (x2 - x1) / 2);
  return y1 === y2 ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function drawBlock(block, place, labelled) {
  const { x, y, width, height, depth } = place;
  const group = draw("g", { class: block.ghost ? "block ghost" : "block", role: "option", tabindex: "-1", "aria-label": block.facts.join(", "), "data-layer": block.name });
  group.style.setProperty("--kind", `var(--kind-${block.color})`);
  if (block.sign) {
    group.append(draw("circle", { cx: x + 8, cy: y + 8, r: 8 }), draw("text", { class: "sign", x: x + 8, y: y + 8 }, block.sign));
  } else {
    if (depth > 0) {
      group.append(
        draw("path", { class: "face top", d: `M${x} ${y}l${depth} ${-depth}h${width}l${-depth} ${depth}z` }),
        draw("path", { class: "face side", d: `M${x + width} ${y}l${depth} ${-depth}v${height}l${-depth} ${depth}z` }),
      );
    }
    group.append(draw("rect", { class: "face front", x, y, width, height }));
  }
  group.append(
    draw("rect", { class: "halo", x: x - 3, y: y - depth - 3, width: width + depth + 6, height: height + depth + 6, rx: 4 }),
    draw("rect", { class: "hit", x: x - 3, y: y - depth - 3, width: width + depth + 6, height: height + depth + 6 }),
  );
  if (labelled && block.thickness > 0 && !block.sign) {
    group.append(
      draw("text", { class: "name", x: x + width / 2, y: y + height + 15 }, block.label),
      draw("text", { class: "shape", x: x + width / 2, y: y + height + 28 }, block.shape),
    );
  }
  return group;
}

function createGraph(root) {
  const $ = (selector) => root.querySelector(selector);
  const svg = $("svg");
  const tip = $(".tip");
  let data = null;
  let view = { blocks: [], ties: [], left: 0 };
  let unit = 0; // the one that is drawn, where the network has units
  let choose = () => {};
  let places = new Map();
  let groups = [];
  let lines = [];
  let drawnWidth = 0;
  let selected = null;
  let current = 0;

  function arrange() {
    const width = svg.getBoundingClientRect().width;
    if (width === 0 || (width === drawnWidth && groups.length > 0)) return;
    drawnWidth = width;
    const { blocks, ties } = view;
    const arranged = arrangeBlocks(blocks, width);
    places = arranged.places;
    const height = stackRows(arranged, blocks, ties);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const fanIn = new Map();
    for (const [, to] of ties) fanIn.set(to, (fanIn.get(to) ?? 0) + 1);
    lines = ties
      .filter(([from, to]) => fanIn.get(to) <= MOST_FAN_IN || blocks[to].column - blocks[from].column === 1)
      .map(([from, to]) => {
        const far = places.get(blocks[from]).row !== places.get(blocks[to]).row;
        const path = draw("path", { class: far ? "tie far" : "tie", d: tiePath(blocks[from], blocks[to], places, width) });
        return { from, to, path };
      });
    groups = blocks.map((block) => drawBlock(block, places.get(block), arranged.labelled));
    // Drawn from the right, so that a block's oblique side lies behind the next one's front.
    svg.replaceChildren(...lines.map((line) => line.path), ...groups);
    mark();
  }

  function mark() {
    const chosen = view.blocks.findIndex((block) => !block.ghost && block.name === selected);
    current = Math.max(chosen, 0);
    groups.forEach((group, index) => {
      group.classList.toggle("selected", index === chosen);
      group.setAttribute("aria-selected", String(index === chosen));
      group.setAttribute("tabindex", index === current ? "0" : "-1");
    });
    light(current);
    overview.mark(unit, unitOf(selected));
    const scroller = $(".scroller");
    const place = places.get(view.blocks[current]);
    if (place && scroller.scrollHeight > scroller.clientHeight) {
      const middle = place.y + place.height / 2;
      if (middle < scroller.scrollTop + 40 || middle > scroller.scrollTop + scroller.clientHeight - 40) {
        scroller.scrollTop = middle - scroller.clientHeight / 2;
      }
    }
  }

  // Bring out the ties of one layer.
  function light(index) {
    for (const { from, to, path } of lines) path.classList.toggle("lit", from === index || to === index);
  }

  function indexOf(event) {
    const group = event.target.closest?.(".block");
    return group ? groups.indexOf(group) : -1;
  }

  function showTip(index) {
    if (index < 0) { tip.hidden = true; light(current); return; }
    light(index);
    const [title, ...lines] = view.blocks[index].facts;
    tip.replaceChildren(build("b", {}, title), ...lines.map((line) => build("span", {}, line)));
    tip.hidden = false;
    const frame = root.getBoundingClientRect();
    const box = groups[index].querySelector(".halo").getBoundingClientRect();
    const left = Math.max(0, Math.min(box.left - frame.left, frame.width - tip.offsetWidth));
    const above = box.top - frame.top - tip.offsetHeight - 6;
    tip.style.left = `${left}px`;
    tip.style.top = `${above >= 0 ? above : box.bottom - frame.top + 6}px`;
  }

  function pick(index) {
    if (index < 0) return;
    const { ghost, name } = view.blocks[index];
    if (ghost) openUnit(unitOf(name));
    if (ghost || name === selected) return;
    selected = name;
    mark();
    choose(selected);
  }

  // The nearest block above or below.
  function stepAcross(index, direction) {
    const here = places.get(view.blocks[index]);
    let best = index;
    let least = Infinity;
    view.blocks.forEach((block, other) => {
      const there = places.get(block);
      const down = (there.y + there.height / 2 - here.y - here.height / 2) * direction;
      const far = down + 3 * Math.abs(there.x - here.x);
      if (down > 8 && far < least) { best = other; least = far; }
    });
    return best;
  }

  // Over the end of a block into the next one.
  function walkOn(direction) {
    openUnit(unit + direction);
    groups[direction > 0 ? 0 : groups.length - 1].focus();
  }

  function onKey(event) {
    const index = indexOf(event);
    if (index < 0) return;
    const last = groups.length - 1;
    const way = { ArrowRight: index === last ? 1 : 0, ArrowLeft: index === 0 ? -1 : 0 }[event.key];
    const goal = {
      ArrowLeft: () => Math.max(index - 1, 0),
      ArrowRight: () => Math.min(index + 1, last),
      ArrowUp: () => stepAcross(index, -1),
      ArrowDown: () => stepAcross(index, 1),
      Home: () => 0,
      End: () => last,
    }[event.key];
    if (way && data.units[unit + way]) walkOn(way);
    else if (goal) {
      const next = goal();
      for (const group of groups) group.setAttribute("tabindex", "-1");
      groups[next].setAttribute("tabindex", "0");
      groups[next].focus();
      showTip(next);
    } else if (event.key === "Enter" || event.key === " ") pick(index);
    else return;
    event.preventDefault();
  }

  function paintKinds() {
    const theme = isDarkTheme(root) ? 1 : 0;
    for (const [kind, colors] of Object.entries(data.colors)) root.style.setProperty(`--kind-${kind}`, colors[theme]);
  }

  function showLegend() {
    $(".legend").replaceChildren(...data.legend.map(([kind, text]) => {
      const chip = build("i");
      chip.style.setProperty("--kind", `var(--kind-${kind})`);
      return build("span", {}, chip, text);
    }));
  }

  function update(next, onChoose) {
    const fresh = !data || JSON.stringify(next.blocks) !== JSON.stringify(data.blocks);
    data = next;
    choose = onChoose;
    paintKinds();
    if (!fresh) return;
    showLegend();
    overview.update(data.units);
    unit = Math.max(unitOf(selected), 0);
    redraw();
    readChoice();
  }

  // The block of a long network that a layer belongs to; -1 in a short one.
  function unitOf(name) {
    const index = data.blocks.findIndex((block) => block.name === name);
    return data.units.findIndex(({ first, last }) => index >= first && index <= last);
  }

  function openUnit(index) {
    if (index < 0 || index >= data.units.length) return;
    unit = index;
    redraw();
  }

  function redraw() {
    view = viewOf(data, unit);
    groups = [];
    tip.hidden = true;
    showPlace();
    arrange();
  }

  function showPlace() {
    $(".place").hidden = data.units.length === 0;
    if (data.units.length === 0) return;
    const { title, note } = data.units[unit];
    $(".place b").textContent = title;
    const left = view.left > 0 ? ` · reads ${view.left} more layers before` : "";
    $(".place span").textContent = `${note} · ${unit + 1} of ${data.units.length}${left}`;
    $(".place .back").disabled = unit === 0;
    $(".place .on").disabled = unit === data.units.length - 1;
  }

  const overview = createOverview($(".overview"), openUnit);
  const listening = new AbortController();
  const options = { signal: listening.signal };
  $(".place .back").addEventListener("click", () => openUnit(unit - 1), options);
  $(".place .on").addEventListener("click", () => openUnit(unit + 1), options);
  svg.addEventListener("click", (event) => pick(indexOf(event)), options);
  svg.addEventListener("keydown", onKey, options);
  svg.addEventListener("pointerover", (event) => { if (event.pointerType === "mouse") showTip(indexOf(event)); }, options);
  svg.addEventListener("pointerleave", () => showTip(-1), options);
  svg.addEventListener("focusout", () => showTip(-1), options);
  // The style sheet gives the colour a transition: its end tells of a new theme.
  root.addEventListener("transitionend", (event) => { if (event.target === root) paintKinds(); }, options);
  const observer = new ResizeObserver(arrange);
  observer.observe(svg);
  const readChoice = followChoice("network_picture", (name) => {
    selected = name;
    if (data && unitOf(name) >= 0 && unitOf(name) !== unit) openUnit(unitOf(name));
    else if (groups.length > 0) mark();
  }, options);

  return { update, destroy: () => { listening.abort(); observer.disconnect(); } };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".graph");
  let graph = mounted.get(root);
  if (!graph) {
    graph = createGraph(root);
    mounted.set(root, graph);
  }
  graph.update(data, (name) => setTriggerValue("picked", name));
  return () => { graph.destroy(); mounted.delete(root); };
}
