"""Rejected texts and their reasons, suggested names, and hostile texts."""

import time
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.links.extractor import extract, has_addresses
from pan123_tui.domain.links.url import Doubt, RejectionReason
from tests.domain.links.found import links_in, marked, other_text

R = RejectionReason
NO_TEXT = "thunder://QUFodHRwOi8vYS5iL/9aWg=="
"""Its bytes are neither UTF-8 nor GBK."""


@pytest.mark.parametrize(
    ("text", "rejected"),
    [
        ("magnet:?xt=urn:btih:abc&dn=x", [("magnet:?xt=urn:btih:abc&dn=x", R.WEB_PAGE_ONLY)]),
        ("ed2k://|file|a b.mkv|1|A|/", [("ed2k://|file|a b.mkv|1|A|/", R.WEB_PAGE_ONLY)]),
        ("ftp://a.b/c", [("ftp://a.b/c", R.WEB_PAGE_ONLY)]),
        *(
            (link, [(link, R.NOT_HTTP)])
            for link in ("sftp://a.b/c", "sftp:a.b/c", "file:///tmp/x", "file:/tmp/x", "rtmp://a.b")
        ),
        ("s://a.b/c http://a.b:0/x", [("s://a.b/c", R.NOT_HTTP), ("http://a.b:0/x", R.BAD_HOST)]),
        ("blob:https://a.b/1f-2e", [("blob:https://a.b/1f-2e", R.NOT_HTTP)]),
        *(
            (f"http://{rest}", [(f"http://{rest}", R.BAD_HOST)])
            for rest in [
                "",
                "/path",
                "?x=1",
                "user@/x",
                "a..b/x",
                "[::zz]/x",
                "a.b:99999/x",
                "a.b:8o80/x",
            ]
        ),
        ("http://a.b/\ufffd.zip", [("http://a.b/\ufffd.zip", R.BAD_ENCODING)]),
        ("thunder://!!!", [("thunder://", R.UNREADABLE)]),
        *(
            (link, [(link, R.UNREADABLE)])
            for link in ("thunder://aGVsbG8=", "thunder://QUFoR", "thunder://QUFod+", NO_TEXT)
        ),
        ("thunder://QUFmdHA6Ly9hLmIvY1pa", [("thunder://QUFmdHA6Ly9hLmIvY1pa", R.WRAPS_OTHER)]),
        ("flashget://aGVsbG8=", [("flashget://aGVsbG8=", R.NOT_HTTP)]),
        ("http:/a.b/c", [("http:/a.b/c", R.NO_SCHEME)]),
        ("see https//a.b/c.", [("https//a.b/c", R.NO_SCHEME)]),
        ("http://a.b/" + "x" * 20_000, [("http://a.b/" + "x" * 20_000, R.TOO_LONG)]),
    ],
)
def test_what_cannot_be_queued_is_rejected_with_its_reason(
    text: str, rejected: list[tuple[str, RejectionReason]]
) -> None:
    assert [(row.text, row.reason) for row in extract(text) if not row.is_mere_text] == rejected


@pytest.mark.parametrize(
    "text", ["", "  \n\t\r\n ", "# comment", "394756", "提取码: abcd", "<p>hello</p>"]
)
def test_a_line_without_a_link_is_other_text_and_not_rejected(text: str) -> None:
    assert other_text(text) == [row.text for row in extract(text)] == [text] * bool(text.strip())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://a.b/c.zip,My film.mp4", ["My film.mp4"]),
        ('"https://a.b/c,d.zip","Name, too.zip"', ["Name, too.zip"]),
        ('"https://a.b/c.zip","She said ""yes"".zip"', ["She said _yes_.zip"]),
        ("https://a.b/c.zip,Hello, World.mp4", ["Hello, World.mp4"]),
        ("https://a.b/c.zip,one.mp4,200 MB", ["one.mp4"]),
        ("https://a.b/c.zip,200 MB,one.mp4", ["one.mp4"]),
        ("url,name\nhttps://a.b/1,one.zip\nhttps://a.b/2,two.zip", ["one.zip", "two.zip"]),
        ("https://a.b/c.zip\tMy film.mp4", ["My film.mp4"]),
        ("https://a.b/c.zip|My film.mp4", ["My film.mp4"]),
        ("My film.mp4\thttps://a.b/c.zip", ["My film.mp4"]),
        ("My film.mp4,https://a.b/c.zip", ["My film.mp4"]),
        ("My film.mp4: https://a.b/c.zip", ["My film.mp4"]),
        ("1. film.mp4 https://a.b/c.zip", ["film.mp4"]),
        ("https://a.b/c.zip\n  dir=/tmp\n  out=films/film.mp4", ["film.mp4"]),
        ("https://a.b/1\n out=x.mp4\nhttps://a.b/2\n out=y.mp4", ["x.mp4", "y.mp4"]),
        ("https://a.b/c.zip\thttps://d.b/c.zip\n out=x.mp4\nhttps://e.b/f", ["x.mp4", "x.mp4", ""]),
        ("[My film.mp4](https://a.b/c.zip)", ["My film.mp4"]),
        ("see [a.zip](https://a.b/1) and [b.zip](https://a.b/2)", ["a.zip", "b.zip"]),
        ("[url=https://a.b/c]My film.mp4[/url]", [""]),
        ("[download](https://a.b/c.zip)", [""]),
        ("see here, https://a.b/1.zip", [""]),
        ("https://a.b/c.zip and b.zip", [""]),
        ("老王说https://a.b/c.mp4, 大家快来下", [""]),
        ("第二个 https://a.b/c.mp4, film.mp4", ["film.mp4"]),
    ],
)
def test_the_text_around_a_link_suggests_its_name(text: str, names: list[str]) -> None:
    assert [row.name for row in links_in(text)] == names


def test_each_link_remembers_the_line_that_it_came_from() -> None:
    first, second = links_in("one: https://a.b/1\ntwo: https://a.b/2")
    assert (first.source, second.source) == ("one: https://a.b/1", "two: https://a.b/2")


def test_what_follows_a_refused_link_that_seems_cut_is_not_joined() -> None:
    refused, text = extract("http://a..b/x-\noff.zip")
    assert (refused.text, text.text) == ("http://a..b/x-", "off.zip")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("https://a.b/cut-\n\noff.zip", ["? https://a.b/cut-off.zip"]),
        ("https://a.b/whole\n\noff-1", ["√ https://a.b/whole"]),
        ("https://a.b/c.zip\nd-1.zip", ["√ https://a.b/c.zip"]),
        ("https://a.b/x\nfirst=1", ["√ https://a.b/x"]),
        ("https://a.b/x?a=1&\nsig=2", ["? https://a.b/x?a=1&sig=2"]),
        ("https://a.b/x?\nsig=2", ["? https://a.b/x?sig=2"]),
        ("https://a.b/x?a=\nbc", ["? https://a.b/x?a=bc"]),
        ("https://a.b/x?a=1&\n out=c.zip", ["? https://a.b/x?a=1&"]),
        ("https://a.b/x?a&\nu=https://a.b/c", ["? https://a.b/x?a&", "√ https://a.b/c"]),
        ("https://a.b/x\n{https://a.b/c}", ["√ https://a.b/x", "√ https://a.b/c"]),
        ("https://a.b/%E4%B\n8%AD.zip", ["? https://a.b/%E4%B8%AD.zip"]),
        ("https://a.b/x-\ny-\nz.zip", ["? https://a.b/x-y-z.zip"]),
        ("https://a.b/c.zi\np", ["? https://a.b/c.zip"]),
        ("https://a.b/c.zip\n?a=1", ["? https://a.b/c.zip?a=1"]),
        ("https://a.b/c.zip?\na=1", ["? https://a.b/c.zip?a=1"]),
        ("https://a.b/c.zip?\nx-1", ["√ https://a.b/c.zip"]),
        ("https://a.b/c.tar\n.gz\nx-1", ["? https://a.b/c.tar.gz"]),
        ("https://a.b/x?a\nbc=2", ["? https://a.b/x?abc=2"]),
        (f"https://a.b/{'x' * 60}\ny-1", [f"? https://a.b/{'x' * 60}y-1"]),
        ("https://a.b/x?a\n out=c.zip", ["√ https://a.b/x?a"]),
        ("https://a.b/x/1\n第一集\nfilm.zip", ["√ https://a.b/x/1"]),
        ("https://a.b/x/1\nok\nfilm.zip", ["√ https://a.b/x/1"]),
        *((f"https://a.b/x/1\n{it * 30}\nS01E02", ["√ https://a.b/x/1"]) for it in "-_.—"),
        ("https://a.b/some/folder/x\nSome.Film.2024.x264-GROUP", ["√ https://a.b/some/folder/x"]),
    ],
)
def test_a_cut_link_is_looked_at_and_may_go_on_with_the_word_below(
    text: str, rows: list[str]
) -> None:
    assert marked(text, is_longest=True) == rows
    first = text.partition("\n")[0]
    assert links_in(text)[0].text == first.rstrip("?"), "no line is glued unasked"


LONG = "https://mirror.a.b/releases/2025/11/some-distro-13.2.0-amd64-DVD-1-with-a-long-name"
TOKEN = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("http://a.b/c.zip\thttps://d.b/c.zip", ["√ http://a.b/c.zip", "- https://d.b/c.zip"]),
        ("https://a.b/1\thttps://d.b/2\n out=c.zip", ["√ https://a.b/1", "- https://d.b/2"]),
        ("http://a.b/…\thttps://d.b/2\n out=c.zip", ["? http://a.b/", "√ https://d.b/2"]),
        ("https://a.b/1.zip\thttps://d.b/2.zip", ["√ https://a.b/1.zip", "√ https://d.b/2.zip"]),
        (
            "https://a.b/1/c.zip\thttps://a.b/c.zip",
            ["√ https://a.b/1/c.zip", "√ https://a.b/c.zip"],
        ),
        ("https://a.b/get\thttps://d.b/get", ["√ https://a.b/get", "√ https://d.b/get"]),
    ],
)
def test_only_the_first_whole_mirror_of_a_file_is_queued(text: str, rows: list[str]) -> None:
    assert marked(text) == rows


def test_a_link_with_a_header_in_a_list_names_the_option_and_not_its_value() -> None:
    (row,) = links_in("https://a.b/c.zip\n  header=Cookie: a=1")
    assert (row.doubt, row.source) == (Doubt.COMMAND, "https://a.b/c.zip\n  header=…")


def test_mirrors_stay_mirrors_below_which_a_name_is_given() -> None:
    one = "http://a.b/c.zip\thttps://d.b/c.zip"
    assert [row.is_mirror for row in links_in(f"{one}\n  out=e.zip")] == [False, True]


@pytest.mark.parametrize("lead", ["", "  ", "> "])
@pytest.mark.parametrize(
    "link",
    [f"{LONG}.iso", f"{LONG}.iso?token={TOKEN * 4}", f"{LONG}/{TOKEN * 4}", f"{LONG}.iso?{TOKEN}"],
)
def test_a_link_may_go_on_over_any_number_of_lines(link: str, lead: str) -> None:
    for width in range(25, len(link) // 2):
        lines = [lead + link[at : at + width] for at in range(0, len(link), width)]
        for end in ("", "\n\nthanks", "\nhttps://a.b/c.zip"):
            text = "\n".join(lines) + end
            assert marked(text, is_longest=True)[:1] == [f"? {link}"], width


@pytest.mark.parametrize(
    "name", ["film.mkv", "Some.Film.2024.1080p.WEB-DL.x264-GROUP", "第1集.mkv"]
)
def test_links_each_followed_by_its_name_are_whole(name: str) -> None:
    links = [f"https://dl.example.org/some/folder/{number}" for number in range(3)]
    links = [f"{it}.mkv" if name.endswith(".mkv") else it for it in links]
    for end in ("\n", "\n\n", f"\n{TOKEN}\n" if name.endswith(".mkv") else "\n看看\n"):
        assert marked("".join(f"{it}\n{name}{end}" for it in links)) == [f"√ {it}" for it in links]


@pytest.mark.parametrize("numbered", ["{number}\n{link}\n", "{link}\n{number}\n"])
def test_numbers_of_long_links_are_no_part_of_them(numbered: str) -> None:
    links = [f"https://dl.example.org/get?token={TOKEN}&name=episode-{it}" for it in range(1, 10)]
    text = "".join(numbered.format(number=it, link=link) for it, link in enumerate(links, start=1))
    assert marked(text) == [f"√ {link}" for link in links]


@given(st.text())
def test_no_text_raises_anything(text: str) -> None:
    extract(text)


def test_a_text_has_addresses_also_where_all_are_refused() -> None:
    assert has_addresses("get magnet:?xt=urn:btih:abc")
    assert not has_addresses("hello\nworld")


PIECES = st.sampled_from(
    [
        *("https://", "http://", "thunder://QUFodHRw", "magnet:?", "a.b", "/", ".zip"),
        *("中", "，", "（", "curl ", " -o ", "href=", "</a", "](", "\\/\\/"),
        *"()[]{}<>\"'`|,;:=&?#@%*_-$ \t\n\\",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_a_link_is_a_part_of_the_text_unless_it_was_unwrapped(text: str) -> None:
    for row in links_in(text):
        found = unquote(row.text)
        assert found in unquote(text) or "\\" in text


SIZE = 40_000
HOSTILE = {
    "schemes": "http://",
    "nested brackets": "[(",
    "one long link": "http://a.b/" + "x" * SIZE,
    "alternating Chinese": "http://a.b/" + "a中" * (SIZE // 2),
    "Chinese behind brackets": "http://a.b/" + "(中" * (SIZE // 2),
    "Chinese segments": "http://a.b/" + "/中" * (SIZE // 2),
    "commas": "http://a.b/" + "," * SIZE,
    "unbalanced links": "https://a.b)",
    "links in links": "http://a.b/" + "=http://" * (SIZE // 8),
    "files and brackets": "http://a.b/" + "c.zip(" * (SIZE // 6),
    "markdown": "[a](http://a.b/",
    "thunder of one": "thunder://" + "QUFo" * (SIZE // 4),
    "commands": "curl 'http://a.b' \\\n",
    "minuses": "curl -" + "-" * SIZE,
    "backslashes": "curl " + "\\\n" * (SIZE // 2),
    "glued names": "http://a.b/" + ".zip+" * (SIZE // 5),
    "remarks": "http://a.b/x" + "(完)" * (SIZE // 3),
    "ranges": "http://a.b/" + "[1-" * (SIZE // 3),
    "tildes": "http://a.b/c.zip" + "~" * SIZE,
    "full-width schemes": "ｈｔｔｐ：／／",
    "one full-width link": "http：//a。b/" + "／中" * (SIZE // 2),
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_a_hostile_text_takes_no_more_than_its_length_asks_for(shape: str) -> None:
    text = (HOSTILE[shape] * (SIZE // len(HOSTILE[shape]) + 1))[:SIZE]
    began = time.process_time()
    extract(text)
    # A twentieth when idle; a step for each pair of signs takes many times as long.
    assert time.process_time() - began < 1.5
