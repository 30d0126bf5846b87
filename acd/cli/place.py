"""Where the ACD answers, and who we are there.

The first that is given counts:

1. ``--url`` (or ``ACD_URL``): ``http://``, ``https://`` or ``unix:/path``;
2. the Unix socket of the settings (``api.socket``), if it is there: no token is needed, for the system
   tells the ACD who asks;
3. the address of the settings over TCP, with the first token of the settings.

A token never stands on the command line, where every user of the machine reads it: it comes from the
environment variable that ``--token-env`` names, else from ``ACD_TOKEN``, else from the file
``ACD_TOKEN_FILE`` names. ``ACD_CA_FILE`` names the authority of a certificate that the system does not
know.

Of the settings a command reads only what it needs. So ``acd status`` of an operator does not ask for the
secret of Asterisk, which only the service has.
"""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from acd.errors import AcdError, ConfigError
from acd.figures.formulas import HEADLINE
from acd.rules.outside_secrets import put_secret_in
from acd.rules.reading import read_document
from acd.rules.schema import Shape
from acd.rules.sentences import validate_whole
from acd.rules.settings import (
    TOKEN_LENGTH_MIN,
    ApiSettings,
    ExerciseSettings,
    HeadlineFormula,
    JournalSettings,
    PathFromHere,
    Settings,
    StoreSettings,
    load_settings,
)

__all__ = ["LocalSettings", "Place", "local_settings", "place_of_settings", "place_of_url", "reach", "token"]

ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # recognised, not listened on
PORTS: Final = {"http": 80, "https": 443}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One address of an ACD, with our token there."""

    name: str
    """As people are shown it."""
    socket: str = ""
    """Path of a Unix socket; empty: TCP."""
    host: str = ""
    port: int = 0
    tls: bool = False
    ca_file: str = ""
    """Authority of its certificate; empty: the system's."""
    token: str = ""
    """Empty: none is sent."""
    of_this_machine: bool = False
    """From the settings: if nobody answers here, nobody serves their store either."""


class LocalSettings(Shape):
    """What a command reads of the settings: no secret of anybody else's."""

    api: ApiSettings = ApiSettings()
    store: StoreSettings | None = None
    journal: JournalSettings | None = None
    rules: PathFromHere
    fallback: PathFromHere | None = None
    privacy: PathFromHere | None = None
    goals: PathFromHere | None = None
    service_level: HeadlineFormula = HEADLINE
    body_name: str = ""
    exercise: ExerciseSettings | None = None


def local_settings(config: Path, env: Mapping[str, str], *, hash_key: bool = False) -> LocalSettings:
    """Read of the settings what needs no secret; ``hash_key``: and the key of the hashes.

    Raises:
        ConfigError: what is read is wrong.
    """
    document = read_document(config)
    if isinstance(document.data, dict):
        kept = {key: value for key, value in document.data.items() if key in LocalSettings.model_fields}
        for section, secrets in (("api", "tokens"), ("store", "" if hash_key else "hash_key")):
            content = kept.get(section)
            if secrets and isinstance(content, dict):
                kept[section] = {k: v for k, v in content.items() if not k.startswith(secrets)}
        document = dataclasses.replace(document, data=kept)
        store = kept.get("store")
        if hash_key and isinstance(store, dict) and any(key.startswith("hash_key") for key in store):
            put_secret_in(document, ("store",), store, "hash_key", env=env, least=TOKEN_LENGTH_MIN)
    settings = validate_whole(document, LocalSettings, context=config.parent)
    if document.findings or settings is None:
        raise ConfigError(tuple(str(finding) for finding in sorted(document.findings)))
    return settings


def reach(config: Path, url: str, token_env: str, env: Mapping[str, str]) -> Place:
    """The place a command asks.

    Raises:
        ConfigError: neither the options nor the settings tell it.
    """
    if url:
        given = token(env, token_env) or ("" if url.startswith("unix:") else _first_token(config, env))
        return place_of_url(url, given, env.get("ACD_CA_FILE", ""))
    local = local_settings(config, env)
    place = place_of_settings(local, token(env, token_env), env.get("ACD_CA_FILE", ""))
    if place.socket or place.token:
        return place
    return msgspec.structs.replace(place, token=_first_token(config, env))


def token(env: Mapping[str, str], token_env: str = "") -> str:
    """The token the caller chose, empty if none was chosen.

    Raises:
        ConfigError: what was chosen holds none.
    """
    name = token_env or "ACD_TOKEN"
    if env.get(name):
        return env[name].strip()
    if token_env:
        raise ConfigError((f"The environment variable {token_env} holds no token.",))
    file = env.get("ACD_TOKEN_FILE", "")
    if not file:
        return ""
    try:
        found = Path(file).read_text().strip()
    except (OSError, ValueError) as error:
        raise ConfigError((f"The token file {file} cannot be read: {error}.",)) from None
    if not found:
        raise ConfigError((f"The token file {file} (ACD_TOKEN_FILE) is empty.",))
    return found


def place_of_url(url: str, given: str, ca_file: str = "") -> Place:
    """The place a URL names.

    Raises:
        AcdError: it is no URL that can be asked.
    """
    if url.startswith("unix:"):
        path = url.removeprefix("unix:").removeprefix("//")
        return Place(name=path, socket=path, token=given)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in PORTS or parts.path.strip("/"):
        raise AcdError(
            f"{url} cannot be asked: an address is http://host:port, https://host:port or unix:/path."
        )
    return Place(
        name=url.rstrip("/"),
        host=host,
        port=port or PORTS[parts.scheme],
        tls=parts.scheme == "https",
        ca_file=ca_file,
        token=given,
    )


def place_of_settings(settings: LocalSettings | Settings, given: str = "", ca_file: str = "") -> Place:
    """Where the ACD of these settings answers: its socket if there is one now, else its TCP address.

    Raises:
        ConfigError: its port is chosen at each start.
    """
    api = settings.api
    if api.socket is not None and _is_socket(api.socket):
        return Place(name=str(api.socket), socket=str(api.socket), token=given, of_this_machine=True)
    if not api.port:
        raise ConfigError(("The API's port is chosen at each start (api, port: 0); give --url.",))
    host = ANY_ADDRESS.get(api.address, api.address)
    scheme = "https" if api.tls else "http"
    shown = f"[{host}]" if ":" in host else host
    return Place(
        name=f"{scheme}://{shown}:{api.port}",
        host=host,
        port=api.port,
        tls=api.tls is not None,
        ca_file=ca_file,
        token=given,
        of_this_machine=True,
    )


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def _first_token(config: Path, env: Mapping[str, str]) -> str:
    tokens = load_settings(config, env).api.tokens
    if not tokens:
        raise ConfigError(("The settings name no token, so nobody may ask: add one below api, tokens.",))
    return tokens[0].token.get_secret_value()
