// The track in the controls, as the address has it: `#decade=1980&energy=0.5&…`, an empty value for an unknown one.

import { AUDIO, decadeName, isWhole } from "./features.js";

/** The decades that there are; null alone where the model has learned from tracks without decades. */
export function years(infos) {
  const decades = infos.danceability?.quantiles?.map((of) => of.decade);
  return decades?.length ? decades : [1960, 1970, 1980, 1990, 2000, 2010];
}

/** Whether tracks have decades, so that one is chosen and compared with. */
export const hasDecades = (infos) => years(infos).some((year) => year !== null);

/** The decade itself if it is one that there is, else null. */
const known = (infos, decade) => (years(infos).includes(decade) ? decade : null);

/**
 * The decade that a track of the decade `own` is scored as: its own, or the chosen one if it has none (`isFilled`), or one that
 * there is not (`remark` says so).
 */
export function decadeFor(infos, own, chosen) {
  if (known(infos, own) !== null || !hasDecades(infos)) return { decade: own, isFilled: false, remark: null };
  if (own === null) return { decade: chosen, isFilled: true, remark: null };
  const remark = `No training track is of the ${decadeName(own)}; the ${decadeName(chosen)} are used instead`;
  return { decade: chosen, isFilled: false, remark };
}

/** Quantiles of a feature among the `"hits"` or the `"flops"` of a decade; empty if there are none. */
const levels = (infos, feature, label, decade) => infos[feature]?.quantiles?.find((of) => of.decade === decade)?.[label] ?? [];

/** One of the quantiles of each feature as a value that a track can have: that at `place` of so many. */
export function atQuantiles(infos, decade, labelOf, place) {
  const value = (feature) => {
    const all = levels(infos, feature, labelOf(), decade);
    if (!all.length) return null;
    const level = all[place(all.length)];
    return isWhole(feature) ? Math.round(level) : level;
  };
  return Object.fromEntries(AUDIO.map((feature) => [feature, value(feature)]));
}

/** The middle value of every feature among the `"hits"` or the `"flops"` of a decade, as a track. */
export function typical(infos, label, decade) {
  return {
    decade,
    values: atQuantiles(infos, decade, () => label, (count) => (count - 1) / 2),
    track: { name: `an example, the median ${label.slice(0, -1)} of the ${decadeName(decade)} (the median of each feature, not a real track)` },
  };
}

/** The track of an address; of a decade alone, or of nothing, a typical hit. */
export function fromAddress(infos, hash) {
  const fields = new URLSearchParams(hash.slice(1));
  const decade = known(infos, Number(fields.get("decade") ?? NaN)) ?? years(infos).at(-1);
  if (!AUDIO.some((feature) => fields.has(feature))) return typical(infos, "hits", decade);
  return { decade, values: read(fields, ""), track: null, uri: fields.get("uri") };
}

/** The values of a track in an address, each field after `prefix`. */
function read(fields, prefix) {
  const value = (feature) => {
    const text = fields.get(prefix + feature) ?? "";
    return text === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text;
  };
  return Object.fromEntries(AUDIO.map((feature) => [feature, value(feature)]));
}

/** Before the fields of the track that another is compared with. */
const OTHER = "with.";

/** The track that the one of an address is compared with; null if there is none. */
export function otherOfAddress(infos, hash) {
  const fields = new URLSearchParams(hash.slice(1));
  if (!AUDIO.some((feature) => fields.has(OTHER + feature))) return null;
  const decade = known(infos, Number(fields.get(`${OTHER}decade`) ?? NaN)) ?? years(infos).at(-1);
  return { decade, values: read(fields, OTHER), track: null, uri: fields.get(`${OTHER}uri`) };
}

/** The address of a track, and of the one that it is compared with. */
export function address(state) {
  const fields = new URLSearchParams();
  const add = ({ decade, values, track }, prefix) => {
    if (decade !== null) fields.set(`${prefix}decade`, decade);
    AUDIO.forEach((feature) => fields.set(prefix + feature, values[feature] ?? ""));
    // Names are looked up by the URI, so that a link shows no name that someone has made up.
    if (track?.uri) fields.set(`${prefix}uri`, track.uri);
  };
  add(state, "");
  if (state.other) add(state.other, OTHER);
  return `#${fields}`;
}

/** Whether values are those of a known track. */
export const isSame = (values, known) => AUDIO.every((feature) => (values[feature] ?? null) === (known[feature] ?? null));

/** What the server is sent. */
export const request = ({ decade, values }) => ({ ...values, ...(decade === null ? {} : { decade }) });
