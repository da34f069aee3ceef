// The pictures side by side, and below them a card for each network: how it decides, its first
// five guesses, and its probabilities for both cues on the originals and on the conflict.

function make(tag, { className, text, ...rest } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  Object.assign(element, rest);
  element.append(...children);
  return element;
}

function makePicture({ png, title, caption, tone }) {
  return make(
    "figure", { className: tone },
    make("h4", { text: title }),
    make("img", { src: `data:image/png;base64,${png}`, alt: `${title}: ${caption}` }),
    make("figcaption", { text: caption }),
  );
}

function makeGuess({ name, share, text, tone }) {
  const bar = make("div", { className: "bar" });
  bar.style.width = `${100 * share}%`;
  return make(
    "li", { className: tone, title: name },
    make("span", { text: name }), make("span", { text }), make("div", { className: "track" }, bar),
  );
}

function makeTable({ columns, rows }) {
  const table = make("table");
  if (!rows.length) return table;
  const head = make("tr", {}, make("th", { text: "on the picture" }), ...columns.map((text) => make("th", { text })));
  const body = rows.map(({ name, tone, cells }) => make(
    "tr", { className: tone }, make("td", { text: name }), ...cells.map((text) => make("td", { text })),
  ));
  table.append(head, ...body);
  return table;
}

function makeCard(card) {
  return make(
    "article", {},
    make("header", {}, make("b", { text: card.title }), make("span", { text: card.year })),
    make("div", { className: `head ${card.tone}`, text: card.head }),
    make("div", { className: "note", text: card.note }),
    make("ol", {}, ...card.guesses.map(makeGuess)),
    makeTable(card),
  );
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".cues");
  const pictures = make("div", { className: "pictures" }, ...data.pictures.map(makePicture));
  pictures.style.setProperty("--count", data.pictures.length);
  root.replaceChildren(pictures, make("div", { className: "cards" }, ...data.cards.map(makeCard)));
}
