// The distribution of hits and flops along a slider, out of quantiles.
//
// Between two neighbouring quantiles is the same share of the tracks. It is uniform there, but tapers off in both tails; equal
// quantiles are tracks with one value. The shares are summed in bins and smoothed a little. Hits are above the line, flops below it, so that they differ without colour.

import { svg } from "./dom.js";

const BINS = 96;
/** Width of the smoothing, a normal density's standard deviation, in bins. */
const WIDTH = 2.2;
const HALF = 28;
/** Most by which a tail thins out, as a power of e. */
const THINNEST = 6;

/** How many of the tracks in the first part `part` of a stretch, if they thin out along it by e to the power of `by`. */
const thinning = (part, by) => (by < 0.01 ? part : (1 - Math.exp(-by * part)) / (1 - Math.exp(-by)));

/** Share of the tracks in each bin from `low` to `high`. */
export function shares(quantiles, low, high) {
  const bins = new Array(BINS).fill(0);
  const place = (value) => ((value - low) / (high - low)) * BINS;
  const last = quantiles.length - 1;
  const each = 1 / last;
  const width = (index) => quantiles[index] - quantiles[index - 1];
  // A tail begins as dense as what lies before it.
  const tail = (index, before) => Math.min(THINNEST, 1.5 * Math.max(0, width(index) / width(before) - 1));
  const below = (index, part) => {
    if (last < 2) return part;
    if (index === 1) return 1 - thinning(1 - part, tail(1, 2));
    return index === last ? thinning(part, tail(last, last - 1)) : part;
  };
  for (let index = 1; index < quantiles.length; index += 1) {
    const [from, to] = [place(quantiles[index - 1]), place(quantiles[index])];
    if (to - from < 1e-6) {
      // What lies exactly at the upper end is in the last bin.
      if (from >= 0 && from <= BINS) bins[Math.min(BINS - 1, Math.floor(from))] += each;
      continue;
    }
    const until = (place) => below(index, (place - from) / (to - from));
    for (let bin = Math.max(0, Math.floor(from)); bin < Math.min(BINS, Math.ceil(to)); bin += 1) {
      bins[bin] += each * (until(Math.min(to, bin + 1)) - until(Math.max(from, bin)));
    }
  }
  return smooth(bins);
}

/** Reflects at both ends, where tracks must not leak out. */
function smooth(bins) {
  const reach = Math.ceil(3 * WIDTH);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, index) => Math.exp(-(((index - reach) / WIDTH) ** 2) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const at = (index) => {
    if (index < 0) return bins[-index - 1];
    return bins[index >= bins.length ? 2 * bins.length - index - 1 : index];
  };
  return bins.map((_, bin) => weights.reduce((sum, weight, index) => sum + weight * at(bin + index - reach), 0) / total);
}

/** The share of the tracks with a value below `value`, ties counted half. */
export function shareBelow(quantiles, value) {
  const last = quantiles.length - 1;
  const [below, within] = [quantiles.filter((level) => level < value).length, quantiles.filter((level) => level <= value).length];
  if (within > below) return (below + within - 1) / 2 / last;
  if (below === 0 || below > last) return below === 0 ? 0 : 1;
  return (below - 1 + (value - quantiles[below - 1]) / (quantiles[below] - quantiles[below - 1])) / last;
}

/** The share of the tracks at each of `categories`, nearly: quantiles give it to a few hundredths. */
export function categoryShares(quantiles, categories) {
  const steps = 400;
  const counts = new Map(categories.map((category) => [category, 0]));
  for (let step = 0; step < steps; step += 1) {
    const place = ((step + 0.5) / steps) * (quantiles.length - 1);
    const index = Math.floor(place);
    const value = Math.round(quantiles[index] + (quantiles[index + 1] - quantiles[index]) * (place - index));
    if (counts.has(value)) counts.set(value, counts.get(value) + 1 / steps);
  }
  return categories.map((category) => counts.get(category));
}

/** The path of an area from the line in the middle, up (`side` 1) or down (−1). */
function area(bins, most, side) {
  // The root of a share: a peak would leave nothing to see of the rest.
  const height = (share) => (HALF - 2) * Math.sqrt(share / most);
  const points = bins.map((share, bin) => `L${bin + 0.5} ${(HALF - side * height(share)).toFixed(2)}`);
  const end = (share) => (HALF - side * height(share)).toFixed(2);
  return `M0 ${HALF}L0 ${end(bins[0])}${points.join("")}L${BINS} ${end(bins[BINS - 1])}L${BINS} ${HALF}Z`;
}

/** Both distributions between `low` and `high`. */
export function densities(hits, flops, low, high) {
  const [up, down] = [hits, flops].map((quantiles) => (quantiles?.length ? shares(quantiles, low, high) : null));
  const most = Math.max(...(up ?? [0]), ...(down ?? [0])) || 1;
  return svg(
    "svg",
    { class: "densities", viewBox: `0 0 ${BINS} ${2 * HALF}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    up && svg("path", { class: "hits", d: area(up, most, 1) }),
    down && svg("path", { class: "flops", d: area(down, most, -1) }),
  );
}

/** A pair of bars for one category, drawn to the greatest share `most` among all. */
export function pair(hits, flops, most) {
  const bar = (share, side) => {
    const height = (HALF - 2) * (share / (most || 1));
    const name = side > 0 ? "hits" : "flops";
    return svg("rect", { class: name, x: 0, width: 10, y: side > 0 ? HALF - height : HALF, height });
  };
  return svg(
    "svg",
    { class: "pair", viewBox: `0 0 10 ${2 * HALF}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    bar(hits, 1),
    bar(flops, -1),
  );
}
