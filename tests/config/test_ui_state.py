"""The memory of the dashboard: small, private, and never in the way."""

import stat
from pathlib import Path

import pytest

from pan123_tui.config.state_files import UiState, UiStateFile
from pan123_tui.domain.query import View
from pan123_tui.domain.sorting import SortKey

SOME = UiState(View.FAILED, SortKey.NAME, reverse=True, is_detail_open=True, theme="nord")


def test_the_next_run_reads_what_this_one_wrote_and_nobody_else_can(tmp_path: Path) -> None:
    path = tmp_path / "state" / "dashboard.json"
    UiStateFile(path).write(SOME)
    assert UiStateFile(path).read() == SOME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"view": "nowhere"}', b"\xff\xfe"])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dashboard.json"
    path.write_bytes(content)
    assert UiStateFile(path).read() == UiState()


def test_a_memory_with_more_in_it_than_is_known_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.json"
    path.write_bytes(b'{"view": "failed", "later": 1}')
    assert UiStateFile(path).read() == UiState(view=View.FAILED)


def test_a_place_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, no folder")
    UiStateFile(tmp_path / "state" / "dashboard.json").write(SOME)


def test_a_theme_chosen_in_the_program_stays_until_the_settings_name_another() -> None:
    memory = UiState(theme="nord", theme_before="")
    assert memory.theme_over("") == "nord"
    assert memory.theme_over("gruvbox") == "gruvbox"
    assert UiState().theme_over("gruvbox") == "gruvbox"
