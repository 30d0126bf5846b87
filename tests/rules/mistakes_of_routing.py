"""Mistakes in ladders, calendars, bands and credits: each changes one place of one file of `good.ROUTING`.

Case: file, text, what it becomes, and all that a person is then told (a line that begins with a file's name
is told of that file).
"""

from __future__ import annotations

Case = tuple[str, str, str, list[str]]

LADDERS: dict[str, Case] = {
    "step-with-an-unknown-skill": (
        "queues",
        "levels: {generale: 2}",
        "levels: {general: 2}",
        [
            "17:18: unknown skill 'general'; did you mean 'generale'?",
        ],
    ),
    "step-with-an-unknown-site": (
        "queues",
        "sites: [terni]",
        "sites: [tern]",
        [
            "18:58: unknown site 'tern'; did you mean 'terni'?",
        ],
    ),
    "step-with-an-unknown-office": (
        "queues",
        "offices: [bolzano]",
        "offices: [bolzan]",
        [
            "19:64: unknown office 'bolzan'; did you mean 'bolzano'?",
        ],
    ),
    "step-waives-an-unknown-skill": (
        "queues",
        "waives: [tedesco]",
        "waives: [tedsco]",
        [
            "26:71: unknown skill 'tedsco'; did you mean 'tedesco'?",
        ],
    ),
    "step-with-an-unknown-prompt": (
        "queues",
        "consent: in-italiano",
        "consent: in-italian",
        [
            "26:49: no prompt 'in-italian' to ask with; write it in prompts.yaml.",
        ],
    ),
    "step-twice": (
        "queues",
        "{step: sedi,",
        "{step: livelli,",
        [
            "18:16: 'livelli' is a step above already; give another name.",
        ],
    ),
    "step-later-than-anybody-waits": (
        "queues",
        "after_s: 90",
        "after_s: 1800",
        [
            "19:32: nobody waits that long: wait_s_max is 1800; lower it.",
        ],
    ),
    "step-not-later-than-the-one-before": (
        "queues",
        "after_s: 60, at",
        "after_s: 30, at",
        [
            (
                "18:31: 'livelli' opens only at 30, and a step opens those above it; raise this time, or "
                "make one step of the two."
            ),
        ],
    ),
    "step-adds-nobody": (
        "queues",
        "{step: aiuto, after_s: 90, volunteers: true, offices: [bolzano]}",
        "{step: aiuto, after_s: 90}",
        [
            (
                "19:9: this step adds nobody; lower levels, drop preferences, add sites, volunteers or "
                "offices, or remove it."
            ),
        ],
    ),
    "step-lowers-what-is-not-needed": (
        "queues",
        "levels: {generale: 2}",
        "levels: {pensioni: 2}",
        [
            "17:28: 'pensioni' is not needed at this step; lower one of generale.",
        ],
    ),
    "step-lowers-nothing": (
        "queues",
        "levels: {generale: 2}",
        "levels: {generale: 5}",
        [
            "17:28: 'generale' is needed at 5 already; give a lower level.",
        ],
    ),
    "step-with-a-level-out-of-range": (
        "queues",
        "levels: {generale: 2}",
        "levels: {generale: 0}",
        [
            "17:28: 'generale' is 0: too small; the least is 1.",
        ],
    ),
    "step-adds-a-site-that-serves": (
        "queues",
        "sites: [terni]",
        "sites: [terni, roma]",
        [
            "18:65: 'roma' helps already; remove it here.",
        ],
    ),
    "step-adds-a-site-to-all": (
        "queues",
        "    sites: [roma]\n",
        "",
        [
            "17:57: every site serves this queue anyway; remove this, or give the queue sites.",
        ],
    ),
    "step-drops-preferences-nobody-has": (
        "queues",
        "    prefers: {pensioni: 3}\n",
        "",
        [
            "17:84: there is no preference left to drop; remove this.",
        ],
    ),
    "preferences-that-are-needs": (
        "queues",
        ", drop_preferences: true}",
        "}",
        [
            (
                "6:5: no step of the ladder drops these, so they are needs; "
                "add a step with drop_preferences: true, or move them to needs."
            ),
        ],
    ),
    "volunteers-twice": (
        "queues",
        "sites: [terni], drop",
        "volunteers: true, sites: [terni], drop",
        [
            "19:48: volunteers answer from a step above on; remove this.",
        ],
    ),
    "waived-without-consent": (
        "queues",
        "consent: in-italiano, ",
        "",
        [
            "26:48: a need falls away only if the caller agrees; add consent, a prompt that asks.",
        ],
    ),
    "waives-what-is-not-needed": (
        "queues",
        "waives: [tedesco]",
        "waives: [tedesco, generale]",
        [
            "26:80: 'generale' is not needed at this step; remove it.",
        ],
    ),
    "waives-everything": (
        "queues",
        "waives: [tedesco]",
        "waives: [tedesco, pensioni]",
        [
            "26:80: nothing would be needed any more, so anybody would do; keep a need.",
        ],
    ),
    "consent-in-another-language": (
        "prompts",
        "{texts: {de: Auf",
        "{texts: {it: Auf",
        [
            "queues.yaml:26:49: 'in-italiano' is not spoken in 'de', this queue's language; add the text.",
        ],
    ),
    "step-without-a-time": (
        "queues",
        "        after_s: 30\n",
        "",
        [
            "13:9: the key 'after_s' is missing; add it.",
        ],
    ),
    "unknown-key-of-a-step": (
        "queues",
        "idle_max: 0",
        "idlemax: 0",
        [
            "16:9: unknown key 'idlemax'; did you mean 'idle_max'?",
        ],
    ),
    "unknown-skill-preferred": (
        "queues",
        "prefers: {pensioni: 3}",
        "prefers: {pension: 3}",
        [
            "6:15: unknown skill 'pension'; did you mean 'pensioni'?",
        ],
    ),
    "preferred-no-more-than-needed": (
        "queues",
        "prefers: {pensioni: 3}",
        "prefers: {generale: 4}",
        [
            "6:25: 'generale' is needed at 5 anyway; prefer a higher level, or remove it.",
        ],
    ),
    "unknown-skill-excluded": (
        "queues",
        "excludes: [esperto]",
        "excludes: [espert]",
        [
            "7:16: unknown skill 'espert'; did you mean 'esperto'?",
        ],
    ),
    "needed-and-excluded": (
        "queues",
        "excludes: [esperto]",
        "excludes: [generale]",
        [
            "7:16: 'generale' is wanted and excluded, so nobody could serve; keep one of the two.",
        ],
    ),
    "excluded-twice": (
        "queues",
        "excludes: [esperto]",
        "excludes: [esperto, esperto]",
        [
            "7:25: 'esperto' stands in this list already; keep one of the two.",
        ],
    ),
    "unknown-site-of-a-queue": (
        "queues",
        "    sites: [roma]",
        "    sites: [rom]",
        [
            "8:13: unknown site 'rom'; did you mean 'roma'?",
        ],
    ),
    "unknown-discipline": (
        "queues",
        "discipline: sl20",
        "discipline: sl30",
        [
            "9:17: 'discipline' cannot be 'sl30'; did you mean 'sl20'?",
        ],
    ),
    "credit-of-a-queue-without-a-bound": (
        "queues",
        "credit_s: 60",
        "credit_s: 601",
        [
            "10:15: 'credit_s' is 601: too large; the most is 600.",
        ],
    ),
    "no-exit": (
        "queues",
        "    credit_s: 60\n",
        "    wait_s_max: 0\n",
        [
            "10:17: 'wait_s_max' is 0: too small; the least is 10.",
        ],
    ),
    "starvation": (
        "queues",
        "credit_s: 60\n",
        "wait_s_max: 300\n",
        [
            (
                "10:17: a later call of 'tedesco' can go before one here by 690.5 s, and here nobody "
                "waits longer than 300 (wait_s_max); lower credits, thresholds or handicaps, or raise it."
            ),
        ],
    ),
}

CALENDARS: dict[str, Case] = {
    "unknown-calendar-of-a-queue": (
        "queues",
        "credit_s: 60\n    calendar: nazionale",
        "calendar: nazional",
        [
            "10:15: unknown calendar 'nazional'; did you mean 'nazionale'?",
        ],
    ),
    "unknown-calendar-of-an-office": (
        "offices",
        "calendar: uffici",
        "calendar: ufici",
        [
            "14:15: unknown calendar 'ufici'; did you mean 'uffici'?",
        ],
    ),
    "office-s-saint-for-a-queue": (
        "queues",
        "credit_s: 60\n    calendar: nazionale",
        "calendar: uffici",
        [
            ("10:15: 'uffici' closes on the saint of an office, and a queue has none; use another calendar."),
        ],
    ),
    "closed-for-a-month": (
        "calendars",
        '{from: "2026-09-10 14:00", until: "2026-09-10",',
        '{from: "2026-09-01", until: "2026-10-10",',
        [
            "queues.yaml:11:15: by 'nazionale' it is closed for the next 30 days; give it hours.",
            "queues.yaml:24:15: by 'nazionale' it is closed for the next 30 days; give it hours.",
        ],
    ),
    "hours-that-overlap": (
        "calendars",
        '["08:00-20:00"]',
        '["08:00-14:00", "13:00-20:00"]',
        [
            "7:32: these hours overlap others of the day; part them, or join them.",
        ],
    ),
    "a-day-twice": (
        "calendars",
        "sat:",
        "fri-sat:",
        [
            "8:16: 'fri-sat' gives hours for fri, as 'mon-fri' does; keep one of the two.",
        ],
    ),
    "no-day": (
        "calendars",
        "sat:",
        "sabato:",
        [
            "8:7: 'sabato' is no day: write mon, tue, wed, thu, fri, sat, sun, mon-fri, or holiday.",
        ],
    ),
    "week-backwards": (
        "calendars",
        'mon-fri: ["08:00-20:00"]',
        'fri-mon: ["08:00-20:00"]',
        [
            "7:7: 'fri-mon' ends before it begins; a week goes from mon to sun.",
        ],
    ),
    "hours-backwards": (
        "calendars",
        '"08:00-14:00"',
        '"20:00-06:00"',
        [
            "8:13: '20:00-06:00' ends before it begins; a night is two ranges, to 24:00 and from 00:00.",
        ],
    ),
    "no-hours": (
        "calendars",
        '"08:00-14:00"',
        '"8-14"',
        [
            "8:13: '8-14' is no range of hours: write both with four digits, such as 08:00-20:00.",
        ],
    ),
    "half-day-that-is-none": (
        "calendars",
        '"12-24": "13:00"',
        '"24-12": "13:00"',
        [
            "9:17: '24-12' is no day of the year: write month-day, such as 12-24.",
        ],
    ),
    "half-day-without-a-time": (
        "calendars",
        '"12-24": "13:00"',
        '"12-24": "13"',
        [
            "9:26: '13' is no time: write it with four digits, such as 14:00.",
        ],
    ),
    "closing-backwards": (
        "calendars",
        'until: "2026-09-10",',
        'until: "2026-09-10 14:00",',
        [
            "11:43: this ends before it begins; a day alone ends with its last minute.",
        ],
    ),
    "closing-at-no-moment": (
        "calendars",
        '"2026-09-10 14:00"',
        '"10/9/2026"',
        [
            (
                "11:16: '10/9/2026' is no moment: write a day, 2026-08-14, or a day and a time, "
                "2026-08-14 14:00."
            ),
        ],
    ),
    "closing-without-a-reason": (
        "calendars",
        "reason: Assemblea, ",
        "",
        [
            "11:9: the key 'reason' is missing; add it.",
        ],
    ),
    "closing-over-an-opening": (
        "calendars",
        '"2026-11-01 08:00"',
        '"2026-09-10 18:00"',
        [
            "13:16: this is also closed (Assemblea); shorten one of the two.",
        ],
    ),
    "closing-says-an-unknown-prompt": (
        "calendars",
        "say: assemblea",
        "say: assemble",
        [
            (
                "prompts.yaml:1:1: the prompt 'assemble' is missing, which the closed queue 'generale' "
                "needs; add it."
            ),
        ],
    ),
    "holiday-hours-without-holidays": (
        "calendars",
        'hours: {mon-sun: ["00:00-24:00"]}',
        'hours: {mon-sun: ["00:00-24:00"], holiday: []}',
        [
            "4:15: hours are given for holiday, and no day is one; remove this, or those hours.",
        ],
    ),
    "saint-without-holidays": (
        "calendars",
        "    holidays: false\n",
        "    holidays: false\n    patron_saint: RM\n",
        [
            "5:19: holidays are days like any here, so the saint closes nothing; remove this.",
        ],
    ),
    "saint-of-no-province": (
        "calendars",
        "patron_saint: office",
        "patron_saint: XX",
        [
            "16:19: 'XX' is none of the 107 provinces; correct it.",
        ],
    ),
    "saint-that-is-no-province": (
        "calendars",
        "patron_saint: office",
        "patron_saint: roma",
        [
            "16:19: 'roma' is neither a province, such as RM, nor the word office.",
        ],
    ),
    "prompt-of-closing-missing": (
        "prompts",
        "  closed: {texts: {it: Chiuso fino a, de: Geschlossen bis}}\n",
        "",
        [
            "1:1: the prompt 'closed' is missing, which the closed queue 'generale' needs; add it.",
        ],
    ),
    "prompt-of-closing-in-another-language": (
        "prompts",
        "it: Festa, de: Feiertag",
        "it: Festa",
        [
            (
                "3:3: 'closed-holiday' is heard in 'de' when the queue 'tedesco' is closed and has no "
                "such text; add it."
            ),
        ],
    ),
    "saint-nobody-knows": (
        "offices",
        "province: BZ",
        "province: PG",
        [
            (
                "10:15: the patron saint of 'PG' is not sure: the library of holidays knows 11/08 (Santa "
                "Chiara d'Assisi) and 04/10 (San Francesco d'Assisi); say which in holidays.yaml, under "
                "patrons."
            ),
        ],
    ),
    "saint-of-two-cities": (
        "offices",
        "province: BZ",
        "province: PU",
        [
            (
                "10:15: the patron saint of 'PU' is not sure: the library of holidays knows 01/06 (San "
                "Crescentino) and 24/09 (San Terenzio di Pesaro); say which in holidays.yaml, under "
                "patrons."
            ),
        ],
    ),
    "patron-of-no-province": (
        "holidays",
        "RG:",
        "XX:",
        [
            "2:3: 'XX' is none of the 107 provinces; correct it.",
        ],
    ),
    "patron-said-twice": (
        "holidays",
        "{city: Forli}",
        '{city: Forli, day: "02-04"}',
        [
            "3:7: name a city, or a day of the year with the name of the saint.",
        ],
    ),
    "patron-of-no-city": (
        "holidays",
        "{city: Forli}",
        "{city: Cervia}",
        [
            (
                "3:14: 'city' cannot be 'Cervia'; there is Andria, Barletta, Trani, Cesena, Forli, "
                "Pesaro, Urbino."
            ),
        ],
    ),
    "holiday-that-is-no-day": (
        "holidays",
        '"2026-09-01"',
        '"2026-02-30"',
        [
            "4:9: '2026-02-30' is not a day of the calendar: write year-month-day, such as 2026-01-31.",
        ],
    ),
}

BANDS: dict[str, Case] = {
    "bands-out-of-order": (
        "bands",
        "level_min: 1,",
        "level_min: 9,",
        [
            "3:17: bands stand best first: this must be less than 9.",
        ],
    ),
    "bands-without-a-last": (
        "bands",
        "level_min: 1,",
        "level_min: 2,",
        [
            "3:17: the last band takes all the others, so it must begin at 1.",
        ],
    ),
    "band-that-costs-less": (
        "bands",
        "  - {level_min: 1,",
        "  - {level_min: 5, handicap_s: {fair: 30, sl20: 90}}\n  - {level_min: 1,",
        [
            "4:39: a lower band cannot cost less than 30; raise it.",
        ],
    ),
    "best-band-with-a-handicap": (
        "bands",
        "{fair: 0, sl20: 0}",
        "{fair: 5, sl20: 0}",
        [
            "2:39: the best band is the measure of the others; write 0.",
        ],
    ),
    "band-without-a-discipline": (
        "bands",
        "{fair: 20, sl20: 90.5}",
        "{fair: 20}",
        [
            "3:32: 'sl20' is missing; each band says its handicap in every discipline.",
        ],
    ),
    "band-with-an-unknown-discipline": (
        "bands",
        "{fair: 20, sl20: 90.5}",
        "{fair: 20, sl20: 90, sl30: 1}",
        [
            "3:53: 'sl30' cannot be 'sl30'; did you mean 'sl20'?",
        ],
    ),
    "affinity-without-an-end": (
        "timings",
        "within_s: 7200",
        "within_s: 999999999",
        [
            "3:22: 'within_s' is 999999999: too large; the most is 604800.",
        ],
    ),
    "unknown-key-of-affinity": (
        "timings",
        "worth_s: 45",
        "wort_s: 45",
        [
            "3:28: unknown key 'wort_s'; did you mean 'worth_s'?",
        ],
    ),
}

CASES: dict[str, Case] = {**LADDERS, **CALENDARS, **BANDS}
