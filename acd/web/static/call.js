/* A call's story for a stated purpose, as a time line; and why an agent did not get the call. */

import { dayOf, number, span, timeOf } from "./figures.js";
import { icon } from "./live.js";
import { Refused, ask, el, page, put, text } from "./page.js";
import { briefOf, lookOf, partsOf, spentIn, stagesOf } from "./story_model.js";

const by = (id) => document.getElementById(id);
const call = decodeURIComponent(location.pathname.split("/")[2]);
const OWN = `/calls/${encodeURIComponent(call)}`;
const PURPOSE_MIN = 10;
const NAMES_AGENTS = ["operator", "admin"];
let purpose = "";

/** A header holds bytes: those of the text in UTF-8. */
const inHeader = (words) => String.fromCharCode(...new TextEncoder().encode(words));

const asked = (path, query) => ask("GET", `${OWN}/${path}?${new URLSearchParams({ lang: page.lang, ...query })}`, undefined, { "X-Purpose": inHeader(purpose) });

function refuse(error) {
  if (!(error instanceof Refused)) throw error;
  const key = { journal: "p_journal", "not-found": "p_not_found", forbidden: "p_forbidden", "": "unreachable" }[error.id] ?? "p_refused";
  const told = el("p", {}, text(key));
  if (error.status) told.append(" ", el("span", { lang: "en", class: "soft" }, error.message));
  by("refused").replaceChildren(el("div", { class: "notice alarm" }, icon("alarm"), told));
}

// ── the story ────────────────────────────────────────────────────────────────────────────────

async function tell() {
  by("refused").replaceChildren();
  try {
    show(await asked("story", by("agents").checked ? { agents: "true" } : {}));
  } catch (error) {
    refuse(error);
  }
}

function show({ events, ended }) {
  const stages = stagesOf(events, ended, Date.now());
  const brief = briefOf(events);
  by("asking").hidden = true;
  by("told").hidden = false;
  by("again").hidden = ended;
  showStrip(stages);
  by("line").replaceChildren(...events.map((event, place) => lineOf(event, events[place - 1], brief.entered_ms)));
  showFacts(brief, stages);
  put(by("said"), text("said", { purpose }));
  const rings = events.filter(({ kind }) => kind === "rung");
  by("moment").replaceChildren(
    el("option", { value: "" }, text("m_last")),
    ...rings.map((event) => el("option", { value: event.at_ms }, text("m_at", { time: timeOf(event.at_ms), what: event.what.office_name ?? event.what.agent ?? event.what.site_name ?? "" }))),
  );
  by("story-title").focus();
}

function showStrip(stages) {
  const whole = stages.reduce((sum, { from_ms, until_ms }) => sum + until_ms - from_ms, 0);
  by("strip").replaceChildren(
    ...stages.map(({ stage, from_ms, until_ms }) => {
      const words = `${text(`s_${stage}`)} ${span(until_ms - from_ms)}`;
      const part = el("span", { class: stage, title: words }, el("b", {}, words));
      part.style.setProperty("--part", String((until_ms - from_ms) / whole));
      return part;
    }),
  );
}

function lineOf(event, before, enteredMs) {
  const [name, look] = lookOf(event);
  const [main, more] = partsOf(event.sentence);
  const time = timeOf(event.at_ms);
  const same = before && timeOf(before.at_ms) === time;
  const since = Math.max(0, event.at_ms - enteredMs);
  return el(
    "li",
    { class: look, "data-kind": event.kind },
    el("span", { class: same ? "at same" : "at" }, el("time", { datetime: new Date(event.at_ms).toISOString() }, time), el("span", { class: "since" }, since ? `+${span(since)}` : "")),
    el("span", { class: "mark" }, icon(name)),
    el("span", { class: "sentence" }, main, more && el("span", { class: "more" }, more)),
  );
}

function showFacts(brief, stages) {
  const spent = (stage) => (spentIn(stages, stage) ? span(spentIn(stages, stage)) : "");
  const who = [brief.agent, brief.office ? text("by_office", { office: brief.office }) : brief.site && text("by_site", { site: brief.site })].filter(Boolean).join(", ");
  const rows = [
    ["f_queue", brief.queue],
    ["f_entered", `${dayOf(brief.entered_ms)}, ${timeOf(brief.entered_ms)}`],
    ["f_state", brief.outcome ? text(`out_${brief.outcome}`) : text("now")],
    ["f_by", who],
    ["f_wait", span(brief.wait_ms ?? spentIn(stages, "wait") + spentIn(stages, "ring"))],
    ["f_ring", spent("ring")],
    ["f_talk", spent("talk")],
    ["f_net", spent("net")],
    ["f_rings", brief.rings ? number(brief.rings) : ""],
    ["f_visits", brief.visits > 1 ? number(brief.visits) : ""],
  ].filter(([, value]) => value);
  by("facts").replaceChildren(...rows.flatMap(([key, value]) => [el("dt", {}, text(key)), el("dd", {}, value)]));
}

// ── why not ──────────────────────────────────────────────────────────────────────────────────

by("why-not").addEventListener("submit", async (event) => {
  event.preventDefault();
  by("refused").replaceChildren();
  put(by("answer"), text("asking"));
  const at = by("moment").value;
  try {
    const told = await asked("why-not", { agent: by("agent").value.trim(), ...(at ? { at_ms: at } : {}) });
    by("answer").replaceChildren(
      el("div", { class: `notice ${told.reason === null ? "ok" : "watch"}` }, icon(told.reason === null ? "ok" : "info"), el("p", {}, el("b", {}, `${text("w_at", { time: timeOf(told.at_ms) })}: `), told.sentence)),
    );
  } catch (error) {
    by("answer").replaceChildren();
    refuse(error);
  }
});

// ── begin ────────────────────────────────────────────────────────────────────────────────────

put(by("id"), call);
document.title = `${call} · ${document.title}`;

by("asking").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = by("purpose").value.replace(/\s+/g, " ").trim();
  by("purpose").setCustomValidity(said.length < PURPOSE_MIN ? text("purpose_short") : "");
  if (!by("purpose").reportValidity()) return;
  purpose = said;
  tell();
});
by("purpose").addEventListener("input", () => by("purpose").setCustomValidity(""));
by("again").addEventListener("click", tell);
if (NAMES_AGENTS.includes(page.role)) ask("GET", "/me").then(({ sites }) => { by("naming").hidden = sites.length > 0; }, refuse);
