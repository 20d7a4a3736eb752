"""What is remembered of sent links survives, is found quickly, and tells no addresses."""

import json
from pathlib import Path

from tinydb import TinyDB

from pan123_tui.domain.sent_links import SentLink, fingerprint, sent_link
from pan123_tui.domain.task import DownloadRequest, TaskState, new_task, reset_for_retry, transition
from pan123_tui.store.sent_links import SentLinks

LINK = "https://example.com/a.zip?token=secret"
DONE = SentLink(1_700_000_000, TaskState.SUCCEEDED)


def test_links_are_found_by_any_spelling_after_a_restart(tmp_path: Path) -> None:
    links = SentLinks(tmp_path)
    number = fingerprint(LINK)
    assert links.find([number]) == {}
    links.add({number: DONE})
    links.add({number: DONE, 5: SentLink(7, TaskState.FAILED)})
    again = SentLinks(tmp_path)
    assert fingerprint("HTTPS://EXAMPLE.com:443/a.zip?token=secret") == number
    assert again.find([number, 6]) == {number: DONE}


def test_the_file_is_tinydb_and_tells_no_address(tmp_path: Path) -> None:
    SentLinks(tmp_path).add({fingerprint(LINK): DONE})
    path = tmp_path / "sent.json"
    (document,) = TinyDB(path, access_mode="r").table("sent").all()
    assert document == {"at": 1_700_000_000, "state": "succeeded"}
    assert "example" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_gives_the_generation_before_it(tmp_path: Path) -> None:
    links = SentLinks(tmp_path)
    links.add({1: DONE})
    links.add({2: DONE})
    (tmp_path / "sent.json").write_text("{")
    assert links.find([1, 2]) == {1: DONE}
    links.add({3: DONE})
    assert links.find([1, 2, 3]) == {1: DONE, 3: DONE}


def test_what_is_forgotten_is_in_no_generation(tmp_path: Path) -> None:
    links = SentLinks(tmp_path)
    links.add({1: DONE, 2: DONE})
    assert links.forget() == 2
    for path in tmp_path.iterdir():
        assert json.loads(path.read_text()).keys() == {"seal"}


def test_only_what_the_service_took_or_may_have_taken_is_remembered() -> None:
    task = new_task(DownloadRequest(LINK), task_id=1, at=9)
    assert sent_link(task) is None
    sending = transition(task, TaskState.SUBMITTING, at=10)
    assert sent_link(sending) is None
    assert sent_link(transition(sending, TaskState.REJECTED, at=11)) is None
    unsure = transition(sending, TaskState.UNCONFIRMED, at=11)
    assert sent_link(unsure) == SentLink(11, TaskState.UNCONFIRMED)
    running = transition(sending, TaskState.RUNNING, at=12, task_id=9)
    failed = transition(running, TaskState.FAILED, at=13)
    assert sent_link(reset_for_retry(failed, at=14)) == SentLink(13, TaskState.FAILED)
