"""Pasted texts and the links that they contain."""

import pytest

from tests.domain.links.found import links_in

SAMPLES: list[tuple[str, list[str]]] = [
    # plain
    ("  https://a.b/c.zip  ", ["https://a.b/c.zip"]),
    ("HTTP://A.B/C.ZIP", ["HTTP://A.B/C.ZIP"]),
    ("https://a.b", ["https://a.b"]),
    ("https://a.b/", ["https://a.b/"]),
    ("http://10.0.0.1:8080/x?y=1#z", ["http://10.0.0.1:8080/x?y=1#z"]),
    ("http://user:pa%40ss@a.b/c", ["http://user:pa%40ss@a.b/c"]),
    ("https://a.b/100%.zip", ["https://a.b/100%.zip"]),
    # several
    (
        "https://a.b/1\nhttps://a.b/2\r\nhttps://a.b/3\rhttps://a.b/4",
        [f"https://a.b/{n}" for n in "1234"],
    ),
    ("https://a.b/1 https://a.b/2\thttps://a.b/3", [f"https://a.b/{n}" for n in "123"]),
    ("https://a.b/1,https://a.b/2;https://a.b/3", [f"https://a.b/{n}" for n in "123"]),
    ("https://a.b/1.ziphttps://a.b/2.zip", ["https://a.b/1.zip", "https://a.b/2.zip"]),
    (
        "https://a.b/1.zipHTTP://a.b/2.ziphttp://c.d",
        ["https://a.b/1.zip", "HTTP://a.b/2.zip", "http://c.d"],
    ),
    ("https://a.b/1、https://a.b/2，https://a.b/3。", [f"https://a.b/{n}" for n in "123"]),
    # a link inside a link
    ("https://proxy.a/https://c.d/e.zip", ["https://proxy.a/https://c.d/e.zip"]),
    ("http://https://a.b/c", ["https://a.b/c"]),
    # sentences
    ("See https://a.b/c.zip.", ["https://a.b/c.zip"]),
    ("It is https://a.b/c.zip!!!", ["https://a.b/c.zip"]),
    (
        "音乐https://a.b/c.flac!还有https://a.b/d.flac，",
        ["https://a.b/c.flac", "https://a.b/d.flac"],
    ),
    ("收到👌https://a.b/c.mp3🎵好听", ["https://a.b/c.mp3"]),
    ("拿去 https://a.b/c.mp4😊", ["https://a.b/c.mp4"]),
    (
        "拿去https://a.b/s/1AbC😊 https://a.b/x?id=3→好",
        ["https://a.b/s/1AbC", "https://a.b/x?id=3"],
    ),
    ("看 https://a.b/电影🎬合集/🎵c.mp3 好", ["https://a.b/电影🎬合集/🎵c.mp3"]),
    ("│https://a.b/c.zip│ 1 GB │", ["https://a.b/c.zip"]),
    (
        "看https://a.b/c.zip~~，还有https://a.b/~张/d.zip~",
        ["https://a.b/c.zip", "https://a.b/~张/d.zip"],
    ),
    ("看https://a.b/c~ 好", ["https://a.b/c~"]),
    ("看https://a.b/d/😊 👉https://a.b/d/👈", ["https://a.b/d/", "https://a.b/d/"]),
    ("look https://a.b/x😀. Thanks", ["https://a.b/x"]),
    ("https://a.b/1→https://a.b/2", ["https://a.b/1", "https://a.b/2"]),
    ("https://i❤.ws/a", ["https://i❤.ws/a"]),
    ("看 https://❤.ws/ 好", ["https://❤.ws/"]),
    ("看http://10.0.0.1😊", ["http://10.0.0.1"]),
    ("https://a.b/c.mkv.中文字幕.zip 下载", ["https://a.b/c.mkv.中文字幕.zip"]),
    ("https://a.b/c.mp4!好看.txt", ["https://a.b/c.mp4!好看.txt"]),
    ("看https://a.b/!电影/c", ["https://a.b/!电影/c"]),
    ("'https://a.b/c.zip'", ["https://a.b/c.zip"]),
    ("**https://a.b/c.zip**", ["https://a.b/c.zip"]),
    ("**下载：https://a.b/c.zip** 好", ["https://a.b/c.zip"]),
    ("*get https://a.b/s/1aB*, __看 https://a.b/c__", ["https://a.b/s/1aB", "https://a.b/c"]),
    ("* https://a.b/*\n_ https://a.b/c_", ["https://a.b/*", "https://a.b/c_"]),
    ("https://a.b/c...", ["https://a.b/c"]),
    # brackets in the link
    ("(https://a.b/Foo_(bar))", ["https://a.b/Foo_(bar)"]),
    ("https://a.b/c(1).zip", ["https://a.b/c(1).zip"]),
    ("https://a.b/c.zip(123MB)", ["https://a.b/c.zip"]),
    # Chinese around
    ("链接:https://a.b/s/提取码abcd", ["https://a.b/s/"]),
    ("“https://a.b/c.zip”", ["https://a.b/c.zip"]),
    ("https://example.com下载", ["https://example.com"]),
    ("https://a.b/c.zip和https://a.b/d.zip都行", ["https://a.b/c.zip", "https://a.b/d.zip"]),
    # Chinese inside
    ("https://例子.测试/c.zip", ["https://例子.测试/c.zip"]),
    ("https://www.例子.com/c.zip", ["https://www.例子.com/c.zip"]),
    ("https://bücher.example/ü.zip", ["https://bücher.example/ü.zip"]),
    # hosts
    ("http://[::1]:8080/x", ["http://[::1]:8080/x"]),
    ("(http://[2001:db8::1]/x)", ["http://[2001:db8::1]/x"]),
    ("http://localhost:3000/x", ["http://localhost:3000/x"]),
    # markup
    ("[Foo](https://a.b/Foo_(bar)) and more", ["https://a.b/Foo_(bar)"]),
    ('[Foo](https://a.b/c.zip "title")', ["https://a.b/c.zip"]),
    ("![alt](https://a.b/c.png)", ["https://a.b/c.png"]),
    ("<a href=https://a.b/c.zip>Get</a>", ["https://a.b/c.zip"]),
    ('<a href="https://a.b/c">https://a.b/d</a>', ["https://a.b/c", "https://a.b/d"]),
    ("&lt;https://a.b/c.zip&gt;", ["https://a.b/c.zip"]),
    ('<html xmlns="http://www.w3.org/1999/xhtml"><a href="https://a.b/c">x</a>', ["https://a.b/c"]),
    ('{"url":"https://a.b/c.zip","n":1}', ["https://a.b/c.zip"]),
    (r'{"url":"https:\/\/a.b\/c?x=1\u0026y=2"}', ["https://a.b/c?x=1&y=2"]),
    (r'{"url":"https://a.b/c?x=1\u0026y=2"}', ["https://a.b/c?x=1&y=2"]),
    # lists and commands
    ('"https://a.b/c,d.zip","Name, too.zip"', ["https://a.b/c,d.zip"]),
    (
        "https://a.b/1.zip\thttps://mirror.b/1.zip\n  out=one.zip",
        ["https://a.b/1.zip", "https://mirror.b/1.zip"],
    ),
    (
        "curl 'https://a.b/c' \\\n  -H 'Referer: https://page.b/' \\\n  --compressed",
        ["https://a.b/c"],
    ),
    ("not -e https://a.b/c", ["https://a.b/c"]),
    # wrapped
    ("thunder://QUFodHRwOi8vYS5iL7Xn07AubXA0Wlo=", ["http://a.b/电影.mp4"]),
    ("迅雷thunder://QUFodHRwOi8vYS5iL+eUteW9sS5tcDRaWg，快", ["http://a.b/电影.mp4"]),
    (
        "thunder://QUFodHRwOi8vYS5iL+eUteW9sS5tcDRaWghttps://a.b/c.zip",
        ["http://a.b/电影.mp4", "https://a.b/c.zip"],
    ),
    # without a scheme
    ("\u2068www.a.cn/c.zip\u2069 ://a.cn/d.zip", ["https://www.a.cn/c.zip", "https://a.cn/d.zip"]),
    # other protocols do not swallow what follows
    ("https://a.b/c.zipmagnet:?xt=urn:btih:abc", ["https://a.b/c.zip"]),
    ("ed2k://|file|a b.mkv|123|ABC|/ https://a.b/c", ["https://a.b/c"]),
]


@pytest.mark.parametrize(("text", "urls"), SAMPLES, ids=[text[:40] for text, _ in SAMPLES])
def test_the_links_of_a_sample_are_found_exactly(text: str, urls: list[str]) -> None:
    assert [row.text for row in links_in(text)] == urls
