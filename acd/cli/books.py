"""The books: roster, tokens, personal codes and audit, whether the ACD runs or not.

While it runs it is asked, for it holds them in memory and its engine must hear of a change. While it does
not, the command opens the store of the settings and serves the API to itself for a moment
(``acd.cli.resting``): so there is one set of checks and one audit, whoever is there. Which of the two is
found out by asking: only where nobody listens at all is the store opened, and the store's own lock
refuses whoever comes second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from acd.cli.client import Client, NotRunning, listens
from acd.cli.place import local_settings, place_of_settings, reach
from acd.cli.terminal import complain
from acd.errors import ConfigError

__all__ = ["open_books"]


@contextmanager
def open_books(
    config: Path, url: str, token_env: str, env: Mapping[str, str], *, hash_key: bool = False
) -> Iterator[Client]:
    """Give whom to ask about the books: the running ACD or, where none of these settings runs, its store.

    Args:
        config: The settings.
        url: Another ACD's address; then there is nothing but asking it.
        token_env: The variable with our token.
        env: The environment.
        hash_key: Whether the key of the hashes is needed, as for personal codes.

    Raises:
        AcdError: neither can be had.
    """
    if url or _runs(config, env):
        with Client(reach(config, url, token_env, env)) as client:
            yield client
        return
    local = local_settings(config, env, hash_key=hash_key)
    if local.store is None:
        raise NotRunning(
            "The ACD of these settings is not running, and they name no store: start it, or give --url."
        )
    from acd.cli.resting import resting

    complain(f"The ACD is not running: working on {local.store.file} itself.")
    with resting(local) as place, Client(place) as client:
        yield client


def _runs(config: Path, env: Mapping[str, str]) -> bool:
    local = local_settings(config, env)
    try:
        return listens(place_of_settings(local))
    except ConfigError:
        # The port is chosen at each start; the store's lock tells whether it runs.
        return local.store is None
