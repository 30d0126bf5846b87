"""The sheet as a whole: its head, and what the law asks for, letter by letter (art. 1-bis, comma 2).

The parts that hold numbers of the rules are ``choice`` (the logic), ``keeping`` (data and retention) and
``tables`` (each queue, each office).
"""

from __future__ import annotations

from typing import Final

import msgspec

from acd.core.policy import RuleSet
from acd.rules.privacy import Privacy, Responsible
from acd.transparency.blocks import Block, Bullets, Grid, Heading, Sheet, Text
from acd.transparency.choice import choice
from acd.transparency.keeping import keeping
from acd.transparency.tables import tables
from acd.transparency.words import moment, span

__all__ = ["Issue", "write_sheet"]

TITLE: Final = "Come sono distribuite le chiamate"
MISSING: Final = "non ancora indicato (responsible in privacy.yaml)"


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Which revision of the configuration a sheet tells of."""

    number: int | None = None
    """None: a draft, of files that are not in force as a revision."""
    digest: str = ""
    """SHA-256 of its files."""
    made_ms: int | None = None
    """Since when it is in force."""


def write_sheet(rules: RuleSet, privacy: Privacy, issue: Issue) -> Sheet:
    """Compose the sheet of these rules, under this profile."""
    return Sheet(
        TITLE,
        (
            *_head(rules, issue),
            *_reach(rules),
            *_purposes(),
            *choice(rules),
            *keeping(rules, privacy),
            *_never(),
            *_control(privacy),
            *_rights(privacy),
            *tables(rules),
        ),
    )


def _head(rules: RuleSet, issue: Issue) -> tuple[Block, ...]:
    if issue.number is None:
        which = ("Revisione", "bozza: queste regole non sono in vigore")
    else:
        since = f", in vigore dal {moment(issue.made_ms)}" if issue.made_ms is not None else ""
        which = ("Revisione", f"n. {issue.number}{since}")
    digest = (("Impronta della revisione (SHA-256)", issue.digest),) if issue.digest else ()
    return (
        Text(
            "Informativa ai lavoratori sul sistema automatizzato che assegna le chiamate (D.Lgs. 26 maggio "
            "1997, n. 152, articolo 1-bis). Vale anche per chi lavora negli uffici provinciali come "
            "volontario."
        ),
        Grid(
            "Versione",
            ("Voce", "Valore"),
            (which, *digest, ("Impronta delle regole", rules.revision)),
        ),
        Text(
            "Questo foglio è scritto dal programma stesso, a partire dalle regole che il programma "
            "applica. Se una regola cambia, cambiano il foglio e le impronte: due fogli con la stessa "
            "impronta dicono la stessa cosa. I numeri qui sotto sono quelli di queste regole, non esempi."
        ),
    )


def _reach(rules: RuleSet) -> tuple[Block, ...]:
    breaks = ("quando comincia la pausa dal videoterminale;",) if rules.breaks is not None else ()
    return (
        Heading(2, "1. Su che cosa incide (lettera a)"),
        Text("Il sistema decide soltanto:"),
        Bullets(
            (
                "a quale telefono squilla una chiamata, e quando;",
                "quanto squilla, e quanto dura il tempo dopo la chiamata;",
                *breaks,
                (
                    f"la pausa di chi lascia squillare {rules.timings.misses_max} chiamate di seguito: si "
                    "toglie da soli, in ogni momento."
                ),
            )
        ),
        Text(
            "Non decide e non propone nulla su retribuzione, turni, ferie, valutazione, sanzioni, contratti. "
            "Nessuno è obbligato da una decisione del sistema: una chiamata non risposta va a un altro."
        ),
    )


def _purposes() -> tuple[Block, ...]:
    return (
        Heading(2, "2. A che scopo (lettera b)"),
        Bullets(
            (
                "Dare a chi chiama una risposta competente, nella sua lingua, nel minor tempo possibile.",
                "Non perdere nessuna chiamata, anche quando il sistema si ferma.",
                (
                    "Dividere il lavoro: fra chi sa rispondere ugualmente bene, la chiamata va a chi è "
                    "libero da più tempo."
                ),
                (
                    "Far rispondere gli uffici provinciali quando gli operatori nazionali non bastano o "
                    "non ci sono ancora."
                ),
            )
        ),
        Text(
            "Il controllo dell'attività dei lavoratori non è fra gli scopi, e i dati non vi sono destinati."
        ),
    )


def _never() -> tuple[Block, ...]:
    return (
        Heading(2, "5. Che cosa non conta mai"),
        Text("Per scegliere a chi squilla una chiamata il programma non usa:"),
        Bullets(
            (
                (
                    "punteggi, classifiche o profili di persone: non esistono nel programma, nemmeno per "
                    "altri scopi;"
                ),
                "quante chiamate qualcuno ha preso, quanto sono durate, com'è finita la domanda;",
                "quante pause ha fatto, per quanto, con quale motivo;",
                "quante volte si è offerto come volontario, o ha rinunciato a un turno;",
                "la voce, il modo di parlare, l'umore, di chi risponde o di chi chiama;",
                "età, sesso, cittadinanza, salute, iscrizione a un sindacato, datore di lavoro, orario;",
                "nome, accento o nazionalità di chi chiama.",
            )
        ),
        Text(
            "Il sistema non registra e non ascolta le telefonate. Non c'è intelligenza artificiale né "
            "addestramento: le regole sono scritte da persone e sono tutte in questo foglio."
        ),
        Text(
            "I livelli di competenza li assegna una persona, in un elenco; il sistema li legge e non li "
            "cambia mai."
        ),
    )


def _control(privacy: Privacy) -> tuple[Block, ...]:
    return (
        Heading(2, "6. Chi controlla e chi corregge (lettere e, f)"),
        Bullets(
            (
                (
                    "Di ogni chiamata si può chiedere che cosa è accaduto (acd explain) e perché non è "
                    "toccata a un certo operatore (acd why-not). La domanda richiede un motivo, che resta "
                    "nel registro."
                ),
                (
                    "Ogni cambiamento delle regole è una revisione numerata, con autore e motivo; si torna "
                    "alla precedente con un comando."
                ),
                (
                    "Ogni scrittura è in un registro a catena, in cui non si può togliere o cambiare una "
                    "riga senza che si veda."
                ),
                (
                    "Le regole hanno casi di prova accanto, che dicono che cosa si promette; regole che "
                    "non li rispettano non passano il controllo."
                ),
                (
                    "Una persona può sempre intervenire: mettere in pausa o collegare un operatore su sua "
                    "richiesta, escludere un ufficio, tornare alla revisione di prima."
                ),
                (
                    "Precisione: a parità di regole e di fatti il sistema decide sempre allo stesso modo, "
                    "e si può ricalcolare ogni decisione delle ultime "
                    f"{span(privacy.retention.journal_hours * 3_600_000)}."
                ),
                (
                    "Sicurezza: chi accede ha un ruolo; i segreti non sono nei file; i numeri di chi "
                    "chiama si conservano soltanto come codici con chiave."
                ),
                (
                    "Robustezza: se il programma si ferma, entro dieci secondi il centralino fa da solo "
                    "squillare i telefoni collegati; le conversazioni continuano."
                ),
                (
                    "Effetti da sorvegliare: chi ha un livello più alto in un argomento riceve più spesso "
                    "quelle domande. Il tempo libero fa da contrappeso (parte 3). Gruppi di meno di "
                    f"{privacy.k_min} persone non sono mai mostrati da soli."
                ),
            )
        ),
        Grid("Chi ne risponde", ("Ruolo", "Chi"), _responsible(privacy.responsible)),
    )


def _responsible(who: Responsible) -> tuple[tuple[str, str], ...]:
    return (
        ("Titolare del trattamento", who.controller or MISSING),
        ("Responsabile del sistema e della sua qualità", who.system or MISSING),
        ("Responsabile della protezione dei dati", who.data_protection or MISSING),
    )


def _rights(privacy: Privacy) -> tuple[Block, ...]:
    return (
        Heading(2, "7. Come chiedere e come opporsi"),
        Bullets(
            (
                f"Dove: {privacy.responsible.contact or MISSING}.",
                (
                    "Ogni lavoratore, da solo o tramite le rappresentanze sindacali, può accedere ai "
                    "propri dati e chiedere altre informazioni; la risposta è scritta, entro trenta giorni."
                ),
                "I propri tempi di oggi si vedono da soli, con il proprio accesso: nessun altro li vede.",
                (
                    "Chi ritiene sbagliato un livello di competenza, o una decisione del sistema, può "
                    "contestarli e farli riesaminare da una persona."
                ),
                (
                    "Ci si può opporre al trattamento e rivolgersi al Garante per la protezione dei dati "
                    "personali; il rifiuto di fare il volontario, e il ripensamento, non si motivano."
                ),
                (
                    "Un cambiamento di queste regole che tocca le condizioni di lavoro si comunica per "
                    "scritto almeno ventiquattro ore prima: la bozza di questo foglio si ottiene dalle "
                    "regole nuove prima che valgano."
                ),
                "Il foglio è consegnato anche alle rappresentanze sindacali.",
            )
        ),
    )
