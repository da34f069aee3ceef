// A card for each network: what it sees, where it looked, its first five guesses, its cost.

// Classes that several networks name have a colour in common; the theme's own come in this order.
const HUES = ["--st-orange-color", "--st-blue-color", "--st-green-color", "--st-violet-color", "--st-red-color", "--st-yellow-color"];

function make(tag, { className, text, ...rest } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  Object.assign(element, rest);
  element.append(...children);
  return element;
}

function makePicture({ png, caption, alt }) {
  const image = make("img", { src: `data:image/png;base64,${png}`, alt });
  return make("figure", {}, image, make("figcaption", { text: caption }));
}

function makeGuess({ name, text, share, hue, told }) {
  const dot = make("i", { className: "dot", title: told });
  const bar = make("div", { className: "bar" });
  bar.style.width = `${100 * share}%`;
  if (hue !== null) dot.style.background = bar.style.background = `var(${HUES[hue % HUES.length]}, var(--st-primary-color))`;
  const line = make("li", { title: told || name }, dot, make("span", { text: name }), make("span", { text }));
  line.append(make("div", { className: "track" }, bar));
  return line;
}

function makeCard({ title, year, pictures, guesses, note, flipped, facts }) {
  const terms = facts.map(([term, value]) => make("div", {}, make("dt", { text: term }), make("dd", { text: value })));
  return make(
    "article", {},
    make("header", {}, make("b", { text: title }), make("span", { text: year })),
    make("div", { className: "pictures" }, ...pictures.map(makePicture)),
    make("div", { className: "first", text: guesses[0].name }),
    make("div", { className: flipped ? "note flipped" : "note", text: note }),
    make("ol", {}, ...guesses.map(makeGuess)),
    make("dl", {}, ...terms),
  );
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".compare");
  root.setAttribute("aria-label", data.label);
  root.replaceChildren(...data.cards.map(makeCard));
}
