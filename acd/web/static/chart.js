/* The day in half hours: bars of calls answered by agents, by offices, and abandoned. SVG, told in words too. */

import { minuteOf, number } from "./figures.js";
import { text } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
const HALF_HOUR_MS = 1800000;
const WIDTH = 320;
const HEIGHT = 150;
const FOOT = 18;
const LEFT = 34;
const TOP = 8;

function svg(name, attributes, words) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (words !== undefined) made.textContent = words;
  return made;
}

/** The next round number above. */
function roof(most) {
  const step = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return [1, 2, 2.5, 5, 10].map((each) => each * step).find((each) => each >= most);
}

let drawn = "";

/** Draw the half hours into an element, if they differ from what is there. */
export function chart(place, halfHours, dayMs) {
  const seen = JSON.stringify(halfHours);
  if (seen === drawn) return;
  drawn = seen;
  if (halfHours.length === 0) {
    place.replaceChildren(text("day_empty"));
    return;
  }
  const first = Math.min(halfHours[0].began_ms, dayMs + 16 * HALF_HOUR_MS);
  const last = Math.max(halfHours.at(-1).began_ms, dayMs + 39 * HALF_HOUR_MS);
  const count = Math.round((last - first) / HALF_HOUR_MS) + 1;
  const high = roof(Math.max(...halfHours.map((half) => Math.max(half.offered, half.answered + half.abandoned))));
  const wide = (WIDTH - LEFT) / count;
  const y = (value) => TOP + (HEIGHT - FOOT - TOP) * (1 - value / high);
  const sum = (name) => number(halfHours.reduce((total, half) => total + half[name], 0));
  const told = text("day_told", { from: minuteOf(halfHours[0].began_ms), offered: sum("offered"), answered: sum("answered"), abandoned: sum("abandoned") });
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "day-chart", role: "img", "aria-label": told });
  for (const value of [0, high / 2, high]) {
    picture.append(
      svg("line", { class: "rule", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }),
      svg("text", { class: "scale", x: LEFT - 4, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    );
  }
  for (const half of halfHours) {
    const x = LEFT + Math.round((half.began_ms - first) / HALF_HOUR_MS) * wide + wide * 0.12;
    const agents = half.answered - half.to_offices;
    let from = 0;
    for (const [name, value] of [["agents", agents], ["by-offices", half.to_offices], ["gone", half.abandoned]]) {
      if (value > 0) picture.append(svg("rect", { class: name, x, y: y(from + value), width: wide * 0.76, height: y(from) - y(from + value) }));
      from += Math.max(0, value);
    }
  }
  for (let place = 0; place < count; place++) {
    const at = first + place * HALF_HOUR_MS;
    const words = minuteOf(at);
    if (words.endsWith(":00") && Number(words.slice(0, 2)) % 2 === 0) {
      picture.append(svg("text", { class: "scale", x: LEFT + place * wide, y: HEIGHT - 3 }, words.slice(0, 2)));
    }
  }
  place.replaceChildren(picture);
}
