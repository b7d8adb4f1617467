// The answer in short, which stays in view: label, probability, where it lies by the threshold.

import { byId, show } from "./dom.js";
import { decadeName, list, percent, title as featureTitle } from "./features.js";

/** An answer nearer to the threshold than this is a close one. */
const CLOSE = 0.05;

let shown = null;

/** Shows an answer to a track of `decade`; null if the model does not look at the decade. The same one again is shown already. */
export function showVerdict(answer, decade) {
  if (answer === shown) return;
  shown = answer;
  const { label, probability, threshold } = answer;
  const verdict = byId("verdict");
  const impossible = impossibleOf(answer);
  verdict.dataset.label = label;
  verdict.dataset.doubtful = impossible.length > 0;
  verdict.style.setProperty("--share", probability);
  verdict.style.setProperty("--threshold", threshold);
  const isClose = Math.abs(probability - threshold) < CLOSE;
  byId("verdict-title").textContent = impossible.length ? "No meaningful answer" : `${label === "hit" ? "▲" : "▼"} ${title(label, isClose)}`;
  byId("verdict-doubt").textContent = doubt(impossible);
  show(byId("verdict-doubt"), impossible.length > 0);
  // A digit more where whole percentages equal the threshold's.
  byId("verdict-share").textContent = percent(probability, Math.abs(probability - threshold) < 0.01 ? 1 : 0);
  byId("gauge-threshold").textContent = `threshold ${percent(threshold, 1)}`;
  byId("verdict-threshold").textContent = `, threshold ${percent(threshold, 1)}`;
  byId("verdict-sentence").textContent = sentence(answer, decade);
  showMissing(answer);
  performance.clearMarks("answered");
  performance.mark("answered");
}

/** Features with a value that no track can have. */
const impossibleOf = ({ warnings }) => (warnings ?? []).filter(({ type }) => type === "outside_documented_range").map(({ field }) => field);

/** Why a probability means nothing. */
function doubt(impossible) {
  if (!impossible.length) return "";
  const names = list(impossible.map((name) => featureTitle(name).toLowerCase()));
  return `The probability rests on ${impossible.length === 1 ? "a value" : "values"} outside the possible range: ${names}. Correct ${impossible.length === 1 ? "it" : "them"} first.`;
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
  if (shown) showMissing(shown);
}

function showMissing(answer) {
  const words = completeness(answer);
  byId("verdict-known").textContent = words;
  show(byId("verdict-known"), words !== "");
}

/** What a track lacks, and how good the answers to such tracks are; nothing of a complete track. */
function completeness({ missing_features: found, threshold }) {
  if (!found?.missing.length) return "";
  const names = found.missing.map((name) => featureTitle(name).toLowerCase());
  const missing = `Missing: ${names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ")}.`;
  const share = (part) => percent(part, 1);
  const isOther = complete.threshold !== null && share(threshold) !== share(complete.threshold);
  const own = isOther ? ` Such tracks have a threshold of their own: ${share(threshold)} instead of ${share(complete.threshold)}.` : "";
  if (found.accuracy === null) return `${missing} The model file does not contain the accuracy without them.${own}`;
  const others = [
    complete.accuracy === null ? null : `${share(complete.accuracy)} for complete tracks`,
    complete.baseline === null ? null : `${share(complete.baseline)} by always predicting one label`,
  ].filter(Boolean);
  const better = found.better_if_known;
  const more = better ? ` If ${featureTitle(better.feature).toLowerCase()} were known, it would be ${share(better.accuracy)}.` : "";
  return `${missing} The accuracy for such tracks is ${share(found.accuracy)}${others.length ? ` (${others.join(", ")})` : ""}.${more}${own}`;
}

/** On a narrow page, what is scrolled to must be below the answer, whatever its height. */
export function keepClear() {
  const keepHeight = () => document.documentElement.style.setProperty("--verdict-height", `${byId("verdict").offsetHeight}px`);
  new ResizeObserver(keepHeight).observe(byId("verdict"));
}

/** The announcement for a screen reader once no further change comes. */
export function announcement(answer, decade) {
  const words = [doubt(impossibleOf(answer)), sentence(answer, decade), completeness(answer)];
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
  true: " The model was trained on this track, so the prediction may be too good.",
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
