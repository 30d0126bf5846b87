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
        ["8:53: unknown office 'bolzno'; did you mean 'bolzano'?"],
    ),
    "office-twice": (
        "queues",
        "offices: [roma]",
        "offices: [roma, roma]",
        ["8:53: 'roma' helps already; remove it here."],
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
        ["3:19: unknown queue 'altro'; there is generale, tedesco, esperti."],
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
    "emergency-number": (
        "offices",
        '"0612345"',
        '"118"',
        ["5:13: '118' is an emergency number; give the office's own."],
    ),
    "second-number-twice": (
        "offices",
        '"+390471"',
        '"+390471"\n    more_numbers: ["0612345"]',
        ["12:20: the number '0612345' is already taken by 'roma' in line 5; give another."],
    ),
    "second-number-that-rings-back": (
        "offices",
        '"+390471"',
        '"+390471"\n    more_numbers: ["803164"]',
        ["12:20: '803164' is called to reach us, so the call would come back; give the office's own."],
    ),
    "province-twice": (
        "offices",
        "province: RM",
        "province: RM\n    provinces: [RM, VT, RM]",
        ["5:25: 'RM' stands in this list already; keep one of the two."],
    ),
    "trunk-of-nobody": (
        "offices",
        "offices:\n",
        "trunks: {trunck: {capacity: 30}}\noffices:\n",
        ["1:18: no office is reached by 'trunck'; correct its name, or remove it."],
    ),
    "more-failures-than-offers": (
        "offices",
        "offices:\n",
        "health: {window: 5, in_a_row: 6, window_min: 6, open_s: 90, open_s_max: 60}\noffices:\n",
        [
            "1:31: only 5 offers are looked at (window); lower it.",
            "1:46: only 5 offers are looked at (window); lower it.",
            "1:57: open_s is more than open_s_max (60); lower it.",
        ],
    ),
    "office-that-rings-back": (
        "offices",
        '"0612345"',
        '"803164"',
        ["5:13: '803164' is called to reach us, so the call would come back; give the office's own."],
    ),
    "phone-of-two-sites": (
        "sites",
        "{name: Terni}",
        "{name: Terni, phones: [t21-t30, t20-t22]}",
        [
            "3:42: the phone 't20' already belongs to 'roma' in line 2; part them.",
        ],
    ),
    "digit-of-two-outcomes": (
        "outcome_codes",
        'digit: "2"',
        'digit: "1"',
        ["3:47: the digit '1' is already taken by 'risolta' in line 2; give another."],
    ),
    "targets-out-of-order": (
        "queues",
        '"2027-01-01"',
        '"2026-01-01"',
        [("19:66: targets stand by day, oldest first, and 2026-01-01 is before this one; put it in order.")],
    ),
    "second-level-from-outside": (
        "entry",
        '"803164": generale',
        '"803164": esperti',
        ["2:13: the queue 'esperti' is second_level: only agents pass calls on to it; name another."],
    ),
    "second-level-by-default": (
        "entry",
        "queue_by_default: generale",
        "queue_by_default: esperti",
        ["3:19: the queue 'esperti' is second_level: only agents pass calls on to it; name another."],
    ),
    "return-later-than-anybody-waits": (
        "queues",
        "return_s: 45",
        "return_s: 1800",
        ["18:15: nobody waits that long: wait_s_max is 1800; lower it."],
    ),
    "a-number-of-ours-as-from-abroad": (
        "offices",
        '"0612345"',
        '"+39803164"',
        ["5:13: '+39803164' is called to reach us, so the call would come back; give the office's own."],
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
