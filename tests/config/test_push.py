"""Addresses of push messages: what people copy is understood, and what nobody knows is said."""

import sys

import pytest

from pan123_tui.config.push import PushTrouble, apprise_form, push_error
from pan123_tui.config.schema import FIELDS

PUSH = FIELDS["notify.push"]


@pytest.mark.parametrize(
    ("copied", "form"),
    [
        ("https://sctapi.ftqq.com/SCT1Tabc.send", "schan://SCT1Tabc"),
        ("https://sctapi.ftqq.com/SCT1Tabc.send?title=x", "schan://SCT1Tabc"),
        ("https://api.day.app/Key1/推送内容", "barks://api.day.app/Key1"),
        ("https://api.day.app/Key1", "barks://api.day.app/Key1"),
    ],
)
def test_what_serverchan_and_bark_show_can_be_pasted(copied: str, form: str) -> None:
    assert PUSH.parse(copied) == (copied,)
    assert apprise_form(copied) == form
    assert push_error([copied]) == ""


def test_an_address_that_nobody_knows_is_named_by_its_number_with_examples() -> None:
    error = push_error(["ntfy://topic", "https://example.com/secret"])
    assert error == PushTrouble.INVALID.text(2)
    assert "secret" not in error


def test_without_apprise_the_command_that_installs_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert push_error([]) == ""
    assert push_error(["ntfy://topic", "ntfy://other"]) == PushTrouble.MISSING.text(1)
    assert "pipx inject" in PushTrouble.MISSING.text(1)
