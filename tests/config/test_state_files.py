"""The state and the draft survive the run; their files are private and never cause errors."""

import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.config.state_files import Draft, DraftFile, UiState, UiStateFile
from pan123_tui.domain.links.review import ReviewRow, ReviewStatus
from pan123_tui.domain.links.url import Look
from pan123_tui.domain.query import View
from pan123_tui.domain.sorting import SortKey

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


WHOLE = Draft("https://a.b/电影\n", {"common-folder": "影视"})


def test_a_draft_is_read_by_the_next_run(tmp_path: Path) -> None:
    DraftFile(tmp_path / "draft.json").write(WHOLE)
    assert DraftFile(tmp_path / "draft.json").read() == WHOLE


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"text": 1}', b'"\xff"'])
def test_a_missing_or_damaged_draft_is_empty(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "draft.json").write_bytes(content)
    assert DraftFile(tmp_path / "draft.json").read() == Draft()


def test_an_emptied_draft_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_text("{}")
    DraftFile(tmp_path / "draft.json").write(Draft(" \n", WHOLE.fields))
    assert list(tmp_path.iterdir()) == []


def test_rows_alone_are_a_draft(tmp_path: Path) -> None:
    row = ReviewRow(
        "https://a.b/c", look=Look.SHARE_PAGE, status=ReviewStatus.LOOK, is_chosen=False
    )
    draft = DraftFile(tmp_path / "draft.json")
    draft.write(Draft(rows=(row,)))
    assert draft.read().rows == (row,)


def test_half_a_character_is_replaced_and_an_unusable_folder_is_ignored(tmp_path: Path) -> None:
    draft = DraftFile(tmp_path / "draft.json")
    draft.write(Draft("https://a.b/\udc80", {"add-batch": "\udc80"}))
    assert draft.read() == Draft("https://a.b/?", {"add-batch": "?"})
    (tmp_path / "file").write_text("")
    DraftFile(tmp_path / "file" / "draft.json").write(WHOLE)
