"""What the dashboard does in each terminal, directly and over ssh."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.terminals.desktops import Desktop, sway_desktop, x_desktop
from tests.terminals.emulators import EMULATORS, Emulator
from tests.terminals.probe import BEFORE
from tests.terminals.probed import ProbedTerminal, Wrap
from tests.terminals.remote import SshServer, ssh_server

LINKS = [f"https://example.com/{name}.iso" for name in ("first", "second", "third")]
KEYPAD = {digit: str(86 + int(digit)) for digit in "123"}
"""Codes of keys, which do what they do with NumLock."""
OPEN_S = 8.0
"""How long the review may take to open."""
PAINT_S = 2.0
"""How long a terminal may take to paint what it has read."""
TRUE_COLOR, EIGHT_BIT = re.compile(rb"[34]8;2;\d"), re.compile(rb"[34]8;5;\d")
ON_FAILED, FIRST_LINE = 28.5, 0.01
"""The column of the tab with what has failed, and its line in parts of the window's height."""

HEADINGS = (
    *("terminal", "colours direct → ssh", "keys", "paste", "mouse", "`y` over ssh"),
    *("title set / restored", "left behind"),
)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """Run sshd for all terminals."""
    with ssh_server(tmp_path_factory.mktemp("sshd")) as started:
        yield started


@pytest.fixture(scope="session")
def rows() -> Iterator[list[Sequence[str]]]:
    """Print what each terminal did, at the end."""
    table: list[Sequence[str]] = [HEADINGS, ["---"] * len(HEADINGS)]
    yield table
    print("", *(f"| {' | '.join(row)} |" for row in table), sep="\n")


class Visit:
    """Uses one terminal; each step returns whether it worked."""

    def __init__(self, emulator: Emulator, terminal: ProbedTerminal, desktop: Desktop) -> None:
        self.emulator, self.terminal, self.desktop = emulator, terminal, desktop

    def colors(self) -> str:
        if TRUE_COLOR.search(self.terminal.drawn):
            return "true"
        return "256" if EIGHT_BIT.search(self.terminal.drawn) else "16"

    def failing_keys(self) -> list[str]:
        """Return the keys that did not do what is printed on them."""
        tries = {
            "Escape, then a key": self._helps("Escape"),
            "Alt and a letter": self._helps("alt+z"),
            "Delete": self._removes("Delete"),
            "keypad Delete": self._removes("KP_Delete"),
            "keypad digits": self._searches_for_digits(),
        }
        return [name for name, works in tries.items() if not works]

    def pastes(self) -> bool:
        """A paste opens the review with its links; the review is left again."""
        self.desktop.copy("\n".join(LINKS), self.emulator.selection)
        self.terminal.press(self.emulator.paste)
        works = self.terminal.shows("3 links to queue", within_s=OPEN_S)
        if not works and self.emulator.confirm:
            self.terminal.press(self.emulator.confirm)
            works = self.terminal.shows("3 links to queue")
        return works and self._leaves_review()

    def clicks(self) -> bool:
        """A click on a tab chooses its view."""
        self.desktop.click(ON_FAILED / self.terminal.screen.columns, FIRST_LINE)
        works = self.terminal.hides("ubuntu-25.10")
        self.terminal.press("1")
        return self.terminal.shows("ubuntu-25.10") and works

    def copies(self) -> str:
        """`y` puts the link of a task into the desktop's clipboard."""
        self.desktop.copy("nothing yet", "clipboard")
        self.terminal.press("y")
        arrives = self.terminal.comes(lambda: self.desktop.read().startswith("http"), 4)
        self.terminal.comes(lambda: False, PAINT_S)  # it is sent on every way that there may be
        self.terminal.press("Escape")
        return "yes" if arrives else "no"

    def _helps(self, key: str) -> bool:
        self.terminal.press(key, "question")
        works = self.terminal.shows("esc closes", within_s=3)
        self.terminal.press("Escape")
        return self.terminal.hides("esc closes") and works

    def _removes(self, key: str) -> bool:
        self.terminal.press(key)
        works = self.terminal.shows("task removed", within_s=3)
        self.terminal.press("u")
        return self.terminal.shows("task is back") and works

    def _searches_for_digits(self) -> bool:
        is_wayland = self.emulator.is_wayland
        keys = ["KP_1", "KP_2", "KP_3"] if is_wayland else ["Num_Lock", *KEYPAD.values()]
        self.terminal.press("slash", *keys)
        works = self.terminal.shows("/ 123")
        self.terminal.press(*([] if is_wayland else ["Num_Lock"]), "Escape")
        return self.terminal.hides("/ 123") and works

    def _leaves_review(self) -> bool:
        self.terminal.press("ctrl+x", "Escape")
        return self.terminal.shows("q leave")


def tidiness(visit: Visit) -> list[str]:
    """Return what the program has left behind."""
    before, after = visit.terminal.before, visit.terminal.after
    modes = before["modes"].items() - after["modes"].items()
    left = [f"mode {mode}" for mode, _state in sorted(modes)]
    row, column = before["cursor"].split(";")
    farewell = f"{int(row) + 1};{column}"  # below what is said after `Q`, which is one line
    left += ["keyboard"] if before["keyboard"] != after["keyboard"] else []
    left += ["cursor"] if after["cursor"] != farewell else []
    return [*left, *([f"reply {after['stray']!r}"] if after["stray"] else [])]


def visit_all(emulator: Emulator, desktop: Desktop, wrap: Wrap, log: Path) -> dict[str, str]:
    """Return what works in the terminal that `wrap` starts."""
    with ProbedTerminal(desktop, wrap, log) as terminal:
        visit = Visit(emulator, terminal, desktop)
        assert terminal.shows("logged in", within_s=30), terminal.text
        title = desktop.title()
        failing = visit.failing_keys()
        found = {
            "colors": visit.colors(),
            "keys": f"not {', '.join(failing)}" if failing else "yes",
            "paste": "yes" if visit.pastes() else "no",
            "mouse": emulator.mouse if emulator.mouse != "yes" or visit.clicks() else "no",
            "copies": visit.copies(),
        }
        terminal.press("Q")
        assert terminal.ends(within_s=60) == 0, terminal.text
        found["left"] = ", ".join(tidiness(visit)) or "nothing"
        back = {BEFORE: "yes"}.get(desktop.title(), f"“{desktop.title()}”")
        found["title"] = f"{'yes' if 'running' in title else 'no'} / {back}"
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "emulator",
    [pytest.param(it, id=it.name, marks=pytest.mark.needs("sshd", *it.tools)) for it in EMULATORS],
)
def test_a_terminal(
    emulator: Emulator, server: SshServer, rows: list[Sequence[str]], tmp_path: Path
) -> None:
    def direct(program: Sequence[str]) -> list[str]:
        return [*emulator.command.split(), *emulator.inner.split(), *program]

    def over_ssh(program: Sequence[str]) -> list[str]:
        return [*emulator.command.split(), *server.command([*emulator.inner.split(), *program])]

    desktop_of = sway_desktop if emulator.is_wayland else x_desktop
    found = []
    for wrap in (direct, over_ssh):
        folder = tmp_path / wrap.__name__
        folder.mkdir(mode=0o700)
        with desktop_of(folder) as desktop:
            found.append(visit_all(emulator, desktop, wrap, folder / "log"))
            version = emulator.version_text(desktop.environ)
    remote = found[-1]
    both = {
        name: "; ssh: ".join(dict.fromkeys(way[name] for way in found))
        for name in ("keys", "paste", "mouse", "title", "left")
    }
    colors = " → ".join(way["colors"] for way in found)
    row = [f"{emulator.name} {version}", colors, both["keys"], both["paste"], both["mouse"]]
    rows.append([*row, remote["copies"], both["title"], both["left"]])
    assert both["keys"] == both["paste"] == "yes"
    assert both["mouse"] == emulator.mouse
    assert remote["copies"] == emulator.copies
    left = {thing for way in found for thing in way["left"].split(", ")}
    assert left <= {"nothing", *emulator.may_leave}
