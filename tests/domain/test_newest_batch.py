"""The newest batch that is not at its end, counted as its tasks change."""

from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.forecast import NewestBatch
from pan123_tui.domain.task import DownloadRequest, Sample, Task, TaskState, new_task
from pan123_tui.domain.task_collection import TaskCollection

S = TaskState
NOW = 1_750_000_000.0


def a_task(number: int, state: TaskState = S.QUEUED, batch: str = "night", **facts: Any) -> Task:
    request = DownloadRequest(f"https://example.com/{number}.iso")
    return replace(new_task(request, task_id=number, at=NOW, batch=batch), state=state, **facts)


def counted(*tasks: Task) -> tuple[NewestBatch, TaskCollection]:
    collection = TaskCollection(tasks)
    batch = NewestBatch()
    batch.count(collection)
    return batch, collection


def becomes(batch: NewestBatch, collection: TaskCollection, now: Task) -> None:
    before = collection.get(now.id)
    collection.put(now)
    batch.update(collection, [(before, now)])


def test_changes_are_counted_as_a_new_count_would() -> None:
    tasks = [a_task(n) for n in range(1, 9)]
    batch, collection = counted(*tasks)
    for number, state in enumerate((S.RUNNING, S.FAILED, S.SUCCEEDED, S.MISSING, S.UNCONFIRMED), 1):
        becomes(batch, collection, replace(collection[number], state=state))
        again, _ = counted(*collection.values())
        assert +batch.counts == again.counts
    renamed = replace(collection[8], batch="other")
    becomes(batch, collection, renamed)
    assert (batch.name, batch.counts.total()) == ("night", 7), "the other one has a single link"
    becomes(batch, collection, a_task(9, S.SUCCEEDED, batch="other"))
    assert (batch.name, batch.counts.total()) == ("other", 2)
    assert counted(*collection.values())[0].name == "other", "as after a start"
    becomes(batch, collection, replace(renamed, state=S.UNCONFIRMED))
    assert (batch.name, batch.counts.total()) == ("night", 7), "only the user ends the other one"


def test_the_time_left_follows_the_pace_of_the_latest_ends() -> None:
    batch, collection = counted(*(a_task(n) for n in range(1, 14)))
    for number in range(1, 4):
        assert batch.left_s(collection, NOW) is None
        ended = replace(collection[number], state=S.SUCCEEDED, finished_at=NOW + 60 * number)
        becomes(batch, collection, ended)
    older = a_task(40, S.SUCCEEDED, batch="older", finished_at=NOW + 9000)
    batch.update(collection, [(None, older)])
    assert batch.left_s(collection, NOW) == 600.0
    samples = tuple(Sample(NOW + 60 * it, 1.0 * it) for it in range(5))
    slow = replace(collection[4], state=S.RUNNING, sent_at=NOW, percent=4, samples=samples)
    collection.put(replace(slow, checked_at=NOW + 240))
    left_s = batch.left_s(collection, NOW + 240)
    assert left_s is not None
    assert left_s > 5000, "the last one is slower than the pace"
    collection.put(replace(slow, checked_at=NOW + 900))
    assert batch.left_s(collection, NOW + 900) is None, "all that runs is still"
    collection.put(replace(slow, id=5, checked_at=NOW + 240))
    assert batch.left_s(collection, NOW + 240) is not None
    newer = [a_task(20, batch="newer"), a_task(21, batch="newer")]
    collection.update(newer)
    batch.update(collection, [(None, it) for it in newer])
    paces = {batch.name: batch.left_s(collection, NOW)}
    assert paces == {"newer": None}, "the pace of another batch tells nothing"


def test_tasks_that_come_later_and_those_removed_are_counted() -> None:
    batch, collection = counted(a_task(100), a_task(101, batch="old"))
    loaded = [a_task(n, S.SUCCEEDED, batch="old" if n % 2 else "night") for n in range(1, 30)]
    collection.update(loaded)
    batch.update(collection, (), loaded=loaded)
    batch.update(collection, (), removed=[collection.pop(2), collection.pop(3)])
    again, _ = counted(*collection.values())
    assert (batch.name, +batch.counts) == (again.name, again.counts)
    alone = [collection.pop(it) for it in range(1, 30, 2) if it != 3]
    batch.update(collection, (), removed=alone)
    assert batch.name == "night", "one link of the other batch is left"
    assert batch.left_s(collection, NOW) is None
