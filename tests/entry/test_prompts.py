"""Spoken prompts: placeholders, recordings, and what is missing or speaks an older text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from acd.rules import load_rules
from acd.rules.entry_prompts import MANIFEST, Source, check_prompts, check_sounds, read_manifest
from acd_prompts import directory
from asterisk_lab.errors import LabUnavailableError
from asterisk_lab.installation import ensure_tool
from tests.entry.folder import ENTRY, PROMPTS, write_folder

ROOT = Path(__file__).resolve().parents[2]
FILES = 15


@pytest.fixture(scope="session", autouse=True)
def _voice() -> None:
    try:
        for program in ("espeak-ng", "sox"):
            ensure_tool(program, program)
    except LabUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture
def plan(tmp_path):
    return load_rules(write_folder(tmp_path / "rules")).entry


def _changed(tmp_path: Path, old: str, new: str):
    return load_rules(write_folder(tmp_path / "rules", prompts=PROMPTS.replace(old, new))).entry


def _record(path: Path, *, rate: int = 8_000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\x01\x00" * rate)


def test_every_text_is_spoken_as_asterisk_wants_it(plan, tmp_path):
    """8 kHz, mono, 16 bit, as long as the manifest says; and the manifest says all of it."""
    out = tmp_path / "acd"
    outcome = directory.write(plan, out)
    assert (outcome.spoken, outcome.complaints) == (FILES, [])
    assert check_prompts(plan, out / MANIFEST) == check_sounds(out) == ()
    manifest = read_manifest(out / MANIFEST)
    assert manifest is not None
    for spoken in manifest.prompts:
        with wave.open(str(out / spoken.file)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8_000, 1, 2)
            assert abs(file.getnframes() / 8_000 - spoken.duration_s) < 0.01
            assert spoken.duration_s > 0.3
        assert spoken.source is Source.PLACEHOLDER


def test_only_what_changed_is_spoken_again_and_what_nobody_says_goes(plan, tmp_path):
    """A changed text is told as stale, then spoken; an orphan is removed."""
    out = tmp_path / "acd"
    directory.write(plan, out)
    changed = _changed(tmp_path, "Tutto 0.", "Tutto il resto 0.")
    assert check_prompts(changed, out / MANIFEST) == (
        "the prompt 'temi' speaks an older text in 'it'; run scripts/prompts.",
    )
    outcome = directory.write(changed, out)
    assert (outcome.spoken, outcome.kept, outcome.removed) == (1, FILES - 1, 0)
    assert check_prompts(changed, out / MANIFEST) == ()
    without = _changed(tmp_path, "  goodbye: {texts: {it: Richiami., de: Später.}}\n", "")
    assert directory.write(without, out).removed == 2
    assert not (out / "it/goodbye.wav").exists()


def test_a_recording_wins_by_its_name_and_is_told_when_its_text_changes(plan, tmp_path):
    """Nobody's work is spoken over; a stale recording is told until a new one lies there."""
    out = tmp_path / "acd"
    directory.write(plan, out)
    recording = out / "it/temi.wav"
    _record(recording)
    before = recording.read_bytes()
    assert [line.rpartition("/it/")[2] for line in check_sounds(out)] == [
        "temi.wav is not the file of the manifest; run scripts/prompts to take it in."
    ]
    outcome = directory.write(plan, out)
    assert (outcome.recordings, outcome.spoken, outcome.complaints) == (1, 0, [])
    manifest = read_manifest(out / MANIFEST)
    assert manifest is not None
    assert manifest.by_name()["temi", "it"].source is Source.RECORDING
    changed = _changed(tmp_path, "Tutto 0.", "Tutto il resto 0.")
    outcome = directory.write(changed, out)
    assert outcome.complaints == [f"{recording} is a recording of an older text; record it again."]
    assert check_prompts(changed, out / MANIFEST) == (
        "the prompt 'temi' speaks an older text in 'it'; record it again.",
    )
    assert recording.read_bytes() == before
    _record(recording)
    recording.write_bytes(before[:-100] + b"\x02\x00" * 50)
    assert directory.write(changed, out).complaints == []
    assert check_prompts(changed, out / MANIFEST) == ()


def test_a_recording_that_asterisk_cannot_play_is_refused(plan, tmp_path):
    """In the studio's format it would be noise, or nothing."""
    out = tmp_path / "acd"
    (out / "it").mkdir(parents=True)
    _record(out / "it/temi.wav", rate=44_100)
    (out / "it/lingua.wav").write_bytes(b"no sound")
    complaints = directory.write(plan, out).complaints
    assert len(complaints) == 2
    assert f"{out}/it/temi.wav has 44100 Hz, 1 channels, 16 bit; it needs 8000, 1, 16." in complaints
    assert set(check_prompts(plan, out / MANIFEST)) == {
        "the prompt 'temi' is not spoken in 'it'; run scripts/prompts.",
        "the prompt 'lingua' is not spoken in 'it'; run scripts/prompts.",
    }


def test_a_file_that_was_lost_on_the_way_is_told(plan, tmp_path):
    """The check of a host where the directory was copied to."""
    out = tmp_path / "acd"
    directory.write(plan, out)
    (out / "de/temi.wav").unlink()
    assert check_sounds(out) == (
        f"{out}/de/temi.wav cannot be read (No such file or directory); copy the prompts to this host again.",
    )
    sentence = f"{tmp_path}/manifest.json is no manifest of prompts; run `scripts/prompts RULES --out DIR`."
    assert check_sounds(tmp_path) == check_prompts(plan, tmp_path / MANIFEST) == (sentence,)


def test_the_command_speaks_and_checks(tmp_path):
    """``scripts/prompts RULES --out DIR``, then ``--check``: 0 when current, 1 with the reasons."""
    rules, out = write_folder(tmp_path / "rules"), tmp_path / "acd"
    done = _command(rules, "--out", out, "--check")
    assert (done.returncode, done.stderr.count("is no manifest")) == (1, 1)
    done = _command(rules, "--out", out)
    assert (done.returncode, done.stdout) == (0, f"{FILES} spoken, 0 kept, 0 recordings, 0 removed: {out}\n")
    assert _command(rules, "--out", out, "--check").returncode == 0
    write_folder(rules, entry=ENTRY.replace("default: ", "defaults: ", 1))
    done = _command(rules, "--out", out)
    assert done.returncode == 1
    assert re.search(r"entry\.yaml:9:5: unknown key 'defaults'", done.stderr)


def _command(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}"}
    command = [sys.executable, "-m", "acd_prompts", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
