"""The log: a small rotating file in the state folder, fit to be attached to a bug report."""

import logging
import os
import sys
import time
from collections.abc import Iterable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pan123_tui import __version__
from pan123_tui.domain.sanitize import redact, sanitize
from pan123_tui.system.private_files import (
    make_private_folder,
    open_regular,
    restrict_permissions,
)

MAX_FILE_BYTES = 512 * 1024
"""Size at which the log is rotated; one old file is kept."""
MAX_MESSAGE_CHARS = 2_000
"""Limit of one message, since text from outside may be megabytes long."""
_LEVELS = {"pan123_tui": logging.INFO, "asyncio": logging.WARNING}
"""Logger → lowest level that is written; none of it may reach the screen."""


def start_log(file: Path, *, secrets: Iterable[str] = ()) -> None:
    """Start the log, with `secrets` removed; errors while writing are ignored."""
    stop_log()
    handler = _PrivateRotatingFile(file, maxBytes=MAX_FILE_BYTES, backupCount=1, delay=True)
    handler.setFormatter(_SanitizingFormatter(secrets))
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    logging.getLogger(__name__).info(
        "pan123-tui %s, Python %s, %s", __version__, sys.version.split()[0], sys.platform
    )


def stop_log() -> None:
    for name in _LEVELS:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            if isinstance(handler, _PrivateRotatingFile):
                logger.removeHandler(handler)
                logger.propagate = True
                handler.close()


class _PrivateRotatingFile(RotatingFileHandler):
    """Creates its file with mode 0600 at the first message; ignores errors while writing."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        make_private_folder(path.parent)
        descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        restrict_permissions(path)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Ignore the error: a traceback would be printed over the screen."""


class _SanitizingFormatter(logging.Formatter):
    """Formats a message as one line without secrets and control characters; traces are indented."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        source = record.name.removeprefix("pan123_tui.")
        head = f"{self.formatTime(record, self.datefmt)} {record.levelname} {source}"
        lines = [f"{head}: {self._sanitize(record.getMessage())}"]
        if record.exc_info and record.exc_info[0]:
            trace = self.formatException(record.exc_info).splitlines()
            lines += [f"    {self._sanitize(line)}" for line in trace]
        return "\n".join(lines)

    def _sanitize(self, text: str) -> str:
        return sanitize(redact(text, self._secrets), MAX_MESSAGE_CHARS)
