// The model's card: as much of Markdown as such cards use. No markup of theirs is taken over.

import { html } from "./dom.js";
import { typeset } from "./features.js";

/** Elements for a Markdown text. Headings begin at h3, since they stand within a section of the page. */
export function render(markdown) {
  const lines = markdown.split(/\r?\n/);
  const elements = [];
  while (lines.length) {
    const block = [heading, fence, table, list, paragraph].map((read) => read(lines)).find(Boolean);
    if (block) elements.push(block);
    else lines.shift();
  }
  return elements;
}

/** Takes the lines from the start that `belongs` lets through. */
function take(lines, belongs) {
  const taken = [];
  while (lines.length && belongs(lines[0])) taken.push(lines.shift());
  return taken;
}

function heading(lines) {
  const found = /^(#+)\s+(.*)$/.exec(lines[0]);
  if (!found) return null;
  lines.shift();
  return html(`h${Math.min(6, found[1].length + 2)}`, {}, ...inline(found[2]));
}

function fence(lines) {
  if (!lines[0].startsWith("```")) return null;
  lines.shift();
  const code = take(lines, (line) => !line.startsWith("```"));
  lines.shift();
  return html("pre", { tabindex: 0 }, html("code", {}, code.join("\n")));
}

function table(lines) {
  const isRow = (line) => line.trim().startsWith("|");
  if (!isRow(lines[0]) || !/^[\s|:-]+$/.test(lines[1] ?? "")) return null;
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const [head, , ...body] = take(lines, isRow).map(cells);
  const row = (name) => (fields) => html("tr", {}, ...fields.map((field) => html(name, {}, ...inline(field))));
  // A table of names and values has a head in Markdown, but nothing in it.
  const heads = head.some((cell) => cell !== "") ? html("thead", {}, row("th")(head)) : null;
  const whole = html("table", {}, heads, html("tbody", {}, ...body.map(row("td"))));
  return html("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table" }, whole);
}

function list(lines) {
  const mark = /^\s*(?:[-*]|\d+\.)\s+/;
  if (!mark.test(lines[0])) return null;
  const isOrdered = /^\s*\d/.test(lines[0]);
  const items = [];
  take(lines, (line) => mark.test(line) || (/^\s+\S/.test(line) && items.length >= 0)).forEach((line) => {
    if (mark.test(line)) items.push(line.replace(mark, ""));
    else items[items.length - 1] += ` ${line.trim()}`;
  });
  return html(isOrdered ? "ol" : "ul", {}, ...items.map((item) => html("li", {}, ...inline(item))));
}

function paragraph(lines) {
  const words = take(lines, (line) => line.trim() !== "" && !/^(#|```|\||\s*[-*]\s)/.test(line));
  // A line that only looks like the start of another block is a paragraph of its own.
  if (!words.length && lines[0].trim() !== "") words.push(lines.shift());
  return words.length ? html("p", {}, ...inline(words.join(" "))) : null;
}

/** Bold, code and links. */
function inline(text) {
  const parts = [];
  const marks = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\((https?:[^)\s]+)\)/g;
  let from = 0;
  for (const found of text.matchAll(marks)) {
    parts.push(text.slice(from, found.index));
    const [whole, bold, code, words, target] = found;
    if (bold) parts.push(html("strong", {}, ...inline(bold)));
    else if (code) parts.push(html("code", {}, code));
    else parts.push(html("a", { href: target, rel: "noreferrer" }, words));
    from = found.index + whole.length;
  }
  return [...parts, text.slice(from)].map((part) => (typeof part === "string" ? typeset(part) : part));
}
