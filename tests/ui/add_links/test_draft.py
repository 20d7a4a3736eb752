"""The draft survives the run; its file never causes an error."""

from pathlib import Path

import pytest

from pan123_tui.domain.links.review import ReviewRow, ReviewStatus
from pan123_tui.domain.links.url import Look
from pan123_tui.ui.add_links.draft import Draft, DraftFile

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
