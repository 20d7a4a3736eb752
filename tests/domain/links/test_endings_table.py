"""Links with blanks, quotes, brackets and the like, alone on their line and inside a sentence.

The texts and links of the tables stand without their beginning, `https://a.b/`.
"""

import pytest

from pan123_tui.domain.links.extractor import extract, extract_argument
from pan123_tui.domain.links.review import ReviewRow, ReviewStatus, judge, toggled
from pan123_tui.domain.links.url import Look
from tests.domain.links.found import links_in

SENTENCES = ("看这个 {} 很好看", "get {} now, please")
HOST = "https://a.b/"
WHOLE: list[tuple[str, str]] = [
    ("a[/foo]b.mkv", "a%5B/foo%5Db.mkv"),
    ("[/foo]b.mkv", "%5B/foo%5Db.mkv"),
    ("[SubsPlease] Show - 01 (1080p).mkv", "%5BSubsPlease%5D%20Show%20-%2001%20(1080p).mkv"),
    ("a [v2].zip", "a%20%5Bv2%5D.zip"),
    ("x.zip?sign=a|b&c=[d]", "x.zip?sign=a%7Cb&c=%5Bd%5D"),
    ('x.zip?sign="a"&t=1', "x.zip?sign=%22a%22&t=1"),
    ("x.zip?sign=a\\b&t=1", "x.zip?sign=a%5Cb&t=1"),
    ("x.zip?name=my file.zip", "x.zip?name=my%20file.zip"),
    ("x.zip?name=“上”&t=1", "x.zip?name=“上”&t=1"),
    ("x.zip?name=三体，全集&t=1", "x.zip?name=三体，全集&t=1"),
    ("“引号”.zip", "“引号”.zip"),
    ("a“引号”b.zip", "a“引号”b.zip"),
    ("a”b.zip", "a”b.zip"),
    ("a，b.zip", "a，b.zip"),
    ("三体，全集.epub", "三体，全集.epub"),
    ("上，下/第1集.mp4", "上，下/第1集.mp4"),
    ("a。b.zip", "a。b.zip"),
    ("三体\u3000全集.epub", "三体%E3%80%80全集.epub"),
    ("三体 全集.epub", "三体%20全集.epub"),
    ("a\u3000b.zip", "a%E3%80%80b.zip"),
    ("a\u00a0b.zip", "a%C2%A0b.zip"),
    ("fi\u200ble.zip", "file.zip"),
    ("fi\u200ble", "file"),
    ("fi\ufeffle.zip", "file.zip"),
    ("三\u200b体.epub", "三体.epub"),
    ("a\\b.zip", "a%5Cb.zip"),
    ('a"b.zip', "a%22b.zip"),
    ('"a".zip', "%22a%22.zip"),
    ('6" vinyl.flac', "6%22%20vinyl.flac"),
    ("a|b.zip", "a%7Cb.zip"),
    ("<v2>.zip", "%3Cv2%3E.zip"),
    ("a`b`.zip", "a%60b%60.zip"),
    ("my file.zip", "my%20file.zip"),
    ("My Movie (2020).mkv", "My%20Movie%20(2020).mkv"),
    ("my dir/sub dir/file name.zip", "my%20dir/sub%20dir/file%20name.zip"),
    ("Daft Punk - One More Time.mp3", "Daft%20Punk%20-%20One%20More%20Time.mp3"),
    ("【组】 名字.mkv", "【组】%20名字.mkv"),
    ("it's mine.zip", "it's%20mine.zip"),
    ("100% real.zip", "100%%20real.zip"),
    ("a#b c.zip", "a#b%20c.zip"),
    ("What is it?.mkv", "What%20is%20it?.mkv"),
    ("Foo_(bar) baz.zip", "Foo_(bar)%20baz.zip"),
]
"""Text and the whole link, which is to be looked at inside a sentence."""

HELD: list[tuple[str, str]] = [
    ("x.zip?sign=a b&t=1", "x.zip?sign=a%20b&t=1"),
    (
        'x.zip?response-content-disposition=attachment; filename="my file.zip"',
        "x.zip?response-content-disposition=attachment;%20filename=%22my%20file.zip%22",
    ),
    ("get?id=12 film.zip", "get?id=12%20film.zip"),
    ("a | b.zip", "a%20%7C%20b.zip"),
    ("a<b>c.zip", "a%3Cb%3Ec.zip"),
    ("a>b.zip", "a%3Eb.zip"),
    ("x.zip?sign=<a>&t=1", "x.zip?sign=%3Ca%3E&t=1"),
    ("Artist - Song.mp3", "Artist%20-%20Song.mp3"),
    ("2024 Report.pdf", "2024%20Report.pdf"),
    ("a, b.zip", "a,%20b.zip"),
    ("a.iso (2).iso", "a.iso%20(2).iso"),
    ("c.zip，d.zip", "c.zip，d.zip"),
    ('c.zip"备份".zip', "c.zip%22备份%22.zip"),
]
"""Text and the longest link, which is to be looked at in both positions."""

HELD_ALONE: list[tuple[str, str, str]] = [
    ("a，b", "a", "a，b"),
    ("三体\u3000全集", "三体", "三体%E3%80%80全集"),
    ("My Film (2020)", "My", "My%20Film%20(2020)"),
    ("我的 电影", "我的", "我的%20电影"),
    ("film,名字，好看", "film", "film,名字，好看"),
    ("s/1aBcD快来看", "s/1aBcD", "s/1aBcD快来看"),
    ("movie国语版", "movie", "movie国语版"),
]
"""Text, and the shorter link of a sentence, and the longer one to look at."""

CERTAIN: list[tuple[str, str]] = [
    ("a、b.zip", "a、b.zip"),
    ("a！b.zip", "a！b.zip"),
    ("a：b.zip", "a：b.zip"),
    ("file.zip\u200b", "file.zip"),
    ("电影（2023）.mp4", "电影（2023）.mp4"),
    ("【组】名字.mkv", "【组】名字.mkv"),
    ("Foo_(bar)", "Foo_(bar)"),
    ("d/第1集", "d/第1集"),
    ("s/xyz?提取码:abcd", "s/xyz?提取码:abcd"),
    ("x.zip?u=https://c.d/e.zip", "x.zip?u=https://c.d/e.zip"),
    ("[Group]Show[01].mkv", "%5BGroup%5DShow%5B01%5D.mkv"),
    ("[Group] Show", "%5BGroup%5D"),
    ("x.zip?sign=[a]&t=1", "x.zip?sign=%5Ba%5D&t=1"),
    ("file.zip\u200b密码", "file.zip"),
    ("film is what I meant", "film"),
    ("film 很好看", "film"),
    ("a.iso movie.iso", "a.iso"),
    ("a.iso  movie.iso", "a.iso"),
    ("c.zip（密码：123）", "c.zip"),
    ("c.zip【解压码 123】", "c.zip"),
    ("c.zip。", "c.zip"),
    ("c.zip, then go", "c.zip"),
    ("s/1aBcD提取码:abcd", "s/1aBcD"),
    ("s/1aBcD 提取码: abcd", "s/1aBcD"),
]
"""Text and the same link in both positions."""


def test_the_tables_have_at_least_80_samples_all_different() -> None:
    texts = [sample[0] for table in (WHOLE, HELD, HELD_ALONE, CERTAIN) for sample in table]
    assert len(set(texts)) == len(texts) >= 80


@pytest.mark.parametrize(("text", "whole"), WHOLE, ids=ascii)
def test_a_link_alone_is_whole_and_in_a_sentence_its_end_is_doubtful(text: str, whole: str) -> None:
    assert _parts(extract_argument(HOST + text)) == [(whole, False)]
    for frame in ("{}", "  {}  ", "1. {}", "- {}", "\u200b{}\ufeff"):
        assert _links(frame.format(HOST + text)) == [(whole, False)], frame
    for sentence in SENTENCES:
        assert _links(sentence.format(HOST + text)) == [(whole, True)], sentence


@pytest.mark.parametrize(("text", "longer"), HELD, ids=ascii)
def test_an_end_that_is_doubtful_in_both_positions(text: str, longer: str) -> None:
    for frame in ("{}", *SENTENCES):
        assert _links(frame.format(HOST + text)) == [(longer, True)], frame


@pytest.mark.parametrize(("text", "shorter", "longer"), HELD_ALONE, ids=ascii)
def test_what_is_doubtful_alone_may_be_the_text_of_a_sentence(
    text: str, shorter: str, longer: str
) -> None:
    assert _links(HOST + text) == [(longer, True)]
    assert _links(f"看这个 {HOST}{text} 很好看") == [(shorter, False)]


@pytest.mark.parametrize(("text", "link"), CERTAIN, ids=ascii)
def test_an_end_that_is_certain_in_both_positions(text: str, link: str) -> None:
    for frame in ("{}", *SENTENCES):
        assert _links(frame.format(HOST + text)) == [(link, False)], frame


@pytest.mark.parametrize(
    ("line", "links"),
    [
        ('"https://a.b/my file.zip"', [("my%20file.zip", False)]),
        ("下载 <https://a.b/my file.zip> 吧", [("my%20file.zip", False)]),
        ("[a](<https://a.b/my file.zip>)", [("my%20file.zip", False)]),
        ("“https://a.b/my file.zip”", [("my%20file.zip", False)]),
        ('see "https://a.b/film" for b.zip', [("film", False)]),
        ("(see https://a.b/film) or b.zip", [("film", False)]),
        ("[url]https://a.b/film[/url] b.zip", [("film", False)]),
        ("<a href=https://a.b/film>b.zip</a>", [("film", False)]),
        ("https://a.b/film</p>", [("film", False)]),
        ('https://a.b/film" title="b.zip"', [("film", False)]),
        ("https://a.b/my file.zip https://a.b/c", [("my%20file.zip", True), ("c", False)]),
        ("https://a.b/film,b.zip", [("film,b.zip", False)]),
        ("https://a.b/film\tb.zip", [("film", False)]),
        ("[a](https://a.b/My Film (2020).mkv) 好", [("My%20Film%20(2020).mkv", True)]),
        ("[a](https://a.b/三体，全集)", [("三体，全集", False)]),
        ("<https://a.b/film<br>b.zip>", [("film%3Cbr%3Eb.zip", True)]),
        ("链接：https://a.b/My Film\tb.zip", [("My%20Film%09b.zip", True)]),
        ("https://a.b/a;b c.zip", [("a;b%20c.zip", True)]),
        ("https://a.b/ b.zip", [("", False)]),
        ("https://a.b/a.iso b.iso", [("a.iso", False)]),
        ("https://a.b/my file.zip tail", [("my%20file.zip", True)]),
        ("https://a.b/my movie 2024.mkv  great film", [("my%20movie%202024.mkv", True)]),
        ("https://a.b/my and more", [("my", False)]),
    ],
)
def test_what_is_around_a_link_may_say_where_it_ends(
    line: str, links: list[tuple[str, bool]]
) -> None:
    assert _links(line) == links


def test_a_host_with_an_invisible_character_is_whole() -> None:
    (link,) = links_in("https://exam\u200bple.com/c.zip")
    assert link.text == "https://example.com/c.zip"


@pytest.mark.parametrize(
    ("argument", "links"),
    [
        ("https://a.b/film国语版", [("film国语版", False)]),
        ("https://a.b/My Film", [("My%20Film", False)]),
        ("https://a.b/a.iso b.iso", [("a.iso%20b.iso", False)]),
        ("https://a.b/s/1aBcD 提取码: abcd", [("s/1aBcD", False)]),
        ("https://a.b/s/1aBcD提取码:abcd", [("s/1aBcD", False)]),
        ("看 https://a.b/c.zip，好", [("c.zip", False)]),
        ("https://a.b/1.zip https://a.b/2.zip", [("1.zip", False), ("2.zip", False)]),
        ("https://a.b/1.zip\nhttps://a.b/2.zip", [("1.zip", False), ("2.zip", False)]),
    ],
)
def test_an_argument_is_one_link_unless_it_is_text(
    argument: str, links: list[tuple[str, bool]]
) -> None:
    assert _parts(extract_argument(argument)) == links


def test_cut_links_do_not_vanish_as_duplicates() -> None:
    result = extract(
        "看 https://a.b/x，上.zip 好\n看 https://a.b/x，下.zip 好\n看 https://a.b/x 好"
    )
    rows = judge(result, {HOST + "x，下.zip": 7})
    assert [(row.status, row.keep) for row in rows] == [
        (ReviewStatus.LOOK, False),
        (ReviewStatus.LOOK, False),
        (ReviewStatus.NEW, True),
    ]
    taken = judge(map(toggled, rows[:2]), {HOST + "x，下.zip": 7})
    assert [(row.text, row.status) for row in taken] == [
        (HOST + "x，上.zip", ReviewStatus.NEW),
        (HOST + "x，下.zip", ReviewStatus.KNOWN),
    ]


def test_the_rest_of_a_doubtful_link_is_no_name_of_the_link() -> None:
    (row,) = judge(extract("Ben: https://a.b/45s/a b c.zip"), {})
    assert (row.text, row.name) == (HOST + "45s/a%20b%20c.zip", "")


def _links(text: str) -> list[tuple[str, bool]]:
    return _parts(extract(text))


def _parts(rows: tuple[ReviewRow, ...]) -> list[tuple[str, bool]]:
    return [(row.text.removeprefix(HOST), row.look is Look.END) for row in rows]
