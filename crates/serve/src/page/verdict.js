// The answer in short, which stays in view: label, probability, where it lies by the threshold.

import { byId, show } from "./dom.js";
import { decadeName, impossibleValues, percent, sentence as inSentence, warningWords, wordsOf } from "./features.js";

/** An answer nearer to the threshold than this is a close one. */
const CLOSE = 0.05;

/** The answer that is shown, and the one without the decade if that is assumed; null before the first. */
let shown = null;

/**
 * Shows an answer to a track of `decade`; null if the model does not look at the decade. `without` is the answer without the decade if
 * that is assumed. The same answer again is shown already.
 */
export function showVerdict(answer, decade, without = null) {
  if (answer === shown?.answer) return;
  shown = { answer, without };
  const { label, probability, threshold } = answer;
  const verdict = byId("verdict");
  const impossible = impossibleValues(answer);
  verdict.dataset.label = label;
  verdict.dataset.doubtful = impossible.length > 0;
  verdict.style.setProperty("--share", probability);
  verdict.style.setProperty("--threshold", threshold);
  const isClose = Math.abs(probability - threshold) < CLOSE;
  byId("verdict-title").textContent = impossible.length ? "No meaningful answer" : `${label === "hit" ? "▲" : "▼"} ${title(label, isClose)}`;
  byId("verdict-unit").textContent = impossible.length ? "hit probability, without meaning" : "hit probability";
  byId("verdict-doubt").textContent = doubt(impossible);
  show(byId("verdict-doubt"), impossible.length > 0);
  // A digit more where whole percentages equal the threshold's.
  byId("verdict-share").textContent = percent(probability, Math.abs(probability - threshold) < 0.01 ? 1 : 0);
  byId("gauge").title = `Hit probability ${percent(probability, 1)}, threshold ${percent(threshold, 1)}`;
  byId("gauge-threshold").textContent = `threshold ${percent(threshold, 1)}`;
  byId("verdict-threshold").textContent = `, threshold ${percent(threshold, 1)}`;
  byId("verdict-sentence").textContent = impossible.length ? "" : sentence(answer, decade);
  showMissing();
  performance.clearMarks("answered");
  performance.mark("answered");
}

/** Why a probability means nothing. */
function doubt(impossible) {
  if (!impossible.length) return "";
  const [these, them] = impossible.length === 1 ? ["a value", "it"] : ["values", "them"];
  const values = impossible.map((warning) => inSentence(warningWords(warning))).join(" ");
  return `The probability rests on ${these} outside the possible range. ${values} Correct ${them}, or set ${them} to unknown.`;
}

function title(label, isClose) {
  if (isClose) return label === "hit" ? "Slightly more like a hit" : "Slightly more like a flop";
  return label === "hit" ? "Resembles the hits" : "Resembles the flops";
}

function sentence({ label, threshold }, decade) {
  const side = label === "hit" ? "Above" : "Not above";
  return `${side} the threshold of ${percent(threshold, 1)}: predicted as a ${label}${decade ? ` of the ${decadeName(decade)}` : ""}.`;
}

/**
 * Of complete test tracks: share of correct answers, the same by always predicting the more frequent label, and the threshold. Each is
 * null while it is not known.
 */
let complete = { accuracy: null, baseline: null, threshold: null };

/** Notes how good the answers to complete tracks are. */
export function noteComplete({ accuracy = null, baseline = null, threshold = null }) {
  complete = { accuracy, baseline, threshold };
  if (shown) showMissing();
}

function showMissing() {
  const words = known(shown);
  byId("verdict-known").textContent = words;
  show(byId("verdict-known"), words !== "");
}

/** What is not known of a track, and what that costs; nothing if the probability has no meaning. */
function known({ answer, without }) {
  if (impossibleValues(answer).length) return "";
  return [completeness(answer), without && assumed(answer, without)].filter(Boolean).join(" ");
}

const share = (part) => percent(part, 1);

/** Tracks that an accuracy is measured on. */
const MEASURED_ON = {
  all: "the test tracks",
  same_missing: "such tracks",
  as_many_missing: "tracks with as many features missing",
};

/** What a track lacks, and how good the answers to such tracks are; nothing of a complete track. */
function completeness({ missing_features: found, threshold }) {
  if (!found?.missing.length) return "";
  const names = found.missing.map(wordsOf);
  const missing = `Missing: ${names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ")}.`;
  const isOther = complete.threshold !== null && share(threshold) !== share(complete.threshold);
  const own = isOther ? ` Such tracks have a threshold of their own: ${share(threshold)} instead of ${share(complete.threshold)}.` : "";
  if (found.accuracy === null) return `${missing} The model file does not contain the accuracy without them.${own}`;
  const others = [
    complete.accuracy === null ? null : `${share(complete.accuracy)} for complete tracks`,
    complete.baseline === null ? null : `${share(complete.baseline)} by always predicting one label`,
  ].filter(Boolean);
  const better = found.better_if_known;
  const more = better ? ` If ${wordsOf(better.feature)} were known, it would be ${share(better.accuracy)}.` : "";
  return `${missing} The accuracy for ${MEASURED_ON[found.measured_on]} is ${share(found.accuracy)}${others.length ? ` (${others.join(", ")})` : ""}.${more}${own}`;
}

/** What the prediction is without an assumed decade. */
const assumed = (answer, without) => `Without a decade, the hit probability is ${percent(without.probability)}.${decadeAccuracy(answer, without)}`;

/** How good the answers are without a decade (`without`) and with the right one (`answer`); nothing if the model file does not say. */
export function decadeAccuracy(answer, without) {
  const [lacking, having] = [without, answer].map(({ missing_features: found }) => (found ? found.accuracy : complete.accuracy));
  if (lacking === null || having === null) return "";
  const { missing, measured_on: rows } = without.missing_features;
  const others = missing.length > 1 && rows === "as_many_missing" ? " for tracks with as many features missing" : "";
  return ` The accuracy without a decade is ${share(lacking)}${others}; with the right decade it is ${share(having)}.`;
}

/** On a narrow page, what is scrolled to must be below the answer, whatever its height. */
export function keepClear() {
  const keepHeight = () => document.documentElement.style.setProperty("--verdict-height", `${byId("verdict").offsetHeight}px`);
  new ResizeObserver(keepHeight).observe(byId("verdict"));
}

/** The announcement for a screen reader once no further change comes. */
export function announcement(answer, decade) {
  const impossible = impossibleValues(answer);
  if (impossible.length) return `No meaningful answer. ${doubt(impossible)}`;
  const words = [sentence(answer, decade), shown ? known(shown) : ""];
  return `Hit probability ${percent(answer.probability)}. ${words.filter(Boolean).join(" ")}`;
}

/** Which track the answer is to: one that was loaded, or that and changed since. */
export function showTrack(track, isChanged) {
  const place = byId("verdict-track");
  show(place, Boolean(track));
  if (!track) return;
  const whose = track.decade === null ? "" : ` of the ${decadeName(track.decade)}`;
  const real = track.label ? `, in the ${track.isSimulated ? "simulated " : ""}data a ${track.label}${whose}` : "";
  const seen = isChanged ? "" : (SEEN[track.inTraining] ?? "");
  place.textContent = `${isChanged ? "Changed from:" : "Shown:"} ${track.name}${real}.${seen}`;
}

/** Whether the model knows the label of a track already. */
const SEEN = {
  true: " The model was trained on this track, so the prediction may be too confident.",
  false: " It was held out: the model has not seen its label.",
};

/** Why there is no answer; null if nothing is wrong. */
export function notice(words) {
  const place = byId("notice");
  // The same words again would be read out again.
  if (place.textContent !== (words ?? "")) place.textContent = words ?? "";
  show(place, Boolean(words));
}

/**
 * Marks all that is shown of an answer as one to other values than stand in the controls; or no more. Where nothing has been
 * answered yet, `headline` says what that waits for.
 */
export function stale(isStale, headline = "No answer yet") {
  const isNone = byId("verdict").dataset.label === "none";
  if (isStale && isNone) byId("verdict-title").textContent = headline;
  byId("main").classList.toggle("stale", isStale && !isNone);
  for (const id of ["verdict-before", "reasons-before"]) show(byId(id), isStale && !isNone);
  show(byId("reasons"), !isStale || !isNone);
}
