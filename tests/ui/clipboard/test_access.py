"""Which clipboard is the user's, and where a copied text goes."""

from collections.abc import Mapping, Sequence
from typing import Any
from unittest.mock import Mock

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.system.clipboard import ClipboardFailure, unavailable_reason
from pan123_tui.system.processes import CommandResult
from pan123_tui.ui.clipboard import ClipboardController
from pan123_tui.wording.actions import clipboard_text

SSH = {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22", "TERM": "xterm-256color"}
LINK = "https://a.example/电影.zip"


@pytest.mark.parametrize(
    ("environ", "failure"),
    [
        ({"DISPLAY": ":0"}, None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, None),
        ({"TERMUX_VERSION": "0.118"}, None),
        ({"WSL_DISTRO_NAME": "Debian"}, None),
        ({}, ClipboardFailure.NO_DISPLAY),
        (SSH, ClipboardFailure.REMOTE),
        (SSH | {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ClipboardFailure.REMOTE),
        (SSH | {"DISPLAY": "localhost:10.0"}, ClipboardFailure.REMOTE),
        ({"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, ClipboardFailure.REMOTE),
        ({"DISPLAY": ":0", "SSH_CONNECTION": ""}, None),
    ],
)
def test_only_a_display_in_front_of_the_user_counts(
    environ: Mapping[str, str], failure: ClipboardFailure | None
) -> None:
    assert unavailable_reason(environ, platform="linux") is failure
    on_mac = None if failure is ClipboardFailure.NO_DISPLAY else failure
    assert unavailable_reason(environ, platform="darwin") is on_mac


@pytest.mark.parametrize("failure", ClipboardFailure)
def test_every_failure_has_a_sentence_that_says_what_to_do(failure: ClipboardFailure) -> None:
    assert ("paste key" in clipboard_text(failure)) is (failure is not ClipboardFailure.EMPTY)


@pytest.mark.parametrize("takes", [True, False])
async def test_a_text_is_written_to_terminal_and_tmux(
    monkeypatch: pytest.MonkeyPatch, takes: bool
) -> None:
    written: list[bytes] = []

    async def run(command: Sequence[str], **options: Any) -> CommandResult:
        assert command == ("tmux", "load-buffer", "-w", "-")
        written.append(options["stdin"])
        return CommandResult(0, b"")

    monkeypatch.setattr("pan123_tui.ui.clipboard.run_command", run)
    for environ, is_taken in (({"TMUX": "/tmp/tmux"}, True), ({}, takes)):
        terminal = Mock()
        terminal.copy.return_value = takes
        clipboard = ClipboardController(Mock(), SSH | environ, Clipboard(), terminal=terminal)
        assert await clipboard.write(LINK) is is_taken
        terminal.copy.assert_called_once_with(LINK)
    assert written == [LINK.encode()]
