"""Walks through every screen and dialog, for tests that read their texts."""

from collections.abc import AsyncIterator

from textual import events

from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.ui.app import Pan123App
from screenshots.stage import StillPilot
from tests.ui.stage import shown

PASTE = "paste: "
PASTED = (
    "https://cdn.example.com/photos/winter.zip "
    "https://mirror.example.org/debian-cd/13.2.0/amd64/iso-dvd/debian-13.2.0-amd64-DVD-1.iso "
    "https://cdn.example.com/photos/winter.zip\nmagnet:?xt=urn:btih:c12fe1c06bba254a9dc9\n"
    "https://:8080/nowhere\nftp://example.com/x\nthunder://broken\n"
)
FILTERS = ("state:oops", "percent:x", 'name:"x')
LOOKS = """https://pan.baidu.com/s/1AbC
www.example.org/x.zip
https://example.org/cut-
off.zip
看 https://example.org/my file.zip 好
https://example.org/get/1 提取码 1234"""
WALKS: dict[str, list[str]] = {
    "views": ["2", "3", "4", "1"],
    "details": ["enter", "j j j", "end", "escape"],
    "marks": ["space", "v", "ctrl+a", "asterisk", "escape"],
    "search": ["slash", "z z z", "enter", "escape"],
    "faults": [
        "slash",
        *(key for text in FILTERS for key in (f"{PASTE}{text}", "enter ctrl+a")),
    ],
    "batch": ["b", "b"],
    "sort": ["s", "down", "enter", "S", "S", "s", "escape"],
    "help": ["question_mark", "z z z", "escape", "escape"],
    "run an action": ["ctrl+p", "v i e w full_stop s o r t", "enter", "escape"],
    "add": [
        *("a", "ctrl+s", f"{PASTE}{PASTED}", "f1", "escape", "down space", "enter", "f1"),
        *("escape escape", "end enter", "ctrl+s", "escape", "ctrl+x", "escape"),
    ],
    "looks": ["a", f"{PASTE}{LOOKS}", "down", "down", "down", "ctrl+s", "ctrl+x", "escape"],
    "folders": ["a", "ctrl+o", "down", "enter", "slash", "enter", "f1", "escape", "escape escape"],
    "leave": ["a", f"{PASTE}{PASTED}", "escape", "a", "f1", "escape ctrl+x", "escape"],
    "nothing to queue": ["a", f"{PASTE}magnet:?xt=urn:btih:c1", "ctrl+s", "ctrl+x", "escape"],
    "edit": ["3", "j", "e", "ctrl+s", "escape", "escape"],
    "edit many": ["3", "ctrl+a", "e", "escape", "escape"],
    "clear": ["c", "u"],
    "undo": ["3", "d", "u", "u", "1"],
    "copy": ["y", "y", "escape", "L"],
    "watch": ["w", "w"],
    "poll": ["f5"],
    "link test": ["3", "t", "enter", "escape"],
    "log out": ["comma", "enter", "end", "enter", "n", "escape"],
    "settings": ["comma", "up", "enter", "escape", "f1", "escape", "escape"],
    "retry": ["ctrl+a", "r", "l", "escape"],  # the last: afterwards nothing has failed any more
}
"""The screens and the keys that lead there from the dashboard; keys in one text are read once."""
FIRST_WALKS: dict[str, list[str]] = {
    "welcome": ["down", "l", "escape"],
    "no account": ["f5", "comma", "enter", "escape", "escape"],
    "client id": ["comma", "enter", "1", "enter", "ctrl+s", "x space y", "ctrl+s", "escape escape"],
    "token": ["comma", "enter", "2", "enter", "ctrl+s", "escape", "escape"],
}
"""The same for somebody who has no account yet."""
SHOWN_ANYWAY = (
    "{refresh_token} https://www.123pan.com/developer pan123-dark pan123-light ASCII ~/urls.txt"
)


async def walk(pilot: StillPilot, keys: list[str]) -> AsyncIterator[tuple[str, str]]:
    """Press `keys` and yield after each the keys so far and the text on the screen."""
    for n, key in enumerate(keys):
        if key.startswith(PASTE):
            target = pilot.app.screen.focused or pilot.app.screen
            target.post_message(events.Paste(key.removeprefix(PASTE)))
            await pilot.pause(0.4)
        else:
            await pilot.press(*key.split())
        await pilot.pause()
        yield " ".join(keys[: n + 1]), shown(pilot.app)


async def home(pilot: StillPilot) -> None:
    """Go back to the dashboard and to all tasks."""
    for _ in range(8):
        if len(pilot.app.screen_stack) == 1:
            await pilot.press("escape", "escape", "1")
            return
        await pilot.press("escape")
        await pilot.pause()
    raise AssertionError(f"no way back from {pilot.app.screen}")


def data_of(app: Pan123App) -> str:
    """Return all texts on the screens that are data: links, names, the service's messages."""
    texts = [
        PASTED,
        SHOWN_ANYWAY,
        *FILTERS,
        "zzz",
        "sort",
        "curl",
        "来自:离线下载",
        "小鱼",
        "中文",
        "简体中文",
        "解析失败",
    ]
    for task in app.model.tasks.values():
        texts += [task.url, task.name, task.fail_reason, task.arrival.name if task.arrival else ""]
        problems = [task.problem, *(step.problem for step in task.timeline)]
        texts += [f"{problem.message} {problem.trace_id}" for problem in problems if problem]
        texts.append(guess_name(task.url))
    texts.append("影视纪录片公开课动画系统镜像老照片音乐 🎧资料")
    return "\n".join(texts)
