"""The state survives the run; its file is private and never causes an error."""

import stat
from pathlib import Path
from unittest.mock import Mock

import pytest
from textual.app import App
from textual.events import AppBlur, AppFocus, Key, MouseScrollDown

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.query import Query, SortKey, View
from pan123_tui.ui import app
from pan123_tui.ui.session import memory
from pan123_tui.ui.session.memory import FILE_NAME, Attention, Memory, UiState
from tests.ui.dashboard_stage import NOW, story, task

STATE = UiState(Query(View.TROUBLE, sort=SortKey.NAME, reverse=True), is_detail_open=True)


def save(folder: Path) -> None:
    Memory(App(), folder).save(is_end=True, query=STATE.query, is_detail_open=True)


def test_the_next_run_reads_what_this_one_wrote_and_nobody_else_can(tmp_path: Path) -> None:
    save(tmp_path / "state")
    assert Memory(App(), tmp_path / "state").state == STATE
    assert stat.S_IMODE((tmp_path / "state" / FILE_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", UiState()),
        (b"{", UiState()),
        (b"[]", UiState()),
        (b"\xff\xfe", UiState()),
        (b'{"query": {"view": "trouble"}, "later": 1}', UiState(Query(View.TROUBLE))),
        (b'{"query": {"view": "stalled"}}', UiState()),  # a tab of a former version
    ],
)
def test_what_cannot_be_read_is_ignored(tmp_path: Path, content: bytes, state: UiState) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert Memory(App(), tmp_path).state == state


def test_a_state_that_cannot_be_written_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, no folder")
    save(tmp_path / "state")


def test_when_nobody_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clock = Mock(return_value=0.0)
    monkeypatch.setattr(memory, "monotonic", clock)
    attention = Attention(TaskModel(), Memory(App(), tmp_path), lambda: 1.0)
    looks = []
    scroll = MouseScrollDown(None, 1, 1, 0, 1, 0, False, False, False)
    for now, event in (
        *((59.0, None), (61.0, None), (62.0, Key("j", "j")), (130.0, None)),
        *((131.0, scroll), (200.0, None)),
    ):
        clock.return_value = now
        if event:
            attention.follow(event)
        looks.append(not attention.is_nobody_looking)
    for focus in (AppFocus(), AppBlur()):
        attention.follow(focus)
        looks.append(not attention.is_nobody_looking)
    assert looks == [True, False, True, False, True, False, True, False]


def looked_at(folder: Path) -> float:
    """Return what a screen that starts now would read."""
    return Memory(App(), folder).state.seen_at


async def test_looks_are_saved_but_covered_tasks_are_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "SEEN_STEP_S", 0.01)
    async with story([task(1)], state_dir=tmp_path) as told:
        for now in (NOW + 60, NOW + 7200):
            told.engine.now = now
            if now > NOW + 60:  # until a terminal tells of its focus, it counts as seen
                told.app.post_message(AppFocus())
            await told.sees(lambda now=now: looked_at(tmp_path) == now)  # type: ignore[misc]
            told.engine.now = now + 60
            told.app.post_message(AppBlur())
            await told.sees(lambda: told.app.attention.is_nobody_looking)
            await told.sees(lambda now=now: looked_at(tmp_path) == now + 60)  # type: ignore[misc]
            told.engine.now = now + 3600
            told.app.attention.remember_seen()
            assert looked_at(tmp_path) == now + 60
    assert looked_at(tmp_path) == NOW + 7260, "nor at the end"
