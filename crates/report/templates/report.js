// What the page gains where scripts run: tables that are sorted, filtered and copied as Markdown, and charts whose values show at once
// under the pointer and by the arrow keys. Without it all is readable, and browsers show a chart's values under a pointer that rests.
"use strict";

const MIN_ROWS_TO_SORT = 2;
const MIN_ROWS_TO_FILTER = 12;

/** The number that a cell's text begins with; null if there is none. */
function numberOf(text) {
  const plain = text.replace(/[,\s\u00a0\u202f]/g, "").replace(/[−–]/g, "-");
  const found = plain.match(/^[<>≤≥≈+]?(-?\d+(?:\.\d+)?)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/);
  if (!found) return null;
  const digits = (found[2] || "").replace(/⁻/, "-").replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit));
  return Number(found[1]) * 10 ** Number(digits || 0);
}

/** Rows in the order of a column: numbers before texts, what is missing last in either direction. */
function sorted(rows, column, isNumeric, isDescending) {
  const key = (row) => {
    const text = row.cells[column] ? row.cells[column].textContent.trim() : "";
    const number = isNumeric ? numberOf(text) : null;
    return { text, number, isMissing: isNumeric ? number === null : text === "" || text === "–" };
  };
  const keyed = rows.map((row, at) => ({ row, at, key: key(row) }));
  const sign = isDescending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key.isMissing !== b.key.isMissing) return a.key.isMissing ? 1 : -1;
    const order = isNumeric
      ? (a.key.number || 0) - (b.key.number || 0)
      : a.key.text.localeCompare(b.key.text, undefined, { numeric: true });
    return order * sign || a.at - b.at;
  });
  return keyed.map((item) => item.row);
}

/** The table as Markdown: its header and the rows that are shown. */
function markdown(table) {
  const text = (cell) => cell.textContent.trim().replace(/\s+/g, " ").replace(/\|/g, "\\|");
  const header = [...table.tHead.rows[0].cells];
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = header.map((cell) => (cell.classList.contains("number") ? "---:" : "---"));
  const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden);
  return [line(header.map(text)), line(rule), ...shown.map((row) => line([...row.cells].map(text)))].join("\n") + "\n";
}

/** Puts a text on the clipboard; false if the browser refuses. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    return isCopied;
  }
}

/** The words of a table's caption, without the links to its files. */
function captionOf(table) {
  return table.caption.firstElementChild.firstChild.textContent.trim();
}

function button(label, name) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  if (name) made.setAttribute("aria-label", name);
  return made;
}

function makeSortable(table) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  if (original.length < MIN_ROWS_TO_SORT) return;
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const title = header.querySelector("span");
    const sorter = button("");
    sorter.className = "sorter";
    sorter.title = "Sort by this column";
    title.replaceWith(sorter);
    sorter.append(title);
    sorter.addEventListener("click", () => {
      const before = header.getAttribute("aria-sort");
      const isNumeric = header.classList.contains("number");
      // A number is sought from the top, a text from A; the third time gives the order of the report.
      const orders = isNumeric ? ["descending", "ascending"] : ["ascending", "descending"];
      const next = before ? orders[orders.indexOf(before) + 1] : orders[0];
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      if (next) header.setAttribute("aria-sort", next);
      body.append(...(next ? sorted(original, column, isNumeric, next === "descending") : original));
    });
  });
}

/** A field that hides the rows without its words. */
function filterOf(table) {
  const rows = [...table.tBodies[0].rows];
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = "Filter rows";
  field.setAttribute("aria-label", `Filter the rows of: ${captionOf(table)}`);
  const count = document.createElement("output");
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    });
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  });
  return [field, count];
}

function addTools(table) {
  const tools = document.createElement("div");
  tools.className = "table-tools";
  if (table.tBodies[0].rows.length >= MIN_ROWS_TO_FILTER) tools.append(...filterOf(table));
  const copier = button("Copy as Markdown", `Copy as Markdown: ${captionOf(table)}`);
  copier.addEventListener("click", async () => {
    copier.textContent = (await copy(markdown(table))) ? "Copied" : "The browser refused";
    setTimeout(() => { copier.textContent = "Copy as Markdown"; }, 2000);
  });
  tools.append(copier);
  table.closest(".scroll").before(tools);
}

document.querySelectorAll(".scroll > table").forEach((table) => {
  addTools(table);
  makeSortable(table);
});

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
const spoken = document.createElement("div");
spoken.className = "spoken";
spoken.setAttribute("aria-live", "polite");
document.body.append(tip, spoken);
// The chart whose value is shown, and the area of that value.
let shown = null;

/** Shows a text above a place, or below it where there is no room. */
function showTip(text, place) {
  const GAP = 8;
  tip.textContent = text;
  tip.hidden = false;
  const left = place.left + place.width / 2 - tip.offsetWidth / 2;
  const above = place.top - tip.offsetHeight - GAP;
  tip.style.left = `${Math.max(GAP, Math.min(left, document.documentElement.clientWidth - tip.offsetWidth - GAP))}px`;
  tip.style.top = `${above >= GAP ? above : Math.min(place.bottom + GAP, innerHeight - tip.offsetHeight - GAP)}px`;
}

function hideTip() {
  if (shown) shown.area.classList.remove("current");
  shown = null;
  tip.hidden = true;
}

/** The value of an area. Its title would be a second tooltip, so it becomes data. */
function valueOf(area) {
  const title = area.firstElementChild;
  if (title) {
    area.dataset.value = title.textContent;
    title.remove();
  }
  return area.dataset.value;
}

function showValue(chart, area) {
  if (shown && shown.area !== area) shown.area.classList.remove("current");
  shown = { chart, area };
  area.classList.add("current");
  showTip(valueOf(area), area.getBoundingClientRect());
}

/** The areas of the pictures that are displayed, in reading order. */
function areasOf(chart) {
  return [...chart.querySelectorAll(".values > path")].filter((area) => area.getClientRects().length);
}

const KEYS = { ArrowUp: -1, ArrowDown: 1 };

/** The next area in the order of the chart, or the nearest above or below; undefined if there is none. */
function areaByKey(key, areas, current) {
  const at = areas.indexOf(current);
  if (key === "Home") return areas[0];
  if (key === "End") return areas[areas.length - 1];
  if (key === "ArrowRight") return areas[at + 1];
  if (key === "ArrowLeft") return at < 0 ? areas[areas.length - 1] : areas[at - 1];
  if (!KEYS[key]) return undefined;
  if (at < 0) return areas[0];
  const middle = (area) => {
    const { left, top, width, height } = area.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const from = middle(current);
  let nearest;
  let least = Infinity;
  for (const area of areas) {
    const { x, y } = middle(area);
    const down = (y - from.y) * KEYS[key];
    const distance = down + 2 * Math.abs(x - from.x);
    if (down > 2 && distance < least) [nearest, least] = [area, distance];
  }
  return nearest;
}

function makeReadable(chart) {
  if (!chart.querySelector(".values")) return;
  // One stop of the tab key: the box that scrolls is none any more, since the arrow keys scroll to what they find.
  const box = chart.closest(".scroll");
  ["tabindex", "role", "aria-label"].forEach((name) => box.removeAttribute(name));
  chart.tabIndex = 0;
  chart.setAttribute("role", "application");
  chart.setAttribute("aria-roledescription", "chart");
  chart.setAttribute("aria-label", `${chart.getAttribute("aria-label")} The arrow keys read its values.`);
  [...chart.children].forEach((picture) => picture.setAttribute("aria-hidden", "true"));
  const areaAt = (event) => event.target.closest(".values > path");
  for (const type of ["pointermove", "pointerdown"]) {
    chart.addEventListener(type, (event) => {
      const area = areaAt(event);
      if (area) showValue(chart, area);
      else hideTip();
    });
  }
  chart.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hideTip(); });
  chart.addEventListener("focus", () => {
    if (chart.matches(":focus-visible")) showTip("Arrow keys: read the values", chart.getBoundingClientRect());
  });
  chart.addEventListener("blur", hideTip);
  chart.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") hideTip();
    const current = shown && shown.chart === chart ? shown.area : null;
    const area = areaByKey(event.key, areasOf(chart), current);
    if (!area) return;
    event.preventDefault();
    area.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    showValue(chart, area);
    spoken.textContent = valueOf(area).replace(/\n/g, ", ");
  });
}

document.querySelectorAll(".sheet").forEach(makeReadable);
document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".sheet")) hideTip(); });
document.addEventListener("scroll", () => {
  if (shown) showTip(valueOf(shown.area), shown.area.getBoundingClientRect());
  else tip.hidden = true;
}, { capture: true, passive: true });

// A link into a folded chapter opens it.
function openTarget() {
  let element = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (; element; element = element.parentElement) {
    if (element instanceof HTMLDetailsElement) element.open = true;
  }
}
window.addEventListener("hashchange", openTarget);
openTarget();
