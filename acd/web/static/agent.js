/* The agent's own page: how one stands, what one may do, the call, the next break, the day.
 *
 * Everything comes over the agent's own events and is kept in step by asking once a minute, so that a
 * connection that died without a word is noticed. Buttons stay where they are; only what is possible is shown.
 */

import { LOOKS, callTitle, dayOf, maySay, movesOf, wordsOf } from "./agent_model.js";
import { minuteOf, span } from "./figures.js";
import { icon, pill } from "./live.js";
import { Refused, ask, el, logInAgain, page, put, text } from "./page.js";
import { PROVINCES } from "./provinces.js";
import { showSlots } from "./slots.js";

const by = (id) => document.getElementById(id);
const OWN = `/agents/${encodeURIComponent(page.agent)}`;
const LOOK_MS = 1000;
const MINUTE_MS = 60000;
const AGAIN_MS = 5000;
const WAYS = [
  ["v_pin", true, "pin"],
  ["v_questions", true, "questions"],
  ["v_no", false, ""],
];
const COUNTED = new Set(["wrap_up", "paused", "unreachable"]);
const languages = new Intl.DisplayNames([page.lang], { type: "language" });
const title = document.title;

let agent = null;
let choices = { pause_reasons: [], outcome_codes: [], priority_classes: [], breaks: null };
let behindMs = Infinity;
let moving = false;

/** The server's time: its clock and ours may differ. */
const now = () => Date.now() - (Number.isFinite(behindMs) ? behindMs : 0);
const named = (list, id) => list.find((each) => each.id === id)?.name ?? id;
const provinceOf = (code) => (PROVINCES[code] ? `${PROVINCES[code][0]} (${code})` : code);
const languageOf = (code) => (code ? languages.of(code) : "–");

// ── what is shown ────────────────────────────────────────────────────────────────────────────

function show(next) {
  const before = agent;
  agent = next;
  const [name, look] = LOOKS[agent.state];
  by("desk").dataset.state = agent.state;
  pill(by("state"), look, name, text(`s_${agent.state}`));
  by("state").classList.replace("state", "big");
  showMoves();
  showWish();
  showCall();
  showClocks();
  if (before && before.state !== agent.state) tellNews();
}

function showMoves() {
  const focused = document.activeElement;
  const possible = movesOf(agent);
  for (const each of by("moves").children) each.hidden = !possible.includes(each.dataset.move);
  by("pausing").hidden ||= choices.pause_reasons.length === 0;
  const words = wordsOf(agent);
  for (const move of ["ready", "pause", "logout"]) put(by(`${move}-word`), text(words[move]));
  by("moves").hidden = false;
  if (by("moves").contains(focused) && !focused.checkVisibility()) by("now-title").focus();
}

function showWish() {
  by("wish").hidden = !agent.wish;
  if (agent.wish) put(by("wish"), text(`wish_${agent.wish}`));
  if (agent.state === "unreachable") {
    by("wish").hidden = false;
    put(by("wish"), text("unreachable_hint"));
  }
}

function showCall() {
  const call = agent.call;
  put(by("call-title"), text(callTitle(agent)));
  by("no-call").hidden = agent.state !== "ready";
  by("call").hidden = call === null;
  document.title = agent.state === "ringing" && call ? `${call.queue_name} · ${title}` : title;
  if (call === null) return;
  put(by("topic"), call.queue_name);
  const facts = [
    [text("f_language"), languageOf(call.language)],
    [text("f_waited"), span(call.waited_ms)],
    [text("f_province"), provinceOf(call.province)],
    [text("f_class"), named(choices.priority_classes, call.priority_class)],
    [text("f_passed"), call.passed_on ? passed(call) : ""],
  ].filter(([, value]) => value);
  by("facts").replaceChildren(...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  by("verifying").hidden = by("coding").hidden = !maySay(agent);
  by("coding").hidden ||= choices.outcome_codes.length === 0;
  WAYS.forEach(([, verified, method], place) => {
    const chosen = call.verified === verified && (!verified || call.verified_by === method);
    press(by("verified").children[place], chosen);
  });
  for (const button of by("codes").children) press(button, button.value === call.code);
  put(by("outcome-hint"), text("outcome_hint"));
}

function passed(call) {
  const times = call.passed_on === 1 ? text("times_one") : text("times_many", { n: call.passed_on });
  return call.from_site ? text("passed_from", { times, site: call.from_site }) : times;
}

const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

/** What goes on by itself: every second. */
function showClocks() {
  if (agent === null) return;
  const at = now();
  const reason = agent.state === "paused" && agent.reason ? `${named(choices.pause_reasons, agent.reason)}, ` : "";
  put(by("since"), agent.state === "logged_out" ? "" : reason + text("since", { span: span(Math.max(0, at - agent.since_ms)) }));
  const left = agent.until_ms - at;
  put(by("until"), agent.until_ms && left >= 0 && COUNTED.has(agent.state) ? text(`until_${agent.state}`, { span: span(left) }) : "");
  showRest(at);
}

function showRest(at) {
  const rule = choices.breaks;
  by("rest").hidden = !(rule && agent.break_due_ms);
  if (by("rest").hidden) return;
  const left = agent.break_due_ms - at;
  put(by("due"), left > 0 ? minuteOf(agent.break_due_ms) : text("due_now"));
  put(by("due-in"), left > 0 ? text("due_in", { minutes: Math.ceil(left / MINUTE_MS) }) : agent.call ? text("due_after") : "");
  by("gauge").style.setProperty("--done", String(Math.min(1, Math.max(0, 1 - left / rule.after_ms))));
}

function showTimes(told) {
  const { rows, totalMs } = dayOf(told.spent_ms);
  by("times").tBodies[0].replaceChildren(
    ...rows.map(([key, ms]) => {
      const bar = el("span", { class: "bar" });
      bar.style.setProperty("--part", String(totalMs ? ms / totalMs : 0));
      const name = el("th", { scope: "row", class: "words" }, text(key));
      if (key === "t_talking") name.append(" ", el("span", { class: "soft" }, told.talks === 1 ? text("talks_one") : text("talks_many", { n: told.talks })));
      return el("tr", {}, name, el("td", {}, span(ms)), el("td", { class: "share", "aria-hidden": "true" }, bar));
    }),
  );
  put(by("total"), span(totalMs));
}

function tellNews() {
  const state = text(`s_${agent.state}`);
  const told = agent.call && (agent.state === "ringing" || agent.state === "reserved");
  put(by("news"), told ? text("news_call", { state, topic: agent.call.queue_name, language: languageOf(agent.call.language) }) : text("news", { state }));
}

// ── what is asked ────────────────────────────────────────────────────────────────────────────

/** Ask for a move; what came of it is shown at once, whatever the events say later. */
async function move(word, body) {
  if (moving) return;
  moving = true;
  by("refused").replaceChildren();
  try {
    const { now: next } = await ask("POST", `${OWN}/${word}`, body);
    if (next) show(next);
    showTimes(await ask("GET", `${OWN}/times`));
  } catch (error) {
    refuse(error, word);
    if (error.id === "not-found") await choose();  // other rules are in force than when the page was opened
  } finally {
    moving = false;
  }
}

/** Say that something was refused: in the reader's language what it means, then the system's own sentence. */
function refuse(error, word) {
  if (!(error instanceof Refused)) throw error;
  const conflict = choices.volunteer && word === "login" ? "p_no_slot" : "p_conflict";
  const key = error.status === 0 ? "unreachable" : error.id === "conflict" ? conflict : error.id === "asterisk-unreachable" ? "p_unreachable" : "p_refused";
  const told = el("p", {}, text(key));
  if (error.status) told.append(" ", el("span", { lang: "en", class: "soft" }, error.message));
  by("refused").replaceChildren(el("div", { class: "notice alarm" }, icon("alarm"), told));
}

by("moves").addEventListener("click", (event) => {
  const button = event.target.closest("button[data-move]");
  if (!button) return;
  const phone = by("phone").value.trim();
  if (button.dataset.move === "login" && !by("phone").reportValidity()) return;
  move(button.dataset.move, button.dataset.move === "login" && phone ? { phone } : undefined);
});

by("pausing").addEventListener("submit", (event) => {
  event.preventDefault();
  move("pause", { reason: by("reason").value });
});

by("verified").addEventListener("click", (event) => {
  const place = [...by("verified").children].indexOf(event.target.closest("button"));
  if (place < 0) return;
  const [, verified, method] = WAYS[place];
  move("verified", { verified, method });
});

by("codes").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) move("outcome", { code: button.value });
});

// ── begin ────────────────────────────────────────────────────────────────────────────────────

const choice = (value, words) => el("button", { class: "button plain choice-button", type: "button", value, "aria-pressed": "false" }, icon("ok"), el("span", {}, words));

function showChoices() {
  by("reason").replaceChildren(...choices.pause_reasons.map(({ id, name }) => el("option", { value: id }, name)));
  by("verified").replaceChildren(...WAYS.map(([key]) => choice("", text(key))));
  by("codes").replaceChildren(...choices.outcome_codes.map(({ id, name }) => choice(id, name)));
  if (choices.breaks) put(by("rest-rule"), text("rest_rule", { pause: choices.breaks.for_ms / MINUTE_MS, work: choices.breaks.after_ms / MINUTE_MS }));
}

function connected(is) {
  by("lost").hidden = is;
  pill(by("link"), is ? "ok" : "alarm", is ? "ok" : "stale", text(is ? "connected" : "disconnected"));
}

let events = null;
function listen() {
  events?.close();
  events = new EventSource(`/api/v1${OWN}/events`);
  const hear = (message) => {
    const told = JSON.parse(message.data);
    behindMs = Math.min(behindMs, Date.now() - told.at_ms);
    connected(true);
    show(told.agent);
  };
  for (const kind of ["state", "offered", "talking", "wrap_up"]) events.addEventListener(kind, hear);
  events.addEventListener("open", () => { behindMs = Infinity; });
  events.addEventListener("error", () => {
    connected(false);
    if (events.readyState === EventSource.CLOSED) setTimeout(() => keepUp(true), AGAIN_MS);
  });
}

/** Look whether all is well: the day, and how one stands, should the events have died without a word. */
async function keepUp(again = false) {
  try {
    const [times, standing] = await Promise.all([ask("GET", `${OWN}/times`), ask("GET", OWN)]);
    showTimes(times);
    if (!moving) show(standing);
    if (again || events.readyState === EventSource.CLOSED) listen();
    else if (events.readyState === EventSource.OPEN) connected(true);
  } catch (error) {
    if (error.status === 401) return logInAgain();
    connected(false);
    if (again) setTimeout(() => keepUp(true), AGAIN_MS);
  }
}

/** Learn what there is to choose from; whether that was possible. */
async function choose() {
  try {
    choices = await ask("GET", `${OWN}/choices`);
  } catch (error) {
    connected(false);
    refuse(error);
    return false;
  }
  showChoices();
  if (agent !== null) show(agent);
  return true;
}

async function begin() {
  if (!(await choose())) return setTimeout(begin, AGAIN_MS);
  by("refused").replaceChildren();
  listen();
  keepUp();
  setInterval(showClocks, LOOK_MS);
  setInterval(keepUp, MINUTE_MS);
  if (choices.volunteer) showSlots(OWN, choices, refuse);
}

begin();
addEventListener("pagehide", () => events?.close());
addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
