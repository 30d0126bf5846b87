"""Mistakes of sense, which show when files are held together: each changes one place of one good file.

Case: file, text, what it becomes, and all that a person is then told (without the file's name).
"""

from __future__ import annotations

Case = tuple[str, str, str, list[str]]

CASES: dict[str, Case] = {
    "unknown-skill-in-queue": (
        "queues",
        "needs: {tedesco: 5}",
        "needs: {tedsco: 5}",
        ["12:13: unknown skill 'tedsco'; did you mean 'tedesco'?"],
    ),
    "unknown-office": (
        "queues",
        "offices: [roma]",
        "offices: [roma, bolzno]",
        ["7:21: unknown office 'bolzno'; did you mean 'bolzano'?"],
    ),
    "office-twice": (
        "queues",
        "offices: [roma]",
        "offices: [roma, roma]",
        ["7:21: 'roma' stands in this list already; keep one of the two."],
    ),
    "unknown-site": (
        "agents",
        "a0001: {site: roma",
        "a0001: {site: milano",
        ["2:17: unknown site 'milano'; there is roma."],
    ),
    "unknown-skill-of-agent": (
        "agents",
        "generale: 7}",
        "generale: 7, genrale: 2}",
        ["2:45: unknown skill 'genrale'; did you mean 'generale'?"],
    ),
    "unknown-queue-in-entry": (
        "entry",
        '"803164": generale',
        '"803164": general',
        ["2:13: unknown queue 'general'; did you mean 'generale'?"],
    ),
    "unknown-default-queue": (
        "entry",
        "queue_by_default: generale",
        "queue_by_default: altro",
        ["3:19: unknown queue 'altro'; there is generale, tedesco."],
    ),
    "unknown-missed-reason": (
        "pause_reasons",
        "missed_reason: mancate",
        "missed_reason: mancato",
        ["5:16: unknown pause reason 'mancato'; did you mean 'mancate'?"],
    ),
    "digit-twice": (
        "pause_reasons",
        'digit: "2"',
        'digit: "1"',
        ["3:37: the digit '1' is already taken by 'pausa' in line 2; give another."],
    ),
    "digit-of-the-system's-reason": (
        "pause_reasons",
        "{name: Mancate risposte}",
        '{name: Mancate risposte, digit: "9"}',
        ["4:44: 'mancate' is given by the system alone; remove its digit, or agents could hide behind it."],
    ),
    "number-twice": (
        "offices",
        '"+390471"',
        '"0612345"',
        ["11:13: the number '0612345' is already taken by 'roma' in line 5; give another."],
    ),
    "endpoint-twice": (
        "agents",
        "tedesco: 8}",
        "tedesco: 8}, endpoint: a0001",
        ["3:68: the endpoint 'a0001' is already taken by 'a0001' in line 2; give another."],
    ),
    "skill-nobody-holds": (
        "skills",
        "  tedesco: Tedesco",
        "  tedesco: Tedesco\n  ladino: Ladino",
        ["4:3: nobody holds the skill 'ladino'; give it to an agent, or remove it."],
    ),
    "queue-nobody-serves": (
        "queues",
        "needs: {tedesco: 5}",
        "needs: {tedesco: 9}",
        ["9:3: nobody can serve the queue 'tedesco'; lower its needs, train an agent, or name an office."],
    ),
    "agent-without-a-queue": (
        "agents",
        "skills: {generale: 7}",
        "skills: {tedesco: 2}",
        ["2:3: the agent 'a0001' can serve no queue; give a skill a queue needs, at its level."],
    ),
    "offices-without-a-time": (
        "queues",
        "    offices_after_s: 60\n",
        "",
        ["7:14: offices are named, but not when they may help; add offices_after_s."],
    ),
    "a-time-without-offices": (
        "queues",
        "    offices: [roma]\n",
        "",
        ["7:22: no office is named that could help; add offices, or remove this key."],
    ),
    "offices-later-than-anybody-waits": (
        "queues",
        "offices_after_s: 60",
        "offices_after_s: 1800",
        ["8:22: nobody waits that long: wait_s_max is 1800; lower it."],
    ),
    "wrap-up-beyond-its-limit": (
        "queues",
        "ring_s: 15",
        "wrap_up_s: 300",
        ["6:16: wrap_up_s is more than wrap_up_s_max (120); lower it."],
    ),
    "timing-out-of-bounds": (
        "timings",
        "withdraw_s: 1.5",
        "withdraw_s: 0",
        ["2:15: 'withdraw_s' is 0: too small; the least is 0.2."],
    ),
}
