// The page once its first answer is there: one state (a decade and a value a feature), shown by controls, sent to the server,
// kept in the address.

import * as api from "./api.js";
import { bring } from "./bring.js";
import { showComparing, showComparison } from "./compare.js";
import { controls, decadeButtons } from "./controls.js";
import { byId, html, latest, onActivity, show } from "./dom.js";
import { AUDIO, decadeName, impossibleValues, list, percent, rule, sentence, title, trackName, typeset, warningWords } from "./features.js";
import { find, showFirstLook } from "./find.js";
import * as reasons from "./reasons.js";
import * as tracks from "./track.js";
import { keepClear, notice, noteComplete, showTrack, showVerdict, stale, announcement } from "./verdict.js";

const NEIGHBOURS = 6;
/** Further ones that are requested, since the track itself and its other versions are left out. */
const SPARE_NEIGHBOURS = 6;
/** Quiet time before what takes longer is requested, in milliseconds. */
const CALM = 150;
/** Quiet time before the announcement for a screen reader. */
const REST = 700;
const WHY = "Contribution of each value to the prediction, the largest first.";
const NO_ANSWER = "No answer. The next change requests it again.";
const NO_TRACKS = "This model has no file of known tracks.";
/** Longest wait before the next request to a busy server, in seconds. */
const LONGEST_WAIT = 15;
/** Number of further requests to a busy server for what the page can do without. */
const MOST_TRIES = 5;

/**
 * `values` holds a number, null (unknown) or a text that is no number for every feature; `notes` the warnings of the fields of a
 * track that was read; `track` the real track in the controls; `remark` a sentence on its decade, null if there is none; `isAssumed`
 * whether the decade is none that the track or the user has given; `other` the kept track that this one is compared with, with its
 * `answer`.
 */
const state = { decade: null, values: {}, notes: [], track: null, remark: null, isAssumed: false, isChanged: false, other: null };
/** The explained answer to the track in the controls; null until it has come. */
let explained = null;
let infos = {};
/** What `first.js` has requested already, until it is taken. */
let ahead = null;
let panel;
let setDecade;
/** Whether all that the page is made of has come. */
let isBuilt = false;
/** The model, once the server has described it. */
let described = Promise.resolve({});

const request = () => tracks.request(state);
const years = () => tracks.years(infos);
/** Whether the model looks at a feature. */
const isUsed = (feature) => infos[feature]?.used_by_model !== false;

// Asking.

const askAnswer = latest(async () => {
  const sent = request();
  const decade = isUsed("decade") ? state.decade : null;
  const { track, isChanged, notes, values, isAssumed } = state;
  await attempt(async () => {
    const [answer, without] = await Promise.all([taken(sent) ?? api.predict(sent), isAssumed && isUsed("decade") ? api.predict(values) : null]);
    showVerdict(answer, decade, without);
    showTrack(track, isChanged);
    const impossible = impossibleValues(answer);
    // Those are reported beside the probability and beside their controls.
    reasons.warnings([...notes, ...answer.warnings.filter((warning) => !impossible.includes(warning))]);
    reasons.omit(impossible.map(({ field }) => field));
    panel.fault(new Map(impossible.map((warning) => [warning.field, sentence(warningWords(warning))])));
    announce(answer, decade);
  });
});

/** Requested by itself: of a large forest it takes a hundred times as long as the answer. */
const askWhy = patiently(async () => showExplanation(await api.explain(request())), noExplanation);

/** The answer that is on its way already, if it is one to this. */
function taken(sent) {
  const found = ahead && JSON.stringify(ahead.sent) === JSON.stringify(sent) ? ahead.answer : null;
  ahead = null;
  return found;
}

const askWhatIf = patiently(async () => {
  const { decade } = state;
  const answer = await api.whatIf(request());
  reasons.whatIf(byId("what-if"), answer.what_if, decade, change);
}, (words) => byId("what-if").replaceChildren(html("p", { class: "hint" }, words)), { wait: CALM });

const askNeighbours = patiently(async () => {
  if ((await described).tracks === null) {
    reasons.noNeighbours(NO_TRACKS);
    return;
  }
  const answer = await api.neighbours(request(), NEIGHBOURS + SPARE_NEIGHBOURS, byId("same-decade").checked);
  const others = answer.neighbours.filter((one) => !isSameSong(one, state.track));
  reasons.neighbours({ ...answer, neighbours: others.slice(0, NEIGHBOURS) }, others.length < answer.neighbours.length, loadNeighbour);
}, reasons.noNeighbours, { wait: CALM, unknown: NO_TRACKS });

/** Whether a known track is the one in the controls, or another version of it. */
const isSameSong = ({ uri, title, artist }, track) => Boolean(track) && ((uri !== "" && uri === track.uri) || (Boolean(title) && trackName(title, artist) === track.name));

let telling = null;

/** Announces an answer to a screen reader, once no further change comes. */
function announce(answer, decade) {
  clearTimeout(telling);
  telling = setTimeout(() => {
    byId("status").textContent = announcement(answer, decade);
  }, REST);
}

const keep = latest(async () => history.replaceState(null, "", tracks.address(state)), CALM);

function ask() {
  explained = null;
  compare();
  askAnswer();
  keep();
  const others = [askWhy, askWhatIf, askNeighbours];
  // The answer reports a value that is no number; three requests would report the same.
  if (Object.values(state.values).some((value) => typeof value === "string")) others.forEach((other) => other.cease());
  else others.forEach((other) => other());
}

function showExplanation(answer) {
  const { explanation } = answer;
  explained = answer;
  compare();
  if (!explanation) {
    noExplanation("This server does not explain its answers.");
    return;
  }
  byId("why-lead").textContent = WHY;
  reasons.waterfall(byId("waterfall"), explanation, answer);
  panel.push(new Map(explanation.pushes.map((push) => [push.feature, push.contribution])));
}

function noExplanation(words) {
  byId("why-lead").textContent = words;
  byId("waterfall").replaceChildren();
  panel.push(new Map());
}

// Refusals.

let failures = 0;
/** The timer of the next request; null if there is none. */
let again = null;

/** Does what the page cannot do without; says what is wrong, and comes again where that may help. */
async function attempt(work) {
  try {
    await work();
    failures = 0;
    clearTimeout(again);
    again = null;
    notice(state.remark && `${state.remark}.`);
    stale(false);
    show(byId("token"), false);
  } catch (error) {
    if (!(error instanceof api.Refusal)) throw error;
    refuse(error);
  }
}

function refuse(error) {
  stale(true, error.status === 401 ? "A token is needed" : undefined);
  if (error.status === 401) {
    show(byId("token"), true);
    byId("token-field").focus();
    notice(api.hasToken() ? "The server expects another token." : null);
    return;
  }
  if (error.status === 422) {
    const faults = new Map();
    error.faults.forEach((fault) => faults.set(fault.loc?.[1], sentence(rule(fault))));
    panel?.fault(faults);
    const elsewhere = error.faults.some(({ loc }) => !AUDIO.includes(loc?.[1]));
    const names = list([...faults.keys()].map(title));
    notice(elsewhere ? error.message : `${names} cannot be read; the reason is beside the control.`);
    return;
  }
  const comesAgain = error.status === 0 || error.status === 503;
  if (!comesAgain) {
    notice(error.message);
    return;
  }
  // Reported already: not again at every step of a slider.
  if (again !== null) return;
  failures += 1;
  const seconds = Math.min(LONGEST_WAIT, error.retryAfter ?? 2 ** Math.min(failures - 1, 6));
  notice(`${error.message} The next request follows in ${inSeconds(seconds)}.`);
  again = setTimeout(() => {
    again = null;
    if (isBuilt) ask();
    else build();
  }, seconds * 1000);
}

/**
 * Does what the page can do without; `otherwise` reports why it could not, `unknown` being the words for a route without
 * content. A fault of a value is reported by the answer already. The refusal if there was one, else null.
 */
async function quietly(work, otherwise, unknown = NO_ANSWER) {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof api.Refusal)) throw error;
    if (![422, 401].includes(error.status)) otherwise(error.status === 404 ? unknown : NO_ANSWER);
    return error;
  }
}

/**
 * [`latest`] for what is requested [`quietly`]: a request to a busy server is repeated a few times, each wait twice the one before,
 * unless a change makes a new one or all is to `cease`.
 */
function patiently(work, otherwise, { wait = 0, unknown } = {}) {
  let tries = 0;
  let timer = null;
  const ask = latest(async () => {
    clearTimeout(timer);
    const refusal = await quietly(work, otherwise, unknown);
    if (refusal?.status !== 503 || tries === MOST_TRIES) return;
    const seconds = Math.min(LONGEST_WAIT, (refusal.retryAfter ?? 1) * 2 ** tries);
    tries += 1;
    otherwise(`${refusal.message} The next request follows in ${inSeconds(seconds)}.`);
    timer = setTimeout(ask, seconds * 1000);
  }, wait);
  const cease = () => {
    clearTimeout(timer);
    tries = 0;
  };
  const anew = () => {
    cease();
    ask();
  };
  return Object.assign(anew, { cease });
}

const inSeconds = (seconds) => `${seconds} ${seconds === 1 ? "second" : "seconds"}`;

// Changing.

function change(values) {
  Object.assign(state.values, values);
  state.isChanged = true;
  panel.set(state.values);
  ask();
}

function moved(feature, value) {
  state.values[feature] = value;
  state.isChanged = true;
  ask();
}

function pickDecade(year) {
  state.decade = year;
  state.remark = null;
  state.isAssumed = false;
  state.isChanged = true;
  showDecade();
  ask();
}

/** Copies the link of the page, or shows it where the browser does not let pages copy. */
async function share() {
  const link = new URL(tracks.address(state), location.href).href;
  const button = byId("share");
  try {
    await navigator.clipboard.writeText(link);
    button.textContent = "Link copied";
  } catch {
    const field = byId("share-link");
    field.value = link;
    show(field, true);
    field.select();
    button.textContent = "Copy it from the field";
  }
  setTimeout(() => {
    button.textContent = "Copy link";
  }, 4000);
}

function showDecade() {
  setDecade(state.decade);
  panel.draw(state.decade);
  const name = decadeName(state.decade);
  byId("legend-decade").textContent = name;
  byId("example-hit").title = `Median hit of the ${name}`;
  byId("example-flop").title = `Median flop of the ${name}`;
}

/** Puts a track into the controls. */
function load(values, { decade = state.decade, notes = [], track = null, remark = null, isAssumed = false } = {}) {
  Object.assign(state, { decade, values: { ...values }, notes, track, remark, isAssumed, isChanged: false });
  panel.set(state.values);
  panel.fault(new Map());
  showDecade();
  ask();
}

// Comparing.

/** What the track in the controls, or the kept one, is called. */
function nameOf({ track, isChanged }, otherwise) {
  if (!track?.name) return otherwise;
  return isChanged ? `${track.name}, changed` : track.name;
}

/** Shows the kept track beside the one in the controls, if there is one. */
function compare() {
  showComparing(state.other !== null);
  if (!state.other) return;
  const first = { ...state.other, name: nameOf(state.other, "First track") };
  const second = { ...state, answer: explained, name: nameOf(state, "Second track") };
  showComparison(first, second, tracks.hasDecades(infos));
}

const askOther = patiently(async () => {
  const { other } = state;
  if (!other || other.answer) return;
  other.answer = await api.explain(tracks.request(other));
  compare();
}, () => {});

/** Keeps a track to compare with; null ends the comparison. */
function keepOther(other) {
  state.other = other;
  compare();
  askOther();
  keep();
}

const current = () => ({ decade: state.decade, values: { ...state.values }, notes: state.notes, track: state.track, remark: state.remark, isAssumed: state.isAssumed, isChanged: state.isChanged, answer: explained });

function swap() {
  const { other } = state;
  if (!other) return;
  state.other = current();
  const { answer, ...own } = other;
  Object.assign(state, own);
  panel.set(state.values);
  panel.fault(new Map());
  showDecade();
  ask();
  askOther();
}

/** The name of a known track in a link, which has its URI only. */
async function nameByUri(place, uri) {
  if (!uri || (await described).tracks === null) return;
  await quietly(async () => {
    const { tracks: found, simulated } = await api.tracks(uri, NEIGHBOURS);
    const own = found.find((track) => track.decade === place.decade) ?? found[0];
    // It may be another track by now.
    if (!own || place.track) return;
    place.track = knownTrack(own, simulated === true);
    place.isChanged = !tracks.isSame(place.values, own.audio_features) || (own.decade !== null && own.decade !== place.decade);
    compare();
    showTrack(state.track, state.isChanged);
  }, () => {});
}

/** The decade that a track of the decade `own` is scored as. */
const decadeFor = (own) => tracks.decadeFor(infos, own, state.decade);

/** The chosen decade, null if tracks have none. Throws a sentence for the user while it is not known. */
function chosenDecade() {
  if (!panel) throw new Error("The server has not yet sent the features and decades of the model. Try again in a moment.");
  return tracks.hasDecades(infos) ? state.decade : null;
}

/** A track as the server has read it. */
function loadRead(read, name) {
  chosenDecade();
  const { decade, remark, isFilled } = decadeFor(read.decade);
  const filled = isFilled ? `The track has no decade: it is scored as one of the ${decadeName(decade)}. Choose its decade` : null;
  load(read.audio_features, { decade, remark: remark ?? filled, isAssumed: isFilled, notes: read.warnings, track: name ? { name, uri: read.uri ?? undefined, decade: read.decade } : null });
}

const knownTrack = ({ title, artist, decade, label, uri, in_training: inTraining }, isSimulated) => ({ name: trackName(title, artist), label, decade, uri, isSimulated, inTraining });

function loadKnown(known, isSimulated) {
  // One of the decades that there are, for the curves.
  const compared = tracks.hasDecades(infos) ? (known.decade ?? state.decade) : null;
  load(known.audio_features, { decade: compared, track: knownTrack(known, isSimulated) });
}

const loadNeighbour = async (neighbour) => loadKnown(neighbour, (await described).simulated === true);

// Examples.

function loadTypical(label, decade = state.decade) {
  const { values, ...others } = tracks.typical(infos, label, decade);
  load(values, others);
}

/** The known track that is nearest to a point drawn at random out of those that tracks of the decade lie at. */
async function loadReal() {
  const { decade } = state;
  const values = tracks.atQuantiles(infos, decade, () => (Math.random() < 0.5 ? "hits" : "flops"), (count) => Math.floor(Math.random() * count));
  await quietly(async () => {
    const answer = await api.neighbours(tracks.request({ decade, values }), 1, decade !== null);
    answer.neighbours.forEach(loadNeighbour);
  }, reasons.noNeighbours, NO_TRACKS);
}

function loadAddress() {
  const { values, uri, ...others } = tracks.fromAddress(infos, location.hash);
  const other = tracks.otherOfAddress(infos, location.hash);
  state.other = other && { ...other, notes: [], remark: null, isAssumed: false, isChanged: false, answer: null };
  load(values, others);
  askOther();
  nameByUri(state, uri);
  if (other) nameByUri(state.other, other.uri);
}

// The model.

function describe(model) {
  const { origin = {}, threshold, description, version, tracks, card, simulated } = model;
  const { protocol, scores, train_rows: trained, test_rows: tested, majority_accuracy: baseline } = origin.metrics ?? {};
  const fact = (name, value) => (value === undefined || value === null ? [] : [html("div", {}, html("dt", {}, name), html("dd", {}, value))]);
  const share = (value) => (typeof value === "number" ? percent(value, 1) : undefined);
  byId("facts").replaceChildren(
    ...fact("Model", description && typeset(description)),
    ...fact("Version", version),
    ...fact("Training data", { true: "simulated tracks", false: "real tracks" }[simulated]),
    ...fact("Accuracy on test tracks", scores && share(scores.accuracy) && `${share(scores.accuracy)}; baseline (always the more frequent label in training): ${share(baseline)}`),
    ...fact("ROC AUC", scores?.roc_auc?.toFixed(3)),
    ...fact("Validation scheme", protocol && `${typeset(protocol)}: ${trained.toLocaleString("en")} training tracks, ${tested.toLocaleString("en")} test tracks`),
    ...fact("Threshold", threshold === undefined ? undefined : percent(threshold, 1)),
    ...fact("Known tracks", tracks?.toLocaleString("en")),
  );
  // `target` is the label of decade files.
  if (origin.label && origin.label !== "target") describeLabel(origin.label);
  show(byId("simulated"), simulated === true);
  show(byId("example-real"), tracks !== null);
  show(byId("find-card"), tracks !== null);
  if (tracks !== null) {
    byId("find-hint").textContent = `Searches the ${tracks.toLocaleString("en")} ${simulated ? "simulated " : ""}known tracks. A Spotify link can be pasted anywhere on this page.`;
    quietly(() => showFirstLook(loadKnown), () => {});
  }
  noteComplete({ accuracy: scores?.accuracy, baseline, threshold });
  show(byId("card"), Boolean(card));
  byId("card").ontoggle = async () => {
    const { render } = await import("./card.js");
    byId("card-body").replaceChildren(...render(card ?? ""));
  };
}

/** What a hit is, for a label of the user's own. */
function describeLabel(rule) {
  byId("intro-title").textContent = "Does it sound like a hit?";
  byId("intro-text").textContent = `Set the audio features of a track. The model predicts whether it resembles the hits of the training data, by the label ${rule}, and explains why.`;
  byId("meaning-label").textContent = `A hit is a track of the training data to which the label ${rule} applies. Every other is a flop.`;
}

function wire() {
  onActivity((isActive) => byId("main").setAttribute("aria-busy", isActive));
  byId("example-hit").addEventListener("click", () => loadTypical("hits"));
  byId("example-flop").addEventListener("click", () => loadTypical("flops"));
  byId("example-real").addEventListener("click", loadReal);
  byId("reset").addEventListener("click", () => {
    show(byId("batch"), false);
    show(byId("bring-fault"), false);
    byId("paste").value = "";
    loadTypical("hits", years().at(-1));
  });
  byId("compare-keep").addEventListener("click", () => keepOther(current()));
  byId("compare-stop").addEventListener("click", () => {
    keepOther(null);
    byId("compare-keep").focus();
  });
  byId("compare-swap").addEventListener("click", swap);
  byId("share").addEventListener("click", share);
  byId("same-decade").addEventListener("change", askNeighbours);
  byId("token").addEventListener("submit", (event) => {
    event.preventDefault();
    api.keepToken(byId("token-field").value.trim());
    if (isBuilt) ask();
    else build();
  });
  // Links within the page are no tracks.
  window.addEventListener("hashchange", () => panel && location.hash.includes("=") && loadAddress());
  const { search } = find((known, isSimulated) => panel && loadKnown(known, isSimulated));
  bring(loadRead, decadeFor, chosenDecade, search);
  keepClear();
}

async function build() {
  await attempt(async () => {
    described = api.model();
    // Reported below, unless something else goes wrong before.
    described.catch(() => {});
    infos = ahead?.infos ?? (await api.features());
    setDecade = decadeButtons(byId("decades"), years(), pickDecade);
    show(byId("decade-choice"), tracks.hasDecades(infos));
    show(byId("same-decade-choice"), tracks.hasDecades(infos));
    byId("controls").replaceChildren();
    panel = controls(byId("controls"), infos, moved);
    show(byId("decade-unused"), !isUsed("decade"));
    document.body.classList.add("ready");
    // A link to a part of the page, before the address of the track takes its place.
    const part = byId(location.hash.slice(1));
    loadAddress();
    describe(await described);
    isBuilt = true;
    // Only now it has its final place: the browser looked for it in a page that was half empty.
    part?.scrollIntoView({ behavior: "instant" });
  });
}

/** Makes the page work. `first` is what has been requested already; null if that was refused. */
export function start(first) {
  ahead = first;
  wire();
  build();
}
