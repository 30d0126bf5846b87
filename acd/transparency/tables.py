"""Each queue with its ladder, each office: the parameters one by one."""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.policy import Office, Queue, QueueKind, RuleSet, SkillNeed, Step
from acd.transparency.blocks import Block, Bullets, Grid, Heading, Text
from acd.transparency.words import all_of, count, language, percent, seconds, span

__all__ = ["tables"]


def tables(rules: RuleSet) -> Iterator[Block]:
    """The parts with one row for each queue and office."""
    yield Heading(2, "8. Le code, una per una")
    yield _demands(rules)
    yield _times(rules)
    yield Heading(3, "Le scale")
    for queue in rules.queues.values():
        if queue.ladder:
            yield Text(f"{queue.name} ({queue.id}):")
            yield Bullets(tuple(_step(rules, step) for step in queue.ladder))
    bare = [queue.name for queue in rules.queues.values() if not queue.ladder]
    if bare:
        yield Text(f"Senza scala: {all_of(bare)}.")
    yield Heading(2, "9. Gli uffici provinciali, uno per uno")
    yield _offices(rules)


def _demands(rules: RuleSet) -> Grid:
    return Grid(
        "Che cosa si chiede a chi risponde",
        ("Coda", "Lingua", "Richiede", "Preferisce", "Esclude", "Sedi", "Si arriva"),
        tuple(
            (
                f"{queue.name} ({queue.id})",
                language(queue.language),
                _needs(rules, queue.needs),
                _needs(rules, queue.prefers),
                all_of([rules.skills[skill] for skill in queue.excludes]) or "nulla",
                all_of([rules.sites[site].name for site in queue.sites]) or "tutte",
                "da fuori" if queue.kind is QueueKind.ENTRY else "solo da un operatore",
            )
            for queue in rules.queues.values()
        ),
    )


def _needs(rules: RuleSet, needs: tuple[SkillNeed, ...]) -> str:
    return all_of([f"{rules.skills[need.skill]} da {need.level_min}" for need in needs]) or "nulla"


def _times(rules: RuleSet) -> Grid:
    return Grid(
        "Tempi e obiettivi",
        (
            "Coda",
            "Soglia",
            "Obiettivo",
            "Disciplina",
            "Precedenza",
            "Squilla",
            "Dopo la chiamata",
            "Attesa massima",
            "Passata, torna dopo",
            "Orario",
        ),
        tuple(_times_of(queue) for queue in rules.queues.values()),
    )


def _times_of(queue: Queue) -> tuple[str, ...]:
    dated = [f"{percent(target.ratio)} dal {target.from_day}" for target in queue.targets]
    wrap_up = f"{seconds(queue.wrap_up_ms)}, più {seconds(queue.wrap_up_extend_ms)} a richiesta"
    return (
        f"{queue.name} ({queue.id})",
        seconds(queue.threshold_ms),
        ", ".join([percent(queue.target_ratio), *dated]),
        queue.discipline.value,
        seconds(queue.credit_ms) if queue.credit_ms else "nessuna",
        f"{queue.ring_s} s",
        f"{wrap_up}, al massimo {seconds(queue.wrap_up_ms_max)}",
        span(queue.wait_ms_max),
        seconds(queue.return_ms),
        queue.calendar or "sempre",
    )


def _step(rules: RuleSet, step: Step) -> str:
    load = [
        f"se attendono almeno {count(step.waiting_min)} chiamate" if step.waiting_min else "",
        f"se sono liberi al massimo {count(step.idle_max)} operatori" if step.idle_max >= 0 else "",
        "se nell'ultima mezz'ora si è sotto l'obiettivo" if step.at_risk else "",
    ]
    given = [one for one in load if one]
    sooner = f", o prima {all_of(given)}" if given else ""
    skills = rules.skills
    adds = [
        *(f"{skills[skill]} basta da {level}" for skill, level in step.levels.items()),
        "cadono le preferenze" if step.drop_preferences else "",
        f"anche le sedi {all_of([rules.sites[site].name for site in step.sites])}" if step.sites else "",
        "anche i volontari" if step.volunteers else "",
        f"anche gli uffici {_names(rules, step)}" if step.offices else "",
        f"chi chiama può rinunciare a {all_of([skills[skill] for skill in step.waives])}"
        if step.consent
        else "",
    ]
    return (
        f"{step.id}, dopo {span(step.after_ms)}{sooner}: {'; '.join(one for one in adds if one) or 'nulla'}."
    )


def _names(rules: RuleSet, step: Step) -> str:
    """The offices of a step; by their number where it is all of them."""
    if len(step.offices) == len(rules.offices) > 3:
        return f"di ogni provincia ({count(len(step.offices))})"
    return all_of([rules.offices[office].name for office in step.offices])


def _offices(rules: RuleSet) -> Grid:
    return Grid(
        "Gli uffici",
        ("Ufficio", "Provincia", "Risponde per", "Linee", "Peso", "Lingue", "Tasto 1", "Orario"),
        tuple(_office(office) for office in rules.offices.values()),
    )


def _office(office: Office) -> tuple[str, ...]:
    return (
        f"{office.name} ({office.id})",
        office.province,
        ", ".join(office.provinces) or office.province,
        count(office.capacity),
        count(office.weight),
        all_of([language(code) for code in office.languages]),
        "sì" if office.confirm else "no",
        office.calendar or "sempre",
    )
