"""One text to one file: espeak-ng speaks it, sox makes telephone sound of it.

Asterisk wants 8 kHz, mono, 16 bit. espeak-ng is free, small and knows all the languages; it sounds
like a machine, which is right for a placeholder: nobody forgets to record the real one.
"""

from __future__ import annotations

import hashlib
import subprocess
import wave
from pathlib import Path

VOICES = {"en": "en-gb", "fr": "fr-fr"}
"""Where the voice is not named like the language."""

WORDS_PER_MINUTE = 150
RATE_HZ, WIDTH_BYTES, CHANNELS = 8_000, 2, 1


class PromptError(Exception):
    """A prompt could not be made; the message says what the reader can do."""


def speak(text: str, language: str, path: Path) -> None:
    """Write the spoken text.

    Raises:
        PromptError: espeak-ng or sox failed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    voice = VOICES.get(language, language)
    spoken = _run(
        ["espeak-ng", "-v", voice, "-s", str(WORDS_PER_MINUTE), "--stdin", "--stdout"], text.encode()
    )
    telephone = ["-r", str(RATE_HZ), "-c", str(CHANNELS), "-b", str(WIDTH_BYTES * 8), "-e", "signed-integer"]
    command = ["sox", "-V1", "-D", "-G", "-t", "wav", "--ignore-length", "-", *telephone, "-t", "wav", "-"]
    sound = _run(command, spoken)
    path.write_bytes(sound)
    _repair_length(path)


def _repair_length(path: Path) -> None:
    """Write the header anew: a pipe could not go back to note the length."""
    data = path.read_bytes()
    start = data.index(b"data") + 8
    with wave.open(str(path), "wb") as file:
        file.setnchannels(CHANNELS)
        file.setsampwidth(WIDTH_BYTES)
        file.setframerate(RATE_HZ)
        file.writeframes(data[start:])


def look(path: Path) -> tuple[float, str]:
    """Return the seconds and the digest of a file that Asterisk can play.

    Raises:
        PromptError: it cannot.
    """
    try:
        with wave.open(str(path)) as file:
            form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            frames = file.getnframes()
    except (wave.Error, EOFError, OSError) as error:
        raise PromptError(f"{path} is no wav file ({error}); save it as wav, 8 kHz, mono, 16 bit.") from error
    if form != (RATE_HZ, CHANNELS, WIDTH_BYTES):
        raise PromptError(
            f"{path} has {form[0]} Hz, {form[1]} channels, {form[2] * 8} bit; it needs 8000, 1, 16."
        )
    return round(frames / RATE_HZ, 2), hashlib.sha256(path.read_bytes()).hexdigest()


def _run(command: list[str], given: bytes) -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip()[-300:]
        raise PromptError(f"`{' '.join(command[:3])}` failed: {said or 'it made no sound'}")
    return done.stdout
