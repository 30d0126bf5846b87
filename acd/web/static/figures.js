/* How numbers are written, in the reader's language. */

import { page } from "./page.js";

const locale = page.lang === "en" ? "en-GB" : "it-IT";
const ROME = "Europe/Rome";
const whole = new Intl.NumberFormat(locale, { useGrouping: "always" });
const share = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(locale, { timeZone: ROME, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minute = new Intl.DateTimeFormat(locale, { timeZone: ROME, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(locale, { timeZone: ROME, weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat(locale, { timeZone: ROME, day: "numeric", month: "short" });

/** 12.345 */
export const number = (value) => whole.format(value);

/** 95,9 %; a dash where there is none. Cut, not rounded: 95.89 is not 95.9 reached. */
export const percent = (ratio) => (ratio === null ? "–" : share.format(Math.floor(ratio * 1000 + 1e-6) / 1000));

/** 1:08, or 1:02:08. */
export function span(ms) {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}

/** The time in Rome, to the second or to the minute, and the day. */
export const timeOf = (ms) => clock.format(ms);
export const minuteOf = (ms) => minute.format(ms);
export const dayOf = (ms) => day.format(ms);
export const shortDayOf = (ms) => shortDay.format(ms);
export const sameDay = (one, other) => day.format(one) === day.format(other);
