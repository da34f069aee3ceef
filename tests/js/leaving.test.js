// The watch over a way to another page, against what a visitor would see. The browser is a few
// stand-ins: what it calls, and what Streamlit shows at that moment.

import assert from "node:assert/strict";
import test from "node:test";

class Anchor {
  constructor(href) {
    Object.assign(this, { href, download: "", target: "", clicks: 0 });
  }

  click() {
    this.clicks += 1;
    listeners.click({ isTrusted: false, composedPath: () => [this] });
  }
}

class Button {
  constructor(className) {
    Object.assign(this, { className, clicks: 0 });
  }

  closest(selector) {
    return this.className && selector.includes("st-key-leave-") ? this : null;
  }

  click() {
    this.clicks += 1;
    listeners.click({ isTrusted: false, composedPath: () => [this] });
  }
}

const listeners = {};
const dataset = {};
let pushed = ""; // the newest entry of the history
let look = () => {}; // what is to be called every quarter of a second
const listen = (kind, listener) => {
  listeners[kind] = listener;
};
Object.assign(globalThis, {
  setInterval: (callback) => {
    look = callback;
    return 1;
  },
  clearInterval: () => {
    look = () => {};
  },
  HTMLAnchorElement: Anchor,
  HTMLButtonElement: Button,
  window: {
    location: new URL("http://host/occlusion"),
    history: {
      pushState: (_state, _unused, url) => {
        pushed = url;
      },
    },
    addEventListener: listen,
  },
  document: {
    documentElement: { dataset },
    addEventListener: listen,
    dispatchEvent: (event) => listeners[event.type](event),
    querySelector: () => ({}), // no script runs
  },
});

const { leaveFor, noteShown } = await import("../../cnnviz/web/components/shared/leaving.js");
await import("../../cnnviz/web/page.js");

function pass(seconds) {
  for (let quarter = 0; quarter < 4 * seconds; quarter += 1) look();
}

test("who leaves before the first page says that it is there is sent on too", () => {
  const link = new Anchor("http://host/adversarial");
  link.click();
  noteShown("occlusion"); // only now
  assert.ok(dataset.cnnvizLeft);
  pass(1);
  assert.equal(link.clicks, 2);
  noteShown("adversarial");
  pass(10);
  assert.equal(link.clicks, 2);
});

for (const by of ["hand", "script"]) {
  test(`who clicks a link by ${by} is sent on as long as the old page comes back`, () => {
    const link = new Anchor("http://host/adversarial");
    noteShown("occlusion");
    if (by === "script") link.click();
    else listeners.click({ isTrusted: true, composedPath: () => [link] });
    const before = link.clicks;
    assert.ok(dataset.cnnvizLeft); // the old page's reports wait

    noteShown("occlusion");
    pass(1);
    assert.equal(link.clicks, before + 1);
    pass(1);
    assert.equal(link.clicks, before + 2);

    noteShown("adversarial");
    assert.equal(dataset.cnnvizLeft, undefined);
    pass(10);
    assert.equal(link.clicks, before + 2);
  });
}

test("who goes back and then enters a layer at once is not taken back", () => {
  const { location, history } = globalThis.window;
  noteShown("activations");
  location.pathname = "/whole_network"; // by Back
  listeners.popstate({});
  noteShown("whole_network");
  let asked = 0;
  leaveFor("activations", () => {
    asked += 1;
  });
  assert.ok(dataset.cnnvizLeft);
  pass(1); // it was lost
  assert.equal(asked, 2);
  history.pushState({}, "", "/activations");
  assert.equal(pushed, "/activations");
  location.pathname = "/activations";
  noteShown("activations");
  pass(10);
  assert.equal(asked, 2);
  assert.equal(dataset.cnnvizLeft, undefined);
});

test("a button that leads to another page is pressed again where that was lost", () => {
  globalThis.window.location.pathname = "/occlusion";
  noteShown("occlusion");
  new Button("").click(); // any other one
  assert.equal(dataset.cnnvizLeft, undefined);
  const button = new Button("st-key-leave-compare stVerticalBlock");
  button.click();
  assert.ok(dataset.cnnvizLeft);
  noteShown("occlusion");
  pass(1);
  assert.equal(button.clicks, 2);
  noteShown("compare");
  assert.equal(dataset.cnnvizLeft, undefined);
  pass(10);
  assert.equal(button.clicks, 2);
});

test("a page that never comes is asked for five times", () => {
  const link = new Anchor("http://host/adversarial");
  noteShown("occlusion");
  link.click();
  pass(60);
  assert.equal(link.clicks, 1 + 5);
});
