"""The Python client aria2p, in a day's use."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from tests.browser.conftest import SECRET, Entrance
from tests.service.server import SimulatorServer

aria2p = pytest.importorskip("aria2p")
LINKS = [f"https://example.com/good/{number}.bin" for number in range(200)]
KILLS, BATCHES, SEED = 20, 10, 123


def api_of(entrance: Entrance) -> Any:
    return aria2p.API(aria2p.Client("http://127.0.0.1", entrance.port, SECRET, timeout=20))


def test_links_are_added_shown_ordered_paused_removed_and_purged(entrance: Entrance) -> None:
    api = api_of(entrance)
    assert api.pause_all()
    first, second = (api.add_uris([link], {"out": "a.iso"}) for link in LINKS[:2])
    assert (first.status, first.name, first.total_length) == ("waiting", "a.iso", 0)
    assert api.move_to_top(second) == 0
    assert [it.gid for it in api.get_downloads()] == [second.gid, first.gid]
    with pytest.raises(aria2p.ClientException, match="to the front"):
        api.move_to_bottom(second)
    with pytest.raises(aria2p.ClientException, match="in the list"):
        api.add_uris([LINKS[0]])
    third = api.add_uris([LINKS[2]])
    assert api.remove([third], force=True) == api.remove([first]) == [True]
    assert api.resume_all()
    entrance.shell.wait_until(lambda: api.get_download(second.gid).is_complete)
    assert api.purge()
    assert api.get_downloads() == []
    assert api.get_stats().num_stopped == 0


def add(entrance: Entrance, link: str) -> None:
    """Add a link; one whose answer was lost is in the list already."""
    try:
        api_of(entrance).add_uris([link])
    except aria2p.ClientException as error:
        if "in the list" not in str(error):
            raise


def keep_adding(entrance: Entrance, link: str) -> None:
    """Add a link again until that is answered."""
    while True:
        with suppress(OSError):  # the engine is just killed
            return add(entrance, link)


@pytest.mark.slow
def test_a_night_of_links_and_kills_ends_with_each_link_once_at_the_service(
    entrance: Entrance, service: SimulatorServer
) -> None:
    chance, size, shell = random.Random(SEED), len(LINKS) // BATCHES, entrance.shell
    with ThreadPoolExecutor(2) as pool:  # two clients, each with every link
        for batch in range(BATCHES):
            links = LINKS[batch * size :][:size]
            sending = [pool.submit(keep_adding, entrance, link) for link in links * 2]
            for _ in range(KILLS // BATCHES):
                time.sleep(chance.uniform(0.0, 0.3))
                entrance.kill()
                entrance.start()
            for sent in sending:
                sent.result()
    shell.wait_until(lambda: shell.call("list", "state:queued,sending").out.count("\n") == 0)
    created = service.world.stats.creates
    unsure = {it["url"]: str(it["id"]) for it in shell.tasks() if it["shown"] == "unsure"}
    left = len(unsure)
    if missing := [unsure[url] for url in LINKS if url not in created]:  # the user has looked
        assert shell.call("retry", "--unsure", *missing).code == 0
        shell.wait_until(lambda: len(created) == len(LINKS))
    twice = [url for url, count in created.items() if count > 1]
    tasks = Counter(task["url"] for task in shell.tasks())
    lost = [url for url in LINKS if url not in tasks]
    print(
        f"\n{KILLS} kills (seed {SEED}), {len(LINKS)} links: {len(created)} at the service, "
        f"{len(twice)} twice, {len(lost)} lost, {left} unsure, {len(missing)} of them not there"
    )
    assert (twice, lost) == ([], [])
    assert tasks == Counter(LINKS)
