// The answer in short, which stays in view: label, probability, where it lies by the threshold.

import { byId, show } from "./dom.js";
import { decadeName, percent, title as featureTitle } from "./features.js";

/** Nearer to the threshold than this an answer is called a close one. */
const CLOSE = 0.05;

let shown = null;

/** Shows an answer to a track of `decade`; null if the model does not look at the decade. The same one again is shown already. */
export function showVerdict(answer, decade) {
  if (answer === shown) return;
  shown = answer;
  const { label, probability, threshold } = answer;
  const verdict = byId("verdict");
  verdict.dataset.label = label;
  verdict.style.setProperty("--share", probability);
  verdict.style.setProperty("--threshold", threshold);
  const isClose = Math.abs(probability - threshold) < CLOSE;
  byId("verdict-title").textContent = `${label === "hit" ? "▲" : "▼"} ${title(label, isClose)}`;
  // A digit more where whole percentages equal the threshold's.
  byId("verdict-share").textContent = percent(probability, Math.abs(probability - threshold) < 0.01 ? 1 : 0);
  byId("gauge-threshold").textContent = `threshold ${percent(threshold)}`;
  byId("verdict-threshold").textContent = `, threshold ${percent(threshold)}`;
  byId("verdict-sentence").textContent = sentence(answer, decade);
  showMissing(answer);
  performance.clearMarks("answered");
  performance.mark("answered");
}

function title(label, isClose) {
  if (isClose) return label === "hit" ? "Just about like a hit" : "Just about like a flop";
  return label === "hit" ? "Resembles the hits" : "Resembles the flops";
}

function sentence({ label, threshold }, decade) {
  const side = label === "hit" ? "Above" : "Not above";
  return `${side} the threshold of ${percent(threshold)}: the model calls it a ${label}${decade ? ` of the ${decadeName(decade)}` : ""}.`;
}

/** Share of right answers to complete test tracks; null while it is not known. */
let complete = null;

/** Notes how good the answers to complete tracks are. */
export function noteAccuracy(accuracy) {
  complete = accuracy ?? null;
  if (shown) showMissing(shown);
}

function showMissing(answer) {
  const words = completeness(answer);
  byId("verdict-known").textContent = words;
  show(byId("verdict-known"), words !== "");
}

/** What a track lacks, and how good the answers to such tracks are; nothing of a complete track. */
function completeness({ missing_features: found }) {
  if (!found?.missing.length) return "";
  const names = found.missing.map((name) => featureTitle(name).toLowerCase());
  const missing = `Missing: ${names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ")}.`;
  if (found.accuracy === null) return `${missing} The model file does not state what that costs.`;
  const share = (accuracy) => percent(accuracy, 1);
  const whole = complete === null ? "" : ` (${share(complete)} of complete ones)`;
  const better = found.better_if_known;
  const more = better ? ` Most would help: ${featureTitle(better.feature).toLowerCase()} (${share(better.accuracy)}).` : "";
  return `${missing} The model is right in ${share(found.accuracy)} of such tracks${whole}.${more}`;
}

/** What is scrolled to on a narrow page must stand below the answer, however high that is. */
export function keepClear() {
  const keepHeight = () => document.documentElement.style.setProperty("--verdict-height", `${byId("verdict").offsetHeight}px`);
  new ResizeObserver(keepHeight).observe(byId("verdict"));
}

/** The announcement for a screen reader once no further change comes. */
export function announcement(answer, decade) {
  return `Hit probability ${percent(answer.probability)}. ${[sentence(answer, decade), completeness(answer)].filter(Boolean).join(" ")}`;
}

/** Which track the answer is to: one that was loaded, or that and changed since. */
export function showTrack(track, isChanged) {
  const place = byId("verdict-track");
  show(place, Boolean(track));
  if (!track) return;
  const whose = track.decade === null ? "" : ` of the ${decadeName(track.decade)}`;
  const real = track.label ? `, in the ${track.isSimulated ? "simulated " : ""}data a ${track.label}${whose}` : "";
  place.textContent = `${isChanged ? "Changed from:" : "Shown:"} ${track.name}${real}.`;
}

/** What is wrong with asking; null if nothing is. */
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
