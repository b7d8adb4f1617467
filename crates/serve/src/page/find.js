// The search for a known track: words of title and artist, or a Spotify link; and three tracks to begin with.

import * as api from "./api.js";
import { byId, html, latest, show } from "./dom.js";
import { decadeName, percent, shown, trackName } from "./features.js";

/** Number of tracks in the list. */
const LIMIT = 10;
/** Quiet time before a search, in milliseconds. */
const QUIET = 90;
const NO_TRACK = "This is not the link of a track. Copy the link of a track, not of an album, a playlist or an artist.";

/** Whether a text is a link to Spotify, and neither JSON nor a table. */
export const isLink = (text) => text.length <= 300 && !/[\n{[]/.test(text.trim()) && /spotify(\.com\/|\.link\/|:)/i.test(text);

/** What tells versions of a song apart. */
const detail = ({ decade, audio_features: { duration_ms: length, tempo } }) =>
  [decade === null ? null : decadeName(decade), length && shown("duration_ms", length), tempo && `${Math.round(tempo)} BPM`].filter(Boolean).join(", ");

/**
 * Wires the search. `load(track, isSimulated)` puts a known track into the controls. `search(text)` of the answer searches for a text,
 * and loads the track of a link.
 */
export function find(load) {
  const input = byId("find");
  const list = byId("find-list");
  let found = [];
  let isSimulated = false;
  let active = -1;

  const say = (words) => {
    byId("find-status").textContent = words;
  };

  function open(isOpen) {
    const shows = isOpen && found.length > 0;
    show(list, shows);
    input.setAttribute("aria-expanded", shows);
    if (!shows) activate(-1);
  }

  function activate(index) {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", at === index));
    if (index < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    input.setAttribute("aria-activedescendant", list.children[index].id);
    list.children[index].scrollIntoView({ block: "nearest" });
  }

  function choose(track) {
    input.value = [track.title, track.artist].filter(Boolean).join(", ");
    found = [];
    open(false);
    say("");
    show(byId("find-unknown"), false);
    load(track, isSimulated);
  }

  /** A version of a song that differs from another in nothing that is shown has the end of its URI. */
  function option(track, index) {
    const words = ({ title, artist }) => `${title}\n${artist}\n${detail(track)}`.toLowerCase();
    const isTwin = found.some((other) => other !== track && detail(other) === detail(track) && words(other) === words(track));
    const facts = [detail(track), isTwin && track.uri ? `URI …${track.uri.slice(-4)}` : null, isSimulated ? "simulated" : null];
    const label = track.label === "hit" ? "▲ hit" : "▼ flop";
    return html(
      "li",
      // Without the focus's leaving the field.
      { id: `find-${index}`, role: "option", "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => choose(track) },
      html("span", { class: "neighbour-name" }, html("b", {}, track.title || "No title"), html("span", {}, [track.artist, ...facts].filter(Boolean).join(", "))),
      html("span", { class: `chip ${track.label}` }, label),
    );
  }

  function showFound(answer, text) {
    found = answer.tracks;
    isSimulated = answer.simulated === true;
    list.replaceChildren(...found.map(option));
    open(true);
    const isUnknown = found.length === 0;
    const known = answer.known_tracks.toLocaleString("en");
    const isOther = isUnknown && answer.uri === null && isLink(text);
    show(byId("find-unknown"), isUnknown && !isOther);
    if (isOther) say(NO_TRACK);
    else if (isUnknown) say(answer.uri ? `The track of this link is not among the ${known} known tracks.` : `None of the ${known} known tracks matches.`);
    else if (answer.matches > found.length) say(`The best ${found.length} of ${answer.matches.toLocaleString("en")} tracks that match.`);
    else say(answer.matches === 1 ? "1 track matches." : `${answer.matches} tracks match.`);
  }

  /** `isDirect`: the only track of a link is loaded. */
  const ask = latest(async (text, isDirect) => {
    if (text.trim() === "") {
      found = [];
      open(false);
      say("");
      show(byId("find-unknown"), false);
      return;
    }
    try {
      const answer = await api.tracks(text, LIMIT);
      // Something else has been typed since.
      if (input.value !== text) return;
      showFound(answer, text);
      if (isDirect && answer.uri && found.length === 1) choose(found[0]);
      else if (isDirect) input.focus();
    } catch (error) {
      if (!(error instanceof api.Refusal)) throw error;
      found = [];
      open(false);
      say(error.message);
    }
  }, QUIET);

  input.addEventListener("input", (event) => ask(input.value, event.inputType === "insertFromPaste" && isLink(input.value)));
  input.addEventListener("focus", () => open(true));
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => {
    const count = found.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!count) return;
      event.preventDefault();
      const next = list.hidden ? 0 : active + (event.key === "ArrowDown" ? 1 : -1);
      open(true);
      activate((next + count) % count);
    } else if (event.key === "Enter" && count && !list.hidden) {
      event.preventDefault();
      choose(found[Math.max(active, 0)]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      open(false);
    }
  });
  byId("find-paste").addEventListener("click", () => {
    byId("bring").open = true;
    byId("paste").focus();
  });

  return {
    search(text) {
      input.value = text.trim();
      byId("find-card").scrollIntoView({ block: "nearest" });
      ask(input.value, true);
    },
  };
}

/** Shows the tracks to begin with, each in a sentence. */
export async function showFirstLook(load) {
  const { examples, simulated } = await api.examples();
  const whose = ({ label, decade }) => `${simulated ? "simulated, " : ""}a ${label}${decade === null ? "" : ` of the ${decadeName(decade)}`}`;
  const sentences = {
    confident_hit: (share) => `A clear prediction: ${share} hit probability.`,
    confident_flop: (share) => `A clear prediction: ${share} hit probability.`,
    undecided: (share, threshold) => `Undecided: ${share} hit probability, threshold ${threshold}.`,
  };
  const item = ({ kind, probability, threshold, track }) =>
    html(
      "li",
      {},
      html("button", { type: "button", class: "link", onclick: () => load(track, simulated === true) }, trackName(track.title, track.artist)),
      html("span", { class: "hint" }, `${whose(track)}. ${sentences[kind](percent(probability, 1), percent(threshold, 1))}`.replace(/^a/, "A")),
    );
  byId("first-look-list").replaceChildren(...examples.map(item));
  show(byId("first-look"), examples.length > 0);
}
