"""A directory of prompts beside its manifest: what is spoken anew, what is kept.

A file that is not the one we wrote is a **recording**: somebody put it there by name. It is never
spoken over. While its text stays the same it is fine; when the text changes afterwards it is told
as stale, until another recording takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from acd.rules.entry import EntryPlan
from acd.rules.entry_prompts import (
    MANIFEST,
    Manifest,
    Source,
    Spoken,
    check_prompts,
    check_sounds,
    digest_of_text,
    file_of,
    read_manifest,
)
from acd_prompts.speak import PromptError, look, speak


@dataclass
class Outcome:
    """What a run did."""

    spoken: int = 0
    kept: int = 0
    recordings: int = 0
    removed: int = 0
    complaints: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Text:
    """One thing to say in one language."""

    prompt: str
    language: str
    words: str

    @property
    def name(self) -> tuple[str, str]:
        return self.prompt, self.language

    @property
    def file(self) -> str:
        return file_of(self.prompt, self.language)

    @property
    def digest(self) -> str:
        return digest_of_text(self.words)

    def told(self, source: Source, duration_s: float, audio: str) -> Spoken:
        """Return its line of the manifest."""
        return Spoken(
            prompt=self.prompt,
            language=self.language,
            file=self.file,
            text_sha256=self.digest,
            audio_sha256=audio,
            source=source,
            duration_s=duration_s,
        )


def check(plan: EntryPlan, directory: Path) -> tuple[str, ...]:
    """Say what the directory lacks of the rules, and of its own manifest."""
    complaints = check_prompts(plan, directory / MANIFEST)
    return complaints or (check_sounds(directory) if plan.prompts else ())


def write(plan: EntryPlan, directory: Path, *, workers: int = 2) -> Outcome:
    """Speak what is missing or stale and write the manifest; recordings stay."""
    directory.mkdir(parents=True, exist_ok=True)
    known = (read_manifest(directory / MANIFEST) or Manifest()).by_name()
    outcome = Outcome()
    wanted = list(_wanted(plan))
    with ThreadPoolExecutor(workers) as pool:
        made = list(pool.map(lambda text: _one(directory, known.get(text.name), text, outcome), wanted))
    files = tuple(spoken for spoken in made if spoken is not None)
    _remove_orphans(directory, known, {spoken.file for spoken in files}, outcome)
    text = msgspec.json.format(msgspec.json.encode(Manifest(prompts=files)), indent=1) + b"\n"
    fresh = directory / f".{MANIFEST}"
    fresh.write_bytes(text)
    fresh.replace(directory / MANIFEST)
    return outcome


def _wanted(plan: EntryPlan) -> Iterator[_Text]:
    for prompt in plan.prompts.values():
        for language, words in prompt.texts.items():
            yield _Text(prompt.id, language, words)


def _one(directory: Path, known: Spoken | None, text: _Text, outcome: Outcome) -> Spoken | None:
    """Bring one file up to date; None when it cannot be had, with a complaint."""
    path = directory / text.file
    try:
        if not path.exists():
            return _spoken(path, text, outcome)
        duration_s, audio = look(path)
    except PromptError as error:
        outcome.complaints.append(str(error))
        return None
    unchanged = known is not None and known.audio_sha256 == audio
    current = known is not None and known.text_sha256 == text.digest
    if known is not None and unchanged and known.source is Source.PLACEHOLDER:
        if not current:
            return _spoken(path, text, outcome)
        outcome.kept += 1
        return known
    outcome.recordings += 1
    if known is not None and unchanged and not current:
        outcome.complaints.append(f"{path} is a recording of an older text; record it again.")
        return known
    return text.told(Source.RECORDING, duration_s, audio)


def _spoken(path: Path, text: _Text, outcome: Outcome) -> Spoken | None:
    try:
        speak(text.words, text.language, path)
        duration_s, audio = look(path)
    except PromptError as error:
        outcome.complaints.append(str(error))
        return None
    outcome.spoken += 1
    return text.told(Source.PLACEHOLDER, duration_s, audio)


def _remove_orphans(
    directory: Path, known: dict[tuple[str, str], Spoken], wanted: set[str], outcome: Outcome
) -> None:
    """Delete placeholders that no rule speaks any more; a recording is somebody's work and stays."""
    for spoken in known.values():
        if spoken.file not in wanted and spoken.source is Source.PLACEHOLDER:
            path = directory / spoken.file
            if path.exists() and look(path)[1] == spoken.audio_sha256:
                path.unlink()
                outcome.removed += 1
