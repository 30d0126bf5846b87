/* Where a call's page is found: calls in progress and those that have just ended. */

import { number, span, timeOf } from "./figures.js";
import { icon } from "./live.js";
import { Refused, ask, el, text } from "./page.js";

const by = (id) => document.getElementById(id);
const SHOWN_MAX = 100;
const BACK_MS = 900000;
const PAGE_MAX = 1000;

const link = (call) => el("a", { href: `/call/${encodeURIComponent(call)}` }, call);
const cell = (...inside) => el("td", { class: "words" }, ...inside);

function fill(table, rows) {
  const columns = table.tHead.rows[0].cells.length;
  table.tBodies[0].replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { class: "words", colspan: columns }, text("none")))]));
}

/** The ledger of the last minutes: in the order of the ends, a thousand a page. */
async function ended() {
  const found = [];
  let after = "";
  do {
    const query = new URLSearchParams({ since_ms: Date.now() - BACK_MS, limit: PAGE_MAX });
    if (after) query.set("after", after);
    const { items, next } = await ask("GET", `/ledger?${query}`);
    found.push(...items);
    after = next;
  } while (after);
  return found.slice(-SHOWN_MAX).reverse();
}

async function show() {
  by("refused").replaceChildren();
  try {
    const [{ items: queues }, { items: calls }] = await Promise.all([ask("GET", `/queues?limit=${PAGE_MAX}`), ask("GET", `/calls?limit=${SHOWN_MAX}`)]);
    const names = new Map(queues.map(({ id, name }) => [id, name]));
    const queue = (id) => (id ? (names.get(id) ?? id) : text("menu_only"));
    fill(by("now"), calls.map((call) =>
      el("tr", {}, el("th", { scope: "row" }, link(call.id)), cell(queue(call.queue)), cell(text(`st_${call.state}`)), el("td", {}, span(call.wait_ms)), el("td", {}, number(call.offers))),
    ));
    fill(by("ended"), (await ended()).map((row) =>
      el("tr", {}, el("th", { scope: "row" }, link(row.call)), cell(queue(row.queue)), cell(text(`out_${row.outcome}`)), el("td", {}, timeOf(row.ended_ms)), el("td", {}, span(row.wait_ms)), el("td", {}, span(row.handle_ms))),
    ));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    by("refused").replaceChildren(el("p", { class: "notice alarm" }, icon("alarm"), el("span", {}, text("failed", { why: error.message }))));
  }
}

by("find").addEventListener("submit", (event) => {
  event.preventDefault();
  location.assign(`/call/${encodeURIComponent(by("id").value.trim())}`);
});
by("again").addEventListener("click", show);
show();
