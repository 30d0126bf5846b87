"""Values and labels in the words of supervisors, and the colours that go with them everywhere.

A label's own word (``answered``) is what the metrics say; what a panel shows is written here, so that the
same thing has one name and one colour on all dashboards. A value in no table is shown as it is.
"""

from __future__ import annotations

from typing import Final

from grafana_dashboards.parts import Named, Word, Words

OFFICES_ON: Final[Words] = {0: Word("no", "text"), 1: Word("attivo", "orange")}
"""Whether offices stand in."""
IN_ORDER: Final[Words] = {0: Word("no", "red"), 1: Word("sì", "green")}
"""Whether something is as it should be."""
OPEN: Final[Words] = {0: Word("chiusa", "text"), 1: Word("aperta", "green")}
ASKED: Final[Words] = {0: Word("no", "orange"), 1: Word("sì", "green")}
"""Whether an office may be asked."""
LEFT_ALONE: Final[Words] = {0: Word("risponde", "super-light-blue"), 1: Word("non risponde", "red")}
"""A breaker."""
TAKEN: Final[Words] = {0: Word("rifiutate", "red"), 1: Word("accettate", "green")}

OUTCOMES: Final[Named] = {
    "answered": Word("con risposta", "green"),
    "abandoned": Word("abbandonate", "red"),
    "short_abandoned": Word("abbandonate subito", "light-red"),
    "closed": Word("coda chiusa", "gray"),
    "safety_net": Word("rete di sicurezza", "purple"),
    "lost": Word("perse", "dark-blue"),
}
"""How a call ended."""
PATHS: Final[Named] = {
    "primary": Word("contact center", "blue"),
    "fallback": Word("uffici provinciali", "orange"),
}
"""Who answered."""
STATES: Final[Named] = {
    "ready": Word("pronti", "green"),
    "reserved": Word("riservati", "light-green"),
    "ringing": Word("squilla", "light-blue"),
    "talking": Word("in conversazione", "blue"),
    "wrap_up": Word("post-chiamata", "purple"),
    "paused": Word("in pausa", "gray"),
    "unreachable": Word("irraggiungibili", "red"),
}
"""What agents are doing."""
SITES: Final[Named] = {"other": Word("gruppi riuniti", "gray")}
OFFERS: Final[Named] = {
    "answered": Word("risposta", "green"),
    "caller_left": Word("chi chiama ha riagganciato", "gray"),
    "no_answer": Word("nessuna risposta", "red"),
    "busy": Word("occupato", "orange"),
    "declined": Word("rifiutata", "light-yellow"),
    "failed": Word("guasto", "purple"),
    "unreachable": Word("irraggiungibile", "dark-blue"),
    "no_key": Word("tasto non premuto", "light-red"),
    "full": Word("linee piene", "light-blue"),
    "dropped": Word("caduta subito", "light-green"),
    "refused": Word("ordine rifiutato", "semi-dark-orange"),
    "withdrawn": Word("ritirata", "super-light-blue"),
}
"""How an offer ended."""
REASONS: Final[Named] = {
    "talking": Word("in conversazione"),
    "wrap_up": Word("post-chiamata"),
    "paused": Word("in pausa"),
    "on_break": Word("pausa dovuta"),
    "logged_out": Word("non collegato"),
    "reserved_elsewhere": Word("riservato ad altra chiamata"),
    "unreachable": Word("irraggiungibile"),
    "phone_busy": Word("telefono occupato"),
    "level_too_low": Word("livello troppo basso"),
    "skill_missing": Word("competenza mancante"),
    "excluded_by_skill": Word("escluso da una competenza"),
    "outside_ring": Word("in un gradino successivo"),
    "no_consent": Word("senza il sì di chi chiama"),
    "excluded_after_no_answer": Word("ha appena mancato lo squillo"),
    "lower_score": Word("altri venivano prima"),
    "closed": Word("chiuso"),
    "capacity": Word("linee piene"),
    "not_healthy": Word("non risponde"),
    "forced_off": Word("spento a mano"),
    "no_share": Word("fuori dalla quota della sede"),
    "not_opted_in": Word("non ha aderito"),
    "not_waiting": Word("la chiamata non attendeva"),
    "picture_unsure": Word("riallineamento in corso"),
}
"""Why somebody was not chosen."""
LADDERS: Final[Named] = {
    "waited": Word("attesa", "blue"),
    "load": Word("carico", "orange"),
    "skipped": Word("gradino vuoto", "gray"),
    "consent": Word("sì di chi chiama", "green"),
    "other": Word("altro", "purple"),
}
"""What opened a step."""
ORIGINS: Final[Named] = {
    "auto": Word("orario o salute", "blue"),
    "operator": Word("una persona", "orange"),
    "config": Word("il file", "green"),
    "expiry": Word("una scadenza", "gray"),
    "transition": Word("il passaggio", "purple"),
}
"""What made an office begin or cease to stand in."""
MODES: Final[Named] = {
    "auto": Word("automatico", "blue"),
    "forced_on": Word("acceso", "orange"),
    "forced_off": Word("spento", "gray"),
}
RELOADS: Final[Named] = {"taken": Word("in vigore", "green"), "refused": Word("rifiutate", "red")}
FAILURES: Final[Named] = {
    "order_failed": Word("ordine non scritto", "red"),
    "order_unknown": Word("ordine senza risposta", "orange"),
    "order_refused": Word("ordine rifiutato", "light-yellow"),
    "anomaly": Word("anomalia", "purple"),
    "call_lost": Word("chiamata persa", "dark-blue"),
}
ANSWERS: Final[Named] = {
    "2xx": Word("riuscite", "green"),
    "3xx": Word("rinviate", "light-blue"),
    "4xx": Word("rifiutate", "orange"),
    "5xx": Word("guasti nostri", "red"),
}
"""Classes of status."""
CODES: Final[Named] = {"other": Word("altro")}
