// The track that stands in the controls, as the address tells it: `#decade=1980&energy=0.5&…`, an empty value for an unknown one.

import { AUDIO, decadeName, isWhole } from "./features.js";

/** The decades that there are; null alone where the model has learned from tracks without decades. */
export function years(infos) {
  const told = infos.danceability?.quantiles?.map((of) => of.decade);
  return told?.length ? told : [1960, 1970, 1980, 1990, 2000, 2010];
}

/** Whether tracks have decades, so that one is chosen and compared with. */
export const hasDecades = (infos) => years(infos).some((year) => year !== null);

/** `1980`, `80`, `"80s"` to one of the decades that there are; null for any other. */
export function yearOf(infos, given) {
  const text = String(given ?? "").trim().replace(/s$/i, "");
  const digits = Number(text);
  if (text === "" || !Number.isInteger(digits)) return null;
  const year = digits >= 1000 ? digits : digits >= 30 ? 1900 + digits : 2000 + digits;
  return years(infos).includes(year) ? year : null;
}

/**
 * The decade that a track which is brought is taken as: its own, or the chosen one if it tells none (`isFilled`), or one that
 * there is not (`remark` says so).
 */
export function decadeFor(infos, given, chosen) {
  const own = yearOf(infos, given);
  if (own !== null || !hasDecades(infos)) return { decade: own, isFilled: false, remark: null };
  const text = typeof given === "string" ? given.trim() : JSON.stringify(given ?? "");
  if (text === "" || text === '""') return { decade: chosen, isFilled: true, remark: null };
  const short = text.length > 20 ? `${text.slice(0, 20)}…` : text;
  return { decade: chosen, isFilled: false, remark: `${short} is none of the decades of this model: taken as the ${decadeName(chosen)}` };
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
    track: { name: `the median ${label.slice(0, -1)} of the ${decadeName(decade)}: each feature’s middle value, no real track` },
  };
}

/** What an address tells; of a decade alone, or of nothing, a typical hit. */
export function fromAddress(infos, hash) {
  const fields = new URLSearchParams(hash.slice(1));
  const decade = yearOf(infos, fields.get("decade")) ?? years(infos).at(-1);
  if (!AUDIO.some((feature) => fields.has(feature))) return typical(infos, "hits", decade);
  const value = (feature) => {
    const text = fields.get(feature) ?? "";
    return text === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text;
  };
  return { decade, values: Object.fromEntries(AUDIO.map((feature) => [feature, value(feature)])), track: null };
}

/** The address of a track. */
export function address({ decade, values }) {
  const fields = new URLSearchParams(decade === null ? {} : { decade });
  AUDIO.forEach((feature) => fields.set(feature, values[feature] ?? ""));
  return `#${fields}`;
}

/** What the server is sent. */
export const request = ({ decade, values, extra }) => ({ ...extra, ...values, ...(decade === null ? {} : { decade }) });
