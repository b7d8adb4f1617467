// The answer in short, which stays in view: label, probability, where it lies by the threshold.

import { byId, show } from "./dom.js";
import { decadeName, percent } from "./features.js";

/** Nearer to the threshold than this an answer is called a close one. */
const CLOSE = 0.05;

/** Shows an answer to a track of `decade`. */
export function showVerdict(answer, decade) {
  const { label, probability, threshold } = answer;
  const verdict = byId("verdict");
  verdict.dataset.label = label;
  verdict.style.setProperty("--share", probability);
  verdict.style.setProperty("--threshold", threshold);
  const isClose = Math.abs(probability - threshold) < CLOSE;
  byId("verdict-title").textContent = `${label === "hit" ? "▲" : "▼"} ${title(label, isClose)}`;
  // A digit more where whole ones would not tell it from the threshold.
  byId("verdict-share").textContent = percent(probability, Math.abs(probability - threshold) < 0.01 ? 1 : 0);
  byId("gauge-threshold").textContent = `threshold ${percent(threshold)}`;
  byId("verdict-threshold").textContent = `, threshold ${percent(threshold)}`;
  byId("verdict-sentence").textContent = sentence(answer, decade);
}

function title(label, isClose) {
  if (isClose) return label === "hit" ? "Just about like a hit" : "Just about like a flop";
  return label === "hit" ? "Resembles the hits" : "Resembles the flops";
}

function sentence({ label, threshold }, decade) {
  const side = label === "hit" ? "Above" : "Not above";
  return `${side} the threshold of ${percent(threshold)}: the model calls it a ${label} of the ${decadeName(decade)}.`;
}

/** What a screen reader is told once things have come to rest. */
export function told(answer, decade) {
  return `Hit probability ${percent(answer.probability)}. ${sentence(answer, decade)}`;
}

/** Which real track stands in the controls. */
export function showTrack(track, isChanged) {
  const place = byId("verdict-track");
  show(place, Boolean(track));
  if (!track) return;
  const real = track.label ? `, in the data a ${track.label} of the ${decadeName(track.decade)}` : "";
  place.textContent = `${isChanged ? "Changed from:" : "Shown:"} ${track.name}${real}.`;
}

/** What is wrong with asking; null if nothing is. */
export function notice(words) {
  const place = byId("notice");
  if (place.textContent !== (words ?? "")) place.textContent = words ?? "";
  show(place, Boolean(words));
  byId("verdict").classList.toggle("stale", Boolean(words));
}
