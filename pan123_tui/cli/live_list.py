"""`list --watch`: the table in place, refreshed until ctrl+c or q."""

import asyncio
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from types import FrameType
from typing import Any, Self

import click

from pan123_tui.bootstrap import AppContext, is_listening, load_store
from pan123_tui.cli.remote import RemoteEngine
from pan123_tui.cli.task_table import fitting_tasks, format_table, may_color
from pan123_tui.domain.errors import EngineError, StoreLocked
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import count_tasks, number

RETRY_S = 15.0
"""Shortest time between two tries to reach an engine that does not answer."""
READ_S = 0.02
"""How long what the engine has sent is read before a refresh."""
_FILES = ("tasks.json", "archive.json")
_OPEN, _CLOSE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
"""The alternate screen without a cursor, and back."""


def show_live(
    context: AppContext, choose: Callable[[Mapping[int, Task]], list[Task]], interval_s: float
) -> None:
    """Show the tasks that `choose` returns every `interval_s` seconds, until the user ends it.

    Raises `click.UsageError` where standard output is no terminal that can draw in place.
    """
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        text = _("--watch needs a terminal to draw in. Leave it out.")
        raise click.UsageError(text)
    has_colors = may_color(os.environ)
    lines: list[str] = []
    with suppress(KeyboardInterrupt), TaskSource(context) as source, InPlaceScreen() as screen:
        while True:
            tasks = choose(source.tasks())
            lines = _lines(tasks, screen.size, source, has_colors=has_colors)
            screen.draw(lines)
            if screen.wait_for_end(interval_s):
                break
    click.echo("\n".join(lines[1:]))  # what was seen last stays


def _lines(
    tasks: Sequence[Task], size: os.terminal_size, source: "TaskSource", *, has_colors: bool
) -> list[str]:
    """Return a heading and the table, as many lines as `size` has at most."""
    now = time.time()
    shown = fitting_tasks(tasks, size.lines - 2)
    parts = [count_tasks(len(tasks))]
    if hidden := len(tasks) - len(shown):
        text = ngettext("{count} does not fit", "{count} do not fit", hidden)
        parts.append(text.format(count=number(hidden)))
    if source.is_paused:
        parts.append(_("sending is paused"))
    if not source.is_live:
        parts.append(_("nothing runs"))
    parts += [_("ctrl+c ends"), time.strftime("%H:%M:%S", time.localtime(now))]
    heading = sanitize(" · ".join(parts), size.columns)
    table = format_table(shown, cells=size.columns, now=now, has_colors=has_colors)
    return [heading, *table][: size.lines]


class TaskSource:
    """The tasks of the engine that runs, else those on disk; in a `with` block."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._connection = ExitStack()
        self._engine: RemoteEngine | None = None
        self._next_try_at = 0.0
        self._stored: Mapping[int, Task] = {}
        self._is_stored_paused = False
        self._stored_version: object = None
        self.is_paused = False
        """Whether sending was paused when `tasks` were returned last."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._connection.close()

    @property
    def is_live(self) -> bool:
        """Whether the tasks are those of a running engine."""
        return self._engine is not None

    def tasks(self) -> Mapping[int, Task]:
        """Return the current tasks, oldest first; raises as `load_store` does."""
        with suppress(EngineError, StoreLocked):
            engine = self._reached()
            engine.run(asyncio.sleep(READ_S))
            model = engine.update()
            self.is_paused = model.status.is_paused
            return dict(sorted(model.tasks.items()))
        self._connection.close()
        self._engine = None
        if (version := self._version()) != self._stored_version:
            self._stored, _damaged, self._is_stored_paused = load_store(self._context)
            self._stored_version = version
        self.is_paused = self._is_stored_paused
        return self._stored

    def _reached(self) -> RemoteEngine:
        """Return the connection, made again where it may be; raises an `EngineError`."""
        if self._engine is not None:
            return self._engine
        if time.monotonic() < self._next_try_at or not is_listening(self._context):
            raise EngineError("nothing to ask")
        self._next_try_at = time.monotonic() + RETRY_S
        engine = RemoteEngine(self._context, may_start=False, wants_updates=True)
        self._connection.enter_context(engine)
        engine.load()
        self._engine, self._next_try_at = engine, 0.0
        return engine

    def _version(self) -> object:
        """Return what changes whenever the files are written."""
        found = []
        for name in _FILES:
            with suppress(OSError):
                stat = (self._context.paths.data_dir / name).stat()
                found.append((stat.st_ino, stat.st_mtime_ns, stat.st_size))
        return found


class InPlaceScreen:
    """Draws lines where they differ, and gives the terminal back however the program ends."""

    def __init__(self) -> None:
        self._drawn: list[str] = []
        self._size = os.terminal_size((0, 0))
        self._input_modes: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._signals = os.pipe()
        """Readable after a signal, so that a wait ends."""

    @property
    def size(self) -> os.terminal_size:
        """Columns and lines of the terminal now, whatever the variables of the shell say."""
        with suppress(OSError, ValueError):
            size = os.get_terminal_size(sys.stdout.fileno())
            if all(size):
                return size
        return shutil.get_terminal_size()

    def __enter__(self) -> Self:
        os.set_blocking(self._signals[1], False)
        signal.set_wakeup_fd(self._signals[1], warn_on_full_buffer=False)
        for name, handler in (
            ("SIGTERM", _exit_on_signal),
            ("SIGHUP", _exit_on_signal),
            ("SIGTSTP", self._suspend),
            ("SIGWINCH", lambda _number, _frame: None),
        ):
            if (signal_number := getattr(signal, name, None)) is not None:
                self._handlers[signal_number] = signal.signal(signal_number, handler)
        self._open()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._close()
        for signal_number, handler in self._handlers.items():
            signal.signal(signal_number, handler)
        signal.set_wakeup_fd(-1)
        for end in self._signals:
            os.close(end)

    def draw(self, lines: Sequence[str]) -> None:
        """Show `lines`; of those that the screen has already, nothing is sent."""
        if self.size != self._size:
            self._size, self._drawn = self.size, []
            _write("\x1b[2J")
        count = max(len(lines), len(self._drawn))
        before, after = _padded(self._drawn, count), _padded(lines, count)
        changed = [row for row in range(count) if before[row] != after[row]]
        _write("".join(f"\x1b[{row + 1};1H{after[row]}\x1b[K" for row in changed))
        self._drawn = list(lines)

    def wait_for_end(self, seconds: float) -> bool:
        """Wait, but not after a change of the size; return whether the user has pressed q."""
        sources = [self._signals[0], *([] if self._input_modes is None else [sys.stdin.fileno()])]
        ready = select.select(sources, [], [], seconds)[0]
        if self._signals[0] in ready:
            os.read(self._signals[0], 1024)
        if sys.stdin.fileno() not in ready:
            return False
        typed = os.read(sys.stdin.fileno(), 1024)
        return not typed or b"q" in typed  # nothing: the terminal is gone

    def _open(self) -> None:
        _write(_OPEN)
        self._size = os.terminal_size((0, 0))
        with suppress(ImportError, OSError, ValueError):
            import termios
            import tty

            if sys.stdin.isatty():
                self._input_modes = termios.tcgetattr(sys.stdin)
                tty.setcbreak(sys.stdin)  # what is typed would stand in the table

    def _close(self) -> None:
        _write(_CLOSE)
        if self._input_modes is not None:
            import termios

            with suppress(OSError, termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._input_modes)

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        """Give the terminal back while the program is stopped by ctrl+z."""
        self._close()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._open()


def _exit_on_signal(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _padded(lines: Sequence[str], count: int) -> list[str]:
    return [*lines, *[""] * (count - len(lines))]


def _write(text: str) -> None:
    with suppress(OSError):  # the terminal is gone
        sys.stdout.write(text)
        sys.stdout.flush()
