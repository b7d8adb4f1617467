// Why: the waterfall of contributions, what would change the answer, the nearest real tracks.

import { byId, html, show, svg } from "./dom.js";
import { decadeName, isOrdered, list, percent, sentence as asSentence, shown, signed, title, typeset, warningWords, wordsOf } from "./features.js";

const logistic = (value) => 1 / (1 + Math.exp(-value));
const logit = (share) => Math.log(share / (1 - share));

/** The contributions of an explained answer as they add up, greatest first. */
export function waterfall(place, explanation, answer) {
  const { base, output, scale } = explanation;
  const pushes = [...explanation.pushes].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const sums = [base];
  pushes.forEach((push) => sums.push(sums.at(-1) + push.contribution));
  const isLogOdds = scale === "log_odds";
  const asShare = isLogOdds ? logistic : (value) => value;
  // A calibration comes after the sum; the threshold is then elsewhere on this scale.
  const isCalibrated = Math.abs(asShare(output) - answer.probability) > 1e-6;
  const threshold = isCalibrated ? null : isLogOdds ? logit(answer.threshold) : answer.threshold;
  const ends = [...sums, ...(threshold === null ? [] : [threshold])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const margin = 0.16 * (high - low || 1);
  const x = (value) => ((value - low + margin) / (high - low + 2 * margin)) * 100;
  const shared = { x, threshold, digits: isLogOdds ? 2 : 3 };

  const valueText = (value, share) => (isLogOdds ? `${signed(value)}${share}` : `${percent(value, 1)}${share}`);
  const rows = [end("Mean of all tracks", base, valueText(base, isLogOdds && !isCalibrated ? `, that is ${percent(asShare(base))}` : ""), shared)];
  pushes.forEach((push, index) => rows.push(row(push, sums[index], sums[index + 1], explanation.decade, shared)));
  const answered = isCalibrated ? `, calibrated ${percent(answer.probability)}` : isLogOdds ? `, that is ${percent(answer.probability)}` : "";
  rows.push(end("This track", output, valueText(output, answered), shared));
  const head = html(
    "div",
    { class: "fall-head", role: "row" },
    html("span", { role: "columnheader" }, "Feature"),
    html("span", { role: "columnheader" }, `Contribution (${isLogOdds ? "log odds" : "probability"})`),
    html("span", { class: "fall-standing", role: "columnheader", title: "Share of the hits, and of the flops, of its decade with a smaller value" },
      html("span", {}, "higher than"), html("span", { class: "key-hit" }, "of hits"), html("span", { class: "key-flop" }, "of flops")),
  );
  place.replaceChildren(
    html("div", { class: "fall", role: "table", "aria-label": "Contributions of the features" }, head, ...rows),
    html("p", { class: "hint" }, footnote(explanation, answer, { isLogOdds, isCalibrated, threshold })),
  );
}

function footnote(explanation, answer, { isLogOdds, isCalibrated, threshold }) {
  const parts = [
    "Orange ▲ raises the prediction towards a hit; blue ▼ lowers it towards a flop.",
    isLogOdds ? "Log odds: a contribution of 0.69 doubles the odds of a hit." : "The bars add up to a probability.",
  ];
  if (threshold !== null) parts.push("The dashed line is the threshold.");
  if (isCalibrated) parts.push(`After calibration on tracks outside training, the probability is ${percent(answer.probability)}.`);
  if (explanation.decade) {
    parts.push(`On the right: share of the hits and of the flops of the ${decadeName(explanation.decade)} with a smaller value; ties count half.`);
  }
  return parts.join(" ");
}

function thresholdLine({ x, threshold }) {
  if (threshold === null) return null;
  const at = `${x(threshold)}%`;
  return svg("line", { class: "threshold", x1: at, x2: at, y1: 0, y2: "100%" });
}

function bar(words, ...marks) {
  return html("span", { class: "fall-bar", role: "cell" }, html("span", { class: "hidden-visually" }, words), svg("svg", { "aria-hidden": "true" }, ...marks));
}

/** A row that is no push: a diamond at its sum. */
function end(words, value, text, shared) {
  const at = x(value, shared);
  // No line of the threshold, which would cross the words.
  const marks = [
    svg("svg", { x: `${at}%`, y: "50%", overflow: "visible" }, svg("path", { class: "diamond", d: "M0 -6L6 0L0 6L-6 0Z" })),
    svg("text", { x: `${at}%`, y: "50%", dx: at > 60 ? -11 : 11, dy: "0.35em", "text-anchor": at > 60 ? "end" : "start" }, text),
  ];
  return html(
    "div",
    { class: "fall-row fall-end", role: "row" },
    html("span", { class: "fall-name", role: "cell" }, words),
    bar(text, ...marks),
    html("span", { role: "cell" }),
  );
}

const x = (value, shared) => shared.x(value);

function row(push, from, to, decade, shared) {
  const [start, stop] = [x(from, shared), x(to, shared)];
  const isUp = push.contribution >= 0;
  const [left, width] = [Math.min(start, stop), Math.max(Math.abs(stop - start), 0.4)];
  const outside = isUp ? left + width : left;
  const marks = [
    thresholdLine(shared),
    svg("line", { class: "carry", x1: `${start}%`, x2: `${start}%`, y1: 0, y2: "50%" }),
    svg("line", { class: "carry", x1: `${stop}%`, x2: `${stop}%`, y1: "50%", y2: "100%" }),
    svg("rect", { class: isUp ? "hits" : "flops", x: `${left}%`, width: `${width}%`, y: "18%", height: "64%", rx: 2 }),
    svg("text", { x: `${outside}%`, y: "50%", dx: isUp ? 5 : -5, dy: "0.35em", "text-anchor": isUp ? "start" : "end" }, signed(push.contribution, shared.digits)),
  ];
  // Categories have no order.
  const { hits, flops } = (isOrdered(push.feature) && push.standing) || {};
  const shareBelow = (share, name) => html("span", { class: `key-${name}` }, share === null || share === undefined ? "–" : percent(share));
  const ranks = [[hits, "hits"], [flops, "flops"]].filter(([share]) => Number.isFinite(share)).map(([share, name]) => `${percent(share)} of the ${name}`);
  const values = `${title(push.feature)} ${shown(push.feature, push.value)}: contribution ${signed(push.contribution, shared.digits)}`
    + (ranks.length ? `; higher than ${list(ranks)} of the ${decadeName(decade)}` : "");
  return html(
    "div",
    { class: "fall-row", role: "row", "data-feature": push.feature, title: values },
    html("span", { class: "fall-name", role: "cell" }, `${title(push.feature)} `, html("b", {}, shown(push.feature, push.value))),
    bar(signed(push.contribution, shared.digits), ...marks),
    html("span", { class: "fall-standing", role: "cell" }, shareBelow(hits, "hit"), html("span", { class: "hidden-visually" }, " of hits, "),
      shareBelow(flops, "flop"), html("span", { class: "hidden-visually" }, " of flops")),
  );
}

/** Fills a place anew. The answer takes over the focus of a button that is replaced by what the button has brought about. */
function refill(place, ...children) {
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(...children);
  if (hadFocus) byId("verdict").focus({ preventScroll: true });
}

/** The smallest changes that change the label. `tryIt(values)` puts them into the controls. */
export function whatIf(place, alternatives, decade, tryIt) {
  const found = [alternatives?.one, alternatives?.two].filter(Boolean);
  if (!found.length) {
    const words = {
      true: "No change of one or two features within the range of the decade changes the predicted label.",
      false: "Changes are computed only for tracks of a decade in the training data.",
      null: "No change of one or two features within the range of the training tracks changes the predicted label.",
    }[decade === null ? null : Boolean(decade)];
    place.replaceChildren(html("p", {}, words));
    return;
  }
  const group = decade === null ? "the training tracks" : "the decade";
  const item = (one) => {
    const values = Object.fromEntries(one.changes.map((change) => [change.feature, change.to]));
    return html(
      "li",
      {},
      html("p", {}, ...sentence(one, group)),
      html("button", { type: "button", class: "button small", onclick: () => tryIt(values) }, "Try it"),
    );
  };
  refill(
    place,
    html("ul", { class: "alternatives" }, ...found.map(item)),
    html("p", { class: "hint" }, "The smallest changes of one and of two features that change the predicted label, measured by the number of "
      + `${decade === null ? "training tracks" : "tracks of the decade"} between the values. They describe `
      + "which tracks were hits, not what makes a track a hit."),
  );
}

function sentence(one, group) {
  const parts = ["With "];
  one.changes.forEach((change, index) => {
    const { feature, from, to, from_rank: fromRank, to_rank: toRank } = change;
    if (index > 0) parts.push(" and ");
    parts.push(`${wordsOf(feature)} at `, html("b", {}, shown(feature, to)), ` instead of ${shown(feature, from)} (`);
    const isUp = to > from;
    const beyond = (rank) => percent(isUp ? rank : 1 - rank);
    parts.push(`${isUp ? "higher" : "lower"} than ${beyond(toRank)} of ${group}, not ${beyond(fromRank)})`);
  });
  parts.push(`, the model would predict a ${one.label} (${percent(one.probability, 1)}).`);
  return parts;
}

/** The nearest known tracks, without the track itself if `isWithoutSelf`. `load(neighbour)` puts one into the controls. */
export function neighbours(answer, isWithoutSelf, load) {
  const { neighbours: found, known_tracks: known } = answer;
  const hits = found.filter((one) => one.label === "hit").length;
  byId("neighbours-lead").textContent = found.length
    ? `${hits} of the ${found.length} most similar of ${known.toLocaleString("en")} tracks were hits${isWithoutSelf ? "; the track itself is left out" : ""}. The distance is in standard deviations.`
    : "There are no tracks to compare with.";
  refill(byId("neighbours"), ...found.map((one) => neighbour(one, load)));
}

function neighbour(one, load) {
  const name = [one.title, one.artist && `by ${one.artist}`].filter(Boolean).join(" ") || "a known track";
  const from = [one.artist, one.decade === null ? "" : decadeName(one.decade)].filter(Boolean).join(", ");
  return html(
    "li",
    { class: one.label },
    html("span", { class: `chip ${one.label}` }, one.label === "hit" ? "▲ hit" : "▼ flop"),
    html("span", { class: "neighbour-name" }, html("b", {}, one.title || name), html("span", {}, from)),
    html("span", { class: "distance", title: "Distance in standard deviations" }, one.distance.toFixed(2)),
    html("button", { type: "button", class: "button small", "aria-label": `Load ${name}`, onclick: () => load(one) }, "Load"),
  );
}

/** In place of the nearest tracks. */
export function noNeighbours(words) {
  byId("neighbours-lead").textContent = words;
  byId("neighbours").replaceChildren();
}

/** What the server warns of. */
export function warnings(found) {
  show(byId("warnings"), found.length > 0);
  byId("warnings-list").replaceChildren(...grouped(found).map((words) => html("li", {}, words)));
}

/** Leaves out all that rests on values of `features` that no track can have; shows it again if there are none. */
export function omit(features) {
  show(byId("reasons-parts"), features.length === 0);
  show(byId("reasons-omitted"), features.length > 0);
  byId("main").classList.toggle("doubtful", features.length > 0);
  const value = features.length === 1 ? "an impossible value" : "impossible values";
  byId("reasons-omitted").textContent = `Contributions, changes and similar tracks are left out, because they rest on ${value} of ${list(features.map(wordsOf))}.`;
}

/** Missing features in one sentence or two; the others each in its own. */
function grouped(list) {
  const missing = list.filter((one) => one.type === "missing_feature");
  const ending = (words) => missing.filter(({ msg }) => msg.endsWith(words));
  const sentences = [
    unknown(ending("much like a typical value"), "and treated much like typical values"),
    unknown(ending("in part of the training tracks"), "as in part of the training tracks"),
    unknown(ending("for tracks without it is used"), "so the model for tracks without them is used"),
  ];
  return [...sentences.filter(Boolean), ...list.filter((one) => one.type !== "missing_feature").map(inWords)];
}

function unknown(missing, how) {
  if (!missing.length) return null;
  const names = missing.map((one) => wordsOf(one.field));
  const known = `${list(names)} ${names.length > 1 ? "are" : "is"}`;
  return `${known[0].toUpperCase()}${known.slice(1)} unknown, ${how}.`;
}

function inWords(warning) {
  const { type, field, msg } = warning;
  if (type !== "outside_training_range") return asSentence(warningWords(warning));
  // Compared with the tracks of its decade where there are any, or else with all. Tracks of other decades may have had it.
  const [, decade] = /; of the (\d+s) in training it was /.exec(msg) ?? [];
  const words = decade
    ? `no training track of the ${decade} has such a value, so the prediction is less reliable`
    : "no training track has such a value, so the prediction is unreliable";
  return `${title(field)}: ${words} (${typeset(msg.replace(field, wordsOf(field)))}).`;
}
