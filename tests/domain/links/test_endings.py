"""Links with blanks, quotes, brackets and the like, alone on their line and inside a sentence.

The texts and links of the tables stand without their beginning, `https://a.b/`.
"""

from urllib.parse import quote

import pytest

from pan123_tui.domain.links.extractor import extract, extract_argument
from pan123_tui.domain.links.review import ReviewRow, judge, toggled
from pan123_tui.domain.links.url import Doubt, drop_invisible, duplicate_key
from tests.domain.links.found import SIGNS, links_in

SENTENCES = ("看这个 {} 很好看", "get {} now, please")
ALONE = ("{}", "  {}  ", "1. {}", "- {}", "\u200b{}\ufeff")
HOST = "https://a.b/"
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
FLAME = "❤\ufe0f\u200d🔥"
UNCLEAR = [
    *("a[/foo]b.mkv", "[SubsPlease] Show - 01 (1080p).mkv", "a [v2].zip"),
    *("x.zip?sign=a|b&c=[d]", 'x.zip?sign="a"&t=1', "x.zip?sign=a\\b&t=1"),
    *("x.zip?name=my file.zip", "x.zip?name=“上”&t=1", "x.zip?name=三体，全集&t=1"),
    *("“引号”.zip", "a”b.zip", "a，b.zip", "上，下/第1集.mp4", "a。b.zip", "a)b.zip"),
    *("三体\u3000全集.epub", "三体 全集.epub", "a\u00a0b.zip"),
    *("fi\u200ble.zip", "fi\u200ble", "fi\ufeffle.zip", "三\u200b体.epub"),
    *("a\\b.zip", 'a"b.zip', '6" vinyl.flac', "a|b.zip", "a`b`.zip", "my file.zip"),
    *("my dir/sub dir/file name.zip", "Daft Punk - One More Time.mp3", "2024 Report.pdf"),
    *("it's mine.zip", "a#b c.zip", "What is it?.mkv", "x.zip?sign=a b&t=1"),
    *("get?id=12 film.zip", "a | b.zip", "a, b.zip", "a.iso (2).iso", "c.zip，d.zip"),
    *("x]y.zip", "a}.zip", "[a].b]c.mkv", "f?sig=ab]cd", "?f=my film.zip"),
    *(
        'c.zip"备份".zip',
        "a;b c.zip",
        "c.zip;d.zip",
        "c.zip;part",
        "c.tar,v1",
        "c.zip;My film.mp4",
        f"?q=I{FLAME}+NY",
        "x→y/c",
    ),
]
"""The whole may be the link wherever it stands, so it is looked at."""
UNCLEAR_ALONE = [
    ("a，b", "a"),
    ("三体\u3000全集", "三体"),
    ("My Film (2020)", "My"),
    ("my dir/sub dir", "my"),
    ("我的 电影", "我的"),
    ("film,My film", "film,My"),
    ("film,名字，好看", "film"),
    ("s/1aBcD快来看", "s/1aBcD"),
    ("movie国语版", "movie"),
    ("Rock♪", "Rock"),
    ('x?r=attachment; filename="my file"', "x?r=attachment"),
    ("The Lord of the Rings and The Return of the King 2003.mkv", "The"),
]
"""Alone, the whole may be the link; in a sentence the link ends earlier."""
CERTAIN = [
    *((whole, whole) for whole in ("a、b.zip", "a！b.zip", "a：b.zip", "电影（2023）.mp4")),
    *((whole, whole) for whole in ("【组】名字.mkv", "Foo_(bar)", "d/第1集", "?name=电影")),
    *((whole, whole) for whole in ("s/xyz?提取码:abcd", "x.zip?u=https://c.d/e.zip")),
    ("[Group]Show[01].mkv", "%5BGroup%5DShow%5B01%5D.mkv"),
    ("[Group] Show", "%5BGroup%5D"),
    ("x.zip?sign=[a]&t=1", "x.zip?sign=%5Ba%5D&t=1"),
    ("file.zip\u200b密码", "file.zip"),
    ("film is what I meant", "film"),
    (" b.zip", ""),
    ("a.iso movie.iso", "a.iso"),
    ("c.zip（密码：123）", "c.zip"),
    ("c.zip。", "c.zip"),
    ("c.mp4~好看", "c.mp4"),
    ("c.zip, then go", "c.zip"),
    ("film<br>b.zip", "film"),
    ("s/1aBcD提取码:abcd", "s/1aBcD"),
    ("s/1aBcD 提取码: abcd", "s/1aBcD"),
]
"""Text and the link wherever it stands."""
SEPARATED = [
    *("a,b;c.zip", "a;b.zip", "a,b;c.zip?sign=1", "a;v=1/b,c;d.zip", "x?f=a,b;c.zip"),
    *("x;jsessionid=1?a=b;c=d,e", "三体,全集;上.epub", f"a,{FAMILY};c.zip"),
]
SIZES = (",300MB", ";300MB", ", 1.2 GB", ";12KiB;", ",5b,film")
EMOJI = [
    *(f"{FAMILY}.zip", f"{FAMILY}/x.zip", f"x{FAMILY}y.zip", f"电影{FAMILY}.mp4", f"{FLAME}.zip"),
    *("👩🏽\u200d🚀.zip", "👩\u200d⚕\ufe0f.zip", "👁\ufe0f\u200d🗨\ufe0f.zip", "🇨🇳.zip"),
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.zip",
]


def encoded(text: str) -> str:
    return "".join(quote(it) if it in ' \u3000\u00a0[]|"`\\' else it for it in drop_invisible(text))


@pytest.mark.parametrize("text", UNCLEAR, ids=ascii)
def test_what_may_go_on_is_looked_at_as_the_longest_link(text: str) -> None:
    for frame in (*ALONE, *SENTENCES):
        assert _links(frame.format(HOST + text)) == [(encoded(text), True)], frame


@pytest.mark.parametrize(("text", "shorter"), UNCLEAR_ALONE, ids=ascii)
def test_what_fills_a_line_is_a_look_and_ends_early_in_a_sentence(text: str, shorter: str) -> None:
    for frame in (*ALONE, "[x]({})", "<{}>", "`{}`") if '"' not in text else ALONE:
        if not ("(" in text and "](" in frame):
            assert _links(frame.format(HOST + text)) == [(encoded(text), True)], frame
    if not text.endswith(".mkv"):
        assert _links(f"看这个 {HOST}{text} 很好看") == [(encoded(shorter), False)]


@pytest.mark.parametrize(("text", "link"), CERTAIN, ids=ascii)
def test_an_end_that_is_certain_in_both_positions(text: str, link: str) -> None:
    for frame in ("{}", *SENTENCES):
        assert _links(frame.format(HOST + text)) == [(link, False)], frame


@pytest.mark.parametrize("text", [*UNCLEAR, *SEPARATED, *EMOJI, "My Film", "film国语版"], ids=ascii)
def test_an_argument_is_whole(text: str) -> None:
    assert _parts(extract_argument(HOST + text)) == [(encoded(text), "|" in text)]


@pytest.mark.parametrize(
    ("argument", "links"),
    [
        *((f"https://a.b/c.mp4{size}", [("c.mp4", False)]) for size in (*SIZES, " 300MB")),
        *(
            (f"https://a.b/c.mp4{mark}film", [("c.mp4", mark == "|")])
            for mark in ("|", "\t", "\t|")
        ),
        ("https://a.b/film\tname", [("film", False)]),
        ("https://a.b/film|name", [("film%7Cname", True)]),
        ("https://a.b/[Group] Show", [("%5BGroup%5D%20Show", False)]),
        ("https://a.b/s/1aBcD 提取码: abcd", [("s/1aBcD", False)]),
        ("https://a.b/s/1aBcD提取码:abcd", [("s/1aBcD", False)]),
        ("看 https://a.b/c.zip，好", [("c.zip", False)]),
        (f"https://a.b/{'x' * 100}.zip。", [(f"{'x' * 100}.zip", False)]),
        ("https://a.b/1.zip https://a.b/2.zip", [("1.zip", False), ("2.zip", False)]),
        ("https://a.b/1.zip\nhttps://a.b/2.zip", [("1.zip", False), ("2.zip", False)]),
        ("ｈｔｔｐｓ：／／a.b／c", [("c", True)]),
        ("https://a.b/1,https://a.b/2", [("1", False), ("2", False)]),
        ("https://a.b/1?u=https://a.b/2", [("1?u=https://a.b/2", False)]),
        *((f"https://a.b/c{end}", [("c", False)]) for end in ("。", "))", '"', "!”", ",")),
        *((f"https://a.b/c{end}", [("c", True)]) for end in ("...", "…", "?")),
        *((f"https://a.b/c.zip{end}", [("c.zip", False)]) for end in ("...", "……", "?")),
        ("https://a.b/lo...ng.zip", [("lo...ng.zip", True)]),
        ("https://a.b/c?x=1&", [("c?x=1&", True)]),
    ],
)
def test_text_as_an_argument_is_read_as_text(argument: str, links: list[tuple[str, bool]]) -> None:
    assert _parts(extract_argument(argument)) == links


@pytest.mark.parametrize("link", [*SEPARATED, *EMOJI], ids=ascii)
def test_separators_and_joined_emoji_belong_to_the_link(link: str) -> None:
    for frame in (*ALONE, '"{}"', "[x]({})", "看 {} 好"):
        assert _links(frame.format(HOST + link)) == [(link, False)], frame


@pytest.mark.parametrize("link", SEPARATED, ids=ascii)
@pytest.mark.parametrize("separator", [";", ", ", " | ", "\t", "、", "\n"])
def test_separators_split_between_links_and_not_within_them(link: str, separator: str) -> None:
    links = [link, "e;f,g.zip", link]
    assert _links(separator.join(HOST + it for it in links)) == [(it, False) for it in links]


@pytest.mark.parametrize(
    ("line", "links"),
    [
        ('"https://a.b/film" and "b.zip"', [("film", False)]),
        ('see "https://a.b/film" for b.zip', [("film", False)]),
        ("(see https://a.b/film) or b.zip", [("film", False)]),
        ("[url]https://a.b/film[/url] b.zip", [("film", False)]),
        ("<a href=https://a.b/film>b.zip</a>", [("film", False)]),
        ("https://a.b/film</p>", [("film", False)]),
        ("https://a.b/<id>/c.zip", [("%3Cid%3E/c.zip", True)]),
        ("https://a.b/p/<angle>.zip", [("p/%3Cangle%3E.zip", True)]),
        ("https://a.b/p/<angle>", [("p/%3Cangle%3E", True)]),
        ("https://a.b/p/[/foo]", [("p/%5B/foo%5D", True)]),
        ("https://a.b/film[/code]", [("film", False)]),
        ("https://a.b/c.zip@name", [("c.zip@name", True)]),
        ("https://a.b/@me/c.zip?to=me@a.b", [("@me/c.zip?to=me@a.b", False)]),
        *((f"https://a.b/c.mp4{size}", [("c.mp4", False)]) for size in SIZES),
        ("[URL=https://a.b/film]b.zip[/URL]", [("film", False)]),
        ("https://a.b?f=my film.zip", [("https://a.b?f=my%20film.zip", True)]),
        ("https://a.b/file.txt~", [("file.txt~", True)]),
        ("see https://a.b/file.txt~ now", [("file.txt~", True)]),
        ("看https://a.b/file.txt~ 好", [("file.txt", False)]),
        ('https://a.b/film" title="b.zip"', [("film", False)]),
        ('{"u":"https://a.b/film","n":"b.zip"}', [("film", False)]),
        ("https://a.b/film\tb.zip", [("film", False)]),
        ("'https://a.b/it's.zip'", [("it's.zip", False)]),
        ("https://a.b/my file.zip https://a.b/c", [("my%20file.zip", True), ("c", False)]),
        ("[a](https://a.b/My Film (2020).mkv) 好", [("My%20Film%20(2020).mkv", True)]),
        ("“https://a.b/三体，全集”", [("三体，全集", True)]),
        ("链接：https://a.b/My Film\tb.zip", [("My%20Film%09b.zip", True)]),
        ("https://a.b/my movie 2024.mkv  great film", [("my%20movie%202024.mkv", True)]),
        (f"look {HOST}x{FAMILY}. Thanks", [("x", False)]),
        (f"拿去{HOST}c.mp4{FLAME}", [("c.mp4", False)]),
        (f"{FAMILY}\u200d{HOST}c.mp4", [("c.mp4", False)]),
    ],
)
def test_what_is_around_a_link_may_end_it(line: str, links: list[tuple[str, bool]]) -> None:
    assert _links(line) == links


@pytest.mark.parametrize(
    ("text", "link"),
    [
        *((f"film{dots}", "film") for dots in ("...", "....", "…", "……", "…)", '..."')),
        *(("lo...ng.zip", "lo...ng.zip"), ("lo…ng.zip", "lo…ng.zip"), ("x?a=1...", "x?a=1")),
        *(("x?a=1&", "x?a=1&"), ("x?", "x")),
    ],
)
def test_a_link_that_is_shortened_or_open_at_its_end_is_looked_at(text: str, link: str) -> None:
    for frame in ("{}", "{}\n\nthanks to all", "看 {}\n好", '<a href="https://a.b/c.zip">{}</a>'):
        doubts = [it.doubt for it in links_in(frame.format(HOST + text)) if it.text == HOST + link]
        assert doubts == [Doubt.SHORTENED], frame


@pytest.mark.parametrize("end", ["...", "……", "…还有", "?", "..", "…)"])
def test_a_sentence_that_trails_off_after_a_file_is_no_shortened_link(end: str) -> None:
    for frame in ("{}", "见 {}", "see {} and thanks"):
        assert _links(frame.format(f"{HOST}c.zip{end}")) == [("c.zip", False)], frame


@pytest.mark.parametrize(
    "link", ["https://a.b", "HTTP://A.B/", "http://me:x@a.b:81", "http://a.b/#/x"]
)
def test_the_address_of_a_website_is_looked_at_as_no_file(link: str) -> None:
    for text in (link, f"看 {link} 好", f"get {link} /fast/ now"):
        assert [(it.text, it.doubt) for it in links_in(text)] == [(link, Doubt.PAGE)]
    assert [it.doubt for it in extract_argument(link)] == [Doubt.PAGE]
    assert [it.doubt for it in links_in("https://a.b/?id=5 https://a.b?id=5")] == [None, None]


@pytest.mark.parametrize(
    ("line", "link", "name"),
    [
        ("c.zip,film.mp4", "c.zip", "film.mp4"),
        ("c.zip,one;two.mp4", "c.zip", "one;two.mp4"),
        ("a;b.zip,film.mp4", "a;b.zip", "film.mp4"),
        ("film,b.zip", "film,b.zip", ""),
        ("x;id=1,film.mp4", "x;id=1,film.mp4", ""),
    ],
)
def test_a_comma_after_a_file_begins_its_name_and_any_other_only_below_a_head(
    line: str, link: str, name: str
) -> None:
    (row,) = links_in(HOST + line)
    assert (row.text, row.name, row.doubt) == (HOST + link, name, None)
    if not name:
        first, _comma, name = line.rpartition(",")
        (row,) = links_in(f"url,name\n{HOST}{line}")
        assert (row.text, row.name) == (HOST + first, name)


@pytest.mark.parametrize("line", ["film,My film.mp4", "film;My film.mp4", "x?id=1,名字.mp4"])
def test_a_name_or_the_rest_of_the_link_is_to_be_looked_at(line: str) -> None:
    (row,) = links_in(HOST + line)
    assert (row.doubt, row.text) == (Doubt.END, HOST + encoded(line))


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("c.zip@name", "c.zip@name"),
        ("c.mp4(1).mp4+字幕", "c.mp4(1).mp4+字幕"),
        ("c.zip;My film.mp4", "c.zip;My%20film.mp4"),
        ("c.mkv1.2GB", "c.mkv1.2GB"),
        ("c.mkv1.2GB 快下", "c.mkv1.2GB"),
    ],
)
def test_the_name_of_a_file_is_offered_first_and_what_is_glued_to_it_second(
    text: str, longer: str
) -> None:
    (row,) = links_in(f"看 {HOST}{text} 好")
    assert (row.longer.removeprefix(HOST), row.doubt) == (longer, Doubt.END)
    assert longer.startswith(row.text.removeprefix(HOST))
    assert row.text.endswith((".zip", ".mp4", ".mkv"))


def test_cut_links_do_not_vanish_as_duplicates() -> None:
    result = extract(
        "看 https://a.b/x，上.zip 好\n看 https://a.b/x，下.zip 好\n看 https://a.b/x 好"
    )
    known = {duplicate_key(HOST + "x，下.zip"): 7}
    rows = judge(result, known)
    assert [SIGNS[row.verdict] for row in rows] == ["?", "?", "√"]
    assert [row.known_as for row in rows] == [0, 7, 0]
    taken = judge(map(toggled, rows[:2]), known)
    assert [(row.text, row.known_as) for row in taken] == [
        (HOST + "x，上.zip", 0),
        (HOST + "x，下.zip", 7),
    ]
    assert all(row.keep for row in taken), "that it is in the list was said before"


def test_the_rest_of_a_doubtful_link_is_no_name_of_the_link() -> None:
    (row,) = judge(extract("Ben: https://a.b/45s/a b c.zip"), {})
    assert (row.text, row.name) == (HOST + "45s/a%20b%20c.zip", "")


def _links(text: str) -> list[tuple[str, bool]]:
    return _parts(extract(text))


def _parts(rows: tuple[ReviewRow, ...]) -> list[tuple[str, bool]]:
    """Return the longest reading of each link, and whether its end is unclear."""
    return [
        ((row.longer or row.text).removeprefix(HOST), row.doubt in (Doubt.END, Doubt.SHORTENED))
        for row in rows
    ]
