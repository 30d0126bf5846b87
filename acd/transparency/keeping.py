"""Which data there are, where, for how long and who sees them (letter d of comma 2), and what is unlocked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acd.core.policy import RuleSet
from acd.rules.privacy import Privacy
from acd.rules.privacy_shape import Unlock
from acd.transparency.blocks import Block, Grid, Heading, Text
from acd.transparency.words import all_of, span, units

__all__ = ["keeping"]

UNLOCKED: Final[dict[Unlock, str]] = {
    "smaller-groups": "mostrare gruppi di meno di 10 persone",
    "longer-journal": "conservare il giornale per più di 72 ore",
    "agents-in-queue-log": (
        "scrivere nel registro delle code (queue_log) il codice di chi risponde, con collegamenti e pause, "
        "al posto della sede"
    ),
}
HOUR_MS: Final = 3_600_000


def keeping(rules: RuleSet, privacy: Privacy) -> Iterator[Block]:
    """Data, retention, agreement."""
    yield Heading(2, "4. Quali dati, per quanto tempo, chi li vede (lettera d)")
    yield _workers(privacy)
    yield _callers(rules, privacy)
    yield Text(
        "Cifre e grafici riguardano code, competenze, sedi e uffici, mai una persona. Un gruppo di meno di "
        f"{privacy.k_min} persone non è mai mostrato da solo: le sue cifre si uniscono a quelle di altri. "
        "Ciò che ha superato il suo tempo è cancellato ogni giorno, da solo e per sempre."
    )
    yield from _agreement(privacy)


def _workers(privacy: Privacy) -> Grid:
    kept = privacy.retention
    journal = span(kept.journal_hours * HOUR_MS)
    return Grid(
        "Dati di chi lavora",
        ("Dato", "A che serve", "Dove e per quanto", "Chi lo vede"),
        (
            (
                (
                    "Elenco: codice, sede, telefono, competenze con livello, codice di collegamento, "
                    "lavoro da casa, paese, profilo orario, datore di lavoro, se volontario, risposta "
                    "automatica"
                ),
                (
                    "sapere chi può rispondere e dove; il profilo orario avvisa il volontario, il datore "
                    "di lavoro serve solo agli elenchi"
                ),
                "archivio, finché si è in elenco",
                "chi amministra; chi supervisiona, senza orario, codice e datore di lavoro",
            ),
            (
                "Stato di adesso: collegato, pronto, al telefono, in pausa e perché, da quando",
                "non far squillare chi non può; scegliere chi è libero da più tempo",
                (
                    "memoria; nell'archivio solo il collegamento e la pausa di adesso, riscritti a ogni "
                    "cambio, senza storia"
                ),
                "la persona; altri solo dichiarando un motivo, che resta nel registro",
            ),
            (
                "Lavoro continuato dall'ultima interruzione",
                "la pausa dal videoterminale",
                "memoria e archivio, solo il valore di adesso",
                "nessuno",
            ),
            (
                "Chiamate perse di seguito",
                "la pausa di chi non risponde",
                "memoria, fino alla prima risposta",
                "nessuno",
            ),
            (
                "I propri tempi di oggi",
                "informare la persona",
                "memoria, fino a mezzanotte",
                "solo la persona",
            ),
            (
                "Turni accettati come volontario: ore, tipo, luogo",
                "poter ricevere chiamate; riconoscere il tempo",
                f"archivio, {units(kept.slots_days, 'giorno', 'giorni')} dalla fine del turno",
                f"solo la persona; per paghe e uffici le somme, di almeno {privacy.k_min} persone",
            ),
            (
                "Giornale dei fatti: a chi è squillata una chiamata, quando",
                "spiegare una decisione, ripetere un guasto",
                f"file protetti, {journal}",
                "solo con un motivo, che resta nel registro; di norma si dice la sede, non la persona",
            ),
            (
                "Registro delle scritture: chi ha cambiato che cosa",
                "rispondere di ciò che si cambia",
                "archivio, senza scadenza",
                "chi amministra",
            ),
        ),
    )


def _callers(rules: RuleSet, privacy: Privacy) -> Grid:
    kept = privacy.retention
    affinity = (
        f"in memoria per {span(rules.affinity.within_ms)}"
        if rules.affinity is not None
        else "non si ricorda nulla"
    )
    return Grid(
        "Dati di chi chiama",
        ("Dato", "A che serve", "Dove e per quanto", "Chi lo vede"),
        (
            (
                (
                    "Chiamata: numero chiamato, lingua, provincia, coda, attesa, durata, esito, sede o "
                    "ufficio che ha risposto (mai la persona)"
                ),
                "contare il servizio, rendere conto",
                f"archivio, {units(kept.ledger_days, 'giorno', 'giorni')}",
                "chi supervisiona",
            ),
            (
                "Numero di chi chiama, solo come codice con chiave",
                "sapere quante persone richiamano",
                "con la chiamata; senza chiave non si conserva affatto",
                "nessuno: dal codice non si torna al numero senza la chiave",
            ),
            (
                "Con quale sede ha parlato l'ultima volta",
                "riportarlo alla stessa sede",
                affinity,
                "nessuno",
            ),
            (
                "Codice personale di precedenza, solo come codice con chiave",
                "dare la precedenza a chi ne ha diritto",
                "archivio, fino alla scadenza dell'elenco; nessun dato sulla salute",
                "nessuno",
            ),
        ),
    )


def _agreement(privacy: Privacy) -> Iterator[Block]:
    yield Heading(3, "Accordi (L. 300/1970, articolo 4)")
    agreement = privacy.agreement
    if agreement is None:
        yield Text("Nessun accordo è indicato, quindi nulla di più è consentito: valgono i limiti qui sopra.")
        return
    unlocked = [UNLOCKED[one] for one in agreement.unlocks]
    yield Grid(
        "Accordo in vigore",
        ("Voce", "Valore"),
        (
            ("Riferimento", agreement.reference),
            ("Data", agreement.date),
            ("Riguarda", agreement.scope),
            ("Consente di", all_of(unlocked) if unlocked else "nulla di più"),
        ),
    )
