"""The state survives the run; its file is private and never causes an error."""

import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.query import View
from pan123_tui.domain.sorting import SortKey
from pan123_tui.ui.memory import UiState, UiStateFile

STATE = UiState(View.TROUBLE, sort=SortKey.NAME, reverse=True, is_detail_open=True)


def test_the_next_run_reads_what_this_one_wrote_and_nobody_else_can(tmp_path: Path) -> None:
    path = tmp_path / "state" / "dashboard.json"
    UiStateFile(path).write(STATE)
    assert UiStateFile(path).read() == STATE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_damaged_state_is_ignored(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dashboard.json"
    path.write_bytes(content)
    assert UiStateFile(path).read() == UiState()


def test_a_state_with_unknown_fields_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.json"
    path.write_bytes(b'{"view": "trouble", "theme": "nord", "theme_before": "", "later": 1}')
    assert UiStateFile(path).read() == UiState(view=View.TROUBLE)


@pytest.mark.parametrize("view", ["failed", "waiting", "succeeded", "stalled"])
def test_a_tab_of_a_former_version_is_read_as_all(tmp_path: Path, view: str) -> None:
    path = tmp_path / "dashboard.json"
    path.write_bytes(b'{"view": "%s", "theme": "nord"}' % view.encode())
    assert UiStateFile(path).read() == UiState()


def test_the_filter_of_a_former_version_is_part_of_the_search(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.json"
    path.write_bytes(b'{"search": "iso", "filter": "host:h.example"}')
    state = UiStateFile(path).read()
    assert state.query.search == "iso host:h.example"
    UiStateFile(path).write(replace(state, search=""))
    assert UiStateFile(path).read().query.search == ""


def test_a_state_that_cannot_be_written_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, no folder")
    UiStateFile(tmp_path / "state" / "dashboard.json").write(STATE)
