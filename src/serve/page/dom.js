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

/**
 * Calls `work` with the newest arguments, never twice at a time: what comes in meanwhile replaces what was waiting. `wait` is the
 * quiet time in milliseconds before it begins.
 */
export function latest(work, wait = 0) {
  let pending = null;
  let running = false;
  let timer = null;
  async function run() {
    timer = null;
    if (running || !pending) return;
    running = true;
    while (pending) {
      const given = pending;
      pending = null;
      await work(...given);
    }
    running = false;
  }
  return (...given) => {
    pending = given;
    if (wait === 0) {
      if (!running) run();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
}
