// Elements, without a template language and without markup in strings.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An HTML element: `html("p", { class: "hint" }, "text", html("b", {}, "bold"))`. Attributes `onclick`, … are listeners. */
export const html = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

/** An SVG element. */
export const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** Shows an element that is `hidden`, or hides it. */
export function show(element, isShown) {
  element.hidden = !isShown;
}

let active = 0;
let listen = () => {};

/** Calls `listener` with whether anything made by [`latest`] waits or works. */
export function onActivity(listener) {
  listen = (isActive) => listener(isActive);
}

/**
 * Calls `work` with the newest arguments, never twice at a time: what comes in meanwhile replaces what was waiting. `wait` is the
 * quiet time in milliseconds before it begins.
 */
export function latest(work, wait = 0) {
  let pending = null;
  let running = false;
  let timer = null;
  let counts = false;
  function count(isActive) {
    if (counts === isActive) return;
    counts = isActive;
    active += isActive ? 1 : -1;
    listen(active > 0);
  }
  async function run() {
    timer = null;
    if (running) return;
    running = true;
    try {
      while (pending && timer === null) {
        const given = pending;
        pending = null;
        await work(...given);
      }
    } finally {
      running = false;
      count(pending !== null);
    }
  }
  return (...given) => {
    pending = given;
    count(true);
    clearTimeout(timer);
    timer = null;
    if (wait > 0) timer = setTimeout(run, wait);
    else run();
  };
}
