"""Links that keep the separators of a list and the joiners of an emoji.

The texts and links of the tables stand without their beginning, `https://a.b/`.
"""

import pytest

from pan123_tui.domain.links.extractor import extract_argument
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.links.url import Look, drop_invisible, duplicate_key
from tests.domain.links.found import links_in

HOST = "https://a.b/"
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
FLAME = "❤\ufe0f\u200d🔥"
SEPARATED = [
    "a,b;c.zip",
    "a,b,c.zip",
    "a;b.zip",
    "a,b;c.html",
    "a,b;c.zip?sign=1",
    "a;v=1/b,c;d.zip",
    "x?f=a,b;c.zip",
    "x;jsessionid=1?a=b;c=d,e",
    "三体,全集;上.epub",
    f"a,{FAMILY};c.zip",
]
EMOJI = [
    f"{FAMILY}.zip",
    f"{FAMILY}/x.zip",
    f"x{FAMILY}y.zip",
    f"电影{FAMILY}.mp4",
    f"{FLAME}.zip",
    "👩🏽\u200d🚀.zip",
    "👩\u200d⚕\ufe0f.zip",
    "👁\ufe0f\u200d🗨\ufe0f.zip",
    "🏳\ufe0f\u200d🌈/x.zip",
    "🇨🇳.zip",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.zip",
    "1\ufe0f\u20e3/#\ufe0f\u20e3",
]
STRAY = [
    ("a\u200db.zip", "ab.zip"),
    ("三\u200d体.epub", "三体.epub"),
    ("👨\u200da.zip", "👨a.zip"),
    ("👨\u200d\u200d👩.zip", "👨👩.zip"),
    ("👨\u200b\u200d👩.zip", "👨👩.zip"),
    (f"f\u200bi{FAMILY}\u200dle.zip", f"fi{FAMILY}le.zip"),
    (f"{FAMILY}.zip\u200d", f"{FAMILY}.zip"),
    ("👨\u200d\ufe0f.zip", "👨\ufe0f.zip"),
]
"""A link with joiners outside emoji, and what it is."""


@pytest.mark.parametrize("link", [*SEPARATED, *EMOJI], ids=ascii)
def test_a_link_alone_and_an_argument_are_whole(link: str) -> None:
    assert [row.text for row in extract_argument(HOST + link)] == [HOST + link]
    for frame in ("{}", "  {}  ", "1. {}", "\u200b{}\u200d", '"{}"', "<{}>", "[x]({})"):
        assert _links(frame.format(HOST + link)) == [(HOST + link, False)], frame


@pytest.mark.parametrize("link", SEPARATED, ids=ascii)
@pytest.mark.parametrize("separator", [";", ",", "|", "; ", ", ", " | ", " ", "\t", "、", "\n"])
def test_between_links_a_separator_splits_and_within_them_it_does_not(
    link: str, separator: str
) -> None:
    links = [HOST + link, "https://c.d/e;f,g.zip", HOST + link]
    assert _links(separator.join(links)) == [(url, False) for url in links]


@pytest.mark.parametrize(
    ("line", "link", "name"),
    [
        ("c.zip,film.mp4", "c.zip", "film.mp4"),
        ("c.zip|film.mp4", "c.zip", "film.mp4"),
        ("c.zip;My film", "c.zip", "My film"),
        ("c.zip,one;two.mp4", "c.zip", "one;two.mp4"),
        ("a;b.zip,film.mp4", "a;b.zip", "film.mp4"),
    ],
)
def test_a_name_after_the_link_stays_its_name(line: str, link: str, name: str) -> None:
    (row,) = links_in(HOST + line)
    assert (row.text, row.name or row.label_name.removesuffix(".zip")) == (HOST + link, name)


@pytest.mark.parametrize("line", ["film,b.zip", "x;id=1,film.mp4", "x?a=1;b=2,film.mp4"])
def test_a_comma_makes_no_table_unless_its_head_says_so(line: str) -> None:
    assert _links(HOST + line) == [(HOST + line, False)]
    link, _comma, name = line.rpartition(",")
    (row,) = links_in(f"url,name\n{HOST}{line}")
    assert (row.text, row.name) == (HOST + link, name)


@pytest.mark.parametrize(
    "line", ["film,My film.mp4", "film;My film.mp4", "film,My film", "x?id=1,名字.mp4"]
)
def test_a_name_or_the_rest_of_the_link_is_to_be_looked_at(line: str) -> None:
    (row,) = links_in(HOST + line)
    assert row.look is Look.END
    assert row.text == HOST + line.replace(" ", "%20")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"看 {HOST}{FAMILY} 好", FAMILY),
        (f"看 {HOST}m/{FLAME}/x 好", f"m/{FLAME}/x"),
        (f"see {HOST}?q=I{FLAME}+NY now", f"?q=I{FLAME}+NY"),
        (f"look {HOST}x{FAMILY}. Thanks", "x"),
        (f"拿去{HOST}c.mp4{FAMILY}谢谢", "c.mp4"),
        (f"拿去{HOST}c.mp4{FLAME}", "c.mp4"),
        (f"{FAMILY}\u200d{HOST}c.mp4", "c.mp4"),
        (f"{HOST}a,b;c.zip 很好", "a,b;c.zip"),
        (f"看 {HOST}a,b;c.zip, 很好", "a,b;c.zip"),
    ],
)
def test_in_a_sentence_a_joined_emoji_is_one_sign(text: str, link: str) -> None:
    assert _links(text) == [(HOST + link, False)]


@pytest.mark.parametrize(("text", "link"), STRAY, ids=ascii)
def test_a_joiner_outside_an_emoji_is_dropped(text: str, link: str) -> None:
    assert _links(HOST + text) == [(HOST + link, False)]
    assert drop_invisible(link) == link


@pytest.mark.parametrize("name", [f"{FAMILY}.zip", f"电影{FLAME}.mp4", "👩🏽\u200d🚀.zip"])
def test_the_name_of_a_file_keeps_its_emoji(name: str) -> None:
    assert guess_name(HOST + name) == name


def test_another_emoji_is_another_link() -> None:
    apart = HOST + FAMILY.replace("\u200d", "")
    assert duplicate_key(HOST + FAMILY) != duplicate_key(apart)
    assert duplicate_key(duplicate_key(HOST + FAMILY)) == duplicate_key(HOST + FAMILY)


def _links(text: str) -> list[tuple[str, bool]]:
    return [(row.text, row.look is Look.END) for row in links_in(text)]
