// Names, spelling and scales of features. The server sends which there are, and their ranges.

const KEYS = ["C", "C♯/D♭", "D", "D♯/E♭", "E", "F", "F♯/G♭", "G", "G♯/A♭", "A", "A♯/B♭", "B"];
const MINUS = "−";

/** Groups of controls, in the order in which they stand. */
export const GROUPS = [
  { title: "Feel", features: ["danceability", "energy", "valence", "loudness"] },
  { title: "Sound", features: ["acousticness", "instrumentalness", "speechiness", "liveness"] },
  { title: "Form", features: ["tempo", "duration_ms", "sections", "chorus_hit"] },
  { title: "Key and metre", features: ["key", "mode", "time_signature"] },
];

/** Every feature that has a control. */
export const AUDIO = GROUPS.flatMap((group) => group.features);

// The ends of the scale in words, what it is, digits after the point in a field and in a sentence, step of the slider.
const unit = (low, high, meaning) => ({ low, high, meaning, digits: 3, shownDigits: 2, step: 0.001 });
const FORMS = {
  danceability: unit("still", "danceable", "Suitability for dancing."),
  energy: unit("calm", "intense", "Perceived intensity and activity."),
  valence: unit("gloomy", "cheerful", "Musical positiveness."),
  loudness: { low: "quiet", high: "loud", meaning: "Average over the track, in decibels.", digits: 2, shownDigits: 1, step: 0.01, unit: "dB" },
  acousticness: unit("electric", "acoustic", "Confidence that the track is acoustic."),
  instrumentalness: unit("sung", "no vocals", "Confidence that the track has no vocals."),
  speechiness: unit("music", "speech", "Presence of spoken words."),
  liveness: unit("studio", "audience", "Presence of an audience."),
  tempo: { low: "slow", high: "fast", meaning: "Beats per minute.", digits: 1, shownDigits: 0, step: 0.1, unit: "BPM" },
  duration_ms: { low: "short", high: "long", meaning: "Minutes and seconds.", digits: 0, step: 1000 },
  sections: { low: "few", high: "many", meaning: "Number of sections, from Spotify’s audio analysis.", digits: 0, step: 1 },
  chorus_hit: { low: "early", high: "late", meaning: "Start of the third section in seconds, an estimate of the first chorus.", digits: 1, shownDigits: 0, step: 0.1, unit: "s" },
  key: { meaning: "Estimated key." },
  mode: { meaning: "Minor or major." },
  time_signature: { meaning: "Estimated beats per bar." },
  decade: { meaning: "Decade with which the track is compared." },
};

export const form = (feature) => FORMS[feature] ?? { meaning: "", digits: 3, step: 0.001 };

/** What features are called, by column name; as the server and the report call them. */
let names = {};

/** Notes what the server calls its features. */
export function nameFeatures(infos) {
  names = Object.fromEntries(infos.map(({ name, words }) => [name, words]));
}

const capital = (words) => `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}`;

/** Name of a feature within a sentence: `start of the chorus`. */
export const wordsOf = (feature) => names[feature] ?? feature;
/** The same as a heading. */
export const title = (feature) => capital(wordsOf(feature));
/** Whether a greater value is more of something. */
export const isOrdered = (feature) => !isCategory(feature) && feature !== "decade";
export const isCategory = (feature) => ["key", "mode", "time_signature"].includes(feature);

/** Whether values are whole numbers. */
export const isWhole = (feature) => isCategory(feature) || feature === "sections" || feature === "duration_ms";

const fixed = (value, digits) => value.toFixed(digits).replace("-", MINUS);

/** `+0.42`, `−0.07`, `0.00`. */
export function signed(value, digits = 2) {
  const text = fixed(value, digits);
  if (Number(value.toFixed(digits)) === 0) return text.replace(MINUS, "");
  return value < 0 ? text : `+${text}`;
}

const NO_BREAK = "\u00a0";

/**
 * `73 %`, and for every share: below 1 % and above 99 % with a digit more, and `0 %` and `100 %` for exactly none and
 * all only.
 */
export function percent(share, digits = 0) {
  if (share === 0 || share === 1) return `${share * 100}${NO_BREAK}%`;
  if (share < 0.0005) return `below 0.1${NO_BREAK}%`;
  if (share > 0.9995) return `above 99.9${NO_BREAK}%`;
  return `${(share * 100).toFixed(share < 0.01 || share > 0.99 ? 1 : digits)}${NO_BREAK}%`;
}

/** `“Title” by Artist`, as far as they are known. */
export const trackName = (title, artist) =>
  [title && `“${title}”`, artist && `by ${artist}`].filter(Boolean).join(" ") || "A track of the training data";

/** `1980s` */
export const decadeName = (year) => (year === null ? "training tracks" : `${year}s`);

function minutes(ms) {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Words of the server with the apostrophes and minus signs of print. */
export const typeset = (words) => words.replace(/(?<=\p{L})'(?=\p{L})/gu, "’").replace(/(?<=^|[\s(])-(?=\d)/g, MINUS);

/** Words of the server as a sentence: with a capital letter and an end. */
export const sentence = (words) => `${capital(typeset(words))}${/[.?!]$/.test(words) ? "" : "."}`;

/** A text, short enough for a line. */
const cut = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** The rule that a value breaks, and the value, in plain words: validators have words of their own. */
export function rule({ msg = "", input }) {
  if (!msg.startsWith("Input should be ")) return msg;
  const found = ["string", "number"].includes(typeof input) ? `, found “${cut(String(input))}”` : "";
  const [, spellings] = /; (expected .*)$/.exec(msg) ?? [];
  const words = spellings ?? msg
    .replace(/, unable to parse string as an? \w+$/, "")
    .replace("Input should be a valid integer", "expected a whole number")
    .replace("Input should be a valid number", "expected a number")
    .replace("Input should be ", "expected ");
  return words + found;
}

/** A warning of the server within a sentence; a field that it begins with has the name that people read: `loudness is 7 dB; …`. */
export const warningWords = ({ field, msg }) => typeset(msg.startsWith(field) ? wordsOf(field) + msg.slice(field.length) : msg);

/** The warnings of an answer about values that no track can have. */
export const impossibleValues = (answer) => (answer?.warnings ?? []).filter(({ type }) => type === "outside_documented_range");

/** A sentence as it follows a colon; an abbreviation such as JSON keeps its capitals. */
export const afterColon = (words) => (/^[A-Z][a-z]/.test(words) ? words[0].toLowerCase() + words.slice(1) : words);

/** `a`, `a and b`, `a, b and c` */
export const list = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : (names[0] ?? ""));

/** A value as a sentence has it: `−7.3 dB`, `118 BPM`, `3:25`, `C♯/D♭`. */
export function shown(feature, value) {
  if (value === null || value === undefined) return "unknown";
  if (typeof value !== "number") return String(value);
  switch (feature) {
    case "key":
      return KEYS[value] ?? (value === -1 ? "not found" : String(value));
    case "mode":
      return ["minor", "major"][value] ?? String(value);
    case "time_signature":
      return value === 0 ? "not found" : String(value);
    case "decade":
      return decadeName(value);
    case "duration_ms":
      return minutes(value);
    default: {
      const { digits, shownDigits = digits, unit } = form(feature);
      // What is there, but little, is not shown as none.
      if (shownDigits === 2 && value > 0 && value < 0.005) return "below 0.01";
      return fixed(value, shownDigits) + (unit ? NO_BREAK + unit : "");
    }
  }
}

/** A value as its field has it, to be read by [`read`] again. */
export function spelt(feature, value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  if (feature === "duration_ms") return minutes(value);
  return String(Number(value.toFixed(form(feature).digits)));
}

/** The value of a field: a number, null if it is empty or `?`, and the text itself if it is none, for the server to judge. */
export function read(feature, text) {
  const plain = text.trim().replace(MINUS, "-").replace(/^(-?\d+),(\d+)$/, "$1.$2");
  if (plain === "" || plain === "?") return null;
  if (feature === "duration_ms") {
    const parts = /^(\d+):([0-5]?\d(?:\.\d+)?)$/.exec(plain);
    if (parts) return Math.round((Number(parts[1]) * 60 + Number(parts[2])) * 1000);
  }
  const number = Number(plain);
  return Number.isFinite(number) ? number : text.trim();
}

/** Names of the categories of a feature, by value. */
export function categories(feature, info) {
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  if (feature === "key") return range(0, 11);
  if (feature === "mode") return [0, 1];
  return range(3, Math.max(5, Math.min(7, info?.training_max ?? 5)));
}

/** Both ends of a feature's slider: where nearly all tracks lie, whatever the decade, rounded to the slider's steps. */
export function domain(feature, info) {
  const { step } = form(feature);
  if (step === 0.001) return [0, 1];
  const groups = (info?.quantiles ?? []).flatMap((of) => [of.hits, of.flops]).filter((levels) => levels?.length);
  let [low, high] = [info?.training_min ?? 0, info?.training_max ?? 1];
  if (groups.length) {
    const last = groups[0].length - 1;
    // A model that does not look at a feature has no range of it.
    if (!Number.isFinite(info.training_max)) [low, high] = [Math.min(...groups.map((q) => q[0])), Math.max(...groups.map((q) => q[last]))];
    const [least, most] = [Math.min(...groups.map((q) => q[1])), Math.max(...groups.map((q) => q[last - 1]))];
    const margin = 0.2 * (most - least);
    [low, high] = [Math.max(low, least - margin), Math.min(high, most + margin)];
  }
  if (high <= low) high = low + step;
  const coarse = step * 10;
  const down = Math.floor(low / coarse) * coarse;
  const up = Math.ceil(high / coarse) * coarse;
  return step >= 1 && feature === "sections" ? [Math.floor(low), Math.ceil(high)] : [down, up];
}
