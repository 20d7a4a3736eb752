"""Where the clipboard is looked for, and what is understood of the answers."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping

import pytest

from pan123_tui.ui.clipboard import roads as roads_module
from pan123_tui.ui.clipboard.mechanism import is_remote, of_person, why_no_watch, why_none
from pan123_tui.ui.clipboard.osc52 import (
    QUERY_CLIPBOARD,
    QUERY_NAME,
    answers,
    clipboard_in,
    is_known_to_answer,
    may_be_asked_its_name,
    name_in,
)
from pan123_tui.ui.clipboard.questions import Questions
from pan123_tui.ui.clipboard.reading import Fault, Reading, explain
from pan123_tui.ui.clipboard.roads import ClipboardRoads
from pan123_tui.ui.intake.sorter import Replied, ReplyKind

SSH = {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22", "TERM": "xterm-256color"}
LINK = "https://a.example/电影.zip"


def osc52(text: str) -> Replied:
    return Replied(ReplyKind.OSC, f"52;c;{b64encode(text.encode()).decode()}")


@pytest.mark.parametrize(
    ("environ", "fault"),
    [
        ({"DISPLAY": ":0"}, None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, None),
        ({"TERMUX_VERSION": "0.118"}, None),
        ({"WSL_DISTRO_NAME": "Debian"}, None),
        ({}, Fault.NO_DISPLAY),
        (SSH, Fault.REMOTE),
        (SSH | {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, Fault.REMOTE),
        (SSH | {"DISPLAY": "localhost:10.0"}, None),
    ],
)
def test_only_a_display_in_front_of_the_person_counts(
    environ: Mapping[str, str], fault: Fault | None
) -> None:
    assert why_none(environ, platform="linux") is fault


def test_over_ssh_a_mac_has_no_clipboard_for_you() -> None:
    assert why_none({}, platform="darwin") is None
    assert why_none(SSH, platform="darwin") is Fault.REMOTE


def test_over_ssh_nothing_is_watched_even_with_a_forwarded_display() -> None:
    assert why_no_watch(SSH | {"DISPLAY": "localhost:10.0"}) is Fault.REMOTE
    assert is_remote(SSH)


def test_a_forwarded_display_hides_the_other_machines_wayland() -> None:
    environ = SSH | {"DISPLAY": "localhost:10.0", "WAYLAND_DISPLAY": "wayland-0"}
    assert "WAYLAND_DISPLAY" not in of_person(environ)
    assert of_person(environ)["DISPLAY"] == "localhost:10.0"


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_sentence_that_says_what_to_do(fault: Fault) -> None:
    says_what_to_do = fault not in (Fault.EMPTY, Fault.SECRET)
    assert ("paste key" in explain(fault)) is says_what_to_do


@pytest.mark.parametrize(
    ("environ", "known", "askable"),
    [
        ({"TERM": "xterm-kitty"}, True, True),
        ({"TERM": "xterm-256color"}, False, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True, True),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, True, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False, False),
        ({"TERM": "linux"}, False, False),
        ({"TERM": "screen-256color"}, False, False),
        ({}, False, False),
    ],
)
def test_terminals_are_known_by_their_environment(
    environ: Mapping[str, str], known: bool, askable: bool
) -> None:
    assert is_known_to_answer(environ) is known
    assert may_be_asked_its_name(environ) is askable


def test_terminals_are_known_by_the_name_that_they_give() -> None:
    assert name_in(Replied(ReplyKind.DCS, ">|ghostty 1.1.0")) == "ghostty 1.1.0"
    assert name_in(Replied(ReplyKind.DEVICE, "?62;4")) == ""
    assert name_in(osc52("x")) is None
    assert answers("kitty(0.40.1)")
    assert answers("iTerm2 3.5.4")
    assert not answers("XTerm(390)")
    assert not answers("WezTerm 20240203")
    assert not answers("")


@pytest.mark.parametrize("body", ["52;c;QUI", "52;;QUI=", "52;p;QU\nI=", "52;c;QUI=\r\n"])
def test_base64_is_read_with_or_without_its_padding(body: str) -> None:
    assert clipboard_in(Replied(ReplyKind.OSC, body)) == Reading("AB")


@pytest.mark.parametrize("body", ["52;c;", "52;c;A", "52;c;AAECAA=="])
def test_nothing_and_binary_are_no_text(body: str) -> None:
    assert clipboard_in(Replied(ReplyKind.OSC, body)) == Reading(fault=Fault.EMPTY)


@pytest.mark.parametrize("body", ["11;rgb:00/00/00", "52;c;?", "52;c;<script>"])
def test_other_answers_are_not_taken_for_a_clipboard(body: str) -> None:
    assert clipboard_in(Replied(ReplyKind.OSC, body)) is None


class Teletype:
    """A terminal that answers each question as it was told, or not at all."""

    def __init__(self, **answers: Replied) -> None:
        self.asked: list[str] = []
        self.questions = Questions(self.write)
        self._answers = {QUERY_NAME: answers.get("name"), QUERY_CLIPBOARD: answers.get("clipboard")}

    def write(self, sequence: str) -> None:
        self.asked.append(sequence)
        if (reply := self._answers[sequence]) is not None:
            asyncio.get_running_loop().call_soon(self.questions.hear, reply)

    def roads(self, environ: Mapping[str, str]) -> ClipboardRoads:
        return ClipboardRoads(
            environ, questions=self.questions, copy_to_terminal=lambda _text: False
        )


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAME_TIMEOUT_S", "ANSWER_TIMEOUT_S", "PERMISSION_TIMEOUT_S"):
        monkeypatch.setattr(roads_module, name, 0.01)


def never() -> None:
    raise AssertionError("nothing was to wait for")


async def test_a_terminal_that_gives_its_name_is_asked() -> None:
    kitty = Replied(ReplyKind.DCS, ">|kitty(0.40.1)")
    terminal = Teletype(name=kitty, clipboard=osc52(LINK))
    roads = terminal.roads(SSH)
    assert await roads.read(on_wait=never) == Reading(LINK)
    assert await roads.read(on_wait=never) == Reading(LINK)
    assert terminal.asked == [QUERY_NAME, QUERY_CLIPBOARD, QUERY_CLIPBOARD]


@pytest.mark.usefixtures("_hasty")
async def test_a_terminal_that_is_not_known_to_answer_is_never_asked() -> None:
    terminal = Teletype(name=Replied(ReplyKind.DEVICE, "?62"), clipboard=osc52(LINK))
    assert await terminal.roads(SSH).read(on_wait=never) == Reading(fault=Fault.CANNOT_ASK)
    silent = Teletype(clipboard=osc52(LINK))
    assert await silent.roads(SSH).read(on_wait=never) == Reading(fault=Fault.CANNOT_ASK)
    assert silent.asked == terminal.asked == [QUERY_NAME]


async def test_without_questions_the_reason_is_the_machines() -> None:
    roads = ClipboardRoads(SSH, questions=None, copy_to_terminal=lambda _text: False)
    assert await roads.read(on_wait=never) == Reading(fault=Fault.REMOTE)


@pytest.mark.usefixtures("_hasty")
async def test_the_person_hears_of_a_long_wait_and_then_of_its_end() -> None:
    waits: list[str] = []
    roads = Teletype().roads({"TERM": "xterm-kitty", "SSH_TTY": "/dev/pts/1"})
    reading = await roads.read(on_wait=lambda: waits.append("waits"))
    assert (reading, waits) == (Reading(fault=Fault.NO_ANSWER), ["waits"])


async def test_an_answer_after_the_person_was_told_is_still_welcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(roads_module, "ANSWER_TIMEOUT_S", 0.01)
    terminal = Teletype()
    roads = terminal.roads({"TERM": "xterm-kitty", "SSH_TTY": "/dev/pts/1"})
    reading = await roads.read(on_wait=lambda: terminal.questions.hear(osc52(LINK)))
    assert reading == Reading(LINK)


async def test_an_answer_that_nobody_asked_for_is_dropped() -> None:
    questions = Questions(lambda _sequence: None)
    questions.hear(osc52("first"))
    answer = questions.ask(QUERY_CLIPBOARD, clipboard_in)
    questions.hear(Replied(ReplyKind.DEVICE, "?62"))
    assert not answer.done()
    questions.hear(osc52("second"))
    questions.hear(osc52("third"))
    assert await answer == Reading("second")
