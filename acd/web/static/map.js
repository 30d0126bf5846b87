/* The map: a tile for each province, its office's details, and for operators the switch. */

import { dayOf, minuteOf, number, sameDay, shortDayOf, timeOf } from "./figures.js";
import { ageing, icon, listen, pill, teller } from "./live.js";
import { Refused, ask, el, page, put, text } from "./page.js";
import { PROVINCES } from "./provinces.js";

const LOOKS = {
  out: ["alarm", "out"],
  resting: ["watch", "rest"],
  forced_off: ["off", "lock"],
  forced_on: ["info", "switch"],
  open: ["ok", "ok"],
  closed: ["", "closed"],
};
const ORDER = Object.keys(LOOKS);
const HOURS = [1, 2, 4, 8, 12, 24];
const HOURS_USUAL = 2;
const LADDER = ["viewer", "supervisor", "operator", "admin"];
const LIST_MS = 5000;
const REASON_MIN = 10;

const by = (id) => document.getElementById(id);
const isAtLeast = (role) => LADDER.indexOf(page.role) >= LADDER.indexOf(role);
const address = new URL(location.href);
const tell = teller(by("news"));

let offices = [];
let atMs = Date.now();
let chosen = address.searchParams.get("office") ?? "";
let decision = null;
let hoursMax = 24;

// ── tiles ────────────────────────────────────────────────────────────────────────────────────

const tiles = by("tiles");
const byProvince = new Map();

for (const [province, [name, , column, row]] of Object.entries(PROVINCES)) {
  const bar = el("span", { class: "load", "aria-hidden": "true" });
  const tile = el("button", { type: "button", class: "tile none", tabindex: "-1", "aria-disabled": "true", "aria-label": `${name}: ${text("s_none")}`, title: name }, el("span", { class: "mark", "aria-hidden": "true" }), el("span", { class: "sigla", "aria-hidden": "true" }, province), bar);
  tile.style.gridColumn = String(column + 1);
  tile.style.gridRow = String(row + 1);
  tile.dataset.province = province;
  tiles.append(tile);
  byProvince.set(province, tile);
}

/* One stop of the Tab key for the whole map; arrows go to the nearest tile on that side. */
let stop = null;
function stopAt(tile, focus) {
  if (stop) stop.tabIndex = -1;
  stop = tile;
  stop.tabIndex = 0;
  if (focus) stop.focus();
}
stopAt(byProvince.get("RM") ?? tiles.firstElementChild, false);

const SIDES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
tiles.addEventListener("keydown", (event) => {
  const side = SIDES[event.key];
  if (!side || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const [, , fromColumn, fromRow] = PROVINCES[stop.dataset.province];
  let best = null;
  for (const [province, [, , column, row]] of Object.entries(PROVINCES)) {
    const along = (column - fromColumn) * side[0] + (row - fromRow) * side[1];
    const across = Math.abs((column - fromColumn) * side[1]) + Math.abs((row - fromRow) * side[0]);
    if (along > 0 && (!best || along + 2 * across < best.far)) best = { province, far: along + 2 * across };
  }
  if (best) stopAt(byProvince.get(best.province), true);
});

tiles.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile) return;
  stopAt(tile, false);
  const there = offices.filter((office) => office.province === tile.dataset.province);
  if (there.length) choose(worst(there).id, true);
});

const worst = (those) => [...those].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))[0];

function showTiles() {
  const there = new Map();
  for (const office of offices) there.set(office.province, [...(there.get(office.province) ?? []), office]);
  for (const [province, tile] of byProvince) {
    const own = there.get(province);
    if (!own) continue;
    const office = worst(own);
    const [look, sign] = LOOKS[office.state];
    const used = own.reduce((sum, each) => sum + each.in_use, 0);
    const lines = own.reduce((sum, each) => sum + each.capacity, 0);
    const wanted = `tile ${look || "calm"}`;
    if (tile.className !== wanted) {
      tile.className = wanted;
      tile.removeAttribute("aria-disabled");
      tile.querySelector(".mark").replaceChildren(icon(sign));
    }
    const pressed = String(own.some((each) => each.id === chosen));
    if (tile.getAttribute("aria-pressed") !== pressed) tile.setAttribute("aria-pressed", pressed);
    const told = text("tile_told", { name: office.name, state: text(`s_${office.state}`), used, lines });
    if (tile.getAttribute("aria-label") !== told) {
      tile.setAttribute("aria-label", told);
      tile.title = told;
    }
    tile.querySelector(".load").style.setProperty("--load", String(lines ? used / lines : 0));
  }
}

function showLegend() {
  const legend = by("legend");
  if (!legend.children.length) {
    for (const state of ORDER) legend.append(el("li", {}, el("span", { class: "state" }), " ", el("b", {})));
  }
  ORDER.forEach((state, place) => {
    const item = legend.children[place];
    pill(item.querySelector(".state"), LOOKS[state][0], LOOKS[state][1], text(`s_${state}`));
    put(item.querySelector("b"), number(offices.filter((office) => office.state === state).length));
  });
}

// ── details ──────────────────────────────────────────────────────────────────────────────────

function until(ms) {
  if (ms === null) return text("not_forced");
  return sameDay(ms, atMs) ? minuteOf(ms) : `${shortDayOf(ms)}, ${minuteOf(ms)}`;
}

function choose(id, focus) {
  const other = chosen !== id;
  chosen = id;
  address.searchParams.set("office", id);
  history.replaceState(null, "", address);
  if (other) {
    decision = null;
    by("done").hidden = true;
    by("d-sentence").hidden = true;
    by("force").reset();
    showHours();
  }
  showDetails();
  showTiles();
  look();
  if (focus) by("details-title").focus();
}

function showDetails() {
  const office = offices.find((each) => each.id === chosen);
  by("details-none").hidden = Boolean(office);
  by("details-office").hidden = !office;
  if (!office) return;
  put(by("details-title"), office.name);
  pill(by("d-state"), ...LOOKS[office.state], text(`s_${office.state}`));
  const [province, region] = PROVINCES[office.province] ?? [office.province, ""];
  put(by("d-province"), region ? `${province} (${office.province}), ${region}` : province);
  put(by("d-lines"), text("lines_of", { used: number(office.in_use), lines: number(office.capacity) }));
  put(by("d-until"), until(office.until_ms));
  by("force").hidden = !isAtLeast("operator");
}

/** Who decides it, until when, why, and what would be without: for supervisors and above. */
function decidedBy({ scope, source, mode, author, reason, until_ms: untilMs, decided_at: decidedAt, without }) {
  if (source !== "override" && source !== "file") return text("w_hours");
  const parts = [
    text(`w_${mode}`),
    decidedAt !== scope && text("w_for_all"),
    source === "file" ? text("w_by_file") : text("w_by", { who: author.replace(/^token:/, "") }),
    untilMs !== null && text("w_until", { time: until(untilMs) }),
  ].filter(Boolean).join(" ");
  const told = reason ? `${parts}: «${reason}».` : `${parts}.`;
  return without ? `${told} ${text("w_without", { value: text(`v_${without.value}`) })}` : told;
}

async function look() {
  if (!isAtLeast("supervisor") || !chosen) return;
  const asked = chosen;
  try {
    const found = await ask("GET", `/fallback/office:${encodeURIComponent(asked)}?lang=${page.lang}`);
    if (asked !== chosen) return;
    decision = found;
    by("d-sentence").hidden = false;
    put(by("d-sentence"), decidedBy(found));
    by("end").hidden = found.override === null || found.decided_at !== `office:${asked}`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

// ── the switch ───────────────────────────────────────────────────────────────────────────────

const form = by("force");

function showHours() {
  const select = by("hours");
  const kept = select.value || String(HOURS_USUAL);
  const possible = HOURS.filter((hours) => hours <= hoursMax);
  select.replaceChildren(
    ...possible.map((hours) => el("option", { value: hours, selected: hours === HOURS_USUAL }, text(hours === 1 ? "hours_one" : "hours_many", { n: hours, time: until(atMs + hours * 3600000) }))),
  );
  select.value = possible.includes(Number(kept)) ? kept : String(possible[0] ?? "");
}

function confirmed(title, what) {
  const dialog = by("confirm");
  put(by("confirm-title"), title);
  put(by("confirm-what"), what);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}

function wrong(id, field, isWrong) {
  by(id).hidden = !isWrong;
  if (field) {
    field.classList.toggle("wrongly", isWrong);
    field.setAttribute("aria-invalid", String(isWrong));
  }
  return isWrong;
}

function showDone(kind, sentences) {
  const done = by("done");
  done.hidden = false;
  done.className = `notice ${kind}`;
  done.querySelector("use").setAttribute("href", kind === "ok" ? "#i-ok" : "#i-alarm");
  done.lastElementChild.replaceChildren(...sentences.map((sentence) => el("p", {}, sentence)));
  done.focus();
}

async function write(method, path, body) {
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  try {
    const placed = await ask(method, path, body);
    showDone("ok", [text("done"), ...placed.told.slice(1)]);
    form.reset();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showDone("alarm", [text("failed", { why: error.message }), error.whatToDo].filter(Boolean));
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
  await look();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const office = offices.find((each) => each.id === chosen);
  const mode = form.elements.namedItem("mode").value;
  const reason = by("reason").value.trim().replace(/\s+/g, " ");
  const noMode = wrong("mode-wrong", null, !mode);
  const noReason = wrong("reason-wrong", by("reason"), reason.length < REASON_MIN);
  if (noMode || noReason) {
    (noMode ? form.querySelector("input[name=mode]") : by("reason")).focus();
    return;
  }
  const hours = by("hours");
  const title = text(mode === "forced_on" ? "confirm_on" : "confirm_off", { name: office.name });
  const how = hours.selectedOptions[0].textContent;
  if (!(await confirmed(title, text("confirm_what", { how, reason })))) return;
  await write("POST", `/overrides?lang=${page.lang}`, {
    scope: `office:${office.id}`,
    mode,
    reason,
    until_ms: Math.round(atMs + Number(hours.value) * 3600000),
  });
});

by("end").addEventListener("click", async () => {
  const office = offices.find((each) => each.id === chosen);
  if (decision?.override == null || !office) return;
  if (!(await confirmed(text("confirm_end", { name: office.name }), text("confirm_what_end")))) return;
  await write("DELETE", `/overrides/${decision.override}?lang=${page.lang}`);
});

// ── the list ─────────────────────────────────────────────────────────────────────────────────

const rows = new Map();
let listedAt = -Infinity;
by("find").addEventListener("input", () => showList(true));
by("filter").addEventListener("submit", (event) => event.preventDefault());

function isWanted(office) {
  const words = by("find").value.trim().toLocaleLowerCase();
  const [province, region] = PROVINCES[office.province] ?? ["", ""];
  return !words || `${office.name} ${office.province} ${province} ${region}`.toLocaleLowerCase().includes(words);
}

function showList(resort) {
  const body = by("list").tBodies[0];
  const shown = offices.filter(isWanted);
  if (resort || performance.now() - listedAt > LIST_MS) {
    listedAt = performance.now();
    shown.sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || one.name.localeCompare(other.name, page.lang));
    const sorted = shown.map((office) => rowOf(office.id));
    if (!sorted.length) sorted.push(el("tr", {}, el("td", { class: "words", colspan: 5 }, text("none_found"))));
    if (sorted.length !== body.rows.length || sorted.some((row, place) => body.rows[place] !== row)) {
      const focused = document.activeElement;
      body.replaceChildren(...sorted);
      if (body.contains(focused)) focused.focus();
    }
  }
  for (const office of shown) {
    const cells = rowOf(office.id).cells;
    pill(cells[0].firstChild, ...LOOKS[office.state], text(`s_${office.state}`));
    put(cells[1].firstChild, office.name);
    put(cells[2], office.province);
    put(cells[3], text("lines_of", { used: number(office.in_use), lines: number(office.capacity) }));
    put(cells[4], until(office.until_ms));
  }
  put(by("list-count"), text("list_count", { shown: shown.length, all: offices.length }));
}

function rowOf(id) {
  if (!rows.has(id)) {
    const name = el("button", { type: "button", class: "as-link" });
    name.addEventListener("click", () => choose(id, true));
    rows.set(id, el("tr", {}, el("td", { class: "words" }, el("span", { class: "state" })), el("th", { scope: "row" }, name), el("td", { class: "words" }), el("td"), el("td")));
  }
  return rows.get(id);
}

// ── begin ────────────────────────────────────────────────────────────────────────────────────

let before = null;
function tellNews() {
  const now = new Map(offices.map((office) => [office.id, office.state]));
  if (before) {
    for (const office of offices) {
      const was = before.get(office.id);
      const matters = (state) => state !== "open" && state !== "closed";
      if (was && was !== office.state && (matters(was) || matters(office.state))) tell(text("news_office", { name: office.name, state: text(`s_${office.state}`) }));
    }
  }
  before = now;
}

function notice(id, words) {
  by(id).hidden = !words;
  if (words) put(by(id).querySelector("span"), words);
}

let first = true;
listen(
  "/map/stream",
  "map",
  (picture) => {
    offices = picture.offices;
    atMs = picture.at_ms;
    put(by("clock"), `${dayOf(atMs)}, ${timeOf(atMs)}`);
    notice("not-ready", picture.not_ready && text("not_ready", { why: picture.not_ready }));
    notice("fallback", picture.fallback.on && text("fallback_on"));
    tellNews();
    showTiles();
    showLegend();
    showList(first);
    if (first) {
      first = false;
      begin();
    } else showDetails();
  },
  ageing({
    live: by("live"),
    pill: by("age"),
    banner: by("stale"),
    changed: (state, was) => {
      if (state === "stopped") tell(text("news_lost"));
      else if (was === "stopped") tell(text("news_back"));
    },
  }),
);

async function begin() {
  showHours();
  if (offices.some((office) => office.id === chosen)) choose(chosen, false);
  if (!isAtLeast("supervisor")) return;
  try {
    hoursMax = (await ask("GET", `/fallback?lang=${page.lang}`)).hours_max;
    showHours();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}
