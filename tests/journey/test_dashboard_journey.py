"""The dashboard in a real terminal: mark, sort, filter, retry, remove, undo, and come back."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.service import Simulator
from tests.journey.terminal import Terminal

FAILING = [f"https://example.com/fail/broken-{n:02}.iso" for n in range(1, 9)]
GOOD = [f"https://example.com/good/whole-{n:02}.iso" for n in range(1, 13)]
TITLE = re.compile(rb"\x1b\]0;([^\x07]*)\x07")
PUSH_TITLE, POP_TITLE = b"\x1b[22;0t", b"\x1b[23;0t"


class ListeningTerminal(Terminal):
    """Records all output."""

    heard = b""

    def on_output(self, drawn: bytes) -> None:
        self.heard += drawn


@pytest.fixture
def service() -> Iterator[Simulator]:
    with Simulator(speed=100) as simulator:
        yield simulator


@pytest.fixture
def environ(service: Simulator, tmp_path: Path) -> dict[str, str]:
    folders = {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
    }
    (tmp_path / "config").mkdir()
    config = "[service]\ncreate_per_s = 20\nprocess_per_s = 50\n[clipboard]\nosc52_query = false\n"
    (tmp_path / "config" / "config.toml").write_text(config)
    return service.environ | folders


@pytest.mark.long
def test_five_of_twenty_are_marked_retried_removed_and_brought_back(
    service: Simulator, environ: dict[str, str]
) -> None:
    with ListeningTerminal(environ=environ) as terminal:
        terminal.sees("online")
        terminal.press("a")
        terminal.sees("Review")
        terminal.paste("\n".join(FAILING + GOOD))
        terminal.sees("20 links")
        terminal.press("ctrl+s")
        terminal.sees("done 12")
        terminal.sees("failed 8")

        terminal.press("s")
        terminal.sees("Sort by")
        terminal.press("2")
        terminal.sees("name ▴")
        terminal.press("/")
        terminal.sees("words, or state:failed")
        terminal.press(*"state:failed", "enter")
        terminal.misses("whole-01.iso")
        terminal.press("g", "v", "j", "j", "j", "j", "v")
        terminal.sees("5 marked")
        terminal.sees("retry 5")
        terminal.press("r")
        terminal.sees("5 links queued again.")
        terminal.misses("marked")
        terminal.waits(lambda: len(service.tasks()) == 25, "no second submission")
        for url in FAILING:  # they fail again and come back, each between the others
            terminal.sees(url.rpartition("/")[2])

        terminal.press("g", "v", "j", "j", "j", "j", "v", "d")
        terminal.sees("5 tasks removed.")
        terminal.press("u")
        terminal.sees("5 tasks are back")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
        heard = terminal.heard

    created = Counter(task["url"] for task in service.tasks())
    assert created == Counter(FAILING + GOOD) + Counter(FAILING[:5])
    assert heard.index(PUSH_TITLE) < heard.index(b"\x1b]0;") < heard.index(POP_TITLE)
    titles = [title.decode() for title in TITLE.findall(heard)]
    assert any("running" in title for title in titles)
    assert not any("iso" in title or "example.com" in title for title in titles)

    with Terminal(environ=environ) as terminal:
        terminal.sees("name ▴")
        terminal.sees("broken-01.iso")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
