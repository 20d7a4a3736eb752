"""Tables: a line says which columns have links; commas of a link's own are not the table's."""

import pytest

from pan123_tui.domain.links.url import Doubt
from tests.domain.links.found import links_in

NAME = "url,name"
HOST = "https://a.b/"


def rows(head: str, line: str) -> list[tuple[str, str, bool]]:
    """Return link, name and whether it is looked at, of a line and of a plain one after it."""
    found = links_in(f"{head}\n{line}\n")
    assert all(row.doubt in (None, Doubt.END) for row in found)
    return [(row.text.removeprefix(HOST), row.name, row.doubt is not None) for row in found]


@pytest.mark.parametrize(
    ("head", "line", "link", "name"),
    [
        (NAME, "https://a.b/x?id=3,film.mkv", "x?id=3", "film.mkv"),
        (NAME, "https://a.b/x?id=3, film.mkv", "x?id=3", "film.mkv"),
        (NAME, "https://a.b/c.zip,a, b.zip", "c.zip", "a, b.zip"),
        (NAME, '"https://a.b/x?a=1,2","y, z.zip"', "x?a=1,2", "y, z.zip"),
        (NAME, 'https://a.b/x?a=1,"y/z, 2.zip"', "x?a=1", "y_z, 2.zip"),
        (NAME, "https://a.b/x?a=1,", "x?a=1", ""),
        (NAME, "https://a.b/x?a=1", "x?a=1", ""),
        ("链接,文件名", "https://a.b/x?id=1,第1集.mp4", "x?id=1", "第1集.mp4"),
        ("序号,名称,下载地址", "1,第1集.mp4,https://a.b/x?id=1", "x?id=1", "第1集.mp4"),
        ("name,url,size", "b.zip,https://a.b/x/3,200", "x/3", "b.zip"),
        ('"Name","Download URL","Size"', '"a, b.zip",https://a.b/c.zip,300', "c.zip", "a, b.zip"),
        ("url,size,name", "https://a.b/x?a=1,2000,a.zip", "x?a=1", "a.zip"),
        ("url,size,page", "https://a.b/x?a=1,20,www.c.d", "x?a=1", ""),
        ("url;name", "https://a.b/x?a=1;b.zip", "x?a=1", "b.zip"),
        ("\ufeffurl,name", "https://a.b/x?a=1,b.zip", "x?a=1", "b.zip"),
        ("url\tname", "https://a.b/a,b.zip\tx.zip", "a,b.zip", "x.zip"),
        ("Have a look at these files that I found, link", "https://a.b/x?a=1,2", "x?a=1,2", ""),
        (NAME, "get https://a.b/x,1.zip", "x,1.zip", ""),
        (NAME, "https://a.b/get?name=a,b.zip&n=1,x.zip", "?get?name=a,b.zip&n=1,x.zip", ""),
        (NAME, "https://a.b/a,b/c.zip,x.zip", "?a,b/c.zip", "x.zip"),
        (NAME, "https://a.b/a,b/c.zip ", "?a,b/c.zip", ""),
        (NAME, "https://a.b/get?name=a,b.zip&n=1", "?get?name=a,b.zip&n=1", ""),
        ("name,url", "a.zip,https://a.b/get?name=a,b.zip", "?get?name=a,b.zip", "a.zip"),
        ("url;name", "https://a.b/x;v=1/c;x.zip", "?x;v=1/c;x.zip", ""),
        (NAME, "https://a.b/x,y", "?x", ""),
    ],
)
def test_a_link_ends_with_its_field_and_is_looked_at_if_it_may_have_a_comma_of_its_own(
    head: str, line: str, link: str, name: str
) -> None:
    """A link to look at stands behind a question mark."""
    assert rows(head, line)[0] == (link.removeprefix("?"), name, link[0] == "?")


@pytest.mark.parametrize(
    ("head", "line", "folder"),
    [
        ("url,folder", "{},影视/动画", "影视/动画"),
        ("url\tfolder", "{}\t/影视/动画/", "影视/动画"),
        ("name;directory;link", "x.zip;..\\b;{}", "b"),
        ("目录,链接", '"a, b",{}', "a, b"),
        ("url,folder", "{},2024", "/2024"),
        ("url,folder", "{}", ""),
        ("url,folder", "{},a,b", ""),
        ("url,size", "{},a", ""),
    ],
)
def test_a_table_names_the_folder_of_each_link(head: str, line: str, folder: str) -> None:
    link = f"{HOST}c.zip"
    first, other = links_in(f"{head}\n{line.format(link)}\n\n{HOST}d.zip\n")
    assert (first.text, first.folder, other.folder) == (link, folder, "")


def test_an_aria2_list_names_the_folder_of_each_link_and_its_mirrors() -> None:
    lines = f"{HOST}a.zip\thttps://c.d/a.zip\n  dir=/影视/./动画\n  out=x.zip\n{HOST}b.zip"
    found = [(row.folder, row.name) for row in links_in(lines)]
    assert found == [("影视/动画", "x.zip"), ("影视/动画", "x.zip"), ("", "")]


@pytest.mark.parametrize("end", ["", "thanks", "thanks, all"])
def test_a_table_ends_at_a_blank_line_and_at_one_with_too_few_commas(end: str) -> None:
    text = f"url,size,name\n{HOST}1,2,a.zip\n{end}\n{HOST}x,1,2"
    found = [(row.text.removeprefix(HOST), row.doubt) for row in links_in(text)]
    assert found == [("1", None), ("x,1,2", Doubt.END)]


def test_a_table_with_a_blank_line_after_each_line_is_one_as_windows_writes_it() -> None:
    lines = ["no,link,size", f"1,{HOST}x?id=1,1 MB", f"2,{HOST}x?id=2,2 MB", "", "3", f"{HOST}x,3"]
    found = [(it.text.removeprefix(HOST), it.doubt) for it in links_in("\r\r\n".join(lines))]
    assert found == [("x?id=1", None), ("x?id=2", None), ("x,3", Doubt.END)]


def test_two_links_with_commas_in_a_line_are_two_rows() -> None:
    found = rows("url,mirror", "https://a.b/x,1/c,https://a.b/y,1/c")
    assert found == [("x,1/c", "", True), ("y,1/c", "", False)]


def test_a_long_line_of_a_table_takes_no_longer() -> None:
    assert len(rows(NAME, ",".join([f"{HOST}c.zip"] * 5_000))) == 5_000
