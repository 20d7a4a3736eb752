"""Download commands: what they download is a link, any other address in them is a look or text."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.url import Look
from tests.domain.links.found import links_in, marked, other_text

A, B, REF = "https://a.b/c.zip", "https://a.b/d.zip", "https://ref.example/x"
THUNDER = "thunder://QUFodHRwOi8vYS5iL2UvZi56aXBaWg=="


def each(texts: str) -> list[str]:
    """Return the texts between bars."""
    return texts.split("|")


FLAGS = each(
    "wget -b|wget -x|wget -d|wget -F|wget -H|wget -nH -nc|wget --no-proxy|curl -L|curl -fsSL|"
    "curl -#|curl --no-http-proxy|curl -o x.zip|curl -c jar|curl --url|curl -LO -X GET|"
    "curl --location-trusted|curl --remote-header-name|aria2c -c|aria2c -x 16 -s16|axel -n 4|"
    "$ sudo wget|cd x && curl.exe|# wget -c|下载：wget -c|time CURL -L|docker run x curl -sL|"
    "curl -L \\\n|wget -qO- \\\n  -c"
)
"""After these comes what is downloaded."""
VALUES = each(
    "curl -e {}|curl -se{}|curl --referer {}|curl -x {}|curl --preproxy {}|curl -A 'bot (+{})'|"
    "curl --url-query u={}|curl --doh-url {}|curl -sx '{}'|curl --socks5 {}|curl -o {}|"
    "wget -e https_proxy={}|wget --referer={}|wget --base={}|wget -U 'Mozilla (+{})'|"
    "wget -B {}|wget --user-agent='x {}'|wget -i {}|wget -O {}|aria2c --bt-tracker={}|"
    "aria2c --all-proxy {}|aria2c -U {}|wget '--referer={}'|axel -U {}|curl -H “Referer: {}”|"
    "curl -H {}"
)
"""The address in these belongs to an option."""
SENT = [
    *("curl -d {}", "curl --data-urlencode 'u={}'", "curl --form-string u={}", "curl -F 'u={}'"),
    *('curl --json \'{{"u": "{}"}}\'', 'curl --json \'{{\n"u": "{}"\n}}\'', "curl -T {}"),
    *('curl -d"{{\n \\"u\\": \\"{}\\"\n}}"', "curl -d '<x xmlns=\"{}\">'"),
    *("curl -b 'u={}; v'", "wget --post-data={}"),
]
"""So does that in these, which 123pan does not send either."""
LOG_INS = each(
    "curl -u me:|curl -sLb a=1|curl --cookie a=1|curl --user me:x|curl -XPOST|curl -X POST|"
    "curl -X 'PUT'|curl --request POST|curl --data-raw 'x'|curl -d x|curl -H 'Cookie: a=1'|"
    "curl -H \"authorization: Bearer x\"|curl --header=Cookie:a=1|curl -H $'cookie: a=1'|"
    "curl -H ^\"Cookie: a^\"|wget '--header=Cookie: a'|wget --load-cookies x|"
    "wget --user=me --password=x|wget --method=POST|aria2c --header='Authorization: x'|"
    "aria2c --http-user=x|axel -H 'Cookie: x'"
)
PLAIN = each(
    "-H 'User-Agent: Cookie: x'|-H 'accept: */*' -H 'sec-ch-ua: x' --compressed|-D b|-X GET|"
    "-XGET|--request GET|--user-agent x|-o bud.mp4|-OJfsSL|--cookie-jar x"
)
HEADERS = each(
    "curl -H 'Referer: {}'|curl -H\"Referer: {}\"|curl -sH 'Origin: {}'|axel -H 'x: {}'|"
    "wget '--header=Referer: {}'|wget --header='Referer:{}'|curl --proxy-header 'X: {}'|"
    "wget --header 'Referer: {}'|curl -H $'Referer: {}'"
)


@pytest.mark.parametrize("start", FLAGS, ids=ascii)
def test_an_argument_of_its_own_is_a_link(start: str) -> None:
    for link in (A, f"'{A}'", f'"{A}"', f"$'{A}'"):
        assert marked(f"{start} {link}") == [f"√ {A}"]
        assert marked(f"{start} {link} {B}") == [f"√ {A}", f"√ {B}"]


@pytest.mark.parametrize("part", ["[1-3].zip", "{1..3}.zip", "{a,b}.zip", "$i.zip", "${x}.zip"])
def test_what_a_command_would_fill_in_is_a_look(part: str) -> None:
    for command in ("curl -O {}", 'for i in a; do wget "{}"; done'):
        assert [it.look for it in links_in(command.format(f"https://a.b/{part}"))] == [Look.PATTERN]
    assert [it.look for it in links_in("curl 'https://a.b/c[1].zip?$top=%7B1,2%7D'")] == [
        Look.PATTERN
    ]
    assert marked("wget https://a.b/c[1]$1{2}.zip") == ["√ https://a.b/c%5B1%5D$1{2}.zip"]


@pytest.mark.parametrize("between", [" ", " \\\n", " \\\n  ", "\n    "], ids=ascii)
@pytest.mark.parametrize("option", [*VALUES, *SENT], ids=ascii)
def test_an_address_in_an_option_is_a_look(option: str, between: str) -> None:
    command = option.format(REF)
    mark = "?" if option in SENT else "√"
    assert sorted(marked(f"{command}{between}{A}")) == sorted([f"? {REF}", f"{mark} {A}"])
    assert marked(f"{command}\n{A}") == [f"? {REF}", f"√ {A}"]
    (row,) = links_in(command)
    assert row.look is Look.OPTION
    assert [it.look for it in links_in(row.source)] == [Look.OPTION]


@pytest.mark.parametrize("command", LOG_INS, ids=ascii)
def test_what_needs_a_log_in_is_a_look_and_its_line_says_so_without_the_secret(
    command: str,
) -> None:
    tool, _, options = command.partition(" ")
    for text in (f"{command} '{A}'", f"{tool} {A} {options}", f"{tool} '{A}' \\\n  {options}"):
        (row,) = links_in(text)
        assert (row.text, row.look) == (A, Look.LOG_IN), text
        assert [(it.text, it.look) for it in links_in(row.source)] == [(A, Look.LOG_IN)]
        assert "a=1" not in row.source


@pytest.mark.parametrize("options", PLAIN)
def test_what_a_browser_sends_with_every_page_is_no_log_in(options: str) -> None:
    assert marked(f"curl '{A}' {options}\nwget -b -d -T 3 {B}") == [f"√ {A}", f"√ {B}"]


@pytest.mark.parametrize(
    ("command", "name", "left_out"),
    [
        *((f"{start} x.zip {A}", "x.zip", "") for start in ("curl -sSLo", "axel --output")),
        *((f"{A} {end}", "x.zip", "") for end in ("--output=dir/x.zip -L", "-o 'x.zip'")),
        (f"wget -qO x.zip {A}", "x.zip", ""),
        (f'wget --output-document="my x" {A}', "my x", ""),
        (f"aria2c -x16 -o 电影.mkv {A}", "电影.mkv", ""),
        (f"aria2c --out=x.zip {A} --referer=y -U z", "x.zip", "--referer -U"),
        (f"curl {A} -H 'a: b' -H 'c: d' --compressed", "", "-H"),
        *((f"curl -o {it} {A}", "", "-o") for it in ("-", "/dev/null", '"$x.zip"', "#1.zip")),
        (f"curl -o x.zip {A} {B}", "", "-o"),
        (f"curl -o x.zip {A} -o y.zip {B}", "", "-o"),
        (f"wget -o log.txt {A}", "", "-o"),
        (f"wget -c {A}", "", ""),
    ],
)
def test_the_name_of_the_only_file_is_taken_and_other_options_are_said_to_be_left_out(
    command: str, name: str, left_out: str
) -> None:
    text = command if command[0] != "h" else f"curl {command}"
    assert {(it.name, it.left_out) for it in links_in(text)} == {(name, left_out)}


def test_a_name_is_for_the_file_and_not_for_an_address_in_an_option() -> None:
    found = {it.text: (it.name, it.left_out) for it in links_in(f"curl -o x.zip -e {REF} {A}")}
    assert found == {A: ("x.zip", "-e"), REF: ("", "-e")}


@pytest.mark.parametrize("option", HEADERS, ids=ascii)
def test_an_address_in_a_header_is_counted_as_text(option: str) -> None:
    command = option.format(REF)
    assert marked(f"{command} {A}") == [f"√ {A}"]
    (text,) = other_text(f"{command} {A}")
    assert REF in text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"curl --url={A} -e {REF}", [f"√ {A}", f"? {REF}"]),
        (f"wget -b {A}\n{B}", [f"√ {A}", f"√ {B}"]),
        (f"wget {A} -O c.zip\n  -e {REF}\n{B}", [f"√ {A}", f"? {REF}", f"√ {B}"]),
        (f"wget -x {A}; curl -x {REF} {B}", [f"√ {A}", f"? {REF}", f"√ {B}"]),
        (f"curl -L\n  wget -x {A}\n  curl -x {REF}", [f"√ {A}", f"? {REF}"]),
        (f"{B} wget {A}", [f"√ {B}", f"√ {A}"]),
        (f"https://a.b/cut-\nwget {A}\nb.zip", ["√ https://a.b/cut-", f"√ {A}"]),
        (f"`curl -e {REF} {A}`", [f"? {REF}", f"√ {A}"]),
        (f"curl '{A}", [f"√ {A}"]),
        (f"curl {A} -H 'Referer: {REF}", [f"√ {A}"]),
        (f"wget it's\n{A}\nit's", [f"√ {A}"]),
        (f"curl -d 'a\n{A}\n", [f"√ {A}"]),
        ("wget https://a.b/my film.zip", ["? https://a.b/my%20film.zip"]),
        ("用 wget 下载 https://a.b/my film.zip", ["? https://a.b/my%20film.zip"]),
        ("wget https://a.b/x-\n  off.zip", ["√ https://a.b/x-"]),
        (
            'curl ^"https://a.b/x?a=1^&b=^%^20^" ^\n -H ^"Referer: https://r.b/^"',
            ["√ https://a.b/x?a=1&b=%20"],
        ),
        (f"curl -e {THUNDER} {A}", ["? http://a.b/e/f.zip", f"√ {A}"]),
        (f"curl -x socks5://a.b:1 {A}", [f"√ {A}", "× socks5://a.b:1"]),
        (f"curl {A}；密码", [f"√ {A}"]),
        ("curl https://a.b/get/42 提取码 7788", ["? https://a.b/get/42"]),
        (f"{A}\n  out=x.zip\n  bt-tracker={REF}\n  all-proxy={REF}", [f"√ {A}"]),
        (f"  referer={REF}", [f"√ {REF}"]),
    ],
    ids=ascii,
)
def test_commands_and_the_text_around_them(text: str, rows: list[str]) -> None:
    assert marked(text) == rows


def test_a_long_command_says_for_each_row_where_it_stood() -> None:
    body = " ".join(f'it\'s x{n} "y"' for n in range(60))
    (row,) = links_in(f'curl -d "{body.replace(chr(34), "")}\n {REF} {body}"')
    assert len(row.source) < 600
    assert [(it.text, it.look) for it in links_in(row.source)] == [(REF, Look.OPTION)]


def test_the_lines_of_a_command_without_a_link_are_counted() -> None:
    assert other_text("$ curl -I \\\n  -v\nbye") == ["curl -I \\", "-v", "bye"]


WORDS = st.sampled_from(
    [
        *("curl", "wget", "aria2c", "axel", "sudo", "-L", "-e", "-b", "-x", "-H", "-d", "-o x.zip"),
        *("--url", "--url=", "--referer", "--header=", "--data", "--no-proxy", "'Referer: ", "-sH"),
        *("$'", '^"', "\\\n", "\n  ", "下载", "&&", *"'\"\n{}:=，|#", *("URL",) * 8),
    ]
)


@given(st.lists(st.tuples(WORDS, st.sampled_from(["", " "])), max_size=24))
def test_every_address_of_a_command_ends_in_some_row(words: list[tuple[str, str]]) -> None:
    urls: list[str] = []
    text = ""
    for word, blank in words:
        if word == "URL":
            urls.append(word := f"https://h{len(urls)}.example/f.zip")
        text += word + blank
    rows = "\n".join(unquote(row.text) for row in extract(text))
    assert [it for it in urls if it not in rows] == []
