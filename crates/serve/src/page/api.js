// The server's API: one function a route, and one kind of error.

import { afterColon, nameFeatures, rule, sentence, typeset } from "./features.js";

const TOKEN = "hitflop-token";

/** Why a request was not answered. `status` is 0 if there was no answer at all; `faults` are those of a 422. */
export class Refusal extends Error {
  constructor(status, detail, retryAfter) {
    super(words(status, detail));
    this.status = status;
    this.faults = Array.isArray(detail) ? detail : [];
    this.retryAfter = retryAfter;
  }
}

function words(status, detail) {
  const reason = typeof detail === "string" ? typeset(detail) : null;
  switch (status) {
    case 0:
      return "The server does not answer.";
    case 401:
      return "The server requires a token, or another one.";
    case 413:
      return reason ? `${reason}.` : "The request is larger than the server accepts.";
    case 422:
      return Array.isArray(detail) && detail.length ? detail.map(fault).join(" ") : "The server cannot read the request.";
    case 503:
      return reason ? `${reason}.` : "The server is busy.";
    case 500:
      return "An error occurred in the server; its log has the details.";
    default:
      return reason ? `${reason} (${status}).` : `The server answered with status ${status}.`;
  }
}

/** `row 3, energy: expected a number.` */
function fault({ loc = [], ctx, ...broken }) {
  const place = loc.slice(1).map((part) => (typeof part === "number" ? `row ${part + 1}` : part)).join(", ");
  const more = ctx && ctx.error ? ` (${ctx.error})` : "";
  const words = sentence(`${rule(broken)}${more}`);
  return place ? `${place}: ${afterColon(words)}` : words;
}

/** Keeps a token until the tab is closed. */
export const keepToken = (token) => sessionStorage.setItem(TOKEN, token);

/** Whether there is one. */
export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;

function send(path, body, type) {
  const headers = {};
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (type) headers["Content-Type"] = type;
  return fetch(path, { method: body === undefined ? "GET" : "POST", headers, body });
}

/** The answer to what was `sent`: its text and its headers. */
async function answered(sent) {
  let response;
  let text;
  try {
    response = await sent;
    text = await response.text();
  } catch {
    throw new Refusal(0);
  }
  if (response.ok) return { text, headers: response.headers };
  let detail;
  try {
    detail = JSON.parse(text).detail;
  } catch {
    detail = undefined;
  }
  throw new Refusal(response.status, detail, Number(response.headers.get("Retry-After")) || undefined);
}

const JSON_TYPE = "application/json";
const askJson = async (path, body) =>
  JSON.parse((await answered(send(path, body && JSON.stringify(body), body && JSON_TYPE))).text);

/** What `early.js` has requested already: the first time only, for it may have been refused. */
function early() {
  const sent = window.early?.features;
  if (sent) window.early.features = null;
  return sent;
}

export const model = () => askJson("v1/model");
/** The features by name, each with the `quantiles` of hits and flops by decade. */
export async function features() {
  const { text } = await answered(early() ?? send("v1/features"));
  const { features: all } = JSON.parse(text);
  nameFeatures(all);
  const levels = ({ decade, hits, flops }) => ({ decade, hits: hits.quantiles ?? [], flops: flops.quantiles ?? [] });
  return Object.fromEntries(all.map((info) => [info.name, { ...info, quantiles: info.decades.map(levels) }]));
}
/** Label, probability and warnings. */
export const predict = (track) => askJson("v1/predict", track);
/** The same with contributions. */
export const explain = (track) => askJson("v1/predict?explain=true", track);
/** Label, probability and the smallest changes with which the label would be another. */
export const whatIf = (track) => askJson("v1/predict?what_if=true", track);
export const neighbours = (track, count, sameDecade) =>
  askJson(`v1/neighbours?count=${count}${sameDecade ? "&same_decade=true" : ""}`, track);
/** The known tracks that match words or a link. */
export const tracks = (text, limit) => askJson(`v1/tracks?q=${encodeURIComponent(text)}&limit=${limit}`);
/** Known tracks to begin with. */
export const examples = () => askJson("v1/tracks/examples");
/** The tracks of a text or a file: `format`, and `tracks` with title, artist, decade, features and warnings, or with faults. */
export const read = async (text) => JSON.parse((await answered(send("v1/read", text, "application/octet-stream"))).text);

const batchOf = (decade) => `v1/predict/batch${decade === null ? "" : `?decade=${decade}`}`;

/** Answers to tracks, those without a decade being of `decade`, and the features whose values are far from those of training. */
export async function batch(tracks, decade) {
  const { text, headers } = await answered(send(batchOf(decade), JSON.stringify(tracks), JSON_TYPE));
  return { answers: JSON.parse(text), drift: JSON.parse(headers.get("Hitflop-Drift") ?? "[]") };
}

/** A table to the same table with label, probability, error and warnings. */
export const batchCsv = async (table, decade) => (await answered(send(batchOf(decade), table, "text/csv"))).text;
