/* A live picture and how old it is: the worst a wall can do is stand still and look well.
 *
 * The age is how long the newest picture has been on its way and here, beyond the shortest way seen since the
 * connection was made; clocks that differ do not matter, a proxy that holds events back shows.
 */

import { Refused, ask, put, text } from "./page.js";

const LOOK_MS = 500;
export const GREY_S = 5;
export const BANNER_S = 15;
const AGAIN_MS = [1000, 2000, 5000, 10000];

const now = () => performance.timeOrigin + performance.now();

/**
 * Listen to a stream below /api/v1 until the page is left.
 *
 * @param path     "/board/stream"
 * @param event    name of the event
 * @param picture  called with each picture
 * @param aged     called twice a second with the age in seconds, null before the first picture
 */
export function listen(path, event, picture, aged) {
  let source = null;
  let shortest = Infinity;
  let at = null;
  let tries = 0;

  function open() {
    source = new EventSource(`/api/v1${path}`);
    source.addEventListener(event, (message) => {
      const told = JSON.parse(message.data);
      tries = 0;
      at = told.at_ms;
      shortest = Math.min(shortest, now() - at);
      picture(told);
    });
    source.addEventListener("open", () => { shortest = Infinity; });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) again();
    });
  }

  /* The browser gives up on an answer that is no stream: ask why, and try again more and more seldom. */
  function again() {
    setTimeout(async () => {
      try {
        await ask("GET", "/me");
      } catch (error) {
        if (error instanceof Refused && error.status === 401) return;
      }
      open();
    }, AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)]);
  }

  open();
  setInterval(() => aged(at === null ? null : Math.max(0, (now() - at - Math.min(shortest, now() - at)) / 1000)), LOOK_MS);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
}

/** Show the age of what `live` holds: the pill, grey after 5 s, a banner after 15 s. Returns the function for `listen`. */
export function ageing({ live, pill, banner, changed = () => {} }) {
  let was = "";
  return (age) => {
    const state = age === null || age >= BANNER_S ? "stopped" : age >= GREY_S ? "old" : "fresh";
    const begun = age !== null;
    live.dataset.age = begun ? state : "waiting";
    pill.className = `state ${state === "fresh" ? "ok" : begun ? "alarm" : ""}`;
    pill.querySelector("use").setAttribute("href", state === "fresh" ? "#i-ok" : "#i-stale");
    if (begun) put(pill.querySelector("span"), state === "fresh" ? text("age_now") : text("age_old", { seconds: Math.floor(age) }));
    banner.hidden = !(begun && state === "stopped");
    if (!banner.hidden) put(banner.querySelector("span"), text("stale", { seconds: Math.floor(age) }));
    if (begun && was && was !== state) changed(state, was);
    if (begun) was = state;
  };
}

/** An icon of the sprite. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Fill a pill: icon, word, colour. */
export function pill(element, kind, name, words) {
  const href = `#i-${name}`;
  if (element.dataset.icon !== href) {
    element.dataset.icon = href;
    element.replaceChildren(icon(name), document.createElement("span"));
  }
  const wanted = `state ${kind}`;
  if (element.className !== wanted) element.className = wanted;
  put(element.lastChild, words);
}

/** One polite line for screen readers: what changed, gathered, at most every half minute; never numbers. */
export function teller(element, everyMs = 30000) {
  let waiting = [];
  let last = -Infinity;
  let timer = null;
  function tell() {
    timer = null;
    last = performance.now();
    element.textContent = waiting.join(" ");
    waiting = [];
  }
  return (sentence) => {
    waiting.push(sentence);
    timer ??= setTimeout(tell, Math.max(0, last + everyMs - performance.now()));
  };
}

