/* Rome's wall clock and milliseconds, wherever the browser stands. */

export const DAY_MS = 86400000;

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/Rome",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** Day (2026-11-23) and time (14:05) in Rome. */
export function romeOf(ms) {
  const found = Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, value]));
  return { day: `${found.year}-${found.month}-${found.day}`, time: `${found.hour}:${found.minute}`, month: `${found.year}-${found.month}` };
}

/** By how much Rome's clock is ahead of UTC at a moment. */
function aheadMs(ms) {
  const found = Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(found.year, found.month - 1, found.day, found.hour, found.minute, found.second) - Math.floor(ms / 1000) * 1000;
}

/** The moment of a day and a time in Rome; of an hour that is there twice the first, one that is skipped an hour later. */
export function momentOf(day, time) {
  const wall = Date.parse(`${day}T${time}:00Z`);
  const before = aheadMs(wall - DAY_MS);
  const ahead = [before, aheadMs(wall + DAY_MS)].find((each) => aheadMs(wall - each) === each);
  return wall - (ahead ?? before);
}

/** A day after another. */
export const dayAfter = (day, days = 1) => new Date(Date.parse(`${day}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
