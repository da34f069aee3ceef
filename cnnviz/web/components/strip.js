// A strip of maps: one canvas a panel, one dot a cell, enlarged by the style sheet. With several
// moments it plays them once and rests on the last.

const PACE = 140; // milliseconds a moment
const PAUSE = 500; // before the first play, so that the eye finds the strip
const GAP = 1; // dots between maps, relative to small maps; larger maps get more

function decode(text, Kind) {
  return new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

function isDark(element) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(probe.fillStyle.slice(at, at + 2), 16));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}

function build(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

// Softmax never reaches 1: do not round it there.
function formatShare(share) {
  return share > 0.999 ? "over 99.9 %" : `${(100 * share).toFixed(1)} %`;
}

function createPanel(panel) {
  const root = build("div", "panel");
  const canvas = build("canvas", "maps");
  const gap = Math.max(GAP, Math.round(panel.columns / 10));
  const across = Math.min(panel.across, panel.maps);
  const down = Math.ceil(panel.maps / across);
  canvas.width = across * (panel.columns + gap) - gap;
  canvas.height = down * (panel.rows + gap) - gap;
  root.style.setProperty("--aspect", canvas.width / canvas.height);
  if (panel.title) root.append(build("span", "title", panel.title));
  root.append(canvas);
  if (panel.note) root.append(build("span", "note", panel.note));

  const context = canvas.getContext("2d");
  const image = context.createImageData(panel.columns, panel.rows);
  const size = panel.rows * panel.columns;
  const frames = panel.frames.map((frame) => decode(frame, Int8Array));

  function paint(moment, table) {
    const values = frames[moment];
    for (let map = 0; map < panel.maps; map += 1) {
      for (let cell = 0; cell < size; cell += 1) {
        const at = 3 * (values[map * size + cell] + 128);
        image.data[4 * cell] = table[at];
        image.data[4 * cell + 1] = table[at + 1];
        image.data[4 * cell + 2] = table[at + 2];
        image.data[4 * cell + 3] = 255;
      }
      const left = (map % across) * (panel.columns + gap);
      const top = Math.floor(map / across) * (panel.rows + gap);
      context.putImageData(image, left, top);
    }
  }

  return { root, scale: panel.scale, paint };
}

function createBars(classes) {
  const root = build("div", "panel output");
  root.append(build("span", "title", "Output"));
  const body = build("div", "bars");
  const guess = build("span", "guess");
  const rows = classes.map((name) => {
    const row = build("div", "row");
    const bar = build("span", "bar");
    row.append(build("span", "class", name), bar);
    body.append(row);
    return { row, bar };
  });
  const note = build("span", "note");
  const picture = build("div", "verdict");
  picture.append(body, guess);
  root.append(picture, note);

  function paint(probabilities) {
    const best = probabilities.indexOf(Math.max(...probabilities));
    rows.forEach(({ row, bar }, index) => {
      row.classList.toggle("best", index === best);
      bar.style.setProperty("--share", probabilities[index]);
    });
    guess.textContent = classes[best];
    note.textContent = formatShare(probabilities[best]);
  }

  return { root, paint };
}

function createStrip(host) {
  let panels = [];
  let bars = null;
  let data = null;
  let shown = null;
  let moment = 0;
  let timer = 0;

  function paint() {
    const tables = data.tables[isDark(host) ? "dark" : "light"];
    const decoded = Object.fromEntries(
      Object.entries(tables).map(([name, text]) => [name, decode(text, Uint8Array)]),
    );
    for (const panel of panels) panel.paint(moment, decoded[panel.scale]);
    if (bars) bars.paint(data.probabilities[moment]);
  }

  function play() {
    moment += 1;
    paint();
    if (moment < data.panels[0].frames.length - 1) timer = setTimeout(play, PACE);
  }

  function show(next) {
    const same = JSON.stringify(next.panels) === shown;
    data = next;
    if (same) return paint();
    clearTimeout(timer);
    shown = JSON.stringify(next.panels);
    host.className = `strip ${data.layout}`;
    host.setAttribute("aria-label", data.label);
    panels = data.panels.map(createPanel);
    bars = data.probabilities.length > 0 ? createBars(data.classes) : null;
    host.replaceChildren(...panels.map((panel) => panel.root), ...(bars ? [bars.root] : []));
    // On a narrow screen the flow turns after the third panel and before the output.
    if (data.layout === "flow") {
      panels[2].root.after(build("div", "turn"));
      bars.root.before(build("div", "turn"));
    }
    const last = data.panels[0].frames.length - 1;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || last === 0;
    moment = still ? last : 0;
    paint();
    if (!still) timer = setTimeout(play, PAUSE);
  }

  // The style sheet gives the strip a transition on its colour: its end tells of a new theme.
  host.addEventListener("transitionend", (event) => {
    if (event.target === host) paint();
  });
  return { show };
}

const strips = new WeakMap();

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".strip");
  if (!strips.has(host)) strips.set(host, createStrip(host));
  strips.get(host).show(data);
}
