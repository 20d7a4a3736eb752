"""Download commands: what a plain one downloads is a link, all other addresses need a look."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.url import Doubt
from tests.domain.links.found import links_in, marked, other_text

A, B, REF = "https://a.b/c.zip", "https://a.b/d.zip", "https://ref.example/x"
THUNDER = "thunder://QUFodHRwOi8vYS5iL2UvZi56aXBaWg=="


def each(texts: str) -> list[str]:
    """Return the texts between bars."""
    return texts.split("|")


PLAIN = each(
    "wget|wget -c|wget -nc -q|wget --no-check-certificate|wget -x16|curl -L|curl -fsSL|curl -#|"
    "curl -LO|curl -L \\\n|aria2c -c|aria2c -x 16 -s16|axel -k|$ sudo wget|# wget -c|"
    "cd x && curl.exe|下载：wget -c|time CURL -L|docker run x curl -sL|wget -q \\\n  -c|wget\n  -c"
)
"""After these comes what is downloaded."""
OTHERS = [
    *each(
        "curl -e {}|curl -se{}|curl --referer {}|curl -x {}|curl --preproxy {}|curl -o {}|"
        "curl -A 'bot (+{})'|curl --url-query u={}|curl --doh-url {}|curl -sx '{}'|curl -H {}|"
        "curl --socks5 {}|wget -e https_proxy={}|wget --referer={}|wget --base={}|wget -B {}|"
        "wget -U 'Mozilla (+{})'|wget --user-agent='x {}'|wget -i {}|wget -O {}|wget -qO {}|"
        "aria2c --bt-tracker={}|aria2c --all-proxy {}|aria2c -U {}|wget '--referer={}'|"
        "axel -U {}|curl -d {}|curl --data-urlencode 'u={}'|curl --form-string u={}|"
        "curl -F 'u={}'|curl -T {}|wget --post-data={}|curl -b 'u={}; v'|"
        "wget '--header=Referer: {}'"
    ),
    *('curl --json \'{{"u": "{}"}}\'', 'curl --json \'{{\n"u": "{}"\n}}\''),
    'curl -d"{{\n \\"u\\": \\"{}\\"\n}}"',
]
"""The address in these belongs to an option."""
SENT = each(
    "curl -u me:a=1|curl -sLb a=1|curl -X POST|curl --data-raw 'a=1'|curl -H 'Cookie: a=1'|"
    "curl -H ^\"Cookie: a=1^\"|wget '--header=Cookie: a=1'|wget --user=me --password=a=1|"
    "aria2c --header='Authorization: a=1'|axel -H 'Cookie: a=1'|"
    "curl --compressed|curl -H 'accept: */*'"
)
"""Of these, 123pan sends nothing."""
HEADERS = each(
    "curl -H 'Referer: {}'|curl -H\"Referer: {}\"|curl -sH 'Origin: {}'|axel -H 'x: {}'|"
    "wget --header='Referer:{}'|curl --proxy-header 'X: {}'|wget --header 'Referer: {}'|"
    "curl -H $'Referer: {}'|curl -H “Referer: {}”"
)


@pytest.mark.parametrize("start", PLAIN, ids=ascii)
def test_an_address_in_a_plain_command_is_a_link(start: str) -> None:
    for link in (A, f"'{A}'", f'"{A}"', f"$'{A}'"):
        assert marked(f"{start} {link}") == [f"√ {A}"]
        assert marked(f"{start} {link} {B}") == [f"√ {A}", f"√ {B}"]


@pytest.mark.parametrize("part", ["[1-3].zip", "{1..3}.zip", "{a,b}.zip", "$i.zip", "${x}.zip"])
def test_what_a_command_would_fill_in_is_a_look(part: str) -> None:
    for command in ("curl -O {}", 'for i in a; do wget "{}"; done'):
        (row,) = links_in(command.format(f"https://a.b/{part}"))
        assert row.doubt is Doubt.COMMAND


@pytest.mark.parametrize("between", [" ", " \\\n", " \\\n  ", "\n    "], ids=ascii)
@pytest.mark.parametrize("option", OTHERS, ids=ascii)
def test_an_address_of_an_option_is_a_look_as_all_of_its_command(option: str, between: str) -> None:
    command = option.format(REF)
    assert sorted(marked(f"{command}{between}{A}")) == sorted([f"? {REF}", f"? {A}"])
    assert marked(f"{command}\n{A}") == [f"? {REF}", f"√ {A}"]


@pytest.mark.parametrize("command", SENT, ids=ascii)
def test_a_command_that_does_more_is_a_look_whose_line_has_no_secret(command: str) -> None:
    tool, _, options = command.partition(" ")
    for text in (f"{command} '{A}'", f"{tool} {A} {options}", f"{tool} '{A}' \\\n  {options}"):
        (row,) = links_in(text)
        assert (row.text, row.doubt) == (A, Doubt.COMMAND), text
        assert "a=1" not in row.source
        assert links_in(row.source) == [row]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (f"curl -o x.zip {A}", ["x.zip"]),
        (f"curl -Lo 'my film.zip' {A}\n{B}", ["my film.zip", ""]),
        (f"wget -qO /tmp/x.zip {A}", ["x.zip"]),
        (f'wget {A} -O "x.zip"', ["x.zip"]),
        (f"aria2c --out=x.zip {A}", ["x.zip"]),
        (f"curl -H 'Cookie: a=1' -o x.zip {A}", ["x.zip"]),
        (f"wget -o log.txt {A}", [""]),
        (f"curl -O {A}", [""]),
        (f"curl -o /dev/null {A}", [""]),
        (f"curl -o - {A}", [""]),
        (f"curl -o $name.zip {A}", [""]),
        (f"curl -o x.zip {A} -o y.zip {B}", ["", ""]),
        (f"wget -O x.zip {A} {B}", ["", ""]),
    ],
    ids=ascii,
)
def test_a_command_names_its_only_link(command: str, names: list[str]) -> None:
    found = links_in(command)
    assert [row.name for row in found] == names
    assert not names[0] or (found[0].doubt is None) is ("Cookie" not in command)


@pytest.mark.parametrize("option", HEADERS, ids=ascii)
def test_an_address_in_a_header_is_counted_as_text(option: str) -> None:
    command = option.format(REF)
    assert marked(f"{command} {A}") == [f"? {A}"]
    (text,) = other_text(f"{command} {A}")
    assert REF in text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"wget -c {A}\n{B}", [f"√ {A}", f"√ {B}"]),
        (f"wget {A} -O c.zip\n  -e {REF}\n{B}", [f"? {A}", f"? {REF}", f"√ {B}"]),
        (f"wget {A}; curl -x {REF} {B}", [f"? {A}", f"? {REF}", f"? {B}"]),
        (f"wget {A} && wget {B}", [f"√ {A}", f"√ {B}"]),
        (f"wget {A} -q\ncurl -x {REF}", [f"√ {A}", f"? {REF}"]),
        (f"{B} wget {A}", [f"√ {B}", f"√ {A}"]),
        (f"https://a.b/cut-\nwget {A}\nb.zip", ["√ https://a.b/cut-", f"√ {A}"]),
        ("wget https://a.b/x-\nb.zip", ["√ https://a.b/x-"]),
        (f"`wget {A}`", [f"√ {A}"]),
        (f"`curl -e {REF} {A}`", [f"? {REF}", f"? {A}"]),
        (f"curl {A} -H 'Referer: {REF}", [f"? {A}"]),
        (f"wget it's\n{A}\nit's", [f"√ {A}"]),
        (f"curl -d 'a\n{A}\n", [f"√ {A}"]),
        ("wget https://a.b/my film.zip", ["? https://a.b/my"]),
        ("用 wget 下载 https://a.b/my film.zip", ["? https://a.b/my%20film.zip"]),
        ("wget https://a.b/x-\n  off.zip", ["? https://a.b/x-"]),
        (
            'curl ^"https://a.b/x?a=1^&b=^%^20^" ^\n -H ^"Referer: https://r.b/^"',
            ["? https://a.b/x?a=1&b=%20"],
        ),
        (f"curl -e {THUNDER} {A}", ["? http://a.b/e/f.zip", f"? {A}"]),
        (f"curl -x socks5://a.b:1 {A}", [f"? {A}", "× socks5://a.b:1"]),
        (f"curl {A}；密码", [f"√ {A}"]),
        ("curl https://a.b/get/42 提取码 7788", ["? https://a.b/get/42"]),
        (f"{A}\n  out=x.zip\n  bt-tracker={REF}\n  all-proxy={REF}", [f"√ {A}"]),
        (f"  referer={REF}", [f"√ {REF}"]),
    ],
    ids=ascii,
)
def test_commands_and_the_text_around_them(text: str, rows: list[str]) -> None:
    assert marked(text) == rows


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
