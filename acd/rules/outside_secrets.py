"""Secrets come from a file or from the environment, never from the settings file.

Where the settings need ``secret``, the file says ``secret_file`` or ``secret_env``. This module
looks the secret up and puts it in the place of that key before the shape is checked, so that
the shape has one field and the rest of the program one way to read it.

No sentence here repeats a secret, nor a value that could be one by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from acd.rules.document import Document, Loc

__all__ = ["put_secret_in"]

_ENV_NAME: Final = re.compile("[A-Z][A-Z0-9_]{0,63}")
_SECRET: Final = re.compile(r"[^\x00-\x1f\x7f]+")
_BYTES_MAX: Final = 4_096


def put_secret_in(
    document: Document, loc: Loc, entry: dict[str, object], key: str, *, env: Mapping[str, str], least: int
) -> None:
    """Replace ``<key>_file`` or ``<key>_env`` in ``entry`` by ``<key>`` and the secret itself.

    Args:
        document: Takes the complaints.
        loc: Where ``entry`` stands in the document.
        entry: The mapping to change; after a complaint ``key`` is absent and counts as told.
        key: ``secret`` or ``token``.
        env: The environment.
        least: Fewest characters a secret may have.
    """
    file_key, env_key = f"{key}_file", f"{key}_env"
    where: Loc = (*loc, key)
    if key in entry:
        entry.pop(key)
        sentence = (
            f"a {key} must not stand here, and this one has been seen: choose another, put it in a file "
            f"named by {file_key} or in an environment variable named by {env_key}."
        )
        document.complain(document.key_mark(where), sentence, where)
        entry.pop(file_key, None)
        entry.pop(env_key, None)
        return
    given = [name for name in (file_key, env_key) if name in entry]
    if not given:
        sentence = f"it is not said where the {key} is; add {file_key} or {env_key}."
        document.complain(document.value_mark(loc), sentence, where)
        return
    source = entry.pop(given[0])
    mark = document.value_mark((*loc, given[0]))
    if len(given) > 1:
        entry.pop(given[1])
        document.complain(mark, f"{file_key} and {env_key} are both given; keep one.", where)
        return
    if not isinstance(source, str):
        document.complain(mark, f"'{given[0]}' must be text.", where)
        return
    secret, trouble = _from_file(document, source) if given[0] == file_key else _from_env(source, env)
    if not trouble and _SECRET.fullmatch(secret) is None:
        trouble = f"the {key} found there is empty, or holds control characters; write one line."
    if not trouble and len(secret) < least:
        trouble = f"the {key} found there is shorter than {least} characters; choose a longer one."
    if trouble:
        document.complain(mark, trouble, where)
        return
    entry[key] = secret
    document.value_marks[where] = mark


def _from_env(name: str, env: Mapping[str, str]) -> tuple[str, str]:
    """Return the secret and no trouble, or nothing and the trouble."""
    if _ENV_NAME.fullmatch(name) is None:
        return "", "this is not the name of an environment variable: capitals, digits and _."
    if name not in env:
        return "", f"the environment variable {name} is not set; set it before the start."
    return env[name], ""


def _from_file(document: Document, name: str) -> tuple[str, str]:
    """Return the first line of the file and no trouble, or nothing and the trouble."""
    try:
        path = Path(document.file).parent / name
        with path.open("rb") as file:
            content = file.read(_BYTES_MAX + 1)
        if len(content) > _BYTES_MAX:
            return "", f"the file named here is larger than {_BYTES_MAX} bytes; is it the right one?"
        return content.decode("utf-8").rstrip("\r\n"), ""
    except OSError as error:
        return "", f"the file named here cannot be read: {error.strerror}."
    except ValueError:
        return "", "the file named here is not UTF-8 text, or its name is none."
