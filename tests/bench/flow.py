"""How far one event goes through the program, and how often the screen is made anew for it.

The engine is a fake one in the same process, whose server and commands are the real ones: what they
do on the way counts too.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType
from typing import NamedTuple
from unittest.mock import patch

from textual.events import Paste

import pan123_tui
from pan123_tui.config import settings as settings_file
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.add_links import screen as _imported_at_first_use  # noqa: F401
from pan123_tui.ui.dashboard import view
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.widgets.key_bar import KeyBar
from tests.ui.dashboard_stage import Story, story, task

ROOT = f"{Path(pan123_tui.__file__).parent}/"
LINK, ROW = "https://files.example.org/the-pasted-one.iso", "the-pasted-one.iso"
POLLED = 3
ORDERED, FILLED, KEY_BAR = (
    it.__code__ for it in (view.ids_in_order, TaskTable.fill, KeyBar.show_keys)
)
HEADINGS = (
    f"{'':18}{'functions':>10}{'modules':>9}{'aim':>12}{'ordered':>9}{'filled':>8}{'keys':>6}"
)


class Trace(NamedTuple):
    """The calls of the program's own named functions in the thread of the screen."""

    calls: Counter[CodeType]

    @property
    def modules(self) -> set[str]:
        return {code.co_filename.removeprefix(ROOT) for code in self.calls}

    @property
    def names(self) -> list[str]:
        """A line for each function: its module, its name, and how often it was called."""
        lines = (
            f"{code.co_filename.removeprefix(ROOT)} {code.co_qualname} {count}"
            for code, count in self.calls.items()
        )
        return sorted(lines)


@contextmanager
def traced() -> Iterator[Trace]:
    """Count the calls in the block."""
    trace = Trace(Counter())

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ROOT) and code.co_name[0] != "<":
            trace.calls[code] += 1

    sys.setprofile(note)
    try:
        yield trace
    finally:
        sys.setprofile(None)


async def _paste(told: Story) -> None:
    told.dashboard.post_message(Paste(LINK))
    await told.sees(lambda: told.app.screen is not told.dashboard and ROW in told.text)


async def _queue(told: Story) -> None:
    await told.press("ctrl+s")
    await told.sees(lambda: told.app.screen is told.dashboard and ROW in told.text)


async def _poll(told: Story) -> None:
    polled = apply_progress(
        told.engine.tasks[POLLED], Progress(77.0, ProcessStatus.RUNNING), at=told.engine.now
    )
    told.engine.tell(polled)
    await told.sees(lambda: "77%" in told.text)


async def _set_theme(told: Story) -> None:
    """Save a setting, of which the engine tells all screens."""
    await told.app.live_settings.save({"ui.theme": "nord"})
    model = told.app.model
    await told.sees(lambda: told.app.theme == "nord" and model.status.settings_revision)


class Event(NamedTuple):
    """Something that happens to the screen, and the aim for it."""

    run: Callable[[Story], Awaitable[None]]
    functions: int | None = None
    """At most so many; None: not counted."""
    modules: int | None = None


EVENTS = {
    "paste → review": Event(_paste, 100, 25),
    "ctrl+s → row": Event(_queue, 170, 35),
    "poll → row": Event(_poll, 90, 25),
    "setting → effect": Event(_set_theme),
}


async def _figures(chosen: str | None) -> None:
    tasks = [task(n, list(TaskState)[n % len(TaskState)], percent=10.0 + n) for n in range(1, 20)]
    tasks[POLLED - 1] = task(POLLED)
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = AppPaths(folder, folder, folder)
        with patch.object(settings_file, "load", wraps=settings_file.load) as load:
            async with story(tasks, paths=paths, state_dir=folder) as told:
                for what, event in EVENTS.items():
                    await told.pilot.pause()
                    with traced() as trace:
                        await event.run(told)
                        await told.pilot.pause()
                    print(_row(what, event, trace.calls, len(trace.modules)), flush=True)
                    if chosen and chosen in what:
                        print("\n".join(trace.names))
                print(f"own settings read again: {load.call_count}")


def _row(what: str, event: Event, calls: Counter[CodeType], modules: int) -> str:
    counted = f"{len(calls):>10}{modules:>9}"
    aim = f"≤ {event.functions} / {event.modules}" if event.functions else ""
    done = f"{calls[ORDERED]:>9}{calls[FILLED]:>8}{calls[KEY_BAR]:>6}"
    return f"{what:18}{counted}{aim:>12}{done}"


def main(chosen: str | None = None) -> None:
    """Print a row for each event; with a part of its name, also the functions called."""
    print(HEADINGS)
    asyncio.run(_figures(chosen))
    print("aim: ordered, filled and key bar made at most once each; settings not read again")
