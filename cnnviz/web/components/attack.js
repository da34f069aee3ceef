// Picture + distortion = result, with the likeliest classes before and after. The slider moves
// through the results, all of which are here, without asking the server.

const BEAT = 180; // milliseconds a result when they are played
const mountedAttacks = new WeakMap();

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function unpack(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function paintPicture(canvas, bytes, { width, height }) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  const channels = bytes.length / (width * height);
  for (let at = 0; at < width * height; at += 1) {
    for (let color = 0; color < 3; color += 1) {
      image.data[4 * at + color] = bytes[channels === 1 ? at : 3 * at + color];
    }
    image.data[4 * at + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Softmax never reaches 1: it is not rounded there.
function tellShare(share) {
  return share > 0.999 ? "> 99.9 %" : `${(100 * share).toFixed(1)} %`;
}

function listGuesses(host, top, before) {
  const rows = top.map(([name, share]) => {
    const bar = make("i", {});
    bar.style.setProperty("--share", share);
    const row = make("div", { class: name === before ? "guess before" : "guess" }, make("span", { title: name }, name), bar, make("b", {}, tellShare(share)));
    return row;
  });
  host.replaceChildren(host.firstChild, ...rows);
}

function createAttack(root) {
  let data = null;
  let shown = null;
  let index = 0;
  let timer = 0;
  let choose = () => {};
  const canvases = [0, 1, 2].map(() => make("canvas", { role: "img" }));
  const notes = [0, 1, 2].map(() => make("p", { class: "small" }));
  const heads = [0, 1, 2].map(() => make("h4", {}));
  const panels = canvases.map((canvas, at) => make("div", { class: "panel" }, heads[at], canvas));
  const slider = make("input", { type: "range", min: "0", step: "1" });
  const label = make("output", {});
  const play = make("button", { type: "button" }, "Play");
  const verdict = make("p", { class: "verdict", "aria-live": "polite" });
  const before = make("div", {}, make("h4", {}, "Before"));
  const after = make("div", {}, make("h4", {}, "After"));
  root.append(
    make("div", { class: "pictures" },
      panels[0], make("div", { class: "sign" }, "+"), panels[1], make("div", { class: "sign" }, "="), panels[2],
      notes[0], make("span", {}), notes[1], make("span", {}), notes[2]),
    make("div", { class: "sweep" }, label, slider, play),
    verdict,
    make("div", { class: "lists" }, before, after),
  );

  function paint() {
    const frame = data.frames[index];
    paintPicture(canvases[1], unpack(frame.change), data);
    paintPicture(canvases[2], unpack(frame.pixels), data);
    notes[1].textContent = `${frame.scale}; ${frame.note}`;
    notes[2].textContent = data.result_note;
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", `${frame.name}. ${frame.verdict}`);
    label.textContent = frame.name;
    verdict.textContent = frame.verdict;
    verdict.classList.toggle("fooled", frame.fooled);
    after.classList.toggle("fooled-list", frame.fooled);
    listGuesses(after, frame.top, data.top[0][0]);
    canvases[1].setAttribute("aria-label", `The change, ${frame.scale}`);
    canvases[2].setAttribute("aria-label", `The changed picture. ${frame.verdict}`);
    root.dataset.index = String(index);
  }

  function move(next) {
    index = Math.max(0, Math.min(data.frames.length - 1, next));
    paint();
  }

  function rest() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }

  function start() {
    if (timer) { rest(); choose(index); return; }
    play.textContent = "Pause";
    if (index === data.frames.length - 1) move(0);
    timer = setInterval(() => {
      if (index === data.frames.length - 1) { rest(); choose(index); } else move(index + 1);
    }, BEAT);
  }

  function update(next, onChoose) {
    choose = onChoose;
    const same = JSON.stringify(next) === shown;
    data = next;
    if (!same) {
      shown = JSON.stringify(next);
      rest();
      slider.max = String(data.frames.length - 1);
      slider.setAttribute("aria-label", data.slider);
      data.titles.forEach((title, at) => { heads[at].textContent = title; });
      notes[0].textContent = data.picture_note;
      canvases[0].setAttribute("aria-label", data.titles[0]);
      paintPicture(canvases[0], unpack(data.original), data);
      listGuesses(before, data.top, data.top[0][0]);
      index = Math.min(index, data.frames.length - 1);
      paint();
    }
    readChoice();
  }

  const listening = new AbortController();
  slider.addEventListener("input", () => { rest(); move(Number(slider.value)); });
  slider.addEventListener("change", () => choose(index));
  play.addEventListener("click", start);
  // `read` is made with the first data, which tells under what name the choice comes.
  let read = null;
  function readChoice() {
    read ??= followChoice(data.follows, (chosen) => { if (!timer) move(chosen); }, { signal: listening.signal });
    read();
  }
  return { update, destroy: () => { rest(); listening.abort(); root.replaceChildren(); } };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".attack");
  let attack = mountedAttacks.get(root);
  if (!attack) {
    attack = createAttack(root);
    mountedAttacks.set(root, attack);
  }
  attack.update(data, (index) => setTriggerValue("moved", index));
  return () => { attack.destroy(); mountedAttacks.delete(root); };
}
