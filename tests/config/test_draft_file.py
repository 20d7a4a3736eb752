"""The file that keeps what is being typed."""

from pathlib import Path

from pan123_tui.config.state_files import DraftFile


def test_what_was_written_is_read_by_the_next_run(tmp_path: Path) -> None:
    DraftFile(tmp_path / "draft.txt").write("https://a.b/电影\n")
    assert DraftFile(tmp_path / "draft.txt").read() == "https://a.b/电影\n"


def test_no_file_reads_as_nothing(tmp_path: Path) -> None:
    assert DraftFile(tmp_path / "draft.txt").read() == ""


def test_an_emptied_text_leaves_no_file(tmp_path: Path) -> None:
    draft = DraftFile(tmp_path / "draft.txt")
    draft.write("x")
    draft.write(" \n")
    assert not (tmp_path / "draft.txt").exists()


def test_a_late_write_does_not_bring_a_removed_draft_back(tmp_path: Path) -> None:
    draft = DraftFile(tmp_path / "draft.txt")
    draft.write("x")
    draft.remove()
    draft.write("y")
    assert not (tmp_path / "draft.txt").exists()


def test_half_a_character_survives_and_a_folder_that_cannot_be_is_no_fault(tmp_path: Path) -> None:
    draft = DraftFile(tmp_path / "draft.txt")
    draft.write("https://a.b/\udc80")
    assert draft.read() == "https://a.b/?"
    (tmp_path / "file").write_text("")
    DraftFile(tmp_path / "file" / "draft.txt").write("x")
