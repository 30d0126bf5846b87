"""What a lab takes from a rule folder: the exported entry, and the prompts as placeholders.

Reading rules needs the project's environment, which the lab itself does not: the work is done by
the environment's python in a process of its own. Without one, the demo's menus still work (their
dialplan is shipped), but nothing is heard in them.

Spoken prompts are kept in the lab's cache by what they say, so that they are spoken once.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from asterisk_lab.errors import LabError
from asterisk_lab.installation import cache_dir, ensure_tool

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "routing_rules" / "demo"
SPEAKERS = ("espeak-ng", "sox")
"""Programs, and the packages of their names."""
PROMPT_FILES = ("prompts.yaml", "calendars.yaml", "holidays.yaml", "queues.yaml")
"""What decides what is said: the texts, and when queues open."""
PROMPT_PROGRAMS = (ROOT / "scripts/acd_prompts/speak.py", ROOT / "acd/rules/opening_words.py")
_EXPORT = (
    "import pathlib, sys; from acd.ami.export.command import write_dialplan;"
    "write_dialplan(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), check=False)"
)


def export(folder: Path, out: Path) -> None:
    """Write the entry and the offices of these rules over the shipped ones.

    Raises:
        LabError: the rules are wrong, or there is no environment to read them with.
    """
    python = _python()
    if python is None:
        raise LabError(f"The rules in {folder} cannot be read yet: run scripts/env, then this again.")
    _run([python, "-c", _EXPORT, str(folder), str(out)])


def speak(folder: Path, into: Path) -> None:
    """Put the placeholders of these rules where Asterisk finds them; silence where they cannot be made."""
    digest = hashlib.sha256()
    for path in (*PROMPT_PROGRAMS, *(folder / name for name in PROMPT_FILES)):
        digest.update(path.read_bytes() if path.exists() else b"")
    spoken = cache_dir() / "prompts" / digest.hexdigest()[:16]
    if not spoken.exists():
        try:
            _speak(folder, spoken)
        except LabError as error:
            print(f"The lab's menus are mute. {error}", file=sys.stderr)
            return
    shutil.copytree(spoken, into, copy_function=_link)


def _speak(folder: Path, spoken: Path) -> None:
    """Speak everything into a new directory of the cache."""
    python = _python()
    if python is None:
        raise LabError("The environment that reads the rules is missing: run scripts/env.")
    for program in SPEAKERS:
        ensure_tool(program, program)
    spoken.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=spoken.parent, prefix="speaking-") as work:
        fresh = Path(work) / "acd"
        _run([python, "-m", "acd_prompts", str(folder), "--out", str(fresh)])
        if not spoken.exists():
            fresh.rename(spoken)


def _link(source: str, target: str) -> None:
    """Share the file with the cache where they are on one disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


def _python() -> str | None:
    if importlib.util.find_spec("acd") is not None and importlib.util.find_spec("msgspec") is not None:
        return sys.executable
    made = ROOT / ".venv/bin/python"
    return str(made) if made.exists() else None


def _run(command: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"`{' '.join(command[1:3])} …` failed: {done.stderr.strip()[-800:]}")
