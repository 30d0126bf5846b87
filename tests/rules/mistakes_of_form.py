"""Mistakes of form, which one file shows alone: each changes one place of one good file.

Case: file, text, what it becomes, and all that a person is then told (without the file's name).
"""

from __future__ import annotations

Case = tuple[str, str, str, list[str]]

CASES: dict[str, Case] = {
    "unknown-key": (
        "queues",
        "ring_s: 15",
        "rings_s: 15",
        ["6:5: unknown key 'rings_s'; did you mean 'ring_s'?"],
    ),
    "unknown-key-like-nothing": (
        "sites",
        "{name: Terni}",
        "{name: Terni, xyz: 1}",
        ["3:24: unknown key 'xyz'; there is name, phones."],
    ),
    "priority-of-old": (
        "queues",
        "ring_s: 15",
        "priority: 5",
        [
            (
                "6:5: 'priority' is gone, for it let others starve; "
                "write credit_s: the seconds (up to 600) a call here counts as older than it is."
            ),
        ],
    ),
    "offices-of-old": (
        "queues",
        "    ring_s: 15\n",
        "    offices: [roma]\n    offices_after_s: 60\n",
        [
            (
                "6:5: offices help in a step of the ladder now; "
                "write ladder: [{step: uffici, after_s: 60, offices: [...]}]."
            ),
            "7:5: offices help in a step of the ladder now; write its after_s there instead.",
        ],
    ),
    "unknown-top-key": (
        "skills",
        "skills:",
        "skill:",
        ["1:1: the key 'skills' is missing; add it.", "1:1: unknown key 'skill'; did you mean 'skills'?"],
    ),
    "missing-key": (
        "queues",
        "    name: Deutsch\n",
        "",
        ["9:3: the key 'name' is missing; add it."],
    ),
    "duplicate-key": (
        "queues",
        "  tedesco:\n    name",
        "  generale:\n    name",
        ["9:3: the key 'generale' was already given in line 2; keep one of the two."],
    ),
    "duplicate-inner-key": (
        "queues",
        "ring_s: 15",
        "language: de",
        ["6:5: the key 'language' was already given in line 4; keep one of the two."],
    ),
    "anchor-and-alias": (
        "queues",
        "needs: {generale: 1}",
        "needs: &n {generale: 1}",
        ["5:12: an anchor or alias (& or *); write the value out, a rule must read without jumping."],
    ),
    "undefined-alias": (
        "queues",
        "needs: {generale: 1}",
        "needs: *n",
        ["5:12: an alias (*); write the value out, a rule must read without jumping."],
    ),
    "merge-key": (
        "queues",
        "ring_s: 15",
        "<<: {ring_s: 15}",
        ["6:5: a merge key (<<); write the keys out."],
    ),
    "tag": (
        "queues",
        "name: Deutsch",
        "name: !!binary RGV1dHNjaA==",
        ["10:11: a tag (tag:yaml.org,2002:binary); remove it, plain values suffice."],
    ),
    "tag-on-mapping": (
        "queues",
        "needs: {tedesco: 5}",
        "needs: !foo {tedesco: 5}",
        ["12:12: a tag (!foo); remove it, plain values suffice."],
    ),
    "date": (
        "queues",
        "name: Deutsch",
        "name: 2026-01-01",
        ['10:11: 2026-01-01 is read as a date; quote it: "2026-01-01".'],
    ),
    "unquoted-entry-number": (
        "entry",
        '"803164"',
        "06164164",
        ['2:3: the key 06164164 is read as a number; quote it: "06164164".'],
    ),
    "unquoted-office-number": (
        "offices",
        '"0612345"',
        "612345",
        ['5:13: 612345 is read as a number; quote it: "612345".'],
    ),
    "unquoted-office-number-with-zero": (
        "offices",
        '"0612345"',
        "0612345",
        ['5:13: 0612345 is read as a number and would lose its zero; quote it: "0612345".'],
    ),
    "unquoted-digit": (
        "pause_reasons",
        'digit: "1"',
        "digit: 1",
        ['2:31: 1 is read as a number; quote it: "1".'],
    ),
    "number-not-diallable": (
        "offices",
        '"0612345"',
        '"06/12345"',
        ["5:13: '06/12345' is not a number that can be dialled: digits, with '+' only in front."],
    ),
    "dial-string-in-a-number": (
        "offices",
        '"0612345"',
        '"06,30,A(x)"',
        ["5:13: '06,30,A(x)' is not a number that can be dialled: digits, with '+' only in front."],
    ),
    "trunk-not-diallable": (
        "offices",
        "trunk: trunk\n    capacity: 2",
        "trunk: a/b\n    capacity: 2",
        ["6:12: 'a/b' cannot be dialled: letters, digits and . _ + - only, as in pjsip.conf."],
    ),
    "province": (
        "offices",
        "province: RM",
        "province: Roma",
        ["4:15: 'Roma' is not a province: two capital letters, such as RM."],
    ),
    "number-in-quotes": (
        "queues",
        "ring_s: 15",
        'ring_s: "15"',
        ["6:13: 'ring_s' is text because of its quotes; write 15 without them."],
    ),
    "text-for-a-number": (
        "queues",
        "ring_s: 15",
        "ring_s: molto",
        ["6:13: 'ring_s' must be a whole number, not text."],
    ),
    "fraction-for-a-whole-number": (
        "queues",
        "ring_s: 15",
        "ring_s: 15.5",
        ["6:13: 'ring_s' must be a whole number, not a number."],
    ),
    "infinity": (
        "queues",
        "ring_s: 15",
        "wrap_up_s: .inf",
        ['6:16: .inf is an unusual number; write it plainly, or quote it if it is text: ".inf".'],
    ),
    "too-small": (
        "queues",
        "ring_s: 15",
        "ring_s: 1",
        ["6:13: 'ring_s' is 1: too small; the least is 3."],
    ),
    "too-large": (
        "queues",
        "needs: {generale: 1}",
        "needs: {generale: 11}",
        ["5:23: 'generale' is 11: too large; the most is 10."],
    ),
    "no-value": (
        "queues",
        "ring_s: 15",
        "ring_s:",
        ["6:5: the value of 'ring_s' is missing; write a whole number, or remove the key."],
    ),
    "no-needs": (
        "queues",
        "needs: {tedesco: 5}",
        "needs: {}",
        ["12:12: 'needs' must not be empty; give at least one."],
    ),
    "bad-name": (
        "skills",
        "  tedesco: Tedesco",
        "  tedesco: Tedesco\n  Nuova Coda: x",
        [
            (
                "4:3: 'Nuova Coda' cannot be a name here: use small letters, digits and '-', "
                "starting with a letter or a digit."
            )
        ],
    ),
    "range-with-two-names": (
        "sites",
        "t01-t20",
        "t01-u20",
        [
            (
                "2:31: 't01-u20' is no range of phones: write the first and the last, "
                "as long as each other: a0001-a0300."
            )
        ],
    ),
    "range-of-two-lengths": (
        "sites",
        "t01-t20",
        "t1-t20",
        [
            (
                "2:31: 't1-t20' is no range of phones: write the first and the last, "
                "as long as each other: a0001-a0300."
            )
        ],
    ),
    "range-backwards": (
        "sites",
        "t01-t20",
        "t20-t01",
        ["2:31: 't20-t01' ends before it begins; put the smaller number first."],
    ),
    "credit-without-a-bound": (
        "priority_classes",
        "credit_s: 600",
        "credit_s: 7200",
        ["2:45: 'credit_s' is 7200: too large; the most is 600."],
    ),
    "two-digits-for-an-outcome": (
        "outcome_codes",
        'digit: "1"',
        'digit: "11"',
        ["2:35: '11' cannot be dialled after the code: one digit."],
    ),
    "kind": (
        "queues",
        "kind: second_level",
        "kind: second-level",
        ["17:11: 'kind' cannot be 'second-level'; did you mean 'second_level'?"],
    ),
    "day-not-quoted": (
        "queues",
        '"2026-01-01"',
        "2026-01-01",
        ['19:26: 2026-01-01 is read as a date; quote it: "2026-01-01".'],
    ),
    "day-not-in-the-calendar": (
        "queues",
        '"2026-01-01"',
        '"2026-02-30"',
        [("19:26: '2026-02-30' is not a day of the calendar: write year-month-day, such as 2026-01-31.")],
    ),
    "target-in-percent": (
        "queues",
        "ratio: 0.932",
        "ratio: 93.2",
        ["19:47: 'ratio' is 93.2: too large; the most is 1."],
    ),
    "indenting-tab": (
        "queues",
        "    ring_s: 15",
        "\tring_s: 15",
        ["6:1: a tab; indent with spaces."],
    ),
    "not-yaml": (
        "queues",
        "needs: {generale: 1}",
        "needs: {generale: 1",
        [
            (
                "6:11: this is not YAML: expected ',' or '}', but got ':' while parsing a flow mapping; "
                "check quotes, brackets and indentation."
            )
        ],
    ),
    "colon-in-text": (
        "queues",
        "name: Deutsch",
        "name: Deutsch: ja",
        ["10:18: a ':' where none can stand; check the indentation, or quote the text that holds it."],
    ),
    "second-document": (
        "sites",
        "sites:",
        "a: 1\n---\nsites:",
        ["2:1: a second document (---); one file holds one document."],
    ),
    "a-list-at-the-top": (
        "sites",
        "sites:\n  roma: {name: Roma, phones: [t01-t20]}\n  terni: {name: Terni}\n",
        "- roma\n",
        ["1:1: expected keys and values at the top of the file."],
    ),
    "control-character": (
        "sites",
        "name: Roma",
        "name: Ro\x07ma",
        ["2:18: an invisible control character; delete it."],
    ),
    "a-list-as-key": (
        "sites",
        "roma:",
        "? [roma]\n  :",
        ["2:5: a key must be plain text."],
    ),
}
