"""The spoken prompts: what there should be, what there is.

A directory of prompts holds ``<language>/<prompt>.wav`` (8 kHz, mono, 16 bit) and ``manifest.json``,
which says for each file what text it speaks (by digest), how long it is and where it comes from: a
``placeholder`` of the synthetic voice, or a ``recording`` that somebody put in its place.
``scripts/prompts`` makes the directory; Asterisk reads it as ``sounds/acd``.

Two questions are answered here. Does the manifest fit the rules (`check_prompts`)? And does the
directory hold what its manifest says (`check_sounds`)? The second can only be asked on the host
where the directory is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from acd.rules.entry import EntryPlan

__all__ = [
    "MANIFEST",
    "Manifest",
    "Source",
    "Spoken",
    "check_prompts",
    "check_sounds",
    "digest_of_text",
    "file_of",
    "read_manifest",
]

MANIFEST: Final = "manifest.json"


class Source(StrEnum):
    """Whose voice it is."""

    PLACEHOLDER = "placeholder"
    RECORDING = "recording"


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    prompt: str
    language: str
    file: str
    """Below the directory, such as ``it/wrong-key.wav``."""
    text_sha256: str
    """Digest of the text it speaks."""
    audio_sha256: str
    source: Source
    duration_s: float


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All files of one directory."""

    prompts: tuple[Spoken, ...] = ()

    def by_name(self) -> dict[tuple[str, str], Spoken]:
        """Return the files by prompt and language."""
        return {(spoken.prompt, spoken.language): spoken for spoken in self.prompts}


def digest_of_text(text: str) -> str:
    """Return the digest that ties a file to its text."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_of(prompt: str, language: str) -> str:
    """Return where a prompt lies below its directory."""
    return f"{language}/{prompt}.wav"


def read_manifest(path: Path) -> Manifest | None:
    """Return the manifest; None when there is none or it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def check_prompts(plan: EntryPlan, manifest_path: Path) -> tuple[str, ...]:
    """Say in sentences which prompts of the rules are missing or speak an older text."""
    if not plan.prompts:
        return ()
    manifest = read_manifest(manifest_path)
    if manifest is None:
        return (f"{manifest_path} is no manifest of prompts; run `scripts/prompts RULES --out DIR`.",)
    return tuple(_unfit(plan, manifest))


def _unfit(plan: EntryPlan, manifest: Manifest) -> Iterator[str]:
    there = manifest.by_name()
    for prompt in plan.prompts.values():
        for language, text in prompt.texts.items():
            spoken = there.get((prompt.id, language))
            if spoken is None:
                yield f"the prompt '{prompt.id}' is not spoken in '{language}'; run scripts/prompts."
            elif spoken.text_sha256 != digest_of_text(text):
                cure = "record it again" if spoken.source is Source.RECORDING else "run scripts/prompts"
                yield f"the prompt '{prompt.id}' speaks an older text in '{language}'; {cure}."


def check_sounds(directory: Path) -> tuple[str, ...]:
    """Say in sentences what the directory lacks of its own manifest."""
    manifest = read_manifest(directory / MANIFEST)
    if manifest is None:
        return (f"{directory / MANIFEST} is no manifest of prompts; run `scripts/prompts RULES --out DIR`.",)
    return tuple(_absent(directory, manifest))


def _absent(directory: Path, manifest: Manifest) -> Iterator[str]:
    for spoken in manifest.prompts:
        path = directory / spoken.file
        try:
            audio = path.read_bytes()
        except OSError as error:
            yield f"{path} cannot be read ({error.strerror}); copy the prompts to this host again."
            continue
        if hashlib.sha256(audio).hexdigest() != spoken.audio_sha256:
            yield f"{path} is not the file of the manifest; run scripts/prompts to take it in."
