"""The file of links that the add screen opens: its path, its completion, its text."""

from pathlib import Path

import pytest

from pan123_tui.ui.add_links import link_file
from pan123_tui.ui.add_links.link_file import UnusableFile, complete_path, read_link_file

LINK = "https://a.example/电影.zip"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's home with a few files, in which the program runs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my links").mkdir()
    (tmp_path / "my links" / "第一 批.txt").write_text(LINK, "utf-8")
    (tmp_path / "my links" / "第二 批.txt").write_text(LINK, "utf-16")
    (tmp_path / "Notes.txt").write_text(LINK, "gbk")
    (tmp_path / ".hidden").write_text(LINK)
    return tmp_path


@pytest.mark.parametrize(
    "typed",
    [
        "~/my links/第一 批.txt",
        "  ~/my links/第一 批.txt ",
        "my links/第一 批.txt",
        "'{home}/my links/第一 批.txt' ",
        r"{home}/my\ links/第一\ 批.txt",
        "file://{home}/my%20links/%E7%AC%AC%E4%B8%80%20%E6%89%B9.txt",
    ],
)
def test_a_path_is_found_however_it_was_written(home: Path, typed: str) -> None:
    path, text = read_link_file(typed.format(home=home))
    assert path.name == "第一 批.txt"
    assert text == LINK


@pytest.mark.parametrize("name", ["my links/第二 批.txt", "Notes.txt"])
def test_the_text_is_decoded_as_the_command_line_does(home: Path, name: str) -> None:
    assert read_link_file(name)[1] == LINK


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nothing.txt", None, "There is no such file in "),
        ("no/folder/x.txt", None, "There is no folder "),
        ("my links", None, "This is a folder: tab shows"),
        ("/dev/null", None, "This is a device or a pipe"),
        ("~nobody-of-this-name/x", None, "There is no folder "),
        ("a\0b", None, "It cannot be read"),
        ("empty.txt", b" \n", "The file is empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "It is not a text file"),
        ("large.txt", b"x" * 101, "It has more than 100 B: split it"),
    ],
)
def test_what_cannot_be_used_says_why_and_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, words: str
) -> None:
    monkeypatch.setattr(link_file, "MAX_BYTES", 100 if name == "large.txt" else 9999)
    if content is not None:
        (home / name).write_bytes(content)
    with pytest.raises(UnusableFile) as refused:
        read_link_file(name)
    assert str(refused.value).startswith(words)


def test_a_file_of_somebody_else_is_refused_with_the_reason(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(link_file, "_read", refuse)
    with pytest.raises(UnusableFile, match="Permission denied"):
        read_link_file("Notes.txt")


@pytest.mark.parametrize(
    ("typed", "completed", "names"),
    [
        ("", "", ["Notes.txt", "my links/"]),
        ("m", "my links/", ["my links/"]),
        ("~", "~/", []),
        ("~/no", "~/Notes.txt", ["Notes.txt"]),
        ("~/my links/", "~/my links/第", ["第一 批.txt", "第二 批.txt"]),
        ("'my links/第一", "my links/第一 批.txt", ["第一 批.txt"]),
        (r"my\ links/第二", "my links/第二 批.txt", ["第二 批.txt"]),
        (".h", ".hidden", [".hidden"]),
        ("x", "x", []),
        ("nowhere/x", "nowhere/x", []),
    ],
)
def test_a_path_is_completed_as_far_as_it_is_certain(
    home: Path, typed: str, completed: str, names: list[str]
) -> None:
    assert complete_path(typed) == (completed, names)
