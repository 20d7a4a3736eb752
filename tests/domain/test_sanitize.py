"""Outside text is shown harmlessly and at its width, and secrets leave it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pan123_tui.domain.sanitize import (
    MAX_COMBINING,
    MAX_LABEL_CHARS,
    TruncateAt,
    add_secrets,
    clean_label,
    decode_file,
    decode_text,
    hide_password,
    pad_or_truncate,
    redact,
    sanitize,
    width,
)

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me"]),
        st.sampled_from("[]/\\\x1b\x00\n\t\u202e\u200b\u200d\ufe0f\U0001f3fd😀中é\u0301"),
    )
)
CUTS = st.sampled_from(["end", "middle"])


def is_hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


@given(HOSTILE, st.integers(0, 40), CUTS)
def test_no_text_hides_anything_or_is_too_wide(text: str, room: int, cut: TruncateAt) -> None:
    whole, shown = sanitize(text), sanitize(text, room, truncate_at=cut)
    assert not any(map(is_hidden, whole))
    assert sanitize(text, width(whole)) == whole
    assert cell_len(shown) == width(shown) <= room
    assert cell_len(pad_or_truncate(text, room)) == room


def test_every_character_takes_the_cells_that_the_terminal_library_counts() -> None:
    for first in (*range(0, 0x20000, 64), *range(0xDFF00, 0xE0200, 64)):
        shown = sanitize("".join(f"a{chr(code)}" for code in range(first, first + 64)))
        assert cell_len(shown) == width(shown), hex(first)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\x00b", r"a\x00b"),
        ("one\ntwo\r\n\tthree", r"one\ntwo\r\n\tthree"),
        ("invoice\u202egpj.exe", r"invoice\u202egpj.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\u3164", r"\u3164"),
        ("[link=file:///etc]x[/link] [/foo]", "[link=file:///etc]x[/link] [/foo]"),
        ("中文 ｶﾅ é", "中文 ｶﾅ é"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f 👍\U0001f3fd", "👨👩👧 ❤ 👍"),
        ("a\u200db", r"a\u200db"),
        ("\u0301a", r"\u0301a"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * MAX_COMBINING + r"\u0301"),
    ],
)
def test_hidden_characters_are_spelt_out(text: str, shown: str) -> None:
    assert sanitize(text) == shown


@pytest.mark.parametrize(
    ("text", "room", "cut", "shown"),
    [
        ("a-very-long-name-of-a-file.mkv", 16, "middle", "a-very-l…ile.mkv"),
        ("电影第一集字幕.mkv", 12, "middle", "电影第….mkv"),
        ("e\u0301" * 10, 10, "middle", "e\u0301" * 10),
        ("e\u0301" * 11, 10, "middle", "e\u0301" * 5 + "…" + "e\u0301" * 4),
        ("中文字幕", 4, "end", "中…"),
        ("中文字幕", 5, "end", "中文…"),
    ],
)
def test_a_cut_in_the_middle_keeps_the_extension_and_none_halves_a_wide_character(
    text: str, room: int, cut: TruncateAt, shown: str
) -> None:
    assert sanitize(text, room, truncate_at=cut) == shown


@pytest.mark.parametrize("char", ["a", "中", "\u202e", "\u200d", "\u0301", "\x1b"])
def test_a_huge_text_is_cut_before_it_is_worked_on(char: str) -> None:
    class Counted(str):
        """Raises where more than a slice of it is read."""

        __slots__ = ()

        def __iter__(self) -> None:  # type: ignore[override]
            raise AssertionError("the whole text was walked through")

        def isascii(self) -> bool:
            raise AssertionError("the whole text was read")

    shown = sanitize(Counted("x" + char * 10_000_000), 40, truncate_at="middle")
    assert 0 < width(shown) <= 40


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  anime   2 ", "anime 2"),
        ("a\x1b[31mb\nc\u202ed\0", "a [31mb c d"),
        ('"a"', "'a'"),
        ("[red]x[/]", "[red]x[/]"),
        ("影" * 10_000, "影" * MAX_LABEL_CHARS),
        ("\t \n", ""),
    ],
)
def test_a_label_is_one_line_of_visible_characters(typed: str, kept: str) -> None:
    assert clean_label(typed) == kept


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain", "plain"),
        ("影视".encode(), "影视"),
        ("\ufeff影视".encode(), "影视"),
        ("影视".encode("gb18030"), "影视"),
        ("影视".encode("utf-16"), "影视"),
        (b"a\xff", "a\ufffd"),
        ("影视é".encode()[:-1], "影视\ufffd"),
    ],
)
def test_a_text_is_read_in_its_encoding(content: bytes, text: str) -> None:
    assert decode_text(content) == text


@pytest.mark.parametrize(
    ("content", "is_text"),
    [
        ("影视\n".encode("utf-16"), True),
        ("影视\n".encode("utf-32"), False),
        ("影视".encode(), True),
        (b"caf\xe9s", True),
        (b"", True),
        (b"\xff\xfehttps://a.b/c.zip", False),
        ("https://a.b/c.zip".encode("utf-16-le"), False),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", False),
    ],
)
def test_a_file_that_is_no_text_is_told_from_one_without_a_link(
    content: bytes, is_text: bool
) -> None:
    assert (decode_file(content) is not None) is is_text


def test_one_bad_byte_does_not_turn_a_text_into_another_encoding() -> None:
    text = "链接：https://a.b/c\n电影：https://a.b/d"
    for content in (text.encode()[:-1] + b"\xe9", text.encode().replace(b"\n", b"\xff\n")):
        decoded = decode_text(content)
        assert decoded.startswith("链接：https://a.b/c")
        assert "电影：https://a.b/" in decoded
    assert decode_text(b"caf\xe9s https://a.b/c").endswith("s https://a.b/c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing here", "nothing here"),
        ("https://a.example/f?sign=x&t=1 failed", "https://a.example/f?… failed"),
        ('"HTTP://a.example/f?x#y"', '"HTTP://a.example/f?…"'),
        ("http://me@proxy:1 and https://u:p@b/?q", "http://…@proxy:1 and https://…@b/?…"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJ1aWQ.sig-1 is bad", "token … is bad"),
        ("解析失败：https://例.example/文?签名=1。", "解析失败：https://例.example/文?…"),
    ],
)
def test_urls_lose_what_signs_them_and_tokens_go(text: str, expected: str) -> None:
    assert redact(text) == expected


@given(st.text(alphabet="abcdef0123456789", min_size=8), st.text(), st.text())
def test_a_given_secret_never_stays(secret: str, before: str, after: str) -> None:
    assert secret not in redact(f"{before}{secret}{after}", [secret])


def test_what_is_learned_later_is_removed_too_and_an_address_as_its_parts() -> None:
    add_secrets("s3cret-of-later")
    add_secrets("https://broker.example/renew?secret=x")
    add_secrets("went", *("s3cret-of-later",) * 50)
    text = "s3cret-of-later went to https://broker.example/renew?secret=x"
    assert redact(text) == "… went to https://broker.example/renew?…"


@given(st.text())
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


def test_an_address_is_shown_without_its_password() -> None:
    text = "https://ann:a@b:c@h.example/x:y@z ftp://:pw@h http://ann@h/ http://h:8080/@"
    assert hide_password(text) == (
        "https://ann:•••@h.example/x:y@z ftp://:•••@h http://ann@h/ http://h:8080/@"
    )
