"""The story of the recorded demo: add links, watch them, retry a failed one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from screenshots.recorder import Step

LINKS = """\
https://mirror.example.org/isos/fedora-server-43.iso
https://cdn.example.com/photos/winter-photos.zip
https://mirror.example.org/debian-cd/13.2.0/amd64/iso-dvd/debian-13.2.0-amd64-DVD-1.iso
"""
"""Two new links, and one that the demo already has."""
OPENS_WITH = "winamp295.exe"
"""One of the demo's tasks."""
FAILED = "考研数学"
ROWS_UP_TO_IT = 2
KEY_S = 0.16


@dataclass(frozen=True, slots=True)
class StoryTexts:
    """The headings of the story and the expected words of the screen in one language."""

    title: str
    watching: str
    pasting: str
    queueing: str
    searching: str
    trouble: str
    retrying: str
    details: str
    same: str
    done: str
    running: str


STORY_TEXTS: Mapping[str, StoryTexts] = {
    "en": StoryTexts(
        title="pan123-tui: links in, and what becomes of them",
        watching="every task, as it goes",
        pasting="paste any text: the links are found",
        queueing="ctrl+s · into the queue",
        searching="/ · search",
        trouble="3 · what is in trouble",
        retrying="r · once more",
        details="enter · all that is known",
        same="duplicate",
        done="done",
        running="running",
    ),
    "zh": StoryTexts(
        title="pan123-tui：添加链接，跟踪到结束",
        watching="每个任务的进展",
        pasting="粘贴任意文字，自动找出链接",
        queueing="ctrl+s · 加入队列",
        searching="/ · 搜索",
        trouble="3 · 有问题的任务",
        retrying="r · 重试",
        details="enter · 任务详情",
        same="重复",
        done="完成",
        running="下载中",
    ),
}


def story(words: StoryTexts) -> Iterator[Step]:
    """Yield the steps of the story, about half a minute in total."""
    yield Step(heading=words.watching, lasts_s=3)
    yield Step(
        heading=words.pasting,
        paste=LINKS,
        shows=(words.same, "13.2.0-amd64"),
        lasts_s=4,
    )
    yield Step(
        heading=words.queueing,
        keys=("ctrl+s",),
        shows=("fedora-server-43.iso",),
        lasts_s=1,
    )
    yield Step(shows=(words.running, "winter-photos.zip"), lasts_s=3)
    yield from _typed("/iso", words.searching, ("archlinux",))
    yield Step(lasts_s=2.5)
    yield Step(keys=("escape",), shows=("winter-photos.zip",), lasts_s=0.8)
    yield Step(heading=words.trouble, keys=("3",), shows=(FAILED,), lasts_s=1.5)
    for _ in range(ROWS_UP_TO_IT):
        yield Step(keys=("j",), lasts_s=KEY_S * 1.5)
    yield Step(heading=words.retrying, keys=("r",), lasts_s=1.5)
    yield Step(keys=("2",), shows=(FAILED,), lasts_s=0.8)
    yield Step(keys=("G",), shows=(words.running, FAILED), lasts_s=1.5)
    yield Step(heading=words.details, keys=("enter",), lasts_s=4)


def _typed(text: str, heading: str, shows: tuple[str, ...]) -> Iterator[Step]:
    yield Step(heading=heading, keys=(text[0],), lasts_s=KEY_S * 3)
    for letter in text[1:-1]:
        yield Step(keys=(letter,), lasts_s=KEY_S)
    yield Step(keys=(text[-1],), shows=shows, lasts_s=KEY_S)
