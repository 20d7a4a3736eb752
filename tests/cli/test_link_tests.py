"""`add --test` leaves bad links out, and says which and why."""

from collections.abc import Iterator

import pytest

from tests.dead_links import dead_links
from tests.shell import Shell

SITE = "http://files.example.com"
GOOD, DEAD, PAGE = (f"{SITE}/{name}.iso" for name in ("good", "404", "page"))


@pytest.fixture(autouse=True)
def host(idle: Shell) -> Iterator[str]:
    """The proxy for all hosts that the tests ask."""
    with dead_links() as address:
        idle.extra_environ |= {"http_proxy": address, "no_proxy": "127.0.0.1"}
        yield address


def test_bad_links_are_not_queued_and_each_is_named(idle: Shell) -> None:
    others = [f"{SITE}/{number}.iso" for number in range(410, 440)]
    ran = idle.call("add", "--test", GOOD, DEAD, PAGE, *others)
    assert (ran.code, ran.out) == (1, "1\n")
    assert [task["url"] for task in idle.tasks()] == [GOOD]
    asks, first, second, *_rest, total, _queued = ran.err.splitlines()
    assert asks == "Testing 33 links. Their hosts see the address of this machine."
    assert total == "2 dead, 5.0 GB in all"
    words = "There is no file at this link: look for another one. (HTTP 404, files.example.com)"
    assert first == f"not queued: {DEAD} — {words}"
    assert second.startswith(f"not queued: {PAGE} — A web page came instead of a file")
    assert len(ran.err.splitlines()) == 35, "one line for each"


def test_all_queues_no_bad_ones(idle: Shell) -> None:
    ran = idle.call("add", "--test", "--all", DEAD)
    assert (ran.code, ran.out) == (1, "")
    assert f"\nnot queued: {DEAD} — There is no file" in ran.err


def test_where_there_is_no_link_to_test_nothing_is_said_of_tests(idle: Shell) -> None:
    assert idle.call("add", "--test", "no link").err == "There is no link in this text.\n"


def test_the_json_says_what_each_test_has_shown(idle: Shell) -> None:
    ran = idle.call("add", "--test", "--dry-run", "--json", GOOD, GOOD, DEAD)
    assert ran.code == 1
    first, again = ran.json["links"]
    facts = ("status", "http_status", "size", "type")
    assert [first["test"][it] for it in facts] == ["reachable", 206, 5 * 2**30, ""]
    assert again["test"] is None
    (look,) = ran.json["look"]
    assert (look["url"], look["reason"]) == (DEAD, "test")
    assert [look["test"][it] for it in facts] == ["not_found", 404, None, ""]


@pytest.mark.parametrize("name", ["127.0.0.1", "127.1"])
def test_a_host_of_the_own_network_is_never_asked(idle: Shell, host: str, name: str) -> None:
    link = f"{host}/good.iso".replace("127.0.0.1", name)
    ran = idle.call("add", "--test", "--all", link)
    assert (ran.code, ran.out) == (1, "")
    assert f"not queued: {link} — An address of your own network: not tested." in ran.err


def test_what_cannot_be_tested_is_not_queued(idle: Shell) -> None:
    idle.extra_environ |= {"http_proxy": "ftp://p.example"}
    ran = idle.call("add", "--test", GOOD, "--dry-run")
    assert (ran.code, ran.out) == (1, "")
    assert "(http_proxy)" in ran.err
