// Two tracks side by side: one that was kept, and the one in the controls.

import { byId, html, show } from "./dom.js";
import { AUDIO, impossibleValues, list, percent, shown, signed, title, wordsOf } from "./features.js";

/** Smallest difference of contributions that a sentence names. */
const LEAST = 0.05;

/** Whether an answer rests on a value that no track can have. */
const isDoubtful = (answer) => impossibleValues(answer).length > 0;

/** Contributions of an explained answer by feature; none of one without a meaning. */
const pushes = (answer) => new Map((isDoubtful(answer) ? [] : (answer?.explanation?.pushes ?? [])).map((push) => [push.feature, push.contribution]));

const value = (track, feature) => (feature === "decade" ? track.decade : track.values[feature]) ?? null;

/**
 * Shows `first`, which was kept, beside `second`, each with `name`, `values`, `decade` and `answer`, which is null until it has come.
 */
export function showComparison(first, second, hasDecades) {
  const both = [first, second];
  const isOne = isSameTrack(first, second, hasDecades);
  show(byId("compare-table"), !isOne);
  const [one, other] = both.map(({ answer }) => pushes(answer));
  const gap = (feature) => Math.abs((one.get(feature) ?? 0) - (other.get(feature) ?? 0));
  const features = [...(hasDecades ? ["decade"] : []), ...AUDIO].sort((a, b) => gap(b) - gap(a));
  byId("compare-table").replaceChildren(
    html("table", { "aria-labelledby": "compare-title" },
      html("thead", {}, html("tr", {}, html("td", {}), ...both.map(({ name }) => html("th", { scope: "col" }, name)))),
      html("tbody", {},
        html("tr", { class: "compare-answer" }, html("th", { scope: "row" }, "Hit probability"), ...both.map(({ answer }) => probability(answer))),
        ...features.map((feature) => row(feature, both, [one, other])))),
  );
  byId("compare-lead").textContent = lead(first, second, features, one, other);
}

const isSameTrack = (first, second, hasDecades) =>
  [...(hasDecades ? ["decade"] : []), ...AUDIO].every((feature) => value(first, feature) === value(second, feature));

function probability(answer) {
  if (!answer) return html("td", {}, "…");
  const { label, probability: share, threshold } = answer;
  if (isDoubtful(answer)) return html("td", {}, html("b", { class: "doubtful-share" }, percent(share, 1)), " ", html("span", { class: "chip doubt" }, "⚠ impossible value"));
  return html("td", {}, html("b", { class: `key-${label}` }, percent(share, 1)), " ",
    html("span", { class: `chip ${label}` }, label === "hit" ? "▲ hit" : "▼ flop"), html("span", { class: "hint" }, `threshold ${percent(threshold, 1)}`));
}

function row(feature, both, contributions) {
  const isSame = value(both[0], feature) === value(both[1], feature);
  const cell = (track, index) => {
    const push = contributions[index].get(feature);
    const side = push > 0 ? "hit" : "flop";
    const pushed = push === undefined ? null : html("span", { class: `key-${side}`, title: "Contribution to the prediction" }, `${signed(push)} ${push > 0 ? "▲" : "▼"}`);
    return html("td", {}, html("span", {}, shown(feature, value(track, feature))), pushed);
  };
  return html("tr", { class: isSame ? "same" : null, "data-feature": feature }, html("th", { scope: "row" }, title(feature)), ...both.map(cell));
}

/** Which features the difference of the answers is of. */
function lead(first, second, features, one, other) {
  if (!first.answer || !second.answer) return "…";
  if (isSameTrack(first, second, features.includes("decade"))) return `Only one track so far: ${first.name}. Find a second song, load another track or change a value: the first track stays.`;
  const doubtful = impossibleValues(first.answer).concat(impossibleValues(second.answer)).map(({ field }) => wordsOf(field));
  if (doubtful.length) return `A probability that rests on an impossible value (${list([...new Set(doubtful)])}) cannot be compared. Contributions to it are left out.`;
  const difference = (feature) => (other.get(feature) ?? 0) - (one.get(feature) ?? 0);
  const [ahead, behind] = second.answer.probability >= first.answer.probability ? ["second", 1] : ["first", -1];
  const most = features.filter((feature) => behind * difference(feature) >= LEAST).slice(0, 3).map(wordsOf);
  const reason = most.length ? `The ${ahead} track has the higher prediction mainly because of ${list(most)}. ` : "";
  return `${reason}Each value is shown with its contribution to the prediction; the largest differences come first.`;
}

/** Shows the comparison, or the button that begins one. */
export function showComparing(isComparing) {
  show(byId("compare"), isComparing);
  byId("compare-keep").title = isComparing ? "Keep this track in place of the other" : "Keep this track and compare it with another";
  byId("compare-keep").textContent = isComparing ? "Compare with this track" : "Compare";
}
