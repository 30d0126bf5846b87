"""Mistakes in a roster file: each changes one place of one good file.

Case: text, what it becomes, and all that a person is then told (without the file's name).
"""

from __future__ import annotations

GOOD = """\
agent,code,site,endpoint,skills,home,country,hours,employer,volunteer,auto_answer
a0001,1001,roma,a0001,generale:7,no,IT,tempo-pieno,INPS Servizi,no,no
a0002,1002,terni,Sip.7,generale:9 tedesco:8,si,IT,parziale,INPS Servizi,si,si
"""

CASES: dict[str, tuple[str, str, list[str]]] = {
    "unknown-column": (
        "agent,code,site",
        "agent,code,sito",
        ["1: sito: unknown column 'sito'; did you mean 'site'?"],
    ),
    "column-like-nothing": (
        "hours,employer",
        "hours,xyz",
        [
            (
                "1: xyz: unknown column 'xyz'; there is "
                "agent, code, site, endpoint, skills, home, country, hours, employer, volunteer, auto_answer."
            ),
        ],
    ),
    "column-without-a-name": (
        "hours,employer",
        "hours,",
        [
            (
                "1: unknown column ''; there is "
                "agent, code, site, endpoint, skills, home, country, hours, employer, volunteer, auto_answer."
            ),
        ],
    ),
    "column-twice": (
        "hours,employer",
        "hours,hours",
        ["1: hours: the column 'hours' stands here twice; keep one of the two."],
    ),
    "no-agent-column": (
        "agent,code,site",
        "name,code,site",
        [
            "1: agent: the column 'agent' is missing; it says whom a line is about.",
            (
                "1: name: unknown column 'name'; there is "
                "agent, code, site, endpoint, skills, home, country, hours, employer, volunteer, auto_answer."
            ),
        ],
    ),
    "nobody": (
        GOOD.partition("\n")[2],
        "",
        ["1: nobody stands in this file; write a header, and a line for each agent."],
    ),
    "nothing": (
        GOOD,
        "",
        ["1: nobody stands in this file; write a header, and a line for each agent."],
    ),
    "agent-missing": (
        "a0001,1001",
        ",1001",
        ["2: agent: it is not said whom this line is about; write the agent."],
    ),
    "agent-with-a-bad-name": (
        "a0001,1001",
        "A 1,1001",
        [
            (
                "2: agent: 'A 1' cannot be a name here: use small letters, digits and '-', "
                "starting with a letter or a digit."
            )
        ],
    ),
    "agent-twice": (
        "a0002,1002,terni,Sip.7",
        "a0001,1002,terni,Sip.7",
        ["3: agent: the agent 'a0001' already stands in line 2; keep one of the two."],
    ),
    "code-twice": (
        "1002",
        "1001",
        ["3: code: the code '1001' belongs to 'a0001' in line 2; give another."],
    ),
    "code-too-short": (
        "1002",
        "12",
        ["3: code: '12' is no code: 3 to 6 digits."],
    ),
    "code-with-letters": (
        "1002",
        "1002a",
        ["3: code: '1002a' is no code: 3 to 6 digits."],
    ),
    "unknown-site": (
        "terni",
        "trani",
        ["3: site: unknown site 'trani'; did you mean 'terni'?"],
    ),
    "site-missing": (
        "terni",
        "",
        ["3: site: the site is missing; write it, or leave the whole column out to keep everybody's."],
    ),
    "endpoint-twice": (
        "Sip.7",
        "a0001",
        ["3: endpoint: the endpoint 'a0001' belongs to 'a0001' in line 2; give another."],
    ),
    "endpoint-not-diallable": (
        "Sip.7",
        "Sip/7",
        ["3: endpoint: 'Sip/7' cannot be dialled: letters, digits and . _ + - only, as in pjsip.conf."],
    ),
    "unknown-skill": (
        "tedesco:8",
        "tedsco:8",
        ["3: skills: unknown skill 'tedsco'; did you mean 'tedesco'?"],
    ),
    "skill-without-a-level": (
        "tedesco:8",
        "tedesco",
        ["3: skills: 'tedesco' has no level; write the skill and its level as in tedesco:5."],
    ),
    "level-too-high": (
        "tedesco:8",
        "tedesco:11",
        ["3: skills: 'tedesco:11' has no such level; levels go from 1 to 10, 10 is best."],
    ),
    "level-too-low": (
        "tedesco:8",
        "tedesco:0",
        ["3: skills: 'tedesco:0' has no such level; levels go from 1 to 10, 10 is best."],
    ),
    "level-in-other-digits": (
        "tedesco:8",
        "tedesco:٨",
        ["3: skills: 'tedesco:٨' has no level; write the skill and its level as in tedesco:5."],
    ),
    "skill-twice": (
        "tedesco:8",
        "generale:8",
        ["3: skills: the skill 'generale' stands here twice; keep one of the two."],
    ),
    "no-skills": (
        "generale:9 tedesco:8",
        "",
        ["3: skills: no skill is given; write some, or leave the whole column out to keep everybody's."],
    ),
    "home-maybe": (
        ",si,IT",
        ",forse,IT",
        ["3: home: 'forse' is neither si nor no; write one of them."],
    ),
    "auto-answer-maybe": (
        "INPS Servizi,si,si",
        "INPS Servizi,si,1",
        ["3: auto_answer: '1' is neither si nor no; write one of them."],
    ),
    "volunteer-maybe": (
        "INPS Servizi,si,si",
        "INPS Servizi,forse,si",
        ["3: volunteer: 'forse' is neither si nor no; write one of them."],
    ),
    "country": (
        ",si,IT",
        ",si,Italia",
        ["3: country: 'Italia' is not a country: two capital letters, such as IT."],
    ),
    "hours": (
        "parziale",
        "20 ore",
        [
            (
                "3: hours: '20 ore' cannot be a name here: use small letters, digits and '-', "
                "starting with a letter or a digit."
            )
        ],
    ),
    "formula": (
        "parziale,INPS Servizi",
        "parziale,=HYPERLINK(1)",
        ["3: employer: '=HYPERLINK(1)' is no title: 1 to 80 characters, and none of = + - @ in front."],
    ),
    "cell-missing": (
        "parziale,INPS Servizi,si,si",
        "parziale,si,si",
        ["3: 10 cells, but the header has 11; fill or cut it."],
    ),
    "comma-in-a-cell": (
        "parziale,INPS Servizi",
        "parziale,INPS, Servizi",
        ["3: 12 cells, but the header has 11; fill or cut it."],
    ),
    "quotes-left-open": (
        "parziale,INPS Servizi",
        'parziale,"INPS Servizi',
        ["3: this is not CSV from here on: unexpected end of data; check the quotes."],
    ),
    "text-after-quotes": (
        "parziale,INPS Servizi",
        'parziale,"INPS" Servizi',
        ["3: this is not CSV from here on: ',' expected after '\"'; check the quotes."],
    ),
    "two-in-one-line": (
        "1002,terni",
        "x,trani",
        [
            "3: code: 'x' is no code: 3 to 6 digits.",
            "3: site: unknown site 'trani'; did you mean 'terni'?",
        ],
    ),
}
