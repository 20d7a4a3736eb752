"""Texts as people send them: no address is lost without a word, and none is sent wrong."""

import base64

import pytest

from tests.domain.links.found import links_in, marked, other_text


def thunder(link: str) -> str:
    return "thunder://" + base64.b64encode(f"AA{link}ZZ".encode()).decode()


A, B = "https://dl.example.org/a.zip", "https://dl.example.org/b.zip"
ED2K = "ed2k://|file|film.mkv|733|0123456789ABCDEF0123456789ABCDEF|/"
MAGNET = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"

CHATS: list[tuple[str, str, list[str]]] = [
    # 微信, QQ
    ("wechat", f"老王 2024/11/28 21:03\n这个 {A} 快下", [f"√ {A}"]),
    ("wechat glued", f"地址{A}收好", [f"√ {A}"]),
    ("wechat comma", f"资源来了：{A}，解压密码123", [f"√ {A}"]),
    ("wechat two", f"{A} 和 {B} 都要", [f"√ {A}", f"√ {B}"]),
    ("wechat brackets", f"【合集】（{A}）", [f"√ {A}"]),
    ("wechat emoji", f"好东西👉{A}👈😊", [f"√ {A}"]),
    (
        "wechat family",
        "https://dl.example.org/👨\u200d👩\u200d👧.zip",
        ["√ https://dl.example.org/👨\u200d👩\u200d👧.zip"],
    ),
    ("wechat www", "看看 www.example.org/a.zip 这个", ["? https://www.example.org/a.zip"]),
    ("wechat www page", "官网www.example.org，自己找", ["? https://www.example.org"]),
    ("wechat bare", "下载：example.org/files/a.zip", ["? https://example.org/files/a.zip"]),
    (
        "wechat bare port",
        "nas.example.org:5001/share/a.zip",
        ["? http://nas.example.org:5001/share/a.zip"],
    ),
    ("wechat ip", "内网 203.0.113.7:8080/film.mkv", ["? http://203.0.113.7:8080/film.mkv"]),
    ("private ip", "192.168.1.5:8080/share/f.zip", ["? http://192.168.1.5:8080/share/f.zip"]),
    ("bare 443", "nas.example.org:443/a.zip", ["? https://nas.example.org:443/a.zip"]),
    ("qq quote", f"「小李：{A}」\n------\n收到", [f"√ {A}"]),
    ("qq full width", "ｈｔｔｐｓ：／／ｄｌ．ｅｘａｍｐｌｅ．ｏｒｇ／ａ．ｚｉｐ", [f"? {A}"]),
    ("qq full-width marks", "地址是https：／／dl.example.org／a.zip。", [f"? {A}"]),
    (
        "full-width dots",
        "http：//dl。example。net/fast/全角句号.zip",
        ["? http://dl.example.net/fast/全角句号.zip"],
    ),
    ("dots of the host alone", "http://dl。example｡net/a.zip", ["? http://dl.example.net/a.zip"]),
    ("dots of a Chinese host", "http：//dl。例子。net/a.zip", ["? http://dl.例子.net/a.zip"]),
    ("full-width host", "看https://ｄｌ．example.org/a.zip，快", [f"? {A}"]),
    (
        "full-width path",
        "ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｏｒｇ／全角文件．ｚｉｐ",
        ["? https://example.org/全角文件.zip"],
    ),
    (
        "full-width www",
        "ＷＷＷ．ＥＸＡＭＰＬＥ．ＣＯＭ／ａ．ｚｉｐ",
        ["? https://WWW.EXAMPLE.COM/a.zip"],
    ),
    ("host before a sentence", "官网https://example.org。下载看群", ["√ https://example.org"]),
    ("two hosts", f"https://example.org。{A}", ["√ https://example.org", f"√ {A}"]),
    ("full-width name", "https://example.org/ａ．zip", ["√ https://example.org/ａ．zip"]),
    ("qq full-width colon", "https：//dl.example.org/a.zip", [f"√ {A}"]),
    (
        "qq Chinese name",
        "https://dl.example.org/我的 电影.mkv",
        ["? https://dl.example.org/我的%20电影.mkv"],
    ),
    (
        "qq Chinese folder",
        "看 https://dl.example.org/下载/第1集.mp4 吧",
        ["√ https://dl.example.org/下载/第1集.mp4"],
    ),
    ("qq same twice", f"{A}\n{A}", [f"√ {A}", f"- {A}"]),
    ("qq mistyped", "https//dl.example.org/a.zip 这个", ["× https//dl.example.org/a.zip"]),
    ("qq one slash", "试试 http:/dl.example.org/a.zip", ["× http:/dl.example.org/a.zip"]),
    # share pages and their codes
    (
        "baidu",
        "链接: https://pan.baidu.com/s/1AbCdEf 提取码: x1y2 复制后打开App",
        ["? https://pan.baidu.com/s/1AbCdEf"],
    ),
    (
        "baidu glued",
        "https://pan.baidu.com/s/1AbCdEf提取码:x1y2",
        ["? https://pan.baidu.com/s/1AbCdEf"],
    ),
    ("baidu bare", "pan.baidu.com/s/1AbCdEf 密码 x1y2", ["? https://pan.baidu.com/s/1AbCdEf"]),
    (
        "123pan",
        "https://www.123pan.com/s/AbC-dEf.html提取码:1234",
        ["? https://www.123pan.com/s/AbC-dEf.html"],
    ),
    (
        "123865",
        "来自123云盘 https://www.123865.com/s/AbC-dEf?pwd=1234#",
        ["? https://www.123865.com/s/AbC-dEf?pwd=1234#"],
    ),
    (
        "quark",
        "我用夸克网盘分享了「片」\n链接：https://pan.quark.cn/s/0123456789ab",
        ["? https://pan.quark.cn/s/0123456789ab"],
    ),
    (
        "aliyun",
        "https://www.alipan.com/s/AbCdEfG 点击链接保存",
        ["? https://www.alipan.com/s/AbCdEfG"],
    ),
    (
        "115",
        "https://115cdn.com/s/swabc123?password=t1k2&#",
        ["? https://115cdn.com/s/swabc123?password=t1k2&#"],
    ),
    (
        "xunlei",
        "链接：https://pan.xunlei.com/s/VNabc-1 提取码：ab12",
        ["? https://pan.xunlei.com/s/VNabc-1"],
    ),
    ("lanzou", "https://wwx.lanzoui.com/iAbC1d 密码:5678", ["? https://wwx.lanzoui.com/iAbC1d"]),
    (
        "code beside",
        "https://files.example.org/get/42 提取码 7788",
        ["? https://files.example.org/get/42"],
    ),
    (
        "code below",
        "https://files.example.org/get/42\n提取码：7788",
        ["? https://files.example.org/get/42"],
    ),
    (
        "code before",
        "密码: 7788 链接: https://files.example.org/get/42",
        ["? https://files.example.org/get/42"],
    ),
    (
        "pwd in the link",
        "https://files.example.org/get/42?pwd=7788",
        ["? https://files.example.org/get/42?pwd=7788"],
    ),
    ("archive password", f"{A} 解压密码：example", [f"√ {A}"]),
    ("plain password", f"{A} 密码：example", [f"√ {A}"]),
    ("plain password below", f"{A}\n密码 example", [f"√ {A}"]),
    (
        "page with a password",
        "https://files.example.org/get.html 密码 7788",
        ["? https://files.example.org/get.html"],
    ),
    (
        "drive",
        "https://drive.google.com/file/d/1AbC/view?usp=sharing",
        ["? https://drive.google.com/file/d/1AbC/view?usp=sharing"],
    ),
    (
        "drive direct",
        "https://drive.google.com/uc?export=download&id=1AbC",
        ["√ https://drive.google.com/uc?export=download&id=1AbC"],
    ),
    (
        "dropbox",
        "https://www.dropbox.com/s/abc/a.zip?dl=0",
        ["? https://www.dropbox.com/s/abc/a.zip?dl=0"],
    ),
    (
        "dropbox direct",
        "https://www.dropbox.com/s/abc/a.zip?dl=1",
        ["√ https://www.dropbox.com/s/abc/a.zip?dl=1"],
    ),
    (
        "github",
        "see https://github.com/o/r/blob/main/a.zip",
        ["? https://github.com/o/r/blob/main/a.zip"],
    ),
    (
        "github file",
        "https://github.com/o/r/releases/download/v1/a.zip",
        ["√ https://github.com/o/r/releases/download/v1/a.zip"],
    ),
    (
        "video",
        "【片】 https://www.bilibili.com/video/BV1ab411c7de?share=1",
        ["? https://www.bilibili.com/video/BV1ab411c7de?share=1"],
    ),
    (
        "code in the link",
        "https://www.123684.com/s/xyz?提取码:abcd",
        ["? https://www.123684.com/s/xyz?提取码:abcd"],
    ),
    # Telegram, forum, mail
    (
        "telegram",
        f"📁 Film.2024.mkv\n💾 1.4 GB\n🔗 {A}\n📢 t.me/example",
        [f"√ {A}", "? https://t.me/example"],
    ),
    ("telegram markdown", f"**Film** [link]({A}) `{B}`", [f"√ {A}", f"√ {B}"]),
    (
        "telegram cut",
        "https://dl.example.org/cut-\noff.zip",
        ["? https://dl.example.org/cut-off.zip"],
    ),
    (
        "telegram cut query",
        "https://dl.example.org/get?id=1&sign=ab\ncd&t=2",
        ["? https://dl.example.org/get?id=1&sign=abcd&t=2"],
    ),
    ("telegram not cut", f"{A}\nok\n{B}", [f"√ {A}", f"√ {B}"]),
    (
        "forum",
        f"[url={A}]Film[/url] [img]https://i.example.org/p.png[/img]",
        [f"√ {A}", "√ https://i.example.org/p.png"],
    ),
    ("forum hidden", f"[hide]{A}[/hide]", [f"√ {A}"]),
    ("mail", f"Hi,\n> get it at <{A}>.\n> Thanks", [f"√ {A}"]),
    (
        "mail quote cut",
        f"> https://dl.example.org/{'very-' * 9}long-na\n> me-of-it.zip",
        [f"? https://dl.example.org/{'very-' * 9}long-name-of-it.zip"],
    ),
    *(
        (
            f"mail cut behind {sign!r}",
            f"{sign}https://dl.example.org/10s/at-76-\n{sign}columns-file.iso and then",
            ["? https://dl.example.org/10s/at-76-columns-file.iso"],
        )
        for sign in ("", "> ", "> > ", "| ")
    ),
    (
        "mail cut in a sentence",
        "> https://dl.example.org/at-\n> c.iso.",
        ["? https://dl.example.org/at-c.iso"],
    ),
    (
        "mail cut before a link",
        f"> https://dl.example.org/at-\n> c.iso, then {A}",
        ["? https://dl.example.org/at-c.iso", f"√ {A}"],
    ),
    ("mail sentence", f"Take {A}, {B}; bye.", [f"√ {A}", f"√ {B}"]),
    (
        "unclear end",
        "看 https://dl.example.org/my file.zip 好",
        ["? https://dl.example.org/my%20file.zip"],
    ),
    (
        "unclear comma",
        "get https://dl.example.org/a，b.zip now",
        ["? https://dl.example.org/a，b.zip"],
    ),
    # markup, tables, commands
    ("markdown list", f"- [a]({A})\n- <{B}>", [f"√ {A}", f"√ {B}"]),
    (
        "html",
        f'<a href="{A}">Get</a> <img src="//cdn.example.org/p.png">',
        [f"√ {A}", "? https://cdn.example.org/p.png"],
    ),
    (
        "html query",
        '<a href="https://dl.example.org/g?a=1&amp;b=2">x</a>',
        ["√ https://dl.example.org/g?a=1&b=2"],
    ),
    ("csv", f'url,name\n{A},one.zip\n"{B}","two, three.zip"', [f"√ {A}", f"√ {B}"]),
    (
        "one link with a comma",
        "https://dl.example.org/film,b.zip",
        ["√ https://dl.example.org/film,b.zip"],
    ),
    ("json", '{"url": "https:\\/\\/dl.example.org\\/a.zip"}', [f"√ {A}"]),
    (
        "aria2",
        f"{A}\n  out=film.zip\n  referer=https://page.example.org/\n{B}",
        [f"√ {A}", f"√ {B}"],
    ),
    (
        "curl",
        f"curl -L -o film.zip '{A}' \\\n  -H 'Referer: https://page.example.org/'",
        [f"√ {A}"],
    ),
    ("wget", f"$ wget {A}", [f"√ {A}"]),
    (
        "wget of a name with a blank",
        'wget -c "https://dl.example.org/big file.iso" -O big.iso',
        ["? https://dl.example.org/big%20file.iso"],
    ),
    ("two commands", f"wget {A}; wget '{B}';", [f"√ {A}", f"√ {B}"]),
    # other protocols
    ("magnet", f"磁力：{MAGNET}", [f"× {MAGNET}"]),
    ("ed2k", ED2K, [f"× {ED2K}"]),
    ("ftp", f"ftp://ftp.example.org/a.zip 或 {A}", [f"√ {A}", "× ftp://ftp.example.org/a.zip"]),
    ("thunder", f"迅雷 {thunder(A)}", [f"√ {A}"]),
    (
        "thunder of a name with blanks",
        thunder("http://a.b/My film.mkv"),
        ["√ http://a.b/My%20film.mkv"],
    ),
    ("thunder of ed2k", thunder(ED2K), [f"× {thunder(ED2K)}"]),
    ("broken thunder", "thunder://QUJD", ["× thunder://QUJD"]),
    (
        "share page with its code below",
        "https://pan.quark.cn/s/0123456789ab\n提取码：7788",
        ["? https://pan.quark.cn/s/0123456789ab"],
    ),
    ("indented", f"- links:\n  first={A}\n  second={B}", [f"√ {A}", f"√ {B}"]),
    # no links at all
    ("protocols", "HTTP/1.1 200, http/https/ftp, tcp/ip", []),
    ("words", "and/or, i.e. v1.2/3, a@example.org, 24/7, Film.2024.mkv/ readme.md", []),
]
AROUND = ("在吗？今晚 21:30 看片", "ok, thanks!")


@pytest.mark.parametrize(("text", "rows"), [it[1:] for it in CHATS], ids=[it[0] for it in CHATS])
def test_each_address_of_a_chat_is_a_row_whatever_is_around_it(text: str, rows: list[str]) -> None:
    around = "\n".join(AROUND)
    for whole in (text, f"{text}\n{around}", f"{around}\n{text}"):
        assert sorted(marked(whole)) == sorted(rows), whole


@pytest.mark.parametrize("text", [it[1] for it in CHATS], ids=[it[0] for it in CHATS])
def test_the_lines_around_a_chat_are_counted(text: str) -> None:
    assert set(AROUND) <= set(other_text(f"{AROUND[0]}\n\n{text}\n{AROUND[1]}"))


@pytest.mark.parametrize("text", [it[1] for it in CHATS], ids=[it[0] for it in CHATS])
def test_the_line_of_a_link_to_look_at_says_so_again(text: str) -> None:
    for link in links_in(text):
        if link.look is not None:
            again = [it for it in links_in(link.source) if it.text == link.text]
            assert again, link.source
            assert again[0].look is not None


def test_every_line_without_a_link_is_counted_once() -> None:
    lines = [*AROUND, "# a comment", "提取码：1234", "<p>text</p>", "film.mkv", "  dir=/tmp"]
    assert other_text("\n".join([A, *lines])) == [line.strip() for line in lines]


def test_the_table_has_sixty_chats_all_different() -> None:
    assert len({text for _, text, _ in CHATS}) == len(CHATS) >= 60
