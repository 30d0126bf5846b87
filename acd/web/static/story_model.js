/* What a call's story says in short, worked out from its events; nothing here touches the page. */

/** Icon and colour of each kind of event. */
const LOOKS = {
  entered: ["play", "info"],
  entered_again: ["play", "info"],
  found: ["info", "info"],
  left_menu: ["closed", "watch"],
  ladder: ["steps", ""],
  stage: ["steps", ""],
  said: ["info", ""],
  pressed: ["info", ""],
  consent: ["info", ""],
  told_closed: ["lock", "watch"],
  rung: ["phone", "info"],
  rings: ["phone", "info"],
  ring_over: ["closed", "watch"],
  threshold: ["stale", "watch"],
  answered: ["ok", "ok"],
  talk_over: ["closed", ""],
  passed_on: ["switch", "info"],
  transferred: ["switch", "info"],
  to_net: ["alarm", "alarm"],
  in_net: ["alarm", "alarm"],
  order_failed: ["alarm", "alarm"],
  corrected: ["watch", "watch"],
  anomaly: ["watch", "watch"],
  link_lost: ["alarm", "alarm"],
  link_back: ["ok", "ok"],
  rules: ["info", ""],
  fallback: ["switch", ""],
  coded: ["ok", ""],
};
const ENDS = { answered: ["ok", "ok"], abandoned: ["closed", "watch"], short_abandoned: ["closed", ""], closed: ["lock", "watch"] };

/** How an event looks; an end by how it came. */
export const lookOf = (event) => (event.kind === "ended" ? (ENDS[event.what.outcome] ?? ["alarm", "alarm"]) : (LOOKS[event.kind] ?? ["info", ""]));

const BEGINS = { entered: "wait", entered_again: "wait", found: "wait", rung: "ring", ring_over: "wait", answered: "talk", talk_over: "wait", in_net: "net", ended: null, left_menu: null };

const SHORT_MS = 500;

/** What the caller went through: stretches of wait, ring, talk and net; not the instants between them. */
export function stagesOf(events, ended, nowMs) {
  const stages = [];
  let present = null;
  let since = 0;
  const close = (at) => {
    if (present !== null && at - since >= SHORT_MS) stages.push({ stage: present, from_ms: since, until_ms: at });
  };
  for (const event of events) {
    if (!(event.kind in BEGINS)) continue;
    const next = BEGINS[event.kind];
    if (next === present) continue;
    close(event.at_ms);
    present = next;
    since = event.at_ms;
  }
  if (!ended) close(nowMs);
  return stages;
}

/** How long in one kind of stage. */
export const spentIn = (stages, stage) => stages.reduce((sum, each) => sum + (each.stage === stage ? each.until_ms - each.from_ms : 0), 0);

/** A sentence without its bracket, and what stands in the bracket at its end. */
export function partsOf(sentence) {
  const found = /^(.*) \(([^()]*(?:\([^()]*\)[^()]*)*)\)\.$/s.exec(sentence);
  return found ? [`${found[1]}.`, found[2]] : [sentence, ""];
}

/** The story in short. */
export function briefOf(events) {
  const first = events.find(({ kind }) => kind === "entered" || kind === "found") ?? events[0];
  const end = events.findLast(({ kind }) => kind === "ended" || kind === "left_menu");
  const answered = events.findLast(({ kind }) => kind === "answered");
  return {
    queue: first.what.queue_name ?? "",
    entered_ms: first.at_ms,
    outcome: end ? (end.kind === "ended" ? end.what.outcome : "left_menu") : "",
    office: answered?.what.office_name ?? "",
    site: answered?.what.site_name ?? "",
    agent: answered?.what.agent ?? "",
    wait_ms: answered?.what.wait_ms ?? end?.what.wait_ms ?? null,
    rings: events.filter(({ kind }) => kind === "rung").length,
    visits: end?.what.visits ?? 1,
  };
}
