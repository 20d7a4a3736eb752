"""The state survives the run; its file is private and never causes an error."""

import stat
from pathlib import Path

import pytest
from msgspec.structs import asdict
from textual.app import App

from pan123_tui.domain.query import SortKey, View
from pan123_tui.ui.memory import FILE_NAME, Memory, UiState, read_state

STATE = UiState(View.TROUBLE, sort=SortKey.NAME, reverse=True, is_detail_open=True)


def save(folder: Path) -> None:
    Memory(App(), folder).save(is_end=True, **asdict(STATE))


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
        (b'{"view": "trouble", "theme": "nord", "later": 1}', UiState(view=View.TROUBLE)),
        (b'{"view": "stalled", "theme": "nord"}', UiState()),  # a tab of a former version
    ],
)
def test_what_cannot_be_read_is_ignored(tmp_path: Path, content: bytes, state: UiState) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert read_state(tmp_path / FILE_NAME) == state


def test_a_state_that_cannot_be_written_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, no folder")
    save(tmp_path / "state")
