// The page once its first answer is there: one state (a decade and a value a feature), shown by controls, asked about at the
// server, kept in the address.

import * as api from "./api.js";
import { bring } from "./bring.js";
import { controls, decadeButtons } from "./controls.js";
import { byId, html, latest, onActivity, show } from "./dom.js";
import { AUDIO, decadeName, percent, read, title, trackName } from "./features.js";
import * as reasons from "./reasons.js";
import * as tracks from "./track.js";
import { keepClear, notice, showTrack, showVerdict, stale, told } from "./verdict.js";

const NEIGHBOURS = 6;
/** Quiet time before what takes longer is asked for, in milliseconds. */
const CALM = 150;
/** Quiet time before a screen reader is told. */
const REST = 700;
const WHY = "What each value adds to the answer, the greatest push first.";
const NO_ANSWER = "No answer. The next change asks again.";
const NO_TRACKS = "No known tracks lie beside this model.";
/** Longest wait before the server is asked again, in seconds. */
const LONGEST_WAIT = 15;
/** How often a busy server is asked again for what the page can do without. */
const MOST_TRIES = 5;

/**
 * `values` holds a number, null (unknown) or a text that is no number for every feature; `extra` the fields of a pasted track
 * that are no features, which the server may warn of; `track` the real track that stands in the controls; `remark` what is to be
 * said of its decade, null if nothing.
 */
const state = { decade: null, values: {}, extra: {}, track: null, remark: null, isChanged: false };
let infos = {};
/** What `first.js` has asked for already, until it is taken. */
let ahead = null;
let panel;
let setDecade;
/** Whether all that the page is made of has come. */
let isBuilt = false;
/** What the model is, once the server has told it. */
let described = Promise.resolve({});

const request = () => tracks.request(state);
const years = () => tracks.years(infos);
/** Whether the model looks at a feature. */
const isUsed = (feature) => infos[feature]?.used_by_model !== false;

// Asking.

const askAnswer = latest(async () => {
  const asked = request();
  const decade = isUsed("decade") ? state.decade : null;
  const { track, isChanged } = state;
  await attempt(async () => {
    const answer = await (taken(asked) ?? api.predict(asked));
    showVerdict(answer, decade);
    showTrack(track, isChanged);
    reasons.warnings(answer.warnings);
    panel.fault(new Map());
    tell(answer, decade);
  });
});

/** Asked by itself: of a large forest it takes a hundred times as long as the answer. */
const askWhy = patiently(async () => showExplanation(await api.explain(request())), noExplanation);

/** The answer that is on its way already, if it is one to this. */
function taken(asked) {
  const found = ahead && JSON.stringify(ahead.asked) === JSON.stringify(asked) ? ahead.answer : null;
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
  const answer = await api.neighbours(request(), NEIGHBOURS, byId("same-decade").checked);
  reasons.neighbours(answer, loadNeighbour);
}, reasons.noNeighbours, { wait: CALM, unknown: NO_TRACKS });

let telling = null;

/** Tells a screen reader, once things have come to rest. */
function tell(answer, decade) {
  clearTimeout(telling);
  telling = setTimeout(() => {
    byId("status").textContent = told(answer, decade);
  }, REST);
}

const keep = latest(async () => history.replaceState(null, "", tracks.address(state)), CALM);

function ask() {
  askAnswer();
  keep();
  const others = [askWhy, askWhatIf, askNeighbours];
  // Of a value that is no number the answer tells; to ask thrice would be of no use.
  if (Object.values(state.values).some((value) => typeof value === "string")) others.forEach((other) => other.cease());
  else others.forEach((other) => other());
}

function showExplanation(answer) {
  const { explanation } = answer;
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
/** The timer after which the server is asked again; null if it is not to be. */
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
    notice(api.hasToken() ? "That is not the token that the server expects." : null);
    return;
  }
  if (error.status === 422) {
    const faults = new Map();
    error.faults.forEach(({ loc, msg }) => faults.set(loc?.[1], `${msg}.`));
    panel?.fault(faults);
    const elsewhere = error.faults.some(({ loc }) => !AUDIO.includes(loc?.[1]));
    const names = [...faults.keys()].map(title).join(", ");
    notice(elsewhere ? error.message : `${names} cannot be read; beside the control stands why.`);
    return;
  }
  const comesAgain = error.status === 0 || error.status === 503;
  if (!comesAgain) {
    notice(error.message);
    return;
  }
  // Told already: to move a slider meanwhile is not to hear of it at every step.
  if (again !== null) return;
  failures += 1;
  const seconds = Math.min(LONGEST_WAIT, error.retryAfter ?? 2 ** Math.min(failures - 1, 6));
  notice(`${error.message} It is asked again in ${inSeconds(seconds)}.`);
  again = setTimeout(() => {
    again = null;
    if (isBuilt) ask();
    else build();
  }, seconds * 1000);
}

/**
 * Does what the page can do without; `otherwise` tells why it could not, `unknown` being the words for a route that has nothing to
 * tell. A fault of a value is told by the answer already. The refusal if there was one, else null.
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
 * [`latest`] for what is asked [`quietly`]: a server that is too busy is asked again a few times, each wait twice the one before,
 * unless a change asks meanwhile or all is to `cease`.
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
    otherwise(`${refusal.message} It is asked again in ${inSeconds(seconds)}.`);
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
  state.isChanged = true;
  showDecade();
  ask();
}

function showDecade() {
  setDecade(state.decade);
  panel.draw(state.decade);
  const name = decadeName(state.decade);
  byId("legend-decade").textContent = name;
  byId("example-hit").textContent = `Median hit of the ${name}`;
  byId("example-flop").textContent = `Median flop of the ${name}`;
}

/** Puts a track into the controls. */
function load(values, { decade = state.decade, extra = {}, track = null, remark = null } = {}) {
  Object.assign(state, { decade, values: { ...values }, extra, track, remark, isChanged: false });
  panel.set(state.values);
  panel.fault(new Map());
  showDecade();
  ask();
}

/** The decade that a track which is brought is taken as. */
function decadeFor(given) {
  if (!panel) throw new Error("The server has not told yet which features and decades there are. Try again in a moment.");
  return tracks.decadeFor(infos, given, state.decade);
}

/** A track as it was pasted, or a row of a table. Throws a sentence for the user, and changes nothing, if it tells no feature. */
async function loadForeign(foreign, name) {
  const { decade, remark } = decadeFor(foreign.decade);
  const values = Object.fromEntries(AUDIO.map((feature) => [feature, valueOf(feature, foreign[feature])]));
  const own = new Set([...AUDIO, "decade", "audio_features", "content"]);
  // Only what may be a misspelt feature; a whole document need not be sent along.
  const isNumber = (value) => typeof value === "number" || (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)));
  const extra = Object.fromEntries(Object.entries(foreign).filter(([field, value]) => !own.has(field) && isNumber(value)));
  if (Object.values(values).every((value) => value === null)) {
    const hints = await misspelt(extra);
    throw new Error(["That gives no audio feature a value, such as energy or tempo.", ...hints, "Nothing has been changed."].join(" "));
  }
  load(values, { decade, remark, extra, track: name ? { name } : null });
}

/** What the server says of fields whose names may be meant for features. */
async function misspelt(fields) {
  let told = [];
  try {
    if (Object.keys(fields).length) told = (await api.predict({ ...fields, decade: state.decade })).warnings;
  } catch (error) {
    if (!(error instanceof api.Refusal)) throw error;
    told = error.faults;
  }
  return told.map((one) => one.msg).filter((msg) => msg.includes("did you mean"));
}

function valueOf(feature, given) {
  if (given === undefined || given === null || given === "") return null;
  if (typeof given === "boolean") return Number(given);
  return typeof given === "number" ? given : read(feature, typeof given === "string" ? given : JSON.stringify(given));
}

function loadNeighbour(neighbour) {
  const { title, artist, decade, label, audio_features: values } = neighbour;
  // One of the decades that there are, for the curves.
  const compared = tracks.hasDecades(infos) ? (decade ?? state.decade) : null;
  load(values, { decade: compared, track: { name: trackName(title, artist), label, decade } });
}

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
  const { values, ...others } = tracks.fromAddress(infos, location.hash);
  load(values, others);
}

// The model.

function describe(model) {
  const { origin = {}, threshold, description, version, tracks, card, simulated } = model;
  const { protocol, scores, train_rows: trained, test_rows: tested, majority_accuracy: baseline } = origin.metrics ?? {};
  const fact = (name, value) => (value === undefined || value === null ? [] : [html("div", {}, html("dt", {}, name), html("dd", {}, value))]);
  const share = (value) => (typeof value === "number" ? percent(value, 1) : undefined);
  byId("facts").replaceChildren(
    ...fact("Model", description),
    ...fact("Version", version),
    ...fact("Learned from", { true: "simulated tracks", false: "real tracks" }[simulated]),
    ...fact("Right on test tracks", scores && share(scores.accuracy) && `${share(scores.accuracy)}; always naming the label commoner in training, ${share(baseline)}`),
    ...fact("ROC AUC", scores?.roc_auc?.toFixed(3)),
    ...fact("Measured by", protocol && `${protocol}: ${trained.toLocaleString("en")} tracks learned from, ${tested.toLocaleString("en")} held out`),
    ...fact("Threshold", threshold === undefined ? undefined : percent(threshold, 1)),
    ...fact("Tracks known by name", tracks?.toLocaleString("en")),
  );
  // `target` is the label of decade files.
  if (origin.label && origin.label !== "target") describeLabel(origin.label);
  show(byId("simulated"), simulated === true);
  show(byId("example-real"), tracks !== null);
  show(byId("card"), Boolean(card));
  byId("card").ontoggle = async () => {
    const { render } = await import("./card.js");
    byId("card-body").replaceChildren(...render(card ?? ""));
  };
}

/** What a hit is, for a label of the user's own. */
function describeLabel(rule) {
  byId("intro-title").textContent = "Does it sound like a hit?";
  byId("intro-text").textContent = `Set the audio features of a track. The model says whether it resembles the hits of the training data, by the label ${rule}, and why.`;
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
  byId("same-decade").addEventListener("change", askNeighbours);
  byId("token").addEventListener("submit", (event) => {
    event.preventDefault();
    api.keepToken(byId("token-field").value.trim());
    if (isBuilt) ask();
    else build();
  });
  // Links within the page are no tracks.
  window.addEventListener("hashchange", () => panel && location.hash.includes("=") && loadAddress());
  bring(loadForeign, decadeFor, () => tracks.hasDecades(infos));
  keepClear();
}

async function build() {
  await attempt(async () => {
    described = api.model();
    // Told below, unless something else goes wrong before.
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
    // Only now does it stand where it stays: the browser looked for it in a page that was half empty.
    part?.scrollIntoView({ behavior: "instant" });
  });
}

/** Makes the page work. `first` is what has been asked for already; null if that was refused. */
export function start(first) {
  ahead = first;
  wire();
  build();
}
