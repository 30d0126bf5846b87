"""What the commands of the configuration say around the ACD's own sentences, in Italian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["TEXTS", "told"]

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "same": "No difference: what lies on the disk is what runs.",
        "same.revision": "No difference: revision {number} says what runs.",
        "layout": "Only comments, layout or worked cases differ.",
        "findings": "{count} to mend; nothing can be applied:",
        "touched": "Touches now:",
        "touched.none": "Nobody waits in what it touches, and no queue reaches others: {queues}.",
        "objections": "Would be refused (--force with a reason does it all the same):",
        "in_force": "Revision {number} is in force.",
        "in_force.files": "The files are in force; without a store there are no revisions.",
        "unchanged": "Nothing to change: revision {number} is what lies on the disk.",
        "confirm": "It undoes itself at {at}, unless: acd confirm",
        "confirmed": "Revision {number} stays.",
        "back": "Revision {number} is in force, and says what revision {of} said.",
        "back.disk": "The files on the disk still say otherwise, and wait until somebody applies them.",
        "columns": "Revision,When,Who,How,Why",
        "of": "{origin} of {of}",
        "waits": "waits to be confirmed until {at}",
        "start": "start",
        "apply": "apply",
        "rollback": "rollback",
        "undo": "undone by itself: back",
    },
    "it": {
        "same": "Nessuna differenza: ciò che sta su disco è in vigore.",
        "same.revision": "Nessuna differenza: la revisione {number} dice ciò che è in vigore.",
        "layout": "Cambiano solo commenti, impaginazione o casi di prova.",
        "findings": "{count} da correggere; nulla può essere applicato:",
        "touched": "Tocca ora:",
        "touched.none": "Nessuno attende in ciò che tocca, e nessuna coda raggiunge altri: {queues}.",
        "objections": "Sarebbe rifiutato (--force con un motivo lo fa lo stesso):",
        "in_force": "La revisione {number} è in vigore.",
        "in_force.files": "I file sono in vigore; senza archivio non ci sono revisioni.",
        "unchanged": "Nulla da cambiare: la revisione {number} è ciò che sta su disco.",
        "confirm": "Si annulla da sola alle {at}, a meno di: acd confirm",
        "confirmed": "La revisione {number} resta.",
        "back": "La revisione {number} è in vigore e dice ciò che diceva la revisione {of}.",
        "back.disk": "I file su disco dicono ancora altro e aspettano che qualcuno li applichi.",
        "columns": "Revisione,Quando,Chi,Come,Perché",
        "of": "{origin} della {of}",
        "waits": "attende conferma fino alle {at}",
        "start": "avvio",
        "apply": "applicata",
        "rollback": "ritorno",
        "undo": "annullata da sola: ritorno",
    },
}


def told(lang: str, text: str, /, **places: Any) -> str:
    """One sentence."""
    return TEXTS[lang][text].format(**places)
