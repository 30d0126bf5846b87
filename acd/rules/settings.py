"""Process settings: ``config/acd.yaml``.

Where Asterisk is, where we listen, how long we wait, where the rules lie. Rules say what should
happen to a caller and are a supervisor's; settings say how this process runs and are the
operator's.

**No secret stands in the file.** It says where the secret is: ``secret_file: /run/…`` or
``secret_env: ACD_AMI_SECRET`` (`acd.rules.outside_secrets`). There is no default that works:
what is not given is a finding. In the settings a secret is a `pydantic.SecretStr`, which prints
as stars.

Relative paths count from the folder of the settings file, so the process may start anywhere.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from acd.core.ids import NodeId
from acd.errors import ConfigError
from acd.figures.formulas import HEADLINE, Formula
from acd.rules.document import Document, Loc
from acd.rules.outside_secrets import put_secret_in
from acd.rules.reading import read_document
from acd.rules.schema import Day, Shape, matching
from acd.rules.sentences import validate_whole

__all__ = [
    "ApiSettings",
    "ApiTls",
    "ApiToken",
    "ExerciseSettings",
    "HeadlineFormula",
    "JournalSettings",
    "LogSettings",
    "MetricsSettings",
    "NodeSettings",
    "ProcessTimings",
    "QueueLogSettings",
    "Settings",
    "StoreSettings",
    "TlsSettings",
    "load_settings",
]

TOKEN_LENGTH_MIN: Final = 16


def _from_settings_folder(value: object, info: ValidationInfo) -> object:
    """Make a path of text, counted from the folder of the settings file."""
    if isinstance(value, str) and value and "\x00" not in value and isinstance(info.context, Path):
        return info.context / value
    return value


PathFromHere = Annotated[Path, BeforeValidator(_from_settings_folder)]

Name = Annotated[
    str, matching("[A-Za-z0-9][A-Za-z0-9_-]{0,39}", "cannot be a name here: letters, digits, '_' and '-'.")
]
Host = Annotated[
    str, matching("[A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9A-Fa-f:.]{2,45}", "is no host or address.")
]
HeadlineFormula = Annotated[Formula, Field(strict=False)]
"""A formula by its word."""
Port = Annotated[int, Field(ge=1, le=65_535)]
PortOrAny = Annotated[int, Field(ge=0, le=65_535)]


class TlsSettings(Shape):
    """TLS towards Asterisk; an empty section ``tls: {}`` trusts the system's authorities."""

    ca_file: PathFromHere | None = None
    server_name: Host | None = None
    """The name in Asterisk's certificate, where it is not ``host``."""


class NodeSettings(Shape):
    """One Asterisk and how we log in to its manager interface."""

    id: Name
    """The node's name in logs, metrics and orders; the same as ``systemname`` in asterisk.conf."""
    host: Host
    port: Port = 5038
    username: Annotated[str, matching("[A-Za-z0-9_.-]{1,64}", "cannot be a name in manager.conf.")] = "acd"
    secret: SecretStr
    written_as: ClassVar[dict[str, tuple[str, ...]]] = {"secret": ("secret_file", "secret_env")}
    tls: TlsSettings | None = None
    """Absent: plain text, fit for the loopback only."""

    @property
    def node_id(self) -> NodeId:
        """``id`` under the type the core uses."""
        return NodeId(self.id)


class ApiToken(Shape):
    """Somebody who may use the API, and what as."""

    name: Name
    """Who it is: what the audit will show."""
    role: Literal["viewer", "supervisor", "operator", "admin"]
    token: SecretStr
    written_as: ClassVar[dict[str, tuple[str, ...]]] = {"token": ("token_file", "token_env")}


class ApiSettings(Shape):
    """Where the API listens, and to whom. Without tokens nobody may do anything."""

    address: Host = "127.0.0.1"
    port: PortOrAny = 8088
    """0 = any that is free."""
    tokens: tuple[ApiToken, ...] = ()
    """Of machines; people's tokens are made by ``acd token create`` and stand in the store."""
    tls: ApiTls | None = None
    socket: PathFromHere | None = None
    """Unix socket for the command on this machine; who asks is told by the system, not by a token."""


class ApiTls(Shape):
    """TLS of the API itself, where no proxy stands in front of it."""

    cert_file: PathFromHere
    """Certificate and chain, PEM."""
    key_file: PathFromHere


class StoreSettings(Shape):
    """Where that lies which outlives the process."""

    file: PathFromHere
    """SQLite database; made, mode 0600, when absent."""
    hash_key: SecretStr | None = None
    """Key of the hashes that stand for callers' numbers and personal codes; absent: no number is kept
    in any form, and there are no personal codes."""
    written_as: ClassVar[dict[str, tuple[str, ...]]] = {"hash_key": ("hash_key_file", "hash_key_env")}
    ledger_days: Annotated[int, Field(ge=1, le=3_650)] = 400
    """Rows of the ledger older than this are removed."""


class JournalSettings(Shape):
    """Where every fact is kept for a while, to be replayed and explained."""

    folder: PathFromHere
    """Made, mode 0700, when absent; its files are 0600."""
    hours: Annotated[int, Field(ge=1, le=720)] = 72
    """What is older is removed."""


class QueueLogSettings(Shape):
    """A file in the format of Asterisk's ``queue_log``, for QueueMetrics, Asternic and the like."""

    file: PathFromHere
    """Made, mode 0640, when absent; its folder must exist. Moved away, it is begun anew."""


class MetricsSettings(Shape):
    """Where ``/metrics`` is served, apart from the API."""

    address: Host = "127.0.0.1"
    port: PortOrAny = 9188


class ProcessTimings(Shape):
    """How the process keeps its word to Asterisk. What concerns callers is in the rules."""

    lease_s: Annotated[int, Field(ge=2, le=60)] = 5
    """How long the dialplan trusts us after the last renewal; whole, as its clock is."""
    renew_s: Annotated[float, Field(ge=0.2, le=30)] = 1
    """How often the lease is renewed."""
    action_s: Annotated[float, Field(ge=0.2, le=60)] = 4
    """After this an unanswered action counts as unknown."""
    ping_s: Annotated[float, Field(ge=0.2, le=60)] = 1.5
    """How often the link is pinged; two misses and it is dropped."""


def _check_instant(text: str) -> str:
    """Complain about what is no moment to the second."""
    try:
        if re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", text):
            dt.datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise PydanticCustomError(
        "acd", "'{text}' is no moment: write day and time, 2026-12-01 09:00:00.", {"text": text[:40]}
    )


class ExerciseSettings(Shape):
    """A clock for exercises: days of the calendars in minutes (`acd.rules.exercise`). Never in service."""

    day: Day
    """The day that the calendars have …"""
    begins: Annotated[str, AfterValidator(_check_instant)]
    """… from this moment on; in Rome, to the second."""
    day_s: Annotated[float, Field(ge=10, le=86_400)] = 180
    """How many seconds a day of the calendars lasts."""


class LogSettings(Shape):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Shape):
    """Everything this process must be told."""

    nodes: Annotated[tuple[NodeSettings, ...], Field(min_length=1)]
    body_name: Annotated[str, Field(min_length=1, max_length=80)] = "Contact center"
    """The public body, as the header of the pages names it."""
    rules: PathFromHere
    """The rule folder."""
    fallback: PathFromHere | None = None
    """``fallback.yaml``, the toggles by file; absent: everything is ``auto``."""
    privacy: PathFromHere | None = None
    """``privacy.yaml``; absent: nothing is unlocked; ``store`` and ``journal`` say what stays how long."""
    goals: PathFromHere | None = None
    """``goals.yaml``; absent: reports have no goals and no emergencies."""
    api: ApiSettings = ApiSettings()
    store: StoreSettings | None = None
    """Absent: nothing outlives the process, for trials only."""
    journal: JournalSettings | None = None
    """Absent: nothing is kept, and nothing can be explained."""
    queue_log: QueueLogSettings | None = None
    """Absent: none is written."""
    metrics: MetricsSettings = MetricsSettings()
    timings: ProcessTimings = ProcessTimings()
    log: LogSettings = LogSettings()
    service_level: HeadlineFormula = HEADLINE
    """Which service level is the headline; its name stands wherever the number does."""
    exercise: ExerciseSettings | None = None
    """Absent, as it must be in service: calendars go by the clock."""


def load_settings(path: Path, env: Mapping[str, str]) -> Settings:
    """Read the settings file, with its secrets from files and ``env``.

    Args:
        path: The file.
        env: The environment to take secrets from; pass ``os.environ``.

    Raises:
        ConfigError: Something is wrong; ``findings`` holds every ``file:line:col: sentence``.
    """
    document = read_document(path)
    _look_up_secrets(document, env)
    settings = validate_whole(document, Settings, context=path.parent)
    if settings is not None:
        _check(document, settings)
    if document.findings or settings is None:
        raise ConfigError(tuple(str(finding) for finding in sorted(document.findings)))
    return settings


def _look_up_secrets(document: Document, env: Mapping[str, str]) -> None:
    data = document.data if isinstance(document.data, dict) else {}
    api = data.get("api")
    tokens = api.get("tokens") if isinstance(api, dict) else ()
    for loc, node in _mappings(data.get("nodes"), ("nodes",)):
        put_secret_in(document, loc, node, "secret", env=env, least=1)
    store = data.get("store")
    if isinstance(store, dict) and any(key.startswith("hash_key") for key in store):
        put_secret_in(document, ("store",), store, "hash_key", env=env, least=TOKEN_LENGTH_MIN)
    for loc, token in _mappings(tokens, ("api", "tokens")):
        put_secret_in(document, loc, token, "token", env=env, least=TOKEN_LENGTH_MIN)


def _mappings(items: object, loc: Loc) -> Iterable[tuple[Loc, dict[str, object]]]:
    if isinstance(items, tuple):
        for index, item in enumerate(items):
            if isinstance(item, dict):
                yield (*loc, index), item


def _check(document: Document, settings: Settings) -> None:
    """Complain about what each section alone cannot know."""
    _check_once(document, ((("nodes", i, "id"), node.id) for i, node in enumerate(settings.nodes)), "a node")
    tokens = settings.api.tokens
    _check_once(
        document, ((("api", "tokens", i, "name"), token.name) for i, token in enumerate(tokens)), "a token"
    )
    for index, token in enumerate(tokens):
        if any(token.token.get_secret_value() == other.token.get_secret_value() for other in tokens[:index]):
            mark = document.value_mark(("api", "tokens", index, "token"))
            document.complain(mark, "this token is somebody else's too; make one for each.")
    timings = settings.timings
    if timings.renew_s * 2 > timings.lease_s:
        mark = document.value_mark(("timings", "renew_s"))
        sentence = f"renew_s must be at most half of lease_s ({timings.lease_s}), so that one may be missed."
        document.complain(mark, sentence)
    for index, node in enumerate(settings.nodes):
        ca_file = node.tls.ca_file if node.tls else None
        if ca_file is not None and not ca_file.is_file():
            mark = document.value_mark(("nodes", index, "tls", "ca_file"))
            document.complain(mark, "there is no such file; name the certificate of the authority.")
    tls_files = settings.api.tls
    for key in ("cert_file", "key_file") if tls_files else ():
        if not getattr(tls_files, key).is_file():
            document.complain(
                document.value_mark(("api", "tls", key)), "there is no such file; name one, PEM."
            )
    if not settings.rules.is_dir():
        document.complain(document.value_mark(("rules",)), "there is no such folder of rules.")


def _check_once(document: Document, names: Iterable[tuple[Loc, str]], what: str) -> None:
    """Complain about each name that stands twice."""
    first: dict[str, int] = {}
    for loc, name in names:
        mark = document.value_mark(loc)
        if name in first:
            document.complain(
                mark, f"{what} is named '{name}' in line {first[name]} already; choose another."
            )
        first.setdefault(name, mark.line)
