/* The board. The picture comes whole every second; only the texts that differ are changed. */

import { dayOf, minuteOf, number, percent, sameDay, shortDayOf, span, timeOf } from "./figures.js";
import { ageing, listen, pill, teller } from "./live.js";
import { chart } from "./chart.js";
import { el, put, text } from "./page.js";

const SORT_MS = 5000;
const RANK = { alarm_nobody: 0, alarm_wait: 1, alarm_level: 2, watch_wait: 3, watch_level: 4, ok: 5, closed: 6 };
const ICONS = { alarm: "alarm", watch: "watch", ok: "ok", closed: "closed" };
const LOOKS = { alarm: "alarm", watch: "watch", ok: "ok", closed: "" };

const by = (id) => document.getElementById(id);
const address = new URL(location.href);
const wanted = new Set((address.searchParams.get("queues") ?? "").split(",").filter(Boolean));
const tell = teller(by("news"));

let newest = null;
let paused = false;
let sortedAt = -Infinity;
const rows = new Map();

// ── the address holds the view: a screen on a wall needs nothing else ────────────────────────

const find = by("find");
const site = by("site");
find.value = address.searchParams.get("find") ?? "";
document.body.classList.toggle("kiosk", address.searchParams.get("kiosk") === "1");

function remember(name, value) {
  if (value) address.searchParams.set(name, value);
  else address.searchParams.delete(name);
  history.replaceState(null, "", address);
}

find.addEventListener("input", () => { remember("find", find.value.trim()); show(true); });
site.addEventListener("change", () => { remember("site", site.value); show(true); });
by("filter").addEventListener("submit", (event) => event.preventDefault());

const rotateS = Number(address.searchParams.get("rotate") ?? 0);
if (rotateS >= 5) {
  setInterval(() => {
    const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    scrollTo({ top: end ? 0 : scrollY + innerHeight * 0.9, behavior: "instant" });
  }, rotateS * 1000);
}

// ── pause ────────────────────────────────────────────────────────────────────────────────────

const pause = by("pause");
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.querySelector("use").setAttribute("href", paused ? "#i-play" : "#i-pause");
  put(pause.querySelector("span"), text(paused ? "resume" : "pause"));
  if (!paused) show(true);
});

// ── what changes ─────────────────────────────────────────────────────────────────────────────

let before = null;
function tellNews(board) {
  const bad = new Map(board.queues.filter((queue) => queue.state === "alarm").map((queue) => [queue.id, queue.name]));
  const place = board.transition ? `${board.transition.name}, ${text("step_of", board.transition)}` : text("not_running");
  if (before) {
    const fresh = [...bad].filter(([id]) => !before.bad.has(id)).map(([, name]) => name);
    const over = [...before.bad].filter(([id]) => !bad.has(id)).map(([, name]) => name);
    if (fresh.length) tell(text("news_alarm", { names: fresh.join(", ") }));
    if (over.length) tell(text("news_over", { names: over.join(", ") }));
    if (before.on !== board.fallback.on) tell(text(board.fallback.on ? "news_fallback_on" : "news_fallback_off"));
    if (before.place !== place) tell(text("news_transition", { where: place }));
  }
  before = { bad, place, on: board.fallback.on };
}

// ── the picture ──────────────────────────────────────────────────────────────────────────────

function show(resort = false) {
  if (!newest) return;
  const board = newest;
  put(by("clock"), `${dayOf(board.at_ms)}, ${timeOf(board.at_ms)}`);
  showNotice(by("not-ready"), board.not_ready && text("not_ready", { why: board.not_ready }));
  showNotice(by("exercise"), board.exercise && text("exercise", board.exercise));
  showStanding(board);
  showTotals(board);
  showQueues(board, resort);
  showGroups(board);
  showDay(board);
}

function showNotice(notice, words) {
  notice.hidden = !words;
  if (words) put(notice.querySelector("span"), words);
}

function until(ms, nowMs) {
  if (ms === null) return "";
  return sameDay(ms, nowMs) ? text("until", { time: minuteOf(ms) }) : text("until_day", { day: shortDayOf(ms), time: minuteOf(ms) });
}

const joined = (parts) => parts.filter(Boolean).join(" · ");

function showStanding({ at_ms, fallback, transition, offices }) {
  const one = (id, kind, name, words, told) => {
    const item = by(id);
    pill(item.querySelector(".state"), kind, name, words);
    put(item.querySelector("p"), told);
  };
  one(
    "fallback",
    fallback.on ? "watch" : "ok",
    fallback.on ? "watch" : "ok",
    text(fallback.on ? "on" : "off"),
    joined([
      text(fallback.source === "transition" && !transition ? "by_nobody" : `by_${fallback.source}`),
      fallback.reason && `«${fallback.reason}»`,
      until(fallback.until_ms, at_ms),
      fallback.sites_on && text("fallback_sites", { n: fallback.sites_on }),
      (fallback.offices_on || fallback.offices_off) && text("fallback_forced", { on: fallback.offices_on, off: fallback.offices_off }),
    ]),
  );
  if (transition) {
    const { share_min: least, share_max: most } = transition;
    const shares = least === most ? text("share_one", { share: most }) : text("share_range", { least, most });
    one("transition", transition.problem ? "alarm" : "info", transition.problem ? "alarm" : "info", text("step_of", transition), joined([transition.name, shares, transition.problem]));
  } else {
    one("transition", "", "closed", text("not_running"), "");
  }
  const ill = offices.resting || offices.carrier_out;
  one(
    "offices",
    ill ? "watch" : offices.open ? "ok" : "",
    ill ? "watch" : offices.open ? "ok" : "closed",
    text("offices_open", offices),
    joined([
      text("offices_lines", { used: number(offices.in_use), lines: number(offices.capacity) }),
      offices.resting && text("offices_resting", { n: offices.resting }),
      offices.carrier_out && text("offices_out", { n: offices.carrier_out }),
    ]),
  );
}

function showTotals({ totals, queues }) {
  const one = (id, big, under, kind = "", word = "") => {
    const card = by(id);
    card.className = kind;
    put(card.querySelector(".number"), big);
    put(card.querySelector(".under"), under);
    const mark = card.querySelector(".state");
    mark.hidden = !word;
    if (word) pill(mark, kind, kind, word);
  };
  const level = (id, figures) => {
    if (figures.level === null) return one(id, "–", text("u_no_calls"));
    const reached = figures.level >= totals.target;
    const kind = reached ? "ok" : figures.level < totals.target - 0.1 ? "alarm" : "watch";
    const word = text(reached ? "u_reached" : "u_missed", { target: percent(totals.target) });
    return one(id, percent(figures.level), text("u_counted", { n: number(figures.counted) }), kind, word);
  };
  const { today, recent } = totals;
  const longest = queues.find((queue) => queue.id === totals.longest_queue);
  one("n-waiting", number(totals.waiting), text("u_talking", { n: number(totals.talking) }));
  const late = longest?.why === "wait";
  one("n-longest", span(totals.longest_wait_ms), longest ? longest.name : text("u_nobody"), late ? longest.state : "", late ? text(`s_${stateOf(longest)}`) : "");
  level("n-today", today);
  level("n-recent", recent);
  one("n-answered", number(today.answered), joined([text("u_offered", { n: number(today.offered) }), text("u_offices", { n: number(today.to_offices) })]));
  one(
    "n-abandoned",
    percent(today.offered ? today.abandoned / today.offered : null),
    joined([text("u_abandoned", { n: number(today.abandoned) }), today.wait_mean_ms !== null && text("u_mean", { wait: span(today.wait_mean_ms) })]),
  );
}

// ── queues ───────────────────────────────────────────────────────────────────────────────────

const stateOf = (queue) => (queue.why ? `${queue.state}_${queue.why}` : queue.state);
const waits = (queue) => queue.longest_wait_ms / queue.threshold_ms;

function isWanted(queue) {
  const words = find.value.trim().toLocaleLowerCase();
  return (
    (wanted.size === 0 || wanted.has(queue.id)) &&
    (!site.value || queue.sites.length === 0 || queue.sites.includes(site.value)) &&
    (!words || queue.name.toLocaleLowerCase().includes(words) || queue.id.includes(words))
  );
}

function showQueues(board, resort) {
  const body = by("queues").tBodies[0];
  const shown = board.queues.filter(isWanted);
  const now = performance.now();
  const known = shown.length === body.rows.length && shown.every((queue) => rows.get(queue.id)?.isConnected);
  if (resort || !known || now - sortedAt > SORT_MS) {
    sortedAt = now;
    const order = new Map(board.queues.map((queue, place) => [queue.id, place]));
    shown.sort((one, other) => RANK[stateOf(one)] - RANK[stateOf(other)] || waits(other) - waits(one) || other.waiting - one.waiting || order.get(one.id) - order.get(other.id));
    const sorted = shown.map((queue) => rowOf(queue.id));
    if (sorted.length === 0) sorted.push(el("tr", {}, el("td", { class: "words", colspan: 12 }, text("none_found"))));
    if (sorted.some((row, place) => body.rows[place] !== row) || sorted.length !== body.rows.length) body.replaceChildren(...sorted);
  }
  shown.forEach(fill);
  const targets = new Set(board.queues.map((queue) => queue.target));
  by("queues").classList.toggle("one-target", targets.size === 1);
  put(by("target-note"), targets.size === 1 ? text("target_note", { target: percent([...targets][0]) }) : "");
  const trouble = shown.filter((queue) => queue.state === "alarm" || queue.state === "watch").length;
  put(by("queues-count"), joined([text("queues_count", { shown: shown.length, all: board.queues.length }), trouble && text("queues_trouble", { n: trouble })]));
}

function rowOf(id) {
  if (!rows.has(id)) {
    const cells = Array.from({ length: 10 }, () => el("td"));
    rows.set(id, el("tr", {}, el("td", { class: "words" }, el("span", { class: "state" })), el("th", { scope: "row" }), ...cells));
    cells[2].append(el("span", { class: "bullet", "aria-hidden": "true" }), el("span"));
    cells[4].className = "target";
  }
  return rows.get(id);
}

function fill(queue) {
  const row = rowOf(queue.id);
  const cells = row.cells;
  if (row.dataset.state !== queue.state) row.dataset.state = queue.state;
  pill(cells[0].firstChild, LOOKS[queue.state], ICONS[queue.state], text(`s_${stateOf(queue)}`));
  put(cells[1], queue.name);
  count(cells[2], queue.waiting);
  put(cells[3], queue.waiting ? span(queue.longest_wait_ms) : "–");
  cells[2].classList.toggle("hot", queue.waiting > 0);
  cells[3].classList.toggle("hot", queue.why === "wait");
  put(cells[4].lastChild, percent(queue.level_today));
  const bullet = cells[4].firstChild;
  bullet.hidden = queue.level_today === null;
  bullet.style.setProperty("--level", String(queue.level_today ?? 0));
  bullet.style.setProperty("--target", String(queue.target));
  bullet.classList.toggle("under", queue.level_today !== null && queue.level_today < queue.target);
  put(cells[5], percent(queue.level_recent));
  cells[5].classList.toggle("hot", queue.why === "level");
  put(cells[6], percent(queue.target));
  cells[6].title = text("threshold", { seconds: queue.threshold_ms / 1000 });
  count(cells[7], queue.offered);
  count(cells[8], queue.answered);
  count(cells[9], queue.abandoned);
  count(cells[10], queue.to_offices);
  put(cells[11], queue.ready === null ? text("few") : text("free_of", { ready: number(queue.ready), there: number(queue.there) }));
}

/** A number of the table; a nought stands back. */
function count(cell, value) {
  put(cell, number(value));
  cell.classList.toggle("zero", value === 0);
}

// ── people and the day ───────────────────────────────────────────────────────────────────────

function showGroups({ groups, merged }) {
  const named = groups.filter((group) => group.site !== "other");
  const options = ["", ...named.map((group) => group.site)];
  const chosen = site.options.length > 1 ? site.value : (address.searchParams.get("site") ?? "");
  if (chosen && !options.includes(chosen)) options.push(chosen);
  if (options.length !== site.options.length || options.some((value, place) => site.options[place].value !== value)) {
    const names = new Map(groups.map((group) => [group.site, group.name]));
    site.replaceChildren(site.options[0], ...options.slice(1).map((value) => el("option", { value }, names.get(value) ?? value)));
    site.value = chosen;
  }
  const body = by("groups").tBodies[0];
  const shown = groups.filter((group) => !site.value || group.site === site.value);
  const cells = shown.map((group) => [group.name || text("g_other"), group.ready, group.busy, group.wrap_up, group.paused]);
  fillTable(body, cells.length ? cells : [[text("no_groups"), "", "", "", ""]]);
  put(by("merged"), merged ? text("merged", { n: merged }) : "");
}

function showDay({ half_hours: halfHours, day_ms: dayMs }) {
  chart(by("chart"), halfHours, dayMs);
  fillTable(
    by("half-hours").tBodies[0],
    [...halfHours].reverse().map((half) => [minuteOf(half.began_ms), half.offered, half.answered, half.to_offices, half.abandoned, percent(half.level)]),
  );
}

/** Fill a table whose first column is words. */
function fillTable(body, table) {
  while (body.rows.length > table.length) body.deleteRow(-1);
  table.forEach((line, place) => {
    let row = body.rows[place];
    if (!row) {
      row = el("tr", {}, el("th", { scope: "row" }), ...line.slice(1).map(() => el("td")));
      body.append(row);
    }
    line.forEach((value, column) => put(row.cells[column], typeof value === "number" ? number(value) : value));
  });
}

// ── begin ────────────────────────────────────────────────────────────────────────────────────

const aged = ageing({
  live: by("live"),
  pill: by("age"),
  banner: by("stale"),
  changed: (state, was) => {
    if (state === "stopped") tell(text("news_lost"));
    else if (was === "stopped") tell(text("news_back"));
  },
});

listen(
  "/board/stream",
  "board",
  (board) => {
    tellNews(board);
    if (paused) return;
    newest = board;
    show();
  },
  (age) => {
    aged(age);
    if (paused && newest) {
      pill(by("age"), "watch", "pause", text("paused", { time: timeOf(newest.at_ms) }));
      delete by("age").dataset.icon;
    }
  },
);
