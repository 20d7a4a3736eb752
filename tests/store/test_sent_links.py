"""What is remembered of sent links survives, is found quickly, and tells no addresses."""

import json
from pathlib import Path
from threading import Lock

import pytest
from msgspec.structs import replace
from tinydb import TinyDB

from pan123_tui.domain.errors import StoreUnwritable
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.task import DownloadRequest, SentLink, Task, TaskState, new_task, transition
from pan123_tui.domain.task import reset_for_retry as retried
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.sent_links import SentLinks, sent_link
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.store.task_store import TaskStore

LINK = "https://example.com/a.zip?token=secret"
SENT = SentLink(11, TaskState.RUNNING)


def sent_task(task_id: int, url: str) -> Task:
    """Return a task whose link the service has."""
    task = new_task(DownloadRequest(url), task_id=task_id, at=9)
    sending = transition(task, TaskState.SUBMITTING, at=10)
    return transition(sending, TaskState.RUNNING, at=11, task_id=77)


def noted(folder: Path, *urls: str) -> SentLinks:
    links = SentLinks(folder)
    for number, url in enumerate(urls, 1):
        links.note(sent_task(number, url))
    links.save()
    return links


def test_links_are_found_by_any_spelling_after_a_restart(tmp_path: Path) -> None:
    assert SentLinks(tmp_path).find([LINK]) == {}
    noted(tmp_path, LINK)
    noted(tmp_path, LINK, f"{LINK}&b")
    key = duplicate_key("HTTPS://EXAMPLE.com:443/a.zip?token=secret")
    assert SentLinks(tmp_path).find([key, f"{LINK}&c"]) == {LINK: SENT}


def test_the_file_is_tinydb_with_a_number_instead_of_the_link(tmp_path: Path) -> None:
    noted(tmp_path, LINK)
    path = tmp_path / "sent.json"
    (document,) = TinyDB(path, access_mode="r").table("sent").all()
    assert document == {"at": 11, "state": "running"}
    assert "example" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_loses_nothing(tmp_path: Path) -> None:
    links = noted(tmp_path, LINK)
    (tmp_path / "sent.json").write_text("{")
    assert links.find([LINK]) == {LINK: SENT}
    noted(tmp_path, f"{LINK}&b")
    assert links.find([LINK, f"{LINK}&b"]).keys() == {LINK, f"{LINK}&b"}
    (damaged,) = tmp_path.glob("*.damaged-*")
    assert damaged.read_text() == "{"


def test_a_memory_that_is_lost_is_told_once_and_kept_beside(tmp_path: Path) -> None:
    noted(tmp_path, LINK)
    for name in ("sent.json", "sent.json.bak"):
        (tmp_path / name).write_text("")
    files = TaskFiles(tmp_path)
    files.load(read_only=True)
    assert files.damaged == ("sent.json", "sent.json.bak")
    notice = TaskStore(tmp_path).notice
    assert notice is not None
    kept = sorted(it.name for it in tmp_path.glob("sent.json*.damaged-*"))
    assert sorted(notice.message.split(", ")) == kept
    assert len(kept) == 2
    assert TaskStore(tmp_path).notice is None


def test_what_is_forgotten_is_in_no_generation(tmp_path: Path) -> None:
    links = noted(tmp_path, LINK, f"{LINK}&b")
    assert links.forget() == 2
    for path in tmp_path.iterdir():
        assert json.loads(path.read_text())["sent"] == {}


def test_only_what_the_service_took_or_may_have_taken_is_remembered() -> None:
    task = new_task(DownloadRequest(LINK), task_id=1, at=9)
    assert sent_link(task) is None
    sending = transition(task, TaskState.SUBMITTING, at=10)
    assert sent_link(sending) is None
    assert sent_link(transition(sending, TaskState.REJECTED, at=11)) is None
    unsure = transition(sending, TaskState.UNCONFIRMED, at=11)
    assert sent_link(unsure) == SentLink(11, TaskState.UNCONFIRMED)
    failed = transition(sent_task(1, LINK), TaskState.FAILED, at=13)
    assert sent_link(retried(failed, at=14)) == SentLink(13, TaskState.FAILED)
    assert sent_link(replace(failed, url="")) is None, "an adopted one has no link"


async def test_a_removed_task_and_an_edited_link_are_remembered_with_the_change(
    tmp_path: Path,
) -> None:
    store = TaskStore(tmp_path)
    first, second = sent_task(1, LINK), sent_task(2, f"{LINK}&b")
    unsent = new_task(DownloadRequest(f"{LINK}&c"), task_id=3, at=9)
    store.put([first, second, unsent])
    await store.save()
    store.remove([1, 3])
    store.put([replace(second, url=f"{LINK}&d")])
    links = [f"{LINK}{it}" for it in ("", "&b", "&c", "&d")]
    known = dict.fromkeys(links[:2], SENT)
    assert store.sent.find(links) == known, "before they are saved"
    await store.save()
    store.close()
    assert TaskStore(tmp_path).sent.find(links) == known


async def test_a_task_goes_only_after_its_link_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TaskStore(tmp_path)
    store.put([sent_task(1, LINK)])
    await store.save()
    store.remove([1])

    def refuse(_links: SentLinks) -> None:
        raise StoreUnwritable("sent.json: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SentLinks, "save", refuse)
        assert not await store.save()
    assert TaskFiles(tmp_path).load().keys() == {1}
    assert await store.save()
    assert TaskFiles(tmp_path).load().keys() == set()
    assert SentLinks(tmp_path).find([LINK]).keys() == {LINK}


async def test_nothing_is_remembered_where_the_user_wants_none(tmp_path: Path) -> None:
    store = TaskStore(tmp_path)
    store.sent.is_wanted = False
    store.put([sent_task(1, LINK)])
    store.remove([1])
    assert store.sent.find([LINK]) == {}
    store.close()
    assert not (tmp_path / "sent.json").exists()


async def test_a_file_that_cannot_be_read_is_a_trouble_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TaskStore(tmp_path)
    store.put([sent_task(1, LINK)])
    assert await store.save()
    store.remove([1])

    def refuse(_storage: AtomicStorage) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(AtomicStorage, "read", refuse)
        assert not await store.save()
        assert store.problem is not None
        with pytest.raises(StoreUnwritable):
            store.sent.find([LINK])
    assert await store.save()
    assert SentLinks(tmp_path).find([LINK]) == {LINK: SENT}


def test_what_is_forgotten_during_a_save_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = SentLinks(tmp_path)
    links.note(sent_task(1, LINK))

    class Forgetting:
        """A lock that `forget` has held until now."""

        def __enter__(self) -> None:
            monkeypatch.setattr(links, "_writing", Lock())
            links.forget()

        def __exit__(self, *_error: object) -> None:
            pass

    monkeypatch.setattr(links, "_writing", Forgetting())
    links.save()
    assert links.find([LINK]) == {}
