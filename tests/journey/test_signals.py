"""Signals: no traceback, no lost link or draft, and the terminal restored."""

import os
import signal
import termios
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from pan123_tui.domain.task import TaskState
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.system.folder_lock import find_holder, read_holder
from pan123_tui.ui.add_links.draft import Draft
from tests.journey.terminal import Terminal
from tests.leftovers import is_alive
from tests.shell import Shell
from tests.terminals.remote import wait_until

LINK = "https://example.com/1.zip"
LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"
CLEARS = b"\x1b[H\x1b[2J"
SAVES_TITLE, SETS_TITLE, RESTORES_TITLE = b"\x1b[22;0t", b"\x1b]0;", b"\x1b[23;0t"
MODES = (1000, 1002, 1003, 1004, 1006, 1015, 1016, 2004, 2048)
"""Of mouse, focus, paste and size."""


class RecordingTerminal(Terminal):
    """A terminal that records its settings at the start."""

    def __init__(self, *arguments: str, environ: dict[str, str]) -> None:
        super().__init__(*arguments, environ=environ)
        self._before = termios.tcgetattr(self.process.child_fd)

    @property
    def settings(self) -> list[object]:
        """The terminal's settings, without speed and control characters."""
        return list(termios.tcgetattr(self.process.child_fd)[:4])

    def assert_restored(self) -> None:
        assert b"Traceback" not in self.heard
        assert LEFT_ALTERNATE_SCREEN in self.heard
        assert SHOWS_CURSOR in self.heard.rpartition(b"\x1b[?25l")[2]
        assert self.settings == self._before[:4]
        for mode in MODES:
            assert b"\x1b[?%dl" % mode in self.heard.rpartition(b"\x1b[?%dh" % mode)[2], mode
        assert b"\x1b[?7h" in self.heard.rpartition(b"\x1b[?7l")[2]
        screen, _, after = self.heard.rpartition(LEFT_ALTERNATE_SCREEN)
        assert screen.endswith(b"\x1b[<u")  # kitty's flags are a stack of each screen
        assert CLEARS in screen[-120:]
        assert b"\x1b[<u" not in after
        last_title = self.heard.rpartition(SAVES_TITLE)[2].rpartition(SETS_TITLE)[2]
        assert last_title.partition(b"\x07")[2].startswith(RESTORES_TITLE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one link and no service to send it to."""
    shell = Shell(tmp_path)
    shell.queue("https://example.com/good/holiday.zip")
    return shell.data


@pytest.fixture
def terminal(folder: Path, environ: dict[str, str]) -> Iterator[RecordingTerminal]:
    with RecordingTerminal(environ=environ) as opened:
        opened.sees("holiday")
        yield opened


@pytest.mark.parametrize(
    ("end", "locale"),
    [
        (signal.SIGHUP, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        (signal.SIGINT, {"LC_ALL": "zh_CN.GBK", "LANG": "zh_CN.GBK"}),
        ("\x03", {"LANG": "", "PYTHONIOENCODING": "latin-1"}),
    ],
    ids=["SIGHUP-bare-C", "SIGINT-GBK", "ctrl+c-latin-1"],
)
def test_told_to_end_it_saves_the_draft_and_leaves_the_engine_in_any_locale(
    environ: dict[str, str], folder: Path, end: signal.Signals | str, locale: dict[str, str]
) -> None:
    with RecordingTerminal(environ=environ | locale) as terminal:
        terminal.sees("holiday")
        terminal.press("a")
        terminal.sees("or type one")
        terminal.paste(LINK)
        terminal.sees("1 link to queue")
        terminal.press("tab", *"资料", "tab", *"weekend")
        terminal.sees("weekend")
        if isinstance(end, str):  # the interrupt key leaves as if asked to
            terminal.press(end)
        else:
            terminal.process.kill(end)
            terminal.process.kill(end)  # two at once are one
        assert terminal.ends(within_s=60) == (0 if isinstance(end, str) else 128 + end)
        terminal.assert_restored()
        assert_engine_has_the_link(folder)
    draft = Draft.read(folder / "state" / "draft.json")
    assert [row.text for row in draft.rows] == [LINK]
    assert {"资料", "weekend"} <= set(draft.fields.values())


def test_one_cell_and_a_stop_are_survived(terminal: RecordingTerminal) -> None:
    for rows, columns in ((1, 1), (2, 500), (200, 1), (34, 120)):
        terminal.process.setwinsize(rows, columns)
        terminal.screen.resize(rows, columns)
        terminal.read_output(0.3)
    terminal.sees("holiday")
    before = terminal.settings
    terminal.process.kill(signal.SIGTSTP)
    terminal.waits(lambda: LEFT_ALTERNATE_SCREEN in terminal.heard, "the screen stays")
    terminal.waits(lambda: is_stopped(terminal.process.pid), "it goes on")
    assert terminal.settings != before, "the terminal is still raw"
    terminal.heard = b""
    terminal.screen.reset()
    terminal.process.kill(signal.SIGCONT)
    terminal.sees("holiday")
    assert terminal.settings == before
    terminal.press("q")
    assert terminal.ends(within_s=60) == 0
    terminal.assert_restored()


def assert_engine_has_the_link(folder: Path) -> None:
    pid, program, _socket = read_holder(folder)
    assert pid is not None
    assert is_alive(pid)
    assert program == "engine"
    state = TaskFiles(folder).load(read_only=True)[1].state
    assert state in (TaskState.QUEUED, TaskState.SUBMITTING)  # it is tried again and again


def is_stopped(pid: int | None) -> bool:
    """Return whether the process `pid` is stopped."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return stat.rpartition(")")[2].split()[0] == "T"


def test_a_terminal_that_stopped_reading_does_not_keep_it_from_leaving(
    terminal: RecordingTerminal, folder: Path
) -> None:
    for width in range(60, 120):  # each draws the whole screen, and nobody reads it
        terminal.process.setwinsize(34, width)
        time.sleep(0.02)
    terminal.process.kill(signal.SIGTERM)
    told_at = time.monotonic()
    wait_until(lambda: not is_alive(terminal.process.pid or 0))
    assert time.monotonic() < told_at + 5
    assert_engine_has_the_link(folder)
    # Not by pyte, which fails on the sequences that were cut.
    terminal.heard += terminal.process.read()  # type: ignore[operator]
    terminal.assert_restored()


def test_both_screens_of_a_demo_go_on_with_the_engine_that_replaces_a_killed_one(
    disk: Path,
) -> None:
    shell = Shell(disk, extra_environ={"TMPDIR": str(disk)})
    environ = {"TMPDIR": str(disk)}
    with Terminal("--demo", environ=environ) as one, Terminal("--demo", environ=environ) as other:
        for screen in (one, other):
            screen.sees("running")
        (folder,) = disk.glob("pan123-demo-*")
        for number in range(2):
            killed = read_holder(folder / "data").pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            wait_until(partial(has_other_engine, folder / "data", killed))
            ran = shell.run("--demo", "add", f"https://host.example/new-{number}.zip")
            assert (ran.code, "1 link queued" in ran.err) == (0, True), ran.err
            for screen in (one, other):
                screen.sees(f"new-{number}.zip")
            assert f"new-{number}.zip" in (folder / "data" / "tasks.json").read_text()
        assert shell.run("--demo", "stop").code == 0
        wait_until(lambda: not folder.exists())


def has_other_engine(folder: Path, killed: int) -> bool:
    return find_holder(folder).pid not in (None, killed)


def test_a_demo_outlives_its_screen_for_commands_and_other_screens_and_then_leaves_nothing(
    disk: Path,
) -> None:
    shell = Shell(disk, extra_environ={"TMPDIR": str(disk), "PAN123_PROFILE": "work"})
    with Terminal("--demo", environ={"TMPDIR": str(disk)}) as terminal:
        terminal.sees("running")
        (folder,) = disk.glob("pan123-demo-*")
        engine, program, _socket = read_holder(folder / "data")
        assert engine is not None
        assert program == "engine"
        terminal.process.kill(signal.SIGKILL)
        assert terminal.ends(within_s=60) == -signal.SIGKILL
    ran = shell.run("--demo", "add", LINK)
    assert (ran.code, "1 link queued" in ran.err) == (0, True), ran.err
    assert "小鱼" in shell.run("--demo", "status").out
    assert not shell.data.exists(), "nothing was done to the real list"
    with Terminal("--demo", environ={"TMPDIR": str(disk)}) as terminal:
        terminal.sees("1.zip")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
        assert "“pan123-tui --demo stop” ends it." in terminal.last_words()
    ran = shell.run("--demo", "stop")
    assert (ran.code, ran.err) == (0, f"The engine (pid {engine}) has ended.\n")
    wait_until(lambda: not is_alive(engine))
    assert not list(disk.glob("pan123-demo-*"))
