"""The draft survives the run; its file never causes an error."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import ReviewRow, judge
from pan123_tui.domain.links.url import Doubt
from pan123_tui.ui.add_links.draft import Draft, DraftKeeper

WHOLE = Draft("https://a.b/电影\n", {"common-folder": "影视"})


def test_a_draft_is_read_by_the_next_run_and_rows_alone_are_one(tmp_path: Path) -> None:
    row = ReviewRow("https://a.b/c", doubt=Doubt.SHARE_PAGE, is_chosen=False)
    kept = ReviewRow("https://a.b/c", doubt=Doubt.SHARE_PAGE, is_accepted=True)
    for draft in (WHOLE, Draft(rows=(row,)), Draft(rows=(kept,))):
        draft.write(tmp_path / "draft.json")
        assert Draft.read(tmp_path / "draft.json") == draft


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"text": 1}', b'"\xff"'])
def test_a_missing_or_damaged_draft_is_empty(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "draft.json").write_bytes(content)
    assert Draft.read(tmp_path / "draft.json") == Draft()


def test_an_emptied_draft_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_text("{}")
    Draft(" \n", WHOLE.fields).write(tmp_path / "draft.json")
    assert list(tmp_path.iterdir()) == []


def test_a_draft_counts_what_may_still_be_sent() -> None:
    new = ReviewRow("https://a.b/c")
    skipped = ReviewRow("https://a.b/d", is_chosen=False)
    unseen = ReviewRow("https://a.b/e", doubt=Doubt.SHARE_PAGE, is_chosen=False)
    assert Draft("https://a.b/f", rows=(new, skipped, unseen)).count == 3
    assert Draft().count == 0


def test_links_pasted_again_and_again_are_counted_once() -> None:
    pasted = "https://a.b/c\nmagnet:?xt=1 https://A.b/c\nsome words\nhttps://pan.baidu.com/s/1AbC\n"
    assert Draft(pasted).count == 3
    seen = judge(extract(pasted), {})
    assert Draft(f"{pasted}https://a.b/d", rows=seen).count == 4


def test_a_draft_that_cannot_be_written_is_given_up_silently(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    WHOLE.write(tmp_path / "file" / "draft.json")
    Draft("\udc80").write(tmp_path / "draft.json")


def test_a_draft_of_the_version_before_is_read(tmp_path: Path) -> None:
    doubtful = b'{"text":"https://a.b/c","look":"command","is_seen":true}'
    (tmp_path / "draft.json").write_bytes(b'{"rows":[%b]}' % doubtful)
    (row,) = Draft.read(tmp_path / "draft.json").rows
    assert (row.text, row.doubt, row.is_accepted) == ("https://a.b/c", Doubt.COMMAND, True)


async def test_a_late_save_leaves_what_another_program_has_saved_since(tmp_path: Path) -> None:
    file, counts = tmp_path / "draft.json", Mock()
    keeper = DraftKeeper(Mock(), file, counts)
    keeper.read()
    keeper.keep(WHOLE)
    keeper.save()
    assert (Draft.read(file), counts.call_args.args) == (WHOLE, (1,))
    Draft("of another one").write(file)
    keeper.keep(WHOLE)
    keeper.save()
    assert keeper.read() == Draft.read(file) == Draft("of another one")
