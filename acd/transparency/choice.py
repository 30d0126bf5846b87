"""The logic of the choice and its parameters (letter c and d of comma 2), with the numbers of these rules.

What is said here is what ``acd.core.matching``, ``ladder``, ``health``, ``breaks`` and ``stand_in`` do;
whoever changes how one of them chooses changes the sentence too.
"""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.matching import BAND_MS
from acd.core.policy import Discipline, RuleSet
from acd.transparency.blocks import Block, Bullets, Grid, Heading, Text
from acd.transparency.words import all_of, count, percent, span, units

__all__ = ["choice"]


def choice(rules: RuleSet) -> Iterator[Block]:
    """How somebody is chosen."""
    yield Heading(2, "3. Come sceglie (lettere c, d)")
    yield Text(
        "Ogni argomento è una coda. Chi può rispondere lo dicono le competenze che la coda richiede; chi "
        "risponde, l'attesa di chi chiama e il tempo libero di chi risponde. Nient'altro."
    )
    yield from _next_call(rules)
    yield from _next_agent(rules)
    yield from _widening(rules)
    yield from _precedence(rules)
    yield from _ringing(rules)
    yield from _breaks(rules)
    yield from _offices(rules)
    yield from _volunteers()
    yield from _transition(rules)


def _next_call(rules: RuleSet) -> Iterator[Block]:
    yield Heading(3, "Un operatore si libera: quale chiamata riceve")
    yield Text(
        "Dentro una coda, la prima arrivata. Fra più code, quella a cui resta meno tempo: la soglia della "
        "sua coda, meno l'attesa, meno le precedenze, più lo svantaggio della fascia dell'operatore."
    )
    rows = []
    for number, band in enumerate(rules.bands, start=1):
        handicap = {name: band.handicap_ms.get(name, 0) for name in Discipline}
        rows.append(
            (
                f"{number}ª fascia",
                f"dal livello {band.level_min} in su",
                span(handicap[Discipline.FAIR]),
                span(handicap[Discipline.SL20]),
            )
        )
    yield Grid(
        "Fasce: il livello dell'operatore nell'argomento della coda, e di quanto una chiamata conta come più "
        "giovane con lui",
        ("Fascia", "Livello (da 1 a 10)", "Svantaggio, code fair", "Svantaggio, code sl20"),
        tuple(rows),
    )


def _next_agent(rules: RuleSet) -> Iterator[Block]:
    yield Heading(3, "Arriva una chiamata e più operatori sono liberi: chi la riceve")
    yield Text(
        f"Chi ha la fascia migliore, ma {span(BAND_MS // 1000 * 1000)} di tempo libero in più valgono una "
        "fascia: chi è libero da molto passa davanti a chi è più esperto. A parità, chi è libero da più "
        "tempo. Il tempo libero comincia quando si è pronti: dopo il collegamento, una pausa, il lavoro "
        "dopo la chiamata. Riparte se si lascia squillare; non riparte se chi chiama riaggancia."
    )
    if rules.affinity is not None:
        yield Text(
            f"Chi richiama entro {span(rules.affinity.within_ms)} è portato, se costa poco, alla sede o "
            "all'ufficio con cui ha parlato: quella sede conta come libera da "
            f"{span(rules.affinity.worth_ms)} in più. Si ricorda la sede, mai la persona, e solo in memoria."
        )
    else:
        yield Text("Di chi ha già chiamato non si ricorda nulla: ogni chiamata è la prima.")


def _widening(rules: RuleSet) -> Iterator[Block]:
    steps = sum(len(queue.ladder) for queue in rules.queues.values())
    yield Heading(3, "Si attende: chi altro può rispondere")
    yield Text(
        "Ogni coda comincia con le richieste più strette e le allarga un gradino alla volta, per il tempo "
        f"trascorso o per il carico. I gradini di queste regole sono {count(steps)}, elencati nella parte 8. "
        "A una lingua si rinuncia solo con il consenso di chi chiama."
    )


def _precedence(rules: RuleSet) -> Iterator[Block]:
    yield Heading(3, "Precedenze")
    classes = [f"{one.name}: {span(one.credit_ms)}" for one in rules.priority_classes.values()]
    queues = [f"{one.name}: {span(one.credit_ms)}" for one in rules.queues.values() if one.credit_ms]
    yield Text(
        "Una precedenza è un numero di secondi che si contano come già attesi. Ha un massimo, quindi nessuno "
        "attende senza fine."
    )
    yield Bullets(
        (
            "Di chi chiama, per un codice personale: "
            + (all_of(classes) if classes else "nessuna in queste regole")
            + ".",
            "Dell'argomento: " + (all_of(queues) if queues else "nessuna in queste regole") + ".",
        )
    )


def _ringing(rules: RuleSet) -> Iterator[Block]:
    times = rules.timings
    reason = rules.pause_reasons.get(rules.missed_reason)
    yield Heading(3, "Squilli")
    yield Bullets(
        (
            "Uno squillo non è mai interrotto perché si è liberato qualcuno di migliore.",
            f"Una chiamata lasciata squillare non torna alla stessa persona per {span(times.not_again_ms)}.",
            (
                f"Dopo {units(times.misses_max, 'chiamata persa', 'chiamate perse')} di seguito si è messi "
                f"in pausa con il motivo «{reason.name if reason is not None else rules.missed_reason}». Il "
                "conto sta solo in memoria e si azzera con la prima risposta."
            ),
            "Non c'è durata massima di una conversazione: nessuna è chiusa dal sistema.",
        )
    )


def _breaks(rules: RuleSet) -> Iterator[Block]:
    yield Heading(3, "Pause dal videoterminale (D.Lgs. 81/2008, articolo 175)")
    breaks = rules.breaks
    if breaks is None:
        yield Text("Queste regole non ne danno da sole: si prendono con il codice di pausa, in ogni momento.")
        return
    reason = rules.pause_reasons.get(breaks.reason)
    yield Text(
        f"Dopo {span(breaks.after_ms)} di lavoro senza interruzioni, attesa compresa, spetta una pausa di "
        f"{span(breaks.for_ms)} (motivo «{reason.name if reason is not None else breaks.reason}»). Comincia "
        "da sola, al più tardi quando finiscono la chiamata in corso e il lavoro che segue: nessun carico "
        "la rinvia. Non si cumula. Ogni interruzione di almeno "
        f"{span(breaks.for_ms)}, per qualunque motivo, vale come "
        "pausa. Tornare prima è un diritto di chi lavora, non un obbligo; la prossima si conta allora dal "
        "ritorno."
    )
    if breaks.early_ms:
        yield Text(
            f"Può cominciare fino a {span(breaks.early_ms)} prima, mai dopo, perché chi ha cominciato "
            "insieme non esca tutto insieme. Il momento è deciso quando si comincia a lavorare, e da allora "
            "è mostrato a chi lavora: l'ultimo in cui, fra tutti e fra chi ha le stesse competenze, non è "
            "già prevista la pausa di troppi altri; se non ce n'è, quello in cui ne è prevista meno. Conta "
            "quante persone sono al lavoro con le stesse competenze, e nient'altro di nessuno."
        )


def _offices(rules: RuleSet) -> Iterator[Block]:
    health = rules.health
    confirmed = sum(1 for office in rules.offices.values() if office.confirm)
    yield Heading(3, "Uffici provinciali")
    yield Text(
        f"Gli uffici sono {count(len(rules.offices))} (parte 9). Un ufficio riceve una chiamata soltanto "
        "quando vi è giunta la scala della coda o, nei giorni di passaggio, il passo della sua provincia; "
        "mai più chiamate insieme di quante linee ha; fuori orario solo se una persona autorizzata lo "
        "dispone, con un motivo e per un tempo. Fra uffici ugualmente vicini decide il peso: il doppio del "
        "peso, il doppio delle chiamate. Non si sa chi, in ufficio, ha risposto."
    )
    yield Bullets(
        (
            (
                f"{units(confirmed, 'ufficio conta', 'uffici contano')} come risposto solo dopo il tasto 1, "
                "perché nessuna segreteria telefonica si prenda chi chiama."
            ),
            (
                f"Un ufficio che non risponde è lasciato in pace: quando, delle ultime {health.window} "
                f"prove (almeno {health.window_min}), ha risposto a meno del "
                f"{percent(health.answered_min)}, o dopo {health.in_a_row} di seguito senza risposta; per "
                f"{span(health.open_ms)}, e il doppio ogni volta, fino a {span(health.open_ms_max)}. Poi "
                "una sola chiamata prova di nuovo."
            ),
            (
                f"Se tutto fallisce insieme, è la rete, non l'ufficio: in {span(health.carrier_ms)}, ad "
                f"almeno {health.carrier_offices_min} uffici dello stesso collegamento, e in una parte di "
                f"questi di almeno {percent(health.carrier_failed_min)}. Allora si prova con una chiamata "
                f"ogni {span(health.carrier_probe_ms)}."
            ),
        )
    )


def _volunteers() -> Iterator[Block]:
    yield Heading(3, "Volontari")
    yield Bullets(
        (
            (
                "Nessuno riceve chiamate come volontario senza aver accettato di persona un turno, in quel "
                "momento in corso."
            ),
            "Ci si ritira quando si vuole, senza motivo: vale dopo la chiamata in corso.",
            (
                "Prima di accettare si è avvisati se il turno tocca il riposo, la notte, il lavoro "
                "straordinario da casa o le ore del tempo parziale."
            ),
            "Nessuno può sapere chi non si è offerto: non c'è elenco, né domanda che lo dica.",
            (
                "Un volontario è cercato solo dal gradino che lo prevede; fra i volontari si sceglie come "
                "fra tutti."
            ),
        )
    )


def _transition(rules: RuleSet) -> Iterator[Block]:
    times = rules.stand_in
    yield Heading(3, "Nei giorni di passaggio")
    yield Text(
        "Quando chi è autorizzato lo decide, rispondono per primi gli uffici provinciali. Di ogni 100 "
        "nuove chiamate di una coda, una quota stabilita per sede prova prima gli operatori di quella "
        "sede; le quote si contano in modo uguale, non si tirano a sorte. Le altre si allargano così. Se "
        f"la provincia di chi chiama non è nota, si comincia dopo {span(times.region_after_ms)} con ogni "
        "ufficio che parla la lingua."
    )
    yield Grid(
        "Chi può rispondere nei giorni di passaggio",
        ("Dopo un'attesa di", "Si aggiungono"),
        (
            ("0 secondi", "gli uffici della provincia di chi chiama"),
            (span(times.region_after_ms), "gli uffici della stessa regione"),
            (span(times.neighbours_after_ms), "gli uffici delle regioni vicine, prima i più vicini"),
            (span(times.national_after_ms), "tutti gli operatori, di ogni sede"),
            (span(times.anywhere_after_ms), "ogni ufficio che parla la lingua"),
        ),
    )
    yield Text(
        f"Per le chiamate di una quota questi tempi cominciano {span(times.own_after_ms)} dopo, a meno che "
        "in quelle sedi non ci sia nessuno. Un passo che non aggiunge nessuno si salta. La scala della "
        "coda vale accanto a questi tempi, come sempre."
    )
