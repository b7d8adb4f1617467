// Tracks that the user brings: the server reads any text (`v1/read`); one track goes into the controls, several into a table.

import * as api from "./api.js";
import { byId, html, show } from "./dom.js";
import { afterColon, decadeName, impossibleValues, percent, rule, sentence, title, typeset, warningWords, wordsOf } from "./features.js";
import { isLink } from "./find.js";
import { decadeAccuracy } from "./verdict.js";

/** Rows that are shown at first, and that more are shown by. */
const PAGE = 50;
/** Title of several tracks from the clipboard. */
const PASTED = "Pasted tracks";
const UNCHANGED = "Nothing has been changed.";

/** Title and artist of a track that was read, or its URI; null if it has none. */
export function nameOf({ title, artist, uri }) {
  if (title) return artist ? `${title} by ${artist}` : title;
  return uri;
}

/**
 * Wires the parts of the page. `load(track, name)` puts a track that was read into the controls. `decadeFor(own)` is the decade that
 * a track of a decade is scored as; tables are scored by the same, so that a row has the same answer in the controls. `search(link)`
 * finds the track of a Spotify link.
 */
export function bring(load, decadeFor, chosenDecade, search) {
  const fault = (words) => {
    byId("bring-fault").textContent = words ?? "";
    show(byId("bring-fault"), Boolean(words));
    if (!words) return;
    byId("bring").open = true;
    // What is pasted or dropped elsewhere on the page brings it from there.
    byId("bring-fault").scrollIntoView({ block: "nearest" });
  };

  /** Does `work`; the message of what it throws is shown. */
  async function reporting(work, of = "") {
    const busy = byId("bring-busy");
    fault(null);
    byId("batch").classList.remove("previous");
    // A short wait needs no words.
    const timer = setTimeout(() => show(busy, true), 300);
    try {
      await work();
    } catch (error) {
      fault(of + error.message);
      // What is shown is of what was brought before.
      byId("batch").classList.add("previous");
    } finally {
      clearTimeout(timer);
      show(busy, false);
    }
  }

  const put = (track, name) => reporting(async () => load(track, name));

  const takeText = (text) => reporting(() => take(text, PASTED));

  const takeFile = (file) => reporting(() => take(file, file.name), `${file.name}: `);

  /** Takes a text, or a file of one. */
  async function take(text, name) {
    if (text.size === 0 || (typeof text === "string" && text.trim() === "")) throw new Error(typeof text === "string" ? "Paste features or a table first." : "Expected a table or tracks, the file is empty.");
    if (typeof text === "string" && isLink(text)) {
      search(text);
      return;
    }
    const { format, tracks } = await api.read(text);
    if (format !== "csv" && tracks.length === 1) {
      const [track] = tracks;
      if (!track || track.detail) throw new Error([track ? sentences(track.detail) : "There is no track.", UNCHANGED].join(" "));
      load(track, nameOf(track));
      return;
    }
    if (!tracks.length) throw new Error("There is no track in this list.");
    const chosen = chosenDecade();
    const named = decadeOfName(name);
    const fill = named === null ? decadeFor : (own) => decadeFor(own ?? named);
    const decade = named === null ? chosen : fill(null).decade;
    const good = (track) => (track && !track.detail ? { ...track.audio_features, decade: track.decade } : null);
    const { answers, drift } = await api.batch(tracks.map(good), decade);
    const rows = tracks.map((track, index) => rowOf(track, answers[index], fill));
    const assumed = rows.find((row) => row.isFilled && row.answer);
    const without = assumed ? await api.predict(assumed.track.audio_features) : null;
    const decadeCost = without?.missing_features ? decadeAccuracy(assumed.answer, without) : "";
    const download = format === "csv" ? () => api.batchCsv(text, decade) : null;
    byId("bring").open = false;
    const fromName = named !== null && decade === named && tracks.some((track) => track && !track.detail && track.decade === null) ? decade : null;
    new Table(byId("batch"), rows, { name, drift, fromName, decadeCost, download, load: put, report: reporting });
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
    // A text that cannot be read is reported.
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

// A row of the table: `{ track, name, answer, note, isFaulty, isDoubtful, isFilled }`: whether it has faults, a value that no track can
// have, no decade. A row with faults has no answer.

/** What is worth knowing of a row, without a sentence for every feature that is missing. */
function note(warnings) {
  const isMissing = ({ type }) => type === "missing_feature";
  const names = warnings.filter(isMissing).map(({ field }) => wordsOf(field));
  const unknown = names.length > 3 ? `${names.length} features unknown` : names.length ? `${names.join(", ")} unknown` : null;
  const impossible = impossibleValues({ warnings });
  const others = warnings.filter((one) => !isMissing(one) && !impossible.includes(one));
  return [...impossible.map(warningWords), unknown, ...others.map(warningWords)].filter(Boolean).join("; ");
}

/** Faults of a track in a list, each of one of its fields or of the whole track. */
function faultsOf(detail) {
  return detail.map((fault) => {
    const { type, loc } = fault;
    const field = loc.at(-1);
    if (type === "model_attributes_type") return "Not a track: expected an object with features such as energy or tempo";
    const words = sentence(rule(fault)).replace(/\.$/, "");
    return typeof field === "string" && loc.length > 2 && type !== "unknown_field" ? `${field}: ${afterColon(words)}` : words;
  });
}

const sentences = (detail) => faultsOf(detail).map(sentence).join(" ");

/** The decade in the name of a file, by the rule of the command line: `dataset-of-60s.csv`; null if there is none. */
function decadeOfName(name) {
  const words = name.split(".")[0].split(/[^A-Za-z0-9]/).reverse();
  const digits = words.map((word) => word.match(/^(\d{4}|\d{2})s$/i)?.[1]).find(Boolean);
  if (digits === undefined) return null;
  const year = digits.length === 4 ? Number(digits) : Number(digits) + (Number(digits) < 30 ? 2000 : 1900);
  return year % 10 === 0 ? year : null;
}

/** `track` as it was read, and its answer. */
function rowOf(track, answer, decadeFor) {
  if (!track) return { track: null, name: null, note: "no track", isFaulty: true };
  const detail = track.detail ?? answer.detail;
  if (detail) return { track, name: track.detail ? null : nameOf(track), note: faultsOf(detail).join("; "), isFaulty: true };
  const { decade, isFilled } = decadeFor(track.decade);
  return {
    track: { ...track, decade },
    name: nameOf(track),
    answer,
    note: note([...track.warnings, ...answer.warnings]),
    isFaulty: false,
    isDoubtful: impossibleValues(answer).length > 0,
    isFilled,
  };
}

const CAUSES = {
  percent: "the values look like percent; expected 0 to 1",
  seconds: "the values look like seconds; expected milliseconds",
  normalised_loudness: "the values look like a loudness from 0 to 1; expected decibels, −60 to 0",
  missing_sign: "the values look like decibels without the minus sign; expected −60 to 0",
  constant: "every value is the same",
  shifted: "the values look shifted, as values of another provider are",
};

/** A sentence for a feature whose values are far from those of training. */
function driftOf({ feature, median, training_median: training, cause }) {
  const words = CAUSES[cause] ?? "the cause is not known";
  // In the unit of the table, which may be another than the feature's.
  const short = (value) => typeset(String(Number(value.toPrecision(3))));
  return `${title(feature)}: the values are far from those of the training tracks (median ${short(median)}, in training ${short(training)}); ${words}.`;
}

/** The answers to several tracks. */
class Table {
  /** `download()` gives the answers as CSV, if the tracks were a table. */
  constructor(place, rows, { name, drift, fromName, decadeCost, download, load, report }) {
    Object.assign(this, { place, name, drift, fromName, decadeCost, whole: download, load, report, shown: PAGE, order: "file" });
    this.rows = rows.map((row, index) => ({ ...row, number: index + 1 }));
    show(place, true);
    this.draw();
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  }

  sorted() {
    if (this.order === "file") return this.rows;
    const side = this.order === "most" ? -1 : 1;
    // Rows without a meaningful answer come last either way, those with faults after all others.
    const place = (row) => (row.isFaulty ? 2 : row.isDoubtful ? 1 : 0);
    const key = (row) => (place(row) > 0 ? 0 : side * row.answer.probability);
    return [...this.rows].sort((a, b) => place(a) - place(b) || key(a) - key(b) || a.number - b.number);
  }

  draw() {
    const scored = this.rows.filter((row) => !row.isFaulty);
    const doubtful = scored.filter((row) => row.isDoubtful).length;
    const hits = scored.filter((row) => !row.isDoubtful && row.answer.label === "hit").length;
    const faulty = this.rows.length - scored.length;
    const count = (number) => number.toLocaleString("en");
    const parts = [
      `${count(hits)} predicted as hits`,
      `${count(scored.length - doubtful - hits)} as flops`,
      doubtful ? `${count(doubtful)} with impossible values` : null,
      faulty ? `${count(faulty)} with faults` : null,
    ];
    const rows = this.sorted().slice(0, this.shown);
    this.hasNotes = this.rows.some((row) => row.note);
    const columns = ["Track", "Hit probability", "Label", ...(this.hasNotes ? ["Note"] : [])];
    this.place.replaceChildren(
      html("div", { class: "card-head" }, html("h2", { id: "batch-title" }, this.name), this.close()),
      html("p", { role: "status" },
        `${count(scored.length)} ${scored.length === 1 ? "track" : "tracks"} scored: ${parts.filter(Boolean).join(", ")}.`),
      doubtful ? html("p", { class: "notice", id: "batch-doubt" }, `${doubtful === 1 ? "1 track has" : `${count(doubtful)} tracks have`} impossible values. The notes name them. The hit probabilities of these tracks mean nothing and give no label.`) : "",
      this.decades() ?? "",
      this.drifts() ?? "",
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
    return html(
      "tr",
      { role: "row", class: row.isDoubtful ? "doubtful" : null },
      html("th", { scope: "row", role: "rowheader" }, opener),
      html("td", { class: "share", role: "cell" }, ...this.share(row)),
      html("td", { class: "label-cell", role: "cell" }, this.label(row)),
      this.hasNotes ? html("td", { class: row.isFaulty || row.isDoubtful ? "note fault" : "note", role: "cell" }, row.note || "") : null,
    );
  }

  share({ answer, isDoubtful }) {
    if (!answer) return ["–"];
    const { probability, label } = answer;
    if (isDoubtful) return [html("span", { class: "doubtful-share", title: "The probability rests on an impossible value" }, percent(probability, 1))];
    return [html("meter", { min: 0, max: 1, value: probability, class: label }), percent(probability, 1)];
  }

  label({ answer, isDoubtful }) {
    if (!answer) return "–";
    if (isDoubtful) return html("span", { class: "chip doubt" }, "⚠ impossible value");
    return html("span", { class: `chip ${answer.label}` }, answer.label === "hit" ? "▲ hit" : "▼ flop");
  }

  /** Which features are far from those of training. */
  drifts() {
    if (!this.drift.length) return null;
    return html("ul", { class: "hint", id: "batch-drift" }, ...this.drift.map((one) => html("li", {}, driftOf(one))));
  }

  /** Which decade the rows without one were taken as. */
  decades() {
    const filled = this.rows.filter((row) => row.isFilled && !row.isFaulty);
    if (this.fromName !== null) {
      return html("p", { class: "hint", id: "batch-decade" }, `Tracks without a decade are scored as tracks of the ${decadeName(this.fromName)}, after the name of the file.`);
    }
    if (!filled.length) return null;
    const those = filled.length === 1 ? "1 track has" : `${filled.length.toLocaleString("en")} tracks have`;
    const chosen = decadeName(Number(filled[0].track.decade));
    return html("p", { class: "hint", id: "batch-decade" }, `${those} no decade and ${filled.length === 1 ? "is" : "are"} scored as ${filled.length === 1 ? "a track" : "tracks"} of the ${chosen}, the selected decade.${this.decadeCost}`);
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

  /** A button that saves the answers: a table as the server answers it, else name, decade and answer of each track. */
  download() {
    const rows = () => write([
      ["name", "decade", "label", "probability", "note"],
      ...this.rows.map((row) => [row.name, row.track?.decade, row.answer ? Number(row.answer.label === "hit") : "", row.answer?.probability, row.note]),
    ]);
    const save = async () => {
      const text = this.whole ? await this.whole() : rows();
      const link = html("a", { download: `scored-${this.name.replace(/\.[a-z]+$/i, "")}.csv` });
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.click();
      URL.revokeObjectURL(link.href);
    };
    const attributes = { type: "button", class: "button small", id: "batch-download", onclick: () => this.report(save) };
    return html("button", attributes, "Download the answers");
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

/** Rows of fields as CSV, after RFC 4180. */
function write(rows) {
  const spelt = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return rows.map((row) => row.map((value) => spelt(String(value ?? ""))).join(",")).join("\n") + "\n";
}
