"""How we log: structlog, JSON on stderr for machines, readable lines on a terminal.

``event`` is a stable name, ``area.what_happened``; facts go in as fields. Every name stands in docs/logs.md,
and a test compares. What libraries log comes as ``library.said``, in the same form.

**Nobody waits for whoever reads.** A pipe that nobody empties blocks its writer, and ours is the event loop.
So a line is only put in line here; a thread writes. When ``LINES_MAX`` lines wait, further ones are left out
and counted, and ``logs.dropped`` says how many as soon as the pipe moves again. At the end of the process the
rest is written, if that takes no longer than ``END_S_MAX``.

**No caller's number.** None is passed to a log; should one come in a text of somebody else's (an exception's,
a library's), digits are hidden: what looks like a telephone number in any field, every run of six digits and
more in a traceback or in a library's text. Tracebacks are plain: what structlog shows on a terminal by itself
has the local variables in it.
"""

from __future__ import annotations

import atexit
import logging
import re
import sys
import threading
from collections import deque
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

__all__ = ["LINES_MAX", "LineWriter", "flush_logs", "set_up_logs"]

LINES_MAX: Final = 20_000
"""Some 6 MB; at 100 calls a second they take more than two minutes to come together."""
LINES_AT_ONCE: Final = 500
END_S_MAX: Final = 2.0
HIDDEN: Final = "…"
OURS: Final = frozenset({"event", "level", "timestamp", "call", "called", "node", "rules", "revision"})
"""Fields that hold names, times and numbers of our own."""
FOREIGN: Final = frozenset({"exception", "text"})
TELEPHONE: Final = re.compile(r"(?<![\w.\-])(?:\+\d|39[03]|[03])\d{5,14}(?!\w)")
DIGITS: Final = re.compile(r"\d{6,}")

log = structlog.get_logger(__name__)


class LineWriter:
    """Writes lines to a stream in a thread of its own; putting one in line never blocks."""

    def __init__(self, stream: TextIO, lines_max: int = LINES_MAX) -> None:
        self.dropped = 0
        """Lines left out since the last ``logs.dropped``."""
        self._stream = stream
        self._lines_max = lines_max
        self._line: deque[str] = deque()
        self._turned = threading.Condition()
        self._writing = False
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)
        self._thread.start()

    def put(self, text: str) -> None:
        """Have this line written, without its line feed; from any thread."""
        with self._turned:
            if self._ended:
                return
            if len(self._line) >= self._lines_max:
                self.dropped += 1
                return
            self._line.append(text)
            self._turned.notify_all()

    def flush(self, limit_s: float = END_S_MAX) -> bool:
        """Wait until all that is in line has been written; False if it was not in time."""
        with self._turned:
            return self._turned.wait_for(lambda: not self._line and not self._writing, limit_s)

    def close(self) -> None:
        """Write what is in line, as far as it goes in time, and end."""
        self.flush()
        with self._turned:
            self._ended = True
            self._turned.notify_all()

    def _run(self) -> None:
        while True:
            with self._turned:
                self._turned.wait_for(lambda: self._line or self._ended)
                if not self._line:
                    return
                count = min(len(self._line), LINES_AT_ONCE)
                texts = [self._line.popleft() for _ in range(count)]
                self._writing = True
            self._write(texts)
            with self._turned:
                dropped, self.dropped = self.dropped, 0
                self._writing = False
                self._turned.notify_all()
            if dropped:
                log.warning("logs.dropped", lines=dropped)

    def _write(self, texts: list[str]) -> None:
        try:
            self._stream.write("".join(f"{text}\n" for text in texts))
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads, or the stream is closed
            with self._turned:
                self._ended = True
                self._line.clear()


class _Logger:
    """What structlog hands a finished line to."""

    def __init__(self, writer: LineWriter) -> None:
        self.msg = self.debug = self.info = self.warning = self.error = self.critical = writer.put
        self.log = self.fatal = self.exception = writer.put


class _Libraries(logging.Handler):
    """What libraries log goes the same way as ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one record."""
        log.log(
            record.levelno,
            "library.said",
            library=record.name,
            text=record.getMessage(),
            exc_info=record.exc_info or None,
        )


def hide_numbers(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what may be a telephone number (a processor of structlog)."""
    for field, value in event.items():
        if isinstance(value, str) and field not in OURS:
            event[field] = (DIGITS if field in FOREIGN else TELEPHONE).sub(HIDDEN, value)
    return event


_writers: list[LineWriter] = []


def set_up_logs(level: str) -> None:
    """Send everything at or above ``level`` (debug, info, warning, error) to stderr."""
    terminal = sys.stderr.isatty()
    renderer = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    _end()
    writer = LineWriter(sys.stderr)
    _writers.append(writer)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=not terminal),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            hide_numbers,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: _Logger(writer),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()])
    logging.captureWarnings(True)


def flush_logs() -> None:
    """Wait a moment for what has been logged to be written."""
    for writer in _writers:
        writer.flush()


def _end() -> None:
    while _writers:
        _writers.pop().close()


atexit.register(_end)
