/* A volunteer's slots: offered, looked at before they are accepted, withdrawn, confirmed; the month's hours. */

import { standingOf } from "./agent_model.js";
import { minuteOf } from "./figures.js";
import { icon, pill } from "./live.js";
import { ask, el, page, put, text } from "./page.js";
import { DAY_MS, dayAfter, momentOf, romeOf } from "./rome.js";

const by = (id) => document.getElementById(id);
const BACK_DAYS = 31;
const WAIT_MS = 400;
const HOUR_MS = 3600000;
const FIELDS = ["office", "day", "from", "to", "kind", "place"];
const locale = page.lang === "en" ? "en-GB" : "it-IT";
const day = new Intl.DateTimeFormat(locale, { timeZone: "Europe/Rome", weekday: "short", day: "numeric", month: "short" });
const hours = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });

const when = (slot) => `${day.format(slot.from_ms)}, ${minuteOf(slot.from_ms)}–${minuteOf(slot.until_ms)}`;
const what = (slot) => `${text(`kind_${slot.kind}`)}, ${text(`place_${slot.place}`).toLocaleLowerCase(locale)}`;

/** Show the section and keep it in step; `refuse` tells an error. */
export async function showSlots(own, choices, refuse) {
  let checking = 0;
  const place = `${own}/slots`;
  const nameOf = new Map(choices.offices.map(({ id, name }) => [id, name]));

  /** The slot of the form; null while it is not whole. */
  function offered() {
    if (!by("offer").checkValidity()) return null;
    const from = momentOf(by("day").value, by("from").value);
    const late = by("to").value <= by("from").value;
    const until = momentOf(late ? dayAfter(by("day").value) : by("day").value, by("to").value);
    return { office: by("office").value, from_ms: from, until_ms: until, kind: by("kind").value, place: by("place").value };
  }

  /** Say what is odd, before it is accepted. */
  async function check() {
    const slot = offered();
    const asked = ++checking;
    if (slot === null) return by("flags").replaceChildren();
    try {
      const query = new URLSearchParams({ ...slot, lang: page.lang });
      const { acceptable, flags } = await ask("GET", `${place}/check?${query}`);
      if (asked !== checking) return;
      by("accept").disabled = !acceptable;
      tellFlags(flags, text("acceptable"));
    } catch (error) {
      refuse(error);
    }
  }

  function tellFlags(flags, well) {
    const notice = (kind, name, words) => el("p", { class: `notice ${kind}` }, icon(name), el("span", {}, words));
    by("flags").replaceChildren(
      ...(flags.length ? flags.map((flag) => notice(flag.refuses ? "alarm" : "watch", flag.refuses ? "alarm" : "watch", flag.sentence)) : [notice("ok", "ok", well)]),
    );
  }

  async function accept(event) {
    event.preventDefault();
    const slot = offered();
    if (slot === null) return;
    try {
      const { flags } = await ask("POST", `${place}?lang=${page.lang}`, slot);
      tellFlags(flags, text("accepted"));
      await list();
    } catch (error) {
      refuse(error);
    }
  }

  async function act(slot, word) {
    try {
      await ask("POST", `${place}/${slot.id}/${word}`);
      await list();
      by("own-title").nextElementSibling.focus();
    } catch (error) {
      refuse(error);
    }
  }

  async function list() {
    const at = Date.now();
    const { items } = await ask("GET", `${place}?since_ms=${at - BACK_DAYS * DAY_MS}`);
    const rows = items.map((slot) => rowOf(slot, standingOf(slot, at)));
    by("own").tBodies[0].replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { class: "words", colspan: 5 }, text("o_none")))]));
    await sum();
  }

  function rowOf(slot, standing) {
    const state = el("span", { class: "state" });
    pill(state, standing.look, standing.icon, text(standing.key));
    const buttons = standing.moves.map((word) => {
      const button = el("button", { class: `button small ${word === "withdraw" ? "danger" : "plain"}`, type: "button", "aria-label": text(`do_of_${word}`, { when: when(slot) }) }, text(`do_${word}`));
      button.addEventListener("click", () => act(slot, word));
      return button;
    });
    const cell = (...inside) => el("td", { class: "words" }, ...inside);
    return el("tr", {}, el("th", { scope: "row", class: "words" }, when(slot)), cell(what(slot)), cell(nameOf.get(slot.office) ?? slot.office), cell(state), cell(...buttons));
  }

  async function sum() {
    const { month } = romeOf(Date.now());
    const { items } = await ask("GET", `${place}/totals?month=${month}`);
    const told = items.map((each) =>
      text("month_one", { kind: text(`kind_${each.kind}`), place: text(`place_${each.place}`).toLocaleLowerCase(locale), hours: hours.format(each.counted_ms / HOUR_MS), confirmed: hours.format(each.confirmed_ms / HOUR_MS) }),
    );
    put(by("month"), told.length ? told.join("; ") : text("month_none"));
    by("csv").href = `/api/v1${own}/slots.csv?month=${month}`;
  }

  by("office").replaceChildren(...choices.offices.map(({ id, name }) => el("option", { value: id }, name)));
  if (choices.own_office) by("office").value = choices.own_office;
  by("day").min = romeOf(Date.now()).day;
  by("slots").hidden = false;
  let timer = null;
  for (const field of FIELDS) {
    by(field).addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(check, WAIT_MS);
    });
  }
  by("offer").addEventListener("submit", accept);
  try {
    await list();
  } catch (error) {
    refuse(error);
  }
}
