"""Tests of many links: how many run at once, and what ends them."""

import asyncio

import pytest

from pan123_tui.domain.links.probes import probe_links
from pan123_tui.domain.links.url import host_of


class Hosts:
    """Answers each test only once it `may_answer`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.running: list[str] = []
        self.told: list[str] = []
        self.may_answer = asyncio.Semaphore(0)
        self.error: Exception | None = None

    async def probe(self, url: str) -> None:
        self.asked.append(url)
        self.running.append(url)
        try:
            await self.may_answer.acquire()
            if self.error is not None:
                raise self.error
            self.told.append(url)
        finally:
            self.running.remove(url)

    async def settle(self) -> None:
        """Let everything happen that can happen now."""
        for _ in range(50):
            await asyncio.sleep(0)


def links(hosts: int, each: int) -> list[str]:
    return [f"https://h{host}.example/{n}" for n in range(each) for host in range(hosts)]


async def test_at_most_eight_run_at_once_and_two_of_a_host() -> None:
    hosts, urls = Hosts(), [*links(3, 5), "https://H0.example/5", *links(20, 3)]
    testing = asyncio.create_task(probe_links(urls, hosts.probe))
    count = len(set(urls))
    for answered in range(count):
        await hosts.settle()
        assert len(hosts.told) == answered, "each is told at once"
        of_hosts = [host_of(url).lower() for url in hosts.running]
        assert len(of_hosts) <= 8
        assert max(map(of_hosts.count, of_hosts)) <= 2
        if not answered:
            assert len(of_hosts) == 8, "no more than needed wait"
        hosts.may_answer.release()
    await testing
    assert sorted(hosts.told) == sorted(set(urls)), "each once"


async def test_a_cancellation_ends_the_running_ones_and_begins_no_other() -> None:
    hosts = Hosts()
    testing = asyncio.create_task(probe_links(links(9, 9), hosts.probe))
    await hosts.settle()
    asked = len(hosts.asked)
    testing.cancel()
    await asyncio.wait([testing])
    assert (testing.cancelled(), hosts.running, hosts.told) == (True, [], [])
    assert len(hosts.asked) == asked


async def test_an_error_ends_them_all() -> None:
    hosts = Hosts()
    hosts.error = OSError("no engine")
    hosts.may_answer.release()
    with pytest.raises(OSError, match="no engine"):
        await probe_links(links(9, 9), hosts.probe)
    assert hosts.running == []
