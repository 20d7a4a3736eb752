"""Texts as people send them: no address is lost without a word, and none is sent wrong."""

import base64
import re
from pathlib import Path

import pytest

from pan123_tui.domain.links.url import Doubt
from tests.domain.links.found import links_in, marked, other_text


def thunder(link: str) -> str:
    return "thunder://" + base64.b64encode(f"AA{link}ZZ".encode()).decode()


A, B = "https://dl.example.org/a.zip", "https://dl.example.org/b.zip"
ED2K = "ed2k://|file|film.mkv|733|0123456789ABCDEF0123456789ABCDEF|/"
MAGNET = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"


def chat(text: str, *rows: str) -> tuple[str, list[str]]:
    """Return a text and its rows; in `⟦?link⟧` a link stands behind its mark."""
    found = [f"{mark} {link}" for mark, link in re.findall("⟦(.)(.*?)⟧", text)]
    return re.sub("⟦.(.*?)⟧", r"\1", text), [*rows] or found


CHATS = [
    # 微信, QQ
    chat(f"地址{A}收好", f"√ {A}"),
    chat("看看 www.example.org/a.zip 这个", "? https://www.example.org/a.zip"),
    chat("官网www.example.org，自己找", "? https://www.example.org"),
    chat("下载：example.org/files/a.zip", "? https://example.org/files/a.zip"),
    chat("nas.example.org:5001/share/a.zip", "? http://nas.example.org:5001/share/a.zip"),
    chat("内网 203.0.113.7:8080/film.mkv", "? http://203.0.113.7:8080/film.mkv"),
    chat("192.168.1.5:4430/share/f.zip", "? http://192.168.1.5:4430/share/f.zip"),
    chat("nas.example.org:443/a.zip", "? https://nas.example.org:443/a.zip"),
    chat("ｈｔｔｐｓ：／／ｄｌ．ｅｘａｍｐｌｅ．ｏｒｇ／ａ．ｚｉｐ", f"? {A}"),
    chat("地址是https：／／dl.example.org／a.zip。", f"? {A}"),
    chat("http：//dl。example。net/fast/全角句号.zip", "? http://dl.example.net/fast/全角句号.zip"),
    chat("http://dl。example｡net/a.zip", "? http://dl.example.net/a.zip"),
    chat("看https://ｄｌ．example.org/a.zip，快", f"? {A}"),
    chat(
        "ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｏｒｇ／全角文件．ｚｉｐ",
        "? https://example.org/全角文件.zip",
    ),
    chat("ＷＷＷ．ＥＸＡＭＰＬＥ．ＣＯＭ／ａ．ｚｉｐ", "? https://WWW.EXAMPLE.COM/a.zip"),
    chat("官网⟦?https://example.org⟧。下载看群"),
    chat(f"https://example.org。{A}", "? https://example.org", f"√ {A}"),
    chat("⟦√https://example.org/ａ．zip⟧"),
    chat("https：//dl.example.org/a.zip", f"√ {A}"),
    chat(
        "https://dl.example.org/c1/\nhttps：//dl.example.org/a.zip",
        "√ https://dl.example.org/c1/",
        f"√ {A}",
    ),
    *(chat(f"{A}{sign}下一个", f"√ {A}") for sign in "｜＂＜＞"),
    chat("https://dl.example.org/我的 电影.mkv", "? https://dl.example.org/我的%20电影.mkv"),
    chat("⟦×https//dl.example.org/a.zip⟧ 这个"),
    chat("试试 ⟦×http:/dl.example.org/a.zip⟧"),
    # share pages and their codes
    chat("⟦?https://pan.baidu.com/s/1AbCdEf⟧提取码:x1y2"),
    chat("pan.baidu.com/s/1AbCdEf 密码 x1y2", "? https://pan.baidu.com/s/1AbCdEf"),
    chat("来自123云盘 ⟦?https://www.123865.com/s/AbC-dEf?pwd=1234#⟧"),
    chat("我用夸克网盘分享了「片」\n链接：⟦?https://pan.quark.cn/s/0123456789ab⟧"),
    chat("⟦?https://115cdn.com/s/swabc123?password=t1k2&#⟧"),
    chat("链接：⟦?https://pan.xunlei.com/s/VNabc-1⟧ 提取码：ab12"),
    chat("⟦?https://files.example.org/get/42⟧ 提取码 7788"),
    chat("⟦?https://files.example.org/get/42⟧\n提取码：7788"),
    chat("⟦?https://files.example.org/get/42?pwd=7788⟧"),
    chat(f"{A} 解压密码：example", f"√ {A}"),
    chat(f"{A}\n密码 example", f"√ {A}"),
    chat("⟦?https://files.example.org/get.html⟧ 密码 7788"),
    chat("【片】 ⟦?https://www.bilibili.com/video/BV1ab411c7de?share=1⟧"),
    chat("⟦?https://www.123684.com/s/xyz?提取码:abcd⟧"),
    # Telegram, forum, mail
    chat(
        f"📁 Film.2024.mkv\n💾 1.4 GB\n🔗 {A}\n📢 t.me/example", f"√ {A}", "? https://t.me/example"
    ),
    chat(f"**Film** [link]({A}) `{B}`", f"√ {A}", f"√ {B}"),
    chat(f"{A}\nok\n{B}", f"√ {A}", f"√ {B}"),
    chat(
        f"[url={A}]Film[/url] [img]https://i.example.org/p.png[/img]",
        f"√ {A}",
        "√ https://i.example.org/p.png",
    ),
    *(
        chat(
            f"{sign}https://dl.example.org/10s/at-76-\n{sign}columns-file.iso and then",
            "? https://dl.example.org/10s/at-76-",
        )
        for sign in ("", "> ", "> > ", "| ")
    ),
    chat("> https://dl.example.org/at-\n> c.iso.", "? https://dl.example.org/at-"),
    chat(
        f"> https://dl.example.org/at-\n> c.iso, then {A}",
        "? https://dl.example.org/at-",
        f"√ {A}",
    ),
    chat("看 https://dl.example.org/my file.zip 好", "? https://dl.example.org/my%20file.zip"),
    chat("get ⟦?https://dl.example.org/a，b.zip⟧ now"),
    # markup, tables, commands
    chat(f"- [a]({A})\n- <{B}>", f"√ {A}", f"√ {B}"),
    chat(
        f'<a href="{A}">Get</a> <img src="//cdn.example.org/p.png">',
        f"√ {A}",
        "? https://cdn.example.org/p.png",
    ),
    chat(
        '<a href="https://dl.example.org/g?a=1&amp;b=2">x</a>', "√ https://dl.example.org/g?a=1&b=2"
    ),
    chat(f'url,name\n{A},one.zip\n"{B}","two, three.zip"', f"√ {A}", f"√ {B}"),
    chat("⟦√https://dl.example.org/film,b.zip⟧"),
    chat('{"url": "https:\\/\\/dl.example.org\\/a.zip"}', f"√ {A}"),
    chat(f"{A}\n  out=film.zip\n  referer=https://page.example.org/\n{B}", f"? {A}", f"√ {B}"),
    chat(f"curl -L -o film.zip '{A}' \\\n  -H 'Referer: https://page.example.org/'", f"? {A}"),
    chat(
        'wget -c "https://dl.example.org/big file.iso" -O big.iso',
        "? https://dl.example.org/big%20file.iso",
    ),
    chat(f"wget {A}; wget '{B}';", f"√ {A}", f"√ {B}"),
    # other protocols
    chat(f"磁力：{MAGNET}", f"× {MAGNET}"),
    chat(ED2K, f"× {ED2K}"),
    chat(f"ftp://ftp.example.org/a.zip 或 {A}", f"√ {A}", "× ftp://ftp.example.org/a.zip"),
    chat(f"迅雷 {thunder(A)}", f"√ {A}"),
    chat(thunder("http://a.b/My film.mkv"), "√ http://a.b/My%20film.mkv"),
    chat(thunder(ED2K), f"× {thunder(ED2K)}"),
    chat("⟦×thunder://QUJD⟧"),
    chat(f"- links:\n  first={A}\n  second={B}", f"√ {A}", f"√ {B}"),
    # no links at all
    chat("HTTP/1.1 200, http/https/ftp, tcp/ip"),
    chat("and/or, i.e. v1.2/3, a@example.org, 24/7, Film.2024.mkv/ readme.md"),
    # plain
    chat("⟦√HTTP://A.B/C.ZIP⟧"),
    chat("⟦?http://10.0.0.1:8080/x?y=1#z⟧"),
    chat("⟦?http://user:pa%40ss@a.b/c⟧"),
    chat("⟦√https://a.b/100%.zip⟧"),
    # several
    chat("⟦√https://a.b/1⟧\n⟦√https://a.b/2⟧\r\n⟦√https://a.b/3⟧\r⟦√https://a.b/4⟧"),
    chat("⟦√https://a.b/1⟧,⟦√https://a.b/2⟧;⟦√https://a.b/3⟧"),
    chat("⟦√https://a.b/1.zip⟧⟦√HTTP://a.b/2.zip⟧⟦?http://c.d⟧"),
    chat("⟦√https://a.b/1⟧、⟦√https://a.b/2⟧，⟦√https://a.b/3⟧。"),
    # a link inside a link
    chat("⟦√https://proxy.a/https://c.d/e.zip⟧"),
    chat("http://⟦√https://a.b/c⟧"),
    # sentences
    chat("See ⟦√https://a.b/c.zip⟧."),
    chat("音乐⟦√https://a.b/c.flac⟧!还有⟦√https://a.b/d.flac⟧，"),
    chat("拿去⟦√https://a.b/s/1AbC⟧😊 ⟦√https://a.b/x?id=3⟧→好"),
    chat("看 ⟦√https://a.b/电影🎬合集/🎵c.mp3⟧ 好"),
    chat("│⟦√https://a.b/c.zip⟧│ 1 GB │"),
    chat("看⟦√https://a.b/c.zip⟧~~，还有⟦√https://a.b/~张/d.zip⟧~"),
    chat("看⟦?https://a.b/c~⟧ 好"),
    chat("看⟦√https://a.b/d/⟧😊 👉⟦-https://a.b/d/⟧👈"),
    chat("⟦√https://i❤.ws/a⟧"),
    chat("⟦√https://a.b/c.mkv.中文字幕.zip⟧ 下载"),
    chat("⟦?https://a.b/c.mp4⟧!好看.txt"),
    chat("看⟦√https://a.b/!电影/c⟧"),
    chat("**下载：⟦√https://a.b/c.zip⟧** 好"),
    chat("*get ⟦√https://a.b/s/1aB⟧*, __看 ⟦√https://a.b/c⟧__"),
    chat("* ⟦√https://a.b/*⟧\n_ ⟦√https://a.b/c_⟧"),
    # brackets in the link
    chat("(⟦√https://a.b/Foo_(bar)⟧)"),
    chat("⟦√https://a.b/c(1).zip⟧"),
    chat("⟦√https://a.b/c.zip⟧(123MB)"),
    # Chinese around
    chat("链接:⟦?https://a.b/s/⟧提取码abcd"),
    chat("⟦?https://example.com⟧下载"),
    chat("⟦√https://a.b/c.zip⟧和⟦√https://a.b/d.zip⟧都行"),
    # Chinese inside
    chat("⟦√https://例子.测试/c.zip⟧"),
    chat("⟦√https://www.例子.com/c.zip⟧"),
    chat("⟦√https://bücher.example/ü.zip⟧"),
    # hosts
    chat("⟦?http://[::1]:8080/x⟧"),
    chat("(⟦?http://[2001:db8::1]/x⟧)"),
    chat("⟦?http://localhost:3000/x⟧"),
    # markup
    chat("[Foo](⟦√https://a.b/Foo_(bar)⟧) and more"),
    chat('[Foo](⟦√https://a.b/c.zip⟧ "title")'),
    chat("&lt;⟦√https://a.b/c.zip⟧&gt;"),
    chat('<html xmlns="http://www.w3.org/1999/xhtml"><a href="⟦√https://a.b/c⟧">x</a>'),
    chat(r'{"url":"https:\/\/a.b\/c?x=1\u0026y=2"}', "√ https://a.b/c?x=1&y=2"),
    chat(r'{"url":"https://a.b/c?x=1\u0026y=2"}', "√ https://a.b/c?x=1&y=2"),
    # lists and commands
    chat("not -e ⟦√https://a.b/c⟧"),
    # wrapped
    chat("thunder://QUFodHRwOi8vYS5iL7Xn07AubXA0Wlo=", "? http://a.b/电影.mp4"),
    chat(
        "Thunder://QUFodHRwOi8vZGwuZXhhbXBsZS5jb20vvue8ry5TMDFFMDEubXA0Wlo=",
        "? http://dl.example.com/剧集.S01E01.mp4",
    ),
    chat("迅雷thunder://QUFodHRwOi8vYS5iL+eUteW9sS5tcDRaWg，快", "√ http://a.b/电影.mp4"),
    chat(
        "thunder://QUFodHRwOi8vYS5iL+eUteW9sS5tcDRaWghttps://a.b/c.zip",
        "√ http://a.b/电影.mp4",
        "√ https://a.b/c.zip",
    ),
    # without a scheme
    chat(
        "\u2068www.a.cn/c.zip\u2069 ://a.cn/d.zip",
        "? https://www.a.cn/c.zip",
        "? https://a.cn/d.zip",
    ),
    # other protocols do not swallow what follows
    chat("⟦√https://a.b/c.zip⟧⟦×magnet:?xt=urn:btih:abc⟧"),
    chat(
        "ed2k://|file|a b.mkv|123|ABC|/ https://a.b/c",
        "√ https://a.b/c",
        "× ed2k://|file|a b.mkv|123|ABC|/",
    ),
    # a break with a size behind it; episodes of a video site
    chat("http://a.b/c/很长的\n名字.zip 1.2GB", "? http://a.b/c/很长的"),
    chat("https://a.b/c/long\nname.zip (1.2 GB)", "? https://a.b/c/long"),
    chat(
        "第01集$http://a.b/1.mp4#第02集$http://a.b/2/index.m3u8",
        "√ http://a.b/1.mp4",
        "? http://a.b/2/index.m3u8",
    ),
]
WRITTEN = [
    chat(text.replace("⏎", "\n").replace("⇥", "\t"), *filter(None, rows.split(" ⏐ ")))
    for line in Path(__file__).with_name("written.txt").read_text(encoding="utf-8").splitlines()
    if line and line[0] != "#"
    for text, _, rows in [line.partition(" ⇒ ")]
]
AROUND = ("在吗？今晚 21:30 看片", "ok, thanks!")


@pytest.mark.parametrize(("text", "rows"), [*CHATS, *WRITTEN], ids=ascii)
def test_each_address_of_a_chat_is_a_row_whatever_is_around_it(text: str, rows: list[str]) -> None:
    around = "\n".join(AROUND)
    for whole in (text, f"{text}\n{around}", f"{around}\n{text}"):
        assert sorted(marked(whole)) == sorted(rows), whole
        assert whole == text or set(AROUND) <= set(other_text(whole))
    for link in links_in(text):
        if link.doubt is not None:  # the line in the review says so again
            again = [it.doubt for it in links_in(link.source) if it.text == link.text]
            assert again, link.source
            assert again[0] is not None


def test_a_code_marks_the_links_of_the_latest_line_and_takes_no_other_look_away() -> None:
    (page,) = links_in("https://pan.quark.cn/s/0123456789ab\n提取码：7788")
    assert page.doubt is Doubt.SHARE_PAGE
    doubts = [it.doubt for it in links_in("https://a.b/get/1\nhttps://a.b/get/2\n提取码：7788")]
    assert doubts == [None, Doubt.CODE]
    doubts = [it.doubt for it in links_in("https://a.b/get/1 https://a.b/get/2\n提取码：7788")]
    assert doubts == [Doubt.CODE, Doubt.CODE]


def test_every_line_without_a_link_is_counted_once() -> None:
    lines = [*AROUND, "# a comment", "提取码：1234", "<p>text</p>", "film.mkv", "  split=4"]
    assert other_text("\n".join([A, *lines])) == [line.strip() for line in lines]
