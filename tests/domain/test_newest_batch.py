"""The newest batch that is not at its end, counted as its tasks change."""

from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.forecast import newest_batch
from pan123_tui.domain.task import DownloadRequest, Sample, Task, TaskState, new_task
from pan123_tui.domain.task_collection import TaskCollection

S = TaskState
NOW = 1_750_000_000.0


def a_task(number: int, state: TaskState = S.QUEUED, batch: str = "night", **facts: Any) -> Task:
    request = DownloadRequest(f"https://example.com/{number}.iso")
    return replace(new_task(request, task_id=number, at=NOW, batch=batch), state=state, **facts)


def test_the_newest_batch_is_one_of_several_links_that_has_not_ended() -> None:
    collection = TaskCollection([*(a_task(n) for n in range(1, 8)), a_task(8, batch="other")])
    batch = newest_batch(collection)
    assert (batch.name, batch.counts.total()) == ("night", 7), "the other one has a single link"
    collection.put(a_task(9, S.SUCCEEDED, batch="other"))
    batch = newest_batch(collection)
    assert (batch.name, batch.counts.total()) == ("other", 2)
    collection.put(a_task(8, S.UNCONFIRMED, batch="other"))
    assert newest_batch(collection).name == "night", "only the user ends the other one"
    assert newest_batch(TaskCollection([a_task(1, S.FAILED), a_task(2, S.FAILED)])).name == ""


def test_the_time_left_follows_the_pace_of_the_latest_ends() -> None:
    collection = TaskCollection(a_task(n) for n in range(1, 14))

    def left_s(after_s: float = 0.0) -> float | None:
        return newest_batch(collection).left_s(collection, NOW + after_s)

    for number in range(1, 4):
        assert left_s() is None
        ended = replace(collection[number], state=S.SUCCEEDED, finished_at=NOW + 60 * number)
        collection.put(ended)
    collection.put(a_task(40, S.SUCCEEDED, batch="older", finished_at=NOW + 9000))
    assert left_s() == 600.0
    samples = tuple(Sample(NOW + 60 * it, 1.0 * it) for it in range(5))
    slow = replace(collection[4], state=S.RUNNING, sent_at=NOW, percent=4, samples=samples)
    collection.put(replace(slow, checked_at=NOW + 240))
    assert (left_s(240) or 0) > 5000, "the last one is slower than the pace"
    collection.put(replace(slow, checked_at=NOW + 900))
    assert left_s(900) is None, "all that runs is still"
    collection.put(replace(slow, id=5, checked_at=NOW + 240))
    assert left_s(240) is not None
    collection.update([a_task(20, batch="newer"), a_task(21, batch="newer")])
    assert left_s() is None, "the pace of another batch tells nothing"
