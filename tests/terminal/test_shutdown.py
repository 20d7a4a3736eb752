"""The end on a signal: one that comes while another is handled, a terminal that takes nothing."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from pan123_tui.terminal.shutdown import LEAVE_SCREEN, _take, _write_now
from tests.shell import PATIENCE_S
from tests.ui.textual_private import WriterThread

BEGIN = """
import signal, sys, threading
from pan123_tui.terminal import shutdown

shutdown.SCREEN_TIMEOUT_S = 0.0
watchdog = shutdown.ShutdownWatchdog(leave=lambda: None)
watchdog.watch()
"""
SIGNAL_IN_HANDLER = """
sys.setprofile(lambda *_: signal.raise_signal(signal.SIGHUP))  # at each call in the handler
signal.raise_signal(signal.SIGTERM)
sys.setprofile(None)
signal.pause()
"""
MAIN_THREAD_FREED = """
is_freed, is_over = threading.Event(), threading.Event()
watchdog._restore_terminal = lambda: (is_freed.set(), print(is_over.wait(0.2), flush=True))
signal.raise_signal(signal.SIGHUP)
is_freed.wait()
watchdog.mark_done()
is_over.set()
"""

HUNG = """
watchdog.restore_sequence = "the title"
watchdog._leave = lambda: print("asked to leave", flush=True)
signal.raise_signal(signal.SIGTERM)
signal.pause()
"""
CLOSES = """
shutdown.SCREEN_TIMEOUT_S = 1e3
watchdog._leave = watchdog.mark_done
signal.raise_signal(signal.SIGHUP)
watchdog._done.wait()
sys.exit(watchdog.exit_code)
"""


def run(program: str) -> tuple[int, str]:
    command = [sys.executable, "-c", BEGIN + program]
    ran = subprocess.run(command, timeout=PATIENCE_S, check=False, stdout=subprocess.PIPE)
    return ran.returncode, ran.stdout.decode()


def test_a_signal_in_the_handler_of_another_one_still_ends_the_program() -> None:
    assert run(SIGNAL_IN_HANDLER)[0] in {128 + signal.SIGTERM, 128 + signal.SIGHUP}


def test_a_forced_end_is_not_overtaken_by_the_main_thread_that_it_has_freed() -> None:
    assert run(MAIN_THREAD_FREED) == (128 + signal.SIGHUP, "False\n")


def test_a_screen_that_hangs_is_asked_then_ended_with_its_terminal_restored() -> None:
    master, screen = pty.openpty()
    command = [sys.executable, "-c", BEGIN + HUNG]
    ran = subprocess.run(command, timeout=PATIENCE_S, check=False, stdout=-1, stderr=screen)
    drawn = os.read(master, 65_536).decode()
    os.close(screen)
    os.close(master)
    assert (ran.returncode, ran.stdout) == (128 + signal.SIGTERM, b"asked to leave\n")
    assert drawn == f"\x18{LEAVE_SCREEN}the title"


def test_a_screen_that_closes_in_time_ends_as_the_signal_says() -> None:
    assert run(CLOSES) == (128 + signal.SIGHUP, "")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("line", [3_000, 9_000] * 12)  # which thread is first is left to chance
def test_the_last_words_are_the_last_though_another_thread_waits_to_write(line: int) -> None:
    master, screen = pty.openpty()
    writer = WriterThread(os.fdopen(screen, "w", buffering=1))
    writer.start()
    for _more in range(25):  # than fits into a terminal that nobody reads
        writer.write("x" * line + "\r")
    while not is_full(screen):
        time.sleep(0.001)
    terminal = _take(screen)
    try:
        os.set_blocking(terminal, False)
        _write_now(terminal, b"the last words")
        writer.stop()
        os.set_blocking(master, False)
        assert read_all(master).endswith(b"the last words")
    finally:
        os.close(master)
        os.close(terminal)


def is_full(terminal: int) -> bool:
    return not select.select([], [terminal], [], 0)[1]


def read_all(master: int) -> bytes:
    drawn = b""
    with suppress(BlockingIOError):
        while data := os.read(master, 65_536):
            drawn += data
    return drawn
