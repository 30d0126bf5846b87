"""Every error we raise on purpose.

The tree is this docstring; each class finishes its sentence: what happened, to which call
or file, and what the reader can do now. ``str(error)`` is fit for a log line and for a
person. ``error.id`` is stable: match on it, not on the text.

::

    AcdError
      ConfigError            a file or setting is wrong; lists every finding, nothing was applied
      AsteriskError
        AsteriskUnreachable  no connection to this node now; nothing was sent
        LoginRefused         Asterisk knows us not; we do not hammer it
        ActionRefused        Asterisk answered Error; it did not happen
        ActionUnknown        no answer in time, or the link was lost; it may have happened: look, never repeat
        UnsafeValue          a value that must not reach the wire; a defect of ours, refused before sending
      RequestError           somebody asked for what cannot be (API, feature code)
        NotFound
        Conflict
        Forbidden
        TooMany              too many attempts; when to try again stands in the sentence
      StoreUnavailable       the store's disk is full, locked or gone; nothing was written
      JournalError           the journal is damaged, is another version's, or says otherwise than its replay
    InvariantBroken          our own defect: the state of the engine contradicts itself

``InvariantBroken`` is no ``AcdError``: nobody catches it. Asterisk keeps the calls, the dialplan
keeps the safety net, a restart resyncs.
"""

from __future__ import annotations

__all__ = [
    "AcdError",
    "ActionRefused",
    "ActionUnknown",
    "AsteriskError",
    "AsteriskUnreachable",
    "ConfigError",
    "Conflict",
    "Forbidden",
    "InvariantBroken",
    "JournalError",
    "LoginRefused",
    "NotFound",
    "RequestError",
    "StoreUnavailable",
    "TooMany",
    "UnsafeValue",
]


class AcdError(Exception):
    """Something we expected might go wrong, told in a whole sentence."""

    id: str = "error"


class ConfigError(AcdError):
    """Files or settings are wrong. ``findings`` holds one ``file:line:col: sentence`` each."""

    id = "config"

    def __init__(self, findings: tuple[str, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(findings))


class AsteriskError(AcdError):
    """Asterisk, or the way to it, did not do what we asked."""

    id = "asterisk"


class AsteriskUnreachable(AsteriskError):
    """There is no working connection to this node now; nothing was sent."""

    id = "asterisk-unreachable"


class LoginRefused(AsteriskError):
    """Asterisk refused our name or secret; check manager.conf, then restart the link."""

    id = "login-refused"


class ActionRefused(AsteriskError):
    """Asterisk answered Error to an action; it did not happen."""

    id = "action-refused"


class ActionUnknown(AsteriskError):
    """No answer came in time; the action may have happened. Look at the state, never repeat it."""

    id = "action-unknown"


class UnsafeValue(AsteriskError):
    """A header's value holds control characters or is too long; it was refused before the wire."""

    id = "unsafe-value"


class RequestError(AcdError):
    """A request that cannot be granted, with the reason a person can act on."""

    id = "request"


class NotFound(RequestError):
    """What was named does not exist."""

    id = "not-found"


class PeriodWrong(RequestError):
    """Days that are days, but no period that could be told of."""

    id = "period-wrong"


class Conflict(RequestError):
    """What was asked contradicts the present state."""

    id = "conflict"


class Forbidden(RequestError):
    """The asker may not do this."""

    id = "forbidden"


class TooMany(RequestError):
    """Too many attempts from there; wait as long as the sentence says."""

    id = "too-many"


class StoreUnavailable(AcdError):
    """The store cannot be read or written now; what was asked was not done. Routing goes on."""

    id = "store-unavailable"


class JournalError(AcdError):
    """The journal cannot be read or replayed from there; the sentence says where and why."""

    id = "journal"


class InvariantBroken(AssertionError):
    """The engine's state contradicts itself: our defect, never caught."""
