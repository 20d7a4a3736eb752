"""A day's work on the command line: a batch is queued, sent, mended and fetched."""

from collections import Counter

import pytest

from tests.service.server import SimulatorServer
from tests.shell import Shell

BATCH, FOLDER = "第 7 季", "影视/动画"
OF_BATCH = f"batch:{BATCH}"


def links_of_a_day(count: int, failing: int) -> list[str]:
    """Return links of which some fail, and two are accepted without an answer.

    One between them is answered: two lost answers in a row would hold the queue for long.
    """
    words = ["fail"] * failing + ["dropafter", "good", "dropafter"]
    words += ["good"] * (count - len(words))
    return [f"https://example.com/fast/{word}/part-{n:03}.mkv" for n, word in enumerate(words, 1)]


@pytest.mark.parametrize(
    ("count", "failing"), [(12, 2), pytest.param(300, 18, marks=pytest.mark.slow)]
)
@pytest.mark.long
def test_a_batch_is_brought_through_the_day_by_commands(
    quick: Shell, service: SimulatorServer, count: int, failing: int
) -> None:
    shell, links = quick, links_of_a_day(count, failing)
    place = ("--batch", BATCH, "--dir", FOLDER)
    assert shell.call("pause").code == 0
    added = shell.call("add", "-", *place, "--parents", "--json", stdin="\n".join(links[:-5]))
    assert added.code == 0, added.err
    assert "Sending is paused" in added.err
    ids = [link["id"] for link in added.json["links"]]
    urgent = shell.call("add", *links[-5:], *place, "--front", "--json")
    ids += [link["id"] for link in urgent.json["links"]]
    assert service.world.tasks() == []
    status = shell.call("status", "--json").json
    assert (status["paused"], status["counts"]["active"]) == (True, count)
    assert shell.call("resume").code == 0

    waited = shell.call("wait", OF_BATCH)
    assert (waited.code, waited.out) == (1, "")
    outcome, *named = waited.err.splitlines()
    done = count - failing - 2
    assert outcome.startswith(f"{done} done, ")
    assert len(named) == failing + 2
    assert [task.request.url for task in service.world.tasks()][:5] == links[-5:]
    counts = shell.call("status", "--json").json["counts"]
    assert counts == {"all": count, "active": 0, "trouble": failing + 2, "done": done}

    drive = service.world.drive()
    other = drive.add_folder("另一个")
    retried = shell.call("retry", "state:failed", OF_BATCH, "--dir", "另一个")
    assert retried.out.split() == [str(number) for number in ids[:failing]]
    assert shell.call("wait", OF_BATCH).code == 1
    assert service.world.stats.creates == Counter(links) + Counter(links[:failing])

    confirmed = shell.call("confirm", "state:unsure", OF_BATCH, "--found")
    lost = ids[failing], ids[failing + 2]
    assert confirmed.out.split() == [str(number) for number in lost], confirmed.err

    fetched = shell.call("url", "state:done", OF_BATCH, "--format", "aria2c")
    assert fetched.code == 0, fetched.err
    lines = fetched.out.splitlines()
    assert all(line.startswith("https://cdn.example.com/") for line in lines[::2])
    names = [link.rpartition("/")[2] for link in links[failing:]]
    assert lines[1::2] == [f"  out={name}" for name in names]

    tasks = shell.call("list", OF_BATCH, "--json").json
    (made,) = [it for it in drive.entries.values() if it.name == "动画"]
    assert drive.entry(made.parent_id).name == "影视"
    states = Counter((task["shown"], task["state"], task["folder_id"]) for task in tasks)
    print(f"by commands: {states}")
    assert states == {
        ("failed", "failed", other): failing,
        ("done", "succeeded", made.id): count - failing,
    }
    assert {task["note"] for task in tasks if task["shown"] == "failed"} == {"no reason given"}
