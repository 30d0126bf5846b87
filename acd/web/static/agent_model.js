/* What an agent's page shows in each state, worked out from what the API says; nothing here touches the page. */

/** Icon and colour of each state; its word is the text s_<state>. */
export const LOOKS = {
  logged_out: ["closed", ""],
  ready: ["ok", "ok"],
  reserved: ["phone", "info"],
  ringing: ["phone", "info"],
  talking: ["phone", "info"],
  wrap_up: ["stale", "watch"],
  paused: ["pause", "watch"],
  unreachable: ["alarm", "alarm"],
};

const MOVES = {
  logged_out: ["login"],
  ready: ["pause", "logout"],
  reserved: ["pause", "logout"],
  ringing: ["pause", "logout"],
  talking: ["pause", "logout"],
  wrap_up: ["ready", "wrapup", "pause", "logout"],
  paused: ["ready", "pause", "logout"],
  unreachable: ["ready", "pause", "logout"],
};
const WITH_A_CALL = new Set(["reserved", "ringing", "talking"]);

/** What the agent may ask for now; during a call it is a wish, which "ready" takes back. */
export function movesOf(agent) {
  const moves = MOVES[agent.state];
  return agent.wish && WITH_A_CALL.has(agent.state) ? ["ready", ...moves] : moves;
}

/** Which texts the buttons of this state have. */
export function wordsOf(agent) {
  const later = WITH_A_CALL.has(agent.state);
  return {
    ready: later ? "m_unwish" : "m_ready",
    pause: later ? "m_pause_after" : agent.state === "paused" ? "m_pause_other" : "m_pause",
    logout: later ? "m_logout_after" : "m_logout",
  };
}

/** Whether something may be said of the call: during the talk and its wrap-up. */
export const maySay = (agent) => agent.call !== null && (agent.state === "talking" || agent.state === "wrap_up");

/** The text that stands above the call. */
export function callTitle(agent) {
  if (agent.call === null || agent.state === "talking") return "call";
  return WITH_A_CALL.has(agent.state) ? "call_coming" : "call_over";
}

/** The day: one row for each kind of time, in one order, and their sum; time off duty is not counted. */
export function dayOf(spentMs) {
  const of = (...states) => states.reduce((sum, state) => sum + (spentMs[state] ?? 0), 0);
  const rows = [
    ["t_ready", of("ready")],
    ["t_ring", of("reserved", "ringing")],
    ["t_talking", of("talking")],
    ["t_wrap_up", of("wrap_up")],
    ["t_paused", of("paused")],
    ["t_unreachable", of("unreachable")],
  ];
  return { rows: rows.filter(([key, ms]) => ms > 0 || key !== "t_unreachable"), totalMs: rows.reduce((sum, [, ms]) => sum + ms, 0) };
}

/** Where a slot stands: its text, its look, and what may be done with it. */
export function standingOf(slot, nowMs) {
  if (slot.withdrawn_ms !== null && slot.withdrawn_ms <= slot.from_ms) return { key: "o_withdrawn", look: "", icon: "closed", moves: [] };
  const ends = Math.min(slot.until_ms, slot.withdrawn_ms ?? Infinity);
  if (slot.confirmed_ms !== null) return { key: "o_confirmed", look: "ok", icon: "ok", moves: [] };
  if (ends <= nowMs) return { key: "o_over", look: "watch", icon: "watch", moves: ["confirm"] };
  if (slot.from_ms <= nowMs) return { key: "o_live", look: "info", icon: "play", moves: ["withdraw"] };
  return { key: "o_coming", look: "info", icon: "stale", moves: ["withdraw"] };
}
