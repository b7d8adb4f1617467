// A control a feature: a slider with an exact field, or a choice of a few.

import { html } from "./dom.js";
import { categoryShares, densities, pair, shareBelow } from "./densities.js";
import { AUDIO, GROUPS, categories, domain, form, isCategory, isWhole, list as listed, percent, read, shown, signed, spelt, title } from "./features.js";

/** Below this a contribution is not shown at a control. */
const LEAST_PUSH = 0.005;

/**
 * Controls for the features in `infos` (by name, as `v1/features` has them), within `place`. `changed(feature, value)` is
 * called as the user moves one.
 */
export function controls(place, infos, changed) {
  const all = new Map();
  for (const group of GROUPS) {
    const rows = group.features.map((feature) => {
      const control = isCategory(feature) ? choice(feature, infos[feature], changed) : slider(feature, infos[feature], changed);
      all.set(feature, control);
      return control.element;
    });
    const kind = group.features.every(isCategory) ? "group choices" : "group";
    place.append(html("fieldset", { class: kind }, html("legend", {}, group.title), html("div", { class: "rows" }, ...rows)));
  }
  return {
    /** Shows a value for every feature. */
    set: (values) => AUDIO.forEach((feature) => all.get(feature).set(values[feature] ?? null)),
    /** Draws the distributions of a decade. */
    draw: (decade) => AUDIO.forEach((feature) => all.get(feature).draw(ofDecade(infos[feature], decade))),
    /** Shows beside each control what its value adds. */
    push: (pushes) => AUDIO.forEach((feature) => tellPush(all.get(feature).push, pushes.get(feature))),
    /** Shows faults beside their controls, by feature; the others have none. */
    fault: (faults) => AUDIO.forEach((feature) => all.get(feature).fault(faults.get(feature))),
    /** Puts the cursor into a feature's control. */
    focus: (feature) => all.get(feature)?.focus(),
  };
}

/** Whether the model does not look at a feature. Its control can be moved all the same, for the nearest tracks' sake. */
const isUnused = (info) => info?.used_by_model === false;
const classOf = (kind, info) => (isUnused(info) ? `${kind} unused` : kind);

const ofDecade = (info, decade) => info?.quantiles?.find((of) => of.decade === decade) ?? {};

function tellPush(place, contribution) {
  const isShown = contribution !== undefined && Math.abs(contribution) >= LEAST_PUSH;
  place.textContent = isShown ? `${signed(contribution)} ${contribution > 0 ? "▲" : "▼"}` : "";
  place.className = `push ${isShown ? (contribution > 0 ? "hit" : "flop") : ""}`;
  const words = isShown ? `adds ${signed(contribution)} towards ${contribution > 0 ? "a hit" : "a flop"}` : "";
  place.title = words;
}

/** The line of words below a control of a feature, and the line of its fault. */
function below(feature, info, ...parts) {
  const push = html("span", { class: "push" });
  const fault = html("p", { class: "fault", id: `${feature}-fault`, hidden: true });
  // Where a push would stand, which there is none of.
  const line = html("div", { class: "ends" }, ...parts, isUnused(info) ? html("span", { class: "push unused-mark" }, "not used by this model") : push);
  const showFault = (element, words) => {
    fault.textContent = words ?? "";
    fault.hidden = !words;
    element.setAttribute("aria-invalid", words ? "true" : "false");
    element.setAttribute("aria-describedby", words ? `${feature}-meaning ${feature}-fault` : `${feature}-meaning`);
  };
  return { push, line, fault, showFault };
}

function slider(feature, info, changed) {
  const words = form(feature);
  const [low, high] = domain(feature, info);
  const field = html("input", {
    class: "exact", type: "text", inputmode: "decimal", id: `${feature}-field`, autocomplete: "off", spellcheck: "false",
    placeholder: "unknown", "aria-label": `${title(feature)}, exact value`, "aria-describedby": `${feature}-meaning`,
    size: feature === "duration_ms" ? 6 : 7,
  });
  const range = html("input", { type: "range", id: `${feature}-range`, min: low, max: high, step: words.step, name: feature, "aria-describedby": `${feature}-meaning` });
  const box = html("input", { type: "checkbox", id: `${feature}-unknown`, "aria-label": `${title(feature)} unknown` });
  const unknown = html("label", { class: "unknown-box", title: "unknown" }, box, html("span", { "aria-hidden": "true" }, "?"));
  const { push, line, fault, showFault } = below(feature, info, html("span", {}, `← ${words.low}`), html("span", {}, `${words.high} →`));
  const track = html("div", { class: "track" }, range);
  const element = html(
    "div",
    { class: classOf("control", info), "data-feature": feature },
    html(
      "div",
      { class: "control-head" },
      html("label", { for: range.id, title: words.meaning }, title(feature)),
      html("span", { class: "hidden-visually", id: `${feature}-meaning` }, words.meaning),
      html("span", { class: "exact-box" }, field, words.unit ? html("span", { class: "unit", "aria-hidden": "true" }, words.unit) : null),
      unknown,
    ),
    track,
    line,
    fault,
  );
  let shares = {};
  track.addEventListener("pointermove", (event) => {
    track.title = valueUnder(feature, event.clientX, track, low, high, shares);
  });
  const speak = (value) => range.setAttribute("aria-valuetext", shown(feature, value));
  const place = (value) => {
    const isNumber = typeof value === "number";
    element.classList.toggle("unknown", value === null);
    range.value = isNumber ? value : (low + high) / 2;
    box.checked = value === null;
    speak(value);
  };
  range.addEventListener("input", () => {
    const value = Number(range.value);
    field.value = spelt(feature, value);
    element.classList.remove("unknown");
    box.checked = false;
    speak(value);
    changed(feature, value);
  });
  field.addEventListener("input", () => {
    const value = read(feature, field.value);
    place(value);
    changed(feature, value);
  });
  field.addEventListener("change", () => {
    // A question mark, once it is typed: the field has its own word for it.
    if (read(feature, field.value) === null) field.value = "";
  });
  box.addEventListener("change", () => {
    const value = box.checked ? null : Number(range.value);
    field.value = spelt(feature, value);
    place(value);
    changed(feature, value);
  });
  return {
    element,
    push,
    set(value) {
      place(value);
      // What is being typed is left alone.
      if (document.activeElement !== field || read(feature, field.value) !== value) field.value = spelt(feature, value);
    },
    draw({ hits, flops }) {
      track.querySelector(".densities")?.remove();
      shares = { hits, flops };
      if (hits || flops) track.prepend(densities(hits, flops, low, high));
    },
    fault: (words) => showFault(field, words),
    focus: () => field.focus(),
  };
}

/** Half of a slider's mark, by which the scale is shorter than the slider on each side, in pixels. */
const INSET = 10;

/** The value of a slider below the pointer, and the share of hits and of flops with a smaller one. */
function valueUnder(feature, x, track, low, high, { hits, flops }) {
  const { left, width } = track.getBoundingClientRect();
  const part = Math.min(1, Math.max(0, (x - left - INSET) / (width - 2 * INSET)));
  const value = low + part * (high - low);
  const ranks = [[hits, "hits"], [flops, "flops"]].filter(([levels]) => levels?.length > 1).map(([levels, name]) => `${percent(shareBelow(levels, value))} of the ${name}`);
  return shown(feature, isWhole(feature) ? Math.round(value) : value) + (ranks.length ? `: higher than ${listed(ranks)}` : "");
}

/** Few categories: a list for keys, buttons for the others; with what hits and flops of the decade have. */
function choice(feature, info, changed) {
  const words = form(feature);
  const known = categories(feature, info);
  const bars = html("div", { class: "pairs", "aria-hidden": "true" });
  const { push, line, fault, showFault } = below(feature, info);
  const isList = known.length > 6;
  const chooser = isList ? list(feature, known, changed) : buttons(feature, known, changed);
  const head = isList
    ? html("label", { for: `${feature}-field`, class: "choice-title" }, title(feature))
    : html("span", { class: "choice-title", id: `${feature}-title` }, title(feature));
  const element = html(
    "div",
    { class: classOf(`control choice ${isList ? "" : "few"}`, info), "data-feature": feature },
    html("div", { class: "control-head" }, head, html("span", { class: "hidden-visually", id: `${feature}-meaning` }, words.meaning)),
    bars,
    chooser.element,
    line,
    fault,
  );
  const mark = (value) => [...bars.children].forEach((bar, index) => bar.classList.toggle("own", known[index] === value));
  chooser.element.addEventListener("change", () => mark(chooser.value()));
  return {
    element,
    push,
    set(value) {
      chooser.set(value);
      element.classList.toggle("unknown", value === null);
      mark(value);
    },
    draw({ hits, flops }) {
      bars.replaceChildren();
      if (!hits?.length && !flops?.length) return;
      const [up, down] = [hits, flops].map((levels) => (levels?.length ? categoryShares(levels, known) : known.map(() => 0)));
      const most = Math.max(...up, ...down);
      const name = (value) => `${title(feature)} ${shown(feature, value)}`;
      const values = (index) => `${name(known[index])}: ${percent(up[index])} of the hits, ${percent(down[index])} of the flops`;
      bars.append(...known.map((_, index) => html("span", { title: values(index) }, pair(up[index], down[index], most))));
      mark(chooser.value());
    },
    fault: (words) => showFault(chooser.focused(), words),
    focus: () => chooser.focused().focus(),
  };
}

const UNKNOWN = "unknown";
const valueOf = (text) => (text === UNKNOWN ? null : read("key", text));

function list(feature, known, changed) {
  const element = html("select", { id: `${feature}-field`, name: feature });
  const option = (value) => html("option", { value: value ?? UNKNOWN }, shown(feature, value));
  element.append(...known.map(option), option(null));
  element.addEventListener("change", () => changed(feature, valueOf(element.value)));
  return {
    element,
    value: () => valueOf(element.value),
    set(value) {
      const text = String(value ?? UNKNOWN);
      if (![...element.options].some((one) => one.value === text)) element.append(option(value));
      element.value = text;
    },
    focused: () => element,
  };
}

function buttons(feature, known, changed) {
  const element = html("div", { class: "segments", role: "radiogroup", "aria-labelledby": `${feature}-title` });
  const add = (value) => {
    const text = String(value ?? UNKNOWN);
    const input = html("input", { type: "radio", name: feature, value: text });
    const shownAs = value === null ? html("span", { title: "unknown" }, "?", html("span", { class: "hidden-visually" }, " unknown")) : html("span", {}, shown(feature, value));
    element.append(html("label", {}, input, shownAs));
    input.addEventListener("change", () => changed(feature, valueOf(input.value)));
    return input;
  };
  const inputs = () => [...element.querySelectorAll("input")];
  [...known, null].forEach(add);
  return {
    element,
    value: () => valueOf(inputs().find((input) => input.checked)?.value ?? UNKNOWN),
    set(value) {
      const text = String(value ?? UNKNOWN);
      (inputs().find((input) => input.value === text) ?? add(value)).checked = true;
    },
    focused: () => inputs().find((input) => input.checked) ?? inputs()[0],
  };
}

/** The buttons to pick a decade. */
export function decadeButtons(place, years, changed) {
  place.replaceChildren(
    ...years.map((year) => {
      const input = html("input", { type: "radio", name: "decade", value: year });
      input.addEventListener("change", () => changed(year));
      return html("label", {}, input, html("span", {}, `${year}s`));
    }),
  );
  return (year) => {
    const input = [...place.querySelectorAll("input")].find((one) => Number(one.value) === year);
    place.querySelectorAll("input").forEach((one) => (one.checked = one === input));
  };
}

