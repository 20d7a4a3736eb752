"""What the driver reads and writes, on a terminal of its own."""

import asyncio
import os
import pty
import selectors
import signal
import sys
import termios
import time
import tty
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from pathlib import Path
from re import findall
from select import select
from signal import SIGCONT, SIGHUP, SIGTSTP, SIGWINCH
from threading import Thread
from typing import Any

import pytest
from textual import constants, events
from textual.drivers.web_driver import WebDriver
from textual.message import Message

from pan123_tui.terminal import driver
from pan123_tui.terminal.driver import NO_HOVER, QUERY_DEVICE, TerminalDriver
from pan123_tui.terminal.shutdown import CLEAR_AND_RESET
from pan123_tui.terminal.textual_private import TerminalApp


class Keys(TerminalApp[None]):
    """Records the keys and pastes that it gets."""

    LINK_STARTS = ("tel:",)

    def __init__(self) -> None:
        super().__init__()
        self.pressed: list[str] = []

    def forget_screen(self) -> None:
        self.pressed.append("whole paint")

    def post_message(self, message: Message) -> bool:
        if isinstance(message, events.Key):
            self.pressed.append(message.key)
        elif isinstance(message, events.Paste):
            self.pressed.append(message.text)
        elif isinstance(message, TerminalDriver.SignalResume):
            self.pressed.append("resumed")
        return True

    async def _post_message(self, message: Message) -> bool:
        return self.post_message(message)


class FakeTerminal:
    """The other end of the line: it records what is drawn, and replies to `QUERY_DEVICE`."""

    def __init__(self) -> None:
        self.master, screen = pty.openpty()
        tty.setraw(screen)
        self.drawn = ""
        self.is_waited_for = False
        """Whether nothing more is drawn before the reply."""
        self.screen = os.fdopen(screen, "w")
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        self.screen.close()
        self._reader.join(20)  # else it would read what the next terminal of this number draws
        os.close(self.master)

    def _read(self) -> None:
        decode = getincrementaldecoder("utf-8")().decode  # a read may end within a character
        asked = 0
        try:
            while data := os.read(self.master, 65_536):
                self.drawn += decode(data)
                if self.drawn.count(QUERY_DEVICE) > asked:
                    asked += 1
                    self.is_waited_for = not select([self.master], [], [], 0.2)[0]
                    os.write(self.master, b"\x1b[?62c")
        except OSError:  # it is closed
            pass


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTerminal]:
    there = FakeTerminal()
    monkeypatch.setattr(sys, "__stdin__", there.screen)
    monkeypatch.setattr(sys, "__stderr__", there.screen)
    handlers = {it: signal.getsignal(it) for it in (SIGWINCH, SIGTSTP, SIGCONT)}
    yield there
    # The driver leaves its own: the resize of another terminal would be an error of its test.
    for number, handler in handlers.items():
        signal.signal(number, handler)
    there.close()


async def until(is_so: Callable[[], object]) -> None:
    for _look in range(4_000):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


@pytest.mark.parametrize("named", [None, "", "textual.drivers.web_driver:WebDriver"])
def test_another_driver_takes_the_place_of_this_one_if_the_environment_names_it(
    monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    monkeypatch.setattr(constants, "DRIVER", named)
    chosen = Keys().driver_class
    assert chosen is (WebDriver if named else TerminalDriver)


@pytest.mark.parametrize("within", ["", "screen", "tmux"])
async def test_keys_come_in_order_and_the_end_waits_for_replies_that_are_on_their_way(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch, within: str
) -> None:
    monkeypatch.setattr(driver, "LAST_REPLY_TIMEOUT_S", 20.0)
    is_asked = not within
    for name, of in (("STY", ["screen"]), ("TERM", ["screen", "tmux"]), ("TMUX", ["tmux"])):
        monkeypatch.setenv(name, within if within in of else "")
    app = Keys()
    driving: Any = TerminalDriver(app)
    driving.start_application_mode()
    os.write(terminal.master, b"\x1bj\x1b[Ak")
    keys = ["whole paint", *(["escape", "j"] if within else ["alt+j"]), "up", "k"]
    await until(lambda: app.pressed == keys)
    os.write(terminal.master, b"TEL:1")
    await until(lambda: app.pressed[len(keys) :] == ["TEL:1"])
    with driving._writer_thread._queue.mutex:  # the signal comes in the midst of a write
        signal.raise_signal(SIGCONT)  # as after SIGSTOP, before which nothing could be restored
    await until(lambda: app.pressed[len(keys) + 1 :] == ["whole paint", "resumed"])
    await until(lambda: terminal.drawn.count("\x1b[?1049h") == 2)
    await until(lambda: terminal.drawn.count(NO_HOVER) == 2 * (within != "screen"))
    await until(lambda: "1003" not in modes_left(terminal.drawn))
    monkeypatch.setattr(app, "write", driving.write)
    app.queried_at = time.monotonic() - 60
    if is_asked:
        app.write_query("\x1b[6n")
    driving._has_replied.set()  # as after that pause
    terminal.is_waited_for = False
    before = len(terminal.drawn)
    driving.stop_application_mode()
    driving.close()
    await until(lambda: "\x1b[?1049l" in terminal.drawn[before:])
    end = terminal.drawn[before:]
    assert CLEAR_AND_RESET in end
    assert (QUERY_DEVICE in end) is is_asked
    assert terminal.is_waited_for is is_asked
    assert termios.tcgetattr(terminal.screen)[3] & termios.ECHO == 0, "as it was before"


async def test_a_terminal_that_has_gone_hangs_up_once(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(descriptor: int, size: int) -> bytes:
        if descriptor == screen:
            raise OSError
        return os_read(descriptor, size)

    screen, os_read, hang_ups = terminal.screen.fileno(), os.read, list[int]()
    asyncio.get_running_loop().add_signal_handler(SIGHUP, hang_ups.append, 1)
    driving: Any = TerminalDriver(Keys())
    driving.start_application_mode()
    monkeypatch.setattr(os, "read", read)
    os.write(terminal.master, b"j")
    await until(lambda: hang_ups == [1])
    await until(lambda: not driving._key_thread.is_alive())
    driving.stop_application_mode()
    driving.close()
    asyncio.get_running_loop().remove_signal_handler(SIGHUP)
    assert hang_ups == [1]


async def test_the_input_thread_sleeps_while_nothing_comes(
    terminal: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Selector(selectors.SelectSelector):
        def select(self, timeout: float | None = None) -> Any:
            waits.append(timeout)
            return super().select(timeout)

    waits: list[float | None] = []
    monkeypatch.setattr(selectors, "SelectSelector", Selector)
    app = Keys()
    driving: Any = TerminalDriver(app)
    driving.start_application_mode()
    os.write(terminal.master, b"j")
    await until(lambda: "j" in app.pressed)
    driving.stop_application_mode()
    driving.close()
    assert None in waits
    assert set(waits) <= {None, driver.TICK_S}, "it wakes by itself only amid a sequence"


async def test_the_sample_of_the_readme_ends_on_a_signal(terminal: FakeTerminal) -> None:
    readme = Path(driver.__file__).with_name("README.md").read_text(encoding="utf-8")
    sample = readme.partition("```python\n")[2].partition("```")[0]
    cooked = termios.tcgetattr(terminal.screen)
    cooked[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(terminal.screen, termios.TCSANOW, cooked)
    before = termios.tcgetattr(terminal.screen)
    command, there = (sys.executable, "-c", sample), terminal.screen
    program = await asyncio.create_subprocess_exec(
        *command, stdin=there, stdout=there, stderr=there
    )
    await until(lambda: "\x1b[?7l" in terminal.drawn)  # the last that is drawn at the start
    assert termios.tcgetattr(terminal.screen) != before
    program.terminate()
    assert await program.wait() == 128 + signal.SIGTERM
    await until(lambda: modes_left(terminal.drawn) == {"7", "25"})  # wraps, shows its cursor
    assert termios.tcgetattr(terminal.screen) == before


def modes_left(drawn: str) -> set[str]:
    """Return the modes that are set after `drawn`."""
    return {
        mode for mode, end in dict(findall(r"\x1b\[\?(\d+)([hl])", drawn)).items() if end == "h"
    }
