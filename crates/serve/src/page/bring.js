// Tracks that the user brings: JSON as it circulates, or a table; one goes into the controls, several into a table of answers.

import * as api from "./api.js";
import * as csv from "./csv.js";
import { byId, html, show } from "./dom.js";
import { AUDIO, decadeName, percent, title } from "./features.js";
import { notable } from "./reasons.js";

/** Rows that are shown at first, and that more are shown by. */
const PAGE = 50;
/** What several tracks from the clipboard are called. */
const PASTED = "Pasted tracks";
/** What a text that is meant for JSON starts with. */
const LIKE_JSON = /^\s*[[{]/;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The tracks in a text: a plain object or Spotify's of one track, the envelopes of Spotify and ReccoBeats, a list, or a track a
 * line. Throws a sentence for the user.
 */
export function tracksIn(text) {
  const plain = text.replace(/^\ufeff/, "").trim();
  if (plain === "") throw new Error("There is nothing to read yet.");
  let value;
  try {
    value = JSON.parse(plain);
  } catch (error) {
    value = lines(plain);
    if (!value && LIKE_JSON.test(plain)) throw new Error(`That is no JSON: ${error.message}.`);
    if (!value) throw new Error("That is neither JSON nor a table whose first line names features, such as title,energy,tempo.");
  }
  const list = Array.isArray(value) ? value : (value?.audio_features ?? value?.content);
  if (Array.isArray(list)) {
    if (!list.some(isObject)) throw new Error("There is no track in this list.");
    return list;
  }
  if (!isObject(value)) throw new Error("Expected a track, or a list of tracks.");
  return [value];
}

/** JSON a line; null if it is not. */
function lines(text) {
  const all = text.split("\n").filter((line) => line.trim() !== "");
  if (all.length < 2) return null;
  try {
    return all.map((line) => JSON.parse(line));
  } catch {
    return null;
  }
}

/** What a track is called, as far as its fields tell. */
export function nameOf(track) {
  const text = (value) => (typeof value === "string" && value.trim() !== "" ? value.trim() : null);
  const artists = Array.isArray(track.artists) ? track.artists.map((one) => text(one?.name ?? one)).filter(Boolean).join(", ") : null;
  const called = text(track.title) ?? text(track.name) ?? text(track.track) ?? text(track.trackTitle);
  const artist = text(track.artist) ?? text(artists) ?? text(track.artists);
  if (called) return artist ? `${called} by ${artist}` : called;
  return text(track.uri) ?? text(track.id);
}

/**
 * What stands between the columns of a table with a header, by a feature's name in that header; null if a text is no such
 * table. Spreadsheets write semicolons where the comma is the decimal sign, and tabs into the clipboard.
 */
function separator(text) {
  const [header] = text.replace(/^\ufeff/, "").trimStart().split(/\r?\n/, 1);
  const names = (by) => header.split(by).map((name) => name.trim().replace(/^"|"$/g, ""));
  return [",", ";", "\t"].find((by) => names(by).some((name) => AUDIO.includes(name))) ?? null;
}

/** The rows of a table, with points in its numbers. */
function rowsOf(text, by) {
  const rows = csv.parse(text, by);
  if (by === ",") return rows;
  const number = (field) => (/^\s*-?\d+,\d+\s*$/.test(field) ? field.replace(",", ".") : field);
  return rows.map((row) => row.map(number));
}

/**
 * Gives every row of a table a decade that there is, in a column of its own if there is none. `remarks` holds what is to be said
 * of a row's decade and `faults` what of its length, each by the row's index; `filled` the indices of the rows that told no decade.
 */
function giveDecades([header, ...rows], decadeFor) {
  const width = header.length;
  const named = header.findIndex((name) => name.trim() === "decade");
  const column = named < 0 ? width : named;
  const given = { isChanged: named < 0, remarks: new Map(), faults: new Map(), filled: new Set() };
  if (named < 0) header.push("decade");
  rows.forEach((row, index) => {
    if (row.length !== width) {
      // The server would count the column that the user knows nothing of.
      if (named < 0) given.faults.set(index, `Row should have ${width} fields as the header has, found ${row.length}`);
      return;
    }
    const { decade, isFilled, remark } = decadeFor(row[column]);
    if (isFilled) given.filled.add(index);
    if (remark) given.remarks.set(index, remark);
    if (!isFilled && !remark) return;
    row[column] = String(decade);
    given.isChanged = true;
  });
  return given;
}

/** The text of a file, in UTF-8 or as spreadsheets write it otherwise. */
async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes.includes(0)) throw new Error("This is no text. Save a table as CSV, or tracks as JSON, and bring that.");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/**
 * Wires the parts of the page. `load(track, name)` puts a track into the controls, or rejects with a sentence for the user.
 * `decadeFor(given)` is the decade that it takes a track as which tells this one; tables are scored by the same, so that a row
 * has the same answer in the controls.
 */
export function bring(load, decadeFor, hasDecades) {
  const fault = (words) => {
    byId("bring-fault").textContent = words ?? "";
    show(byId("bring-fault"), Boolean(words));
    if (!words) return;
    byId("bring").open = true;
    // What is pasted or dropped elsewhere on the page brings it from there.
    byId("bring-fault").scrollIntoView({ block: "nearest" });
  };

  /** Does `work`; what it throws is told. */
  async function telling(work, of = "") {
    const busy = byId("bring-busy");
    fault(null);
    // A short wait needs no words.
    const timer = setTimeout(() => show(busy, true), 300);
    try {
      await work();
    } catch (error) {
      fault(of + error.message);
    } finally {
      clearTimeout(timer);
      show(busy, false);
    }
  }

  const put = (track, name) => telling(() => load(track, name));

  const takeText = (text) => telling(() => (separator(text) ? takeTable(text, PASTED) : takeJson(text, PASTED)));

  const takeFile = (file) => telling(async () => {
    const text = await textOf(file);
    const isJson = /\.(json|ndjson|jsonl)$/i.test(file.name) || LIKE_JSON.test(text);
    await (isJson ? takeJson : takeTable)(text, file.name);
  }, `${file.name}: `);

  async function takeJson(text, name) {
    const tracks = tracksIn(text);
    if (tracks.length === 1) {
      await load(tracks[0], nameOf(tracks[0]));
      return;
    }
    const dated = tracks.map((track) => {
      if (!isObject(track)) return { track };
      const { decade, ...more } = decadeFor(track.decade);
      return { track: decade === null ? track : { ...track, decade }, ...more };
    });
    const answers = await api.batch(dated.map(({ track }) => track));
    table(dated.map((one, index) => fromJson(one, answers[index])), name);
  }

  async function takeTable(text, name) {
    const by = separator(text);
    // Of what is no such table the server tells why.
    const sent = by ? rowsOf(text, by) : [];
    const { isChanged, remarks, faults, filled } = by && hasDecades() ? giveDecades(sent, decadeFor) : {};
    const answer = await api.batchCsv(isChanged || (by && by !== ",") ? csv.write(sent) : text);
    const [header, ...rows] = csv.parse(answer);
    // Into the server's own columns, and so into what is downloaded.
    remarks?.forEach((remark, index) => {
      const at = header.lastIndexOf("warnings");
      rows[index][at] = [remark, rows[index][at]].filter(Boolean).join("; ");
    });
    faults?.forEach((fault, index) => {
      rows[index][header.lastIndexOf("error")] = fault;
    });
    const isAmended = remarks?.size || faults?.size;
    table(rows.map((row, index) => fromCsv(header, row, filled?.has(index))), name, isAmended ? csv.write([header, ...rows]) : answer);
  }

  function table(rows, name, whole) {
    byId("bring").open = false;
    new Table(byId("batch"), rows, name, whole, put);
  }

  byId("read").addEventListener("click", () => takeText(byId("paste").value));
  byId("paste").addEventListener("paste", () => setTimeout(() => takeText(byId("paste").value)));
  byId("file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) takeFile(file);
    // The same file may be chosen again.
    event.target.value = "";
  });
  document.addEventListener("paste", (event) => {
    // Where text is typed it belongs; a slider takes none.
    if (event.target.closest?.('input[type="text"], input[type="password"], textarea')) return;
    const text = event.clipboardData?.getData("text") ?? "";
    // Of a text that is of no use it is told why, rather than nothing happen.
    if (text.trim() !== "") takeText(text);
  });
  drops(takeFile, takeText);
}

/** Files, or text, may be dropped anywhere on the page. */
function drops(takeFile, takeText) {
  const veil = byId("drop-veil");
  let depth = 0;
  const over = (isOver) => show(veil, isOver);
  document.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    over(true);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    over(depth > 0);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(false);
    const [file] = event.dataTransfer?.files ?? [];
    const text = event.dataTransfer?.getData("text");
    if (file) takeFile(file);
    else if (text) takeText(text);
  });
}

// A row of the table: `{ track, name, probability, label, note, isFaulty, isFilled }`, the last whether it told no decade.

/** What is worth knowing of a row, without a sentence for every feature that is missing. */
function note(missing, others) {
  const names = missing.map((feature) => title(feature).toLowerCase());
  const unknown = names.length > 3 ? `${names.length} features unknown` : names.length ? `${names.join(", ")} unknown` : null;
  return [unknown, ...others].filter(Boolean).join("; ");
}

function noteOfWarnings(warnings, remark) {
  const isMissing = ({ type }) => type === "missing_feature";
  const others = notable(warnings).filter((one) => !isMissing(one)).map(({ msg }) => msg);
  return note(warnings.filter(isMissing).map(({ field }) => field), [remark, ...others]);
}

/** The same of a field of CSV, in which the warnings are text. */
function noteOfText(text) {
  const known = ": the model takes it about as a middle value|: a model for tracks without it answers|, as it was in part of the training tracks";
  const missing = new RegExp(`(\\w+) is missing(?:${known})(?:; |$)`, "g");
  const others = text.replace(missing, "").replace(/; $/, "");
  return note([...text.matchAll(missing)].map(([, feature]) => feature), [others]);
}

/** A fault of a track in a list, which is of one of its fields or of all of it. */
function faultOf({ type, loc, msg }) {
  const [, , field] = loc;
  if (field !== undefined) return `${field}: ${msg}`;
  return type === "model_attributes_type" ? "This is no track: expected an object with features such as energy or tempo" : msg;
}

function fromJson({ track, isFilled, remark }, answer) {
  if (!answer) return { track: null, name: null, note: "no track", isFaulty: true };
  const faults = answer.detail?.map(faultOf).join("; ");
  return {
    track,
    name: nameOf(track),
    probability: answer.probability,
    label: answer.label,
    note: faults ?? noteOfWarnings(answer.warnings, remark),
    isFaulty: Boolean(faults),
    isFilled,
  };
}

function fromCsv(header, row, isFilled) {
  const fields = Object.fromEntries(header.map((name, index) => [name.trim(), row[index] ?? ""]));
  const { label, probability, error, warnings, ...track } = fields;
  // Appended by the server, after the table's own columns.
  const isFaulty = error !== "" || label === "";
  return {
    track,
    name: nameOf(track),
    probability: isFaulty ? undefined : Number(probability),
    label: isFaulty ? undefined : label === "1" ? "hit" : "flop",
    note: isFaulty ? error || "not answered" : noteOfText(warnings),
    isFaulty,
    isFilled,
  };
}

/** The answers to several tracks. */
class Table {
  constructor(place, rows, name, whole, load) {
    Object.assign(this, { place, name, load, shown: PAGE, order: "file" });
    this.rows = rows.map((row, index) => ({ ...row, number: index + 1 }));
    this.whole = whole;
    show(place, true);
    this.draw();
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  }

  sorted() {
    if (this.order === "file") return this.rows;
    const side = this.order === "most" ? -1 : 1;
    // Faulty rows come last either way.
    const key = (row) => (row.isFaulty ? Infinity : side * row.probability);
    return [...this.rows].sort((a, b) => key(a) - key(b) || a.number - b.number);
  }

  draw() {
    const good = this.rows.filter((row) => !row.isFaulty);
    const hits = good.filter((row) => row.label === "hit").length;
    const faulty = this.rows.length - good.length;
    const rows = this.sorted().slice(0, this.shown);
    this.hasNotes = this.rows.some((row) => row.note);
    const columns = ["Track", "Hit probability", "Label", ...(this.hasNotes ? ["Note"] : [])];
    this.place.replaceChildren(
      html("div", { class: "card-head" }, html("h2", { id: "batch-title" }, this.name), this.close()),
      html("p", { role: "status" },
        `${good.length.toLocaleString("en")} ${good.length === 1 ? "track" : "tracks"} scored: ${hits.toLocaleString("en")} like hits, ${(good.length - hits).toLocaleString("en")} like flops`
        + (faulty ? `, ${faulty.toLocaleString("en")} not to be read.` : ".")),
      this.decades() ?? "",
      html("div", { class: "batch-tools" }, this.orderings(), this.download()),
      html("div", { class: "scroll", tabindex: 0, role: "group", "aria-labelledby": "batch-title" },
        // Roles, since a narrow page lays the rows out as cards.
        html("table", { role: "table", "aria-labelledby": "batch-title" },
          html("thead", { role: "rowgroup" }, html("tr", { role: "row" }, ...columns.map((column) => html("th", { scope: "col", role: "columnheader" }, column)))),
          html("tbody", { role: "rowgroup" }, ...rows.map((row) => this.row(row))))),
      this.more() ?? "",
    );
  }

  row(row) {
    const name = row.name ?? `Row ${row.number}`;
    const opener = row.track && !row.isFaulty
      ? html("button", { type: "button", class: "link", onclick: () => this.load(row.track, name) }, name)
      : html("span", {}, name);
    const share = html("meter", { min: 0, max: 1, value: row.probability ?? 0, class: row.label ?? "" });
    return html(
      "tr",
      { role: "row" },
      html("th", { scope: "row", role: "rowheader" }, opener),
      row.isFaulty ? html("td", { class: "share", role: "cell" }, "–") : html("td", { class: "share", role: "cell" }, share, percent(row.probability, 1)),
      html("td", { class: "label-cell", role: "cell" }, row.isFaulty ? "–" : html("span", { class: `chip ${row.label}` }, row.label === "hit" ? "▲ hit" : "▼ flop")),
      this.hasNotes ? html("td", { class: row.isFaulty ? "note fault" : "note", role: "cell" }, row.note || "") : null,
    );
  }

  /** Which decade the rows that told none were taken as. */
  decades() {
    const filled = this.rows.filter((row) => row.isFilled && !row.isFaulty);
    if (!filled.length) return null;
    const those = filled.length === 1 ? "1 track tells" : `${filled.length.toLocaleString("en")} tracks tell`;
    const chosen = decadeName(Number(filled[0].track.decade));
    return html("p", { class: "hint", id: "batch-decade" }, `${those} no decade: taken as the ${chosen}, the decade that was chosen.`);
  }

  orderings() {
    const select = html("select", { id: "batch-order" });
    [["file", "as in the file"], ["most", "most like hits first"], ["least", "most like flops first"]].forEach(([value, words]) =>
      select.append(html("option", { value, selected: value === this.order }, words)));
    select.addEventListener("change", () => {
      this.order = select.value;
      this.draw();
      byId("batch-order").focus();
    });
    return html("label", { class: "order" }, "Order ", select);
  }

  download() {
    const text = this.whole ?? csv.write([
      ["name", "decade", "label", "probability", "note"],
      ...this.rows.map((row) => [row.name, row.track?.decade, row.label ? Number(row.label === "hit") : "", row.probability, row.note]),
    ]);
    const link = html("a", { class: "button small", download: `scored-${this.name.replace(/\.[a-z]+$/i, "")}.csv` }, "Download the answers");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    return link;
  }

  close() {
    return html("button", { type: "button", class: "button small quiet", onclick: () => this.leave() }, "Close");
  }

  leave() {
    show(this.place, false);
    document.querySelector("#bring summary").focus();
  }

  more() {
    const left = this.rows.length - this.shown;
    if (left <= 0) return null;
    const more = () => {
      const next = this.shown;
      this.shown += PAGE * 4;
      this.draw();
      // On with the first of the new rows.
      this.place.querySelectorAll("tbody tr")[next].querySelector("button, span").focus();
    };
    return html("button", { type: "button", class: "button", onclick: more }, `Show more (${left.toLocaleString("en")} left)`);
  }
}
