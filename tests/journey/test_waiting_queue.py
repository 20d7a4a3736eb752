"""In a real terminal: a queue that the account holds, and links whose folder is gone."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journey.service import Simulator
from tests.journey.terminal import Terminal

FOLDER = 10023
HELD = [
    "https://example.com/fast/textnumbers/held-01.iso",
    "https://example.com/fast/unknownyet/held-02.iso",
    *(f"https://example.com/fast/held-{n:02}.iso" for n in range(3, 13)),
]
LOST = [f"https://example.com/fast/lost-{n}.iso" for n in (1, 2)]


@pytest.fixture
def service() -> Iterator[Simulator]:
    with Simulator(speed=100) as simulator:
        yield simulator


@pytest.mark.long
def test_a_held_queue_and_a_missing_folder_cost_no_link(service: Simulator, tmp_path: Path) -> None:
    places = {"PAN123_DATA_DIR": str(tmp_path / "data"), "PAN123_CONFIG_DIR": str(tmp_path)}
    (tmp_path / "config.toml").write_text(
        "[service]\ncreate_per_s = 20\nprocess_per_s = 50\n"
        f"[clipboard]\nosc52_query = false\n[defaults]\nfolder_id = {FOLDER}\n"
    )
    with (
        httpx.Client(base_url=service.base_url, trust_env=False) as control,
        Terminal(environ=service.environ | places, columns=150) as terminal,
    ):
        control.post("/_sim/rules", json={"rates": False, "max_running": None})
        control.post("/_sim/faults", json={"kind": "quota", "endpoint": "create", "times": None})
        terminal.sees("online")
        _add(terminal, HELD)
        terminal.sees("queued 12")
        terminal.sees("The account's traffic is used up.", "Again in")
        assert control.get("/_sim/stats").json()["requests"]["create"] <= 3
        control.delete("/_sim/faults")
        terminal.press("f5")
        terminal.sees("done 12")

        control.post("/_sim/faults", json={"kind": "numbers_as_text", "times": None})
        control.delete(f"/_sim/folders/{FOLDER}")
        _add(terminal, LOST)
        terminal.sees("waits for folder 资料", "lost-2.iso")
        terminal.sees(f"The folder 资料 ({FOLDER}) is gone: its links wait.")
        terminal.press("g", "e")
        terminal.sees("make it again")
        terminal.press("m")
        terminal.sees("2 links queued again.")
        terminal.sees("done 14")
        terminal.press("a")
        terminal.sees(f"#{FOLDER}")
        terminal.press("ctrl+o")
        terminal.sees("All folders")
        terminal.press("j", "enter")  # the first of the recent ones
        terminal.misses("All folders")
        terminal.misses(str(FOLDER))
        terminal.sees("资料", "empty: by time")
        terminal.press("escape")
        terminal.misses("Review")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
    created = [task["url"] for task in service.tasks()]
    assert sorted(created) == sorted(HELD + LOST)


@pytest.mark.slow
def test_a_create_that_is_answered_a_minute_late_is_awaited(
    service: Simulator, tmp_path: Path
) -> None:
    late, next_one = (
        "https://example.com/fast/lateanswer/late.iso",
        "https://example.com/fast/b.iso",
    )
    places = {"PAN123_DATA_DIR": str(tmp_path / "data"), "PAN123_CONFIG_DIR": str(tmp_path)}
    with Terminal(environ=service.environ | places, columns=150) as terminal:
        terminal.sees("online")
        _add(terminal, [late, next_one])
        terminal.sees("waiting")
        terminal.waits(lambda: len(service.tasks()) == 2, "not both were sent", within_s=100)
        terminal.sees("done 2")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
    assert sorted(task["url"] for task in service.tasks()) == sorted([late, next_one])


def _add(terminal: Terminal, links: list[str]) -> None:
    terminal.press("a")
    terminal.sees("Review")
    terminal.paste("\n".join(links))
    terminal.sees(f"{len(links)} links")
    terminal.press("ctrl+s")
