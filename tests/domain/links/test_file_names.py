"""The rules for file names, the guess from a link, and name templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.links.file_names import (
    NameFault,
    check_name,
    clean_name,
    expand_template,
    guess_name,
    last_name,
    split_name,
)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        *((f"a{char}b.png", NameFault.FORBIDDEN) for char in '"\\/:*?|><'),
        ("x" * 252 + ".png", NameFault.TOO_LONG),
        ("  \t", NameFault.BLANK),
        *((name, None) for name in ("", "照片.webp", "film.mp4", "x" * 251 + ".bmp")),
    ],
)
def test_what_breaks_a_rule_is_named(name: str, problem: NameFault | None) -> None:
    assert check_name(name) is problem


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.b/c.zip", "c.zip"),
        ("https://a.b/x/c.zip?e=1#f", "c.zip"),
        ("https://a.b/x/dir/", "dir"),
        ("https://a.b/%E7%94%B5%E5%BD%B1.mp4", "电影.mp4"),
        ("https://a.b/%B5%E7%D3%B0.mp4", "电影.mp4"),
        ("https://a.b/电影.mp4", "电影.mp4"),
        ("https://a.b/a%2Fb.mp4", "b.mp4"),
        ("https://a.b/a%3Ab%2A.mp4", "a_b_.mp4"),
        ("https://a.b/a%0A%1Bb.mp4", "ab.mp4"),
        ("https://a.b/%E2%80%AE4pm.exe", "4pm.exe"),
        ("https://a.b/get?filename=c%20d.zip", "c d.zip"),
        ("https://a.b/get?attname=c.zip&e=1", "c.zip"),
        (
            "https://a.b/k?response-content-disposition=attachment%3B%20filename%3D%22c%20d.zip%22",
            "c d.zip",
        ),
        (
            "https://a.b/k?rscd=a%3Bfilename%2A%3DUTF-8%27%27%25E7%2594%25B5.zip&filename=no.zip",
            "电.zip",
        ),
        ("https://a.b", "a.b"),
        ("https://a.b/", "a.b"),
        ("https://a.b/?filename=", "a.b"),
        ("https://a.b/...", "a.b"),
        ("", "download"),
    ],
)
def test_the_name_is_guessed_from_query_path_and_host_in_this_order(url: str, name: str) -> None:
    assert guess_name(url) == name


@given(st.text().map("https://a.b/".__add__) | st.text())
def test_a_guess_is_never_empty_and_never_breaks_the_rules(url: str) -> None:
    guess = guess_name(url)
    assert guess
    assert check_name(guess) is check_name(clean_name(url * 40)) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r"D:\new\abc.zip", "abc.zip"),
        ("../../etc/passwd", "passwd"),
        ("a\u202eb?.mp4", "ab_.mp4"),
        *((".hidden. ", ".hidden"), ("a .", "a")),
        ("...", ""),
        ("", ""),
        ("x" * 300 + ".tar.gz", "x" * 248 + ".tar.gz"),
    ],
)
def test_a_name_that_was_written_elsewhere_is_the_end_of_a_path(text: str, name: str) -> None:
    assert last_name(text) == name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.zip", ("a", ".zip")),
        ("a.tar.gz", ("a", ".tar.gz")),
        ("a", ("a", "")),
        (".bashrc", (".bashrc", "")),
        ("v1. final cut", ("v1. final cut", "")),
    ],
)
def test_a_name_is_split_at_its_extension(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{stem}-{n}{ext}", "film{n}-07.mp4"),
        ("{n} {name}", "07 film{n}.mp4"),
        ("Season 1", "Season 1"),
        ("{other}{stem", "{other}{stem"),
        ("{0.__class__}{n!r}", "{0.__class__}{n!r}"),
    ],
)
def test_a_template_is_filled_once_and_nothing_in_it_is_run(template: str, expected: str) -> None:
    assert expand_template(template, name="film{n}.mp4", number=7, count=12) == expected
