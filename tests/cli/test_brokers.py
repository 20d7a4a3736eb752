"""A login through a server that renews it in 123pan's place: OpenList's, or one that misbehaves."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from pan123_tui.cli import account
from pan123_tui.domain.credentials import RefreshToken
from pan123_tui.wording.accounts import OPENLIST, WAYS, broker_way
from tests.service.accounts import ACCESS_TOKEN, REFRESH_TOKEN
from tests.service.broker import Broker
from tests.service.server import SimulatorServer
from tests.shell import PATIENCE_S, FinishedCommand, Shell

OpenListIsAt = Callable[[str], None]
OPENLIST_URL = (
    "https://api.oplist.org/123cloud/renewapi"
    "?refresh_ui={refresh_token}&server_use=true&driver_txt=123cloud_oa"
)


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    """A user without an account."""
    return Shell(tmp_path, service.base_url, token="")


@pytest.fixture
def openlist_is_at(monkeypatch: pytest.MonkeyPatch) -> OpenListIsAt:
    """Let another server stand in for OpenList's, which no test may ask."""
    return lambda renew_url: monkeypatch.setitem(WAYS, OPENLIST, broker_way(renew_url))


def logged_in(shell: Shell) -> FinishedCommand:
    return shell.call("login", "--openlist", stdin=f"{REFRESH_TOKEN}\n")


def written(shell: Shell) -> str:
    """Return the text of all files but those of the account."""
    paths = (it for it in shell.folder.rglob("*") if it.is_file())
    own = ("credentials.toml", "login-")
    return "".join(it.read_text("utf-8") for it in paths if not it.name.startswith(own))


def test_the_token_goes_to_openlists_server_and_the_login_is_renewed_there(
    shell: Shell, service: SimulatorServer, openlist_is_at: OpenListIsAt
) -> None:
    assert WAYS[OPENLIST].make("t") == RefreshToken("t", renew_url=OPENLIST_URL)
    openlist_is_at(f"{service.base_url}/_sim/renew?refresh_ui={{refresh_token}}")
    assert "Logged in as 小鱼." in logged_in(shell).err
    shell.queue("https://example.com/good/a.iso")
    logged_in(shell)
    shell.wait_until(lambda: service.world.stats.creates.total() == 1)
    assert service.world.logins.renewals == 1
    for token in service.world.logins.refresh_tokens:
        assert token not in written(shell), "the engine has a log"


LIES = {
    "refused": (401, {"text": "refresh_token 无效"}, "The login was refused."),
    "refused as a fault": (500, {"text": f"{REFRESH_TOKEN} 无效"}, "“… 无效”"),
    "a page": (200, b"<html>Welcome!</html>", "no usable answer"),
    "another answer": (200, [1, 2], "no usable answer"),
    "success without tokens": (200, {"code": 0, "data": {}}, "no usable answer"),
    "an echo": (200, {"refresh_token": REFRESH_TOKEN, "access_token": ""}, "no usable answer"),
    "expired at once": (200, {"access_token": "dead", "expires_in": 1}, "refuses the access token"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_broker_refuses_or_makes_up_replaces_no_account(
    shell: Shell, openlist_is_at: OpenListIsAt, lie: str
) -> None:
    status, content, words = LIES[lie]
    shell.call("login", "--token", stdin=f"{ACCESS_TOKEN}\n")
    kept = (shell.folder / "config" / "credentials.toml").read_text()
    with Broker(content, status=status) as broker:
        openlist_is_at(broker.renew_url)
        ran = logged_in(shell)
    assert broker.asked == [REFRESH_TOKEN]
    assert (ran.code, words in ran.err, "Nothing was changed." in ran.err) == (3, True, True), ran
    assert (shell.folder / "config" / "credentials.toml").read_text() == kept
    assert REFRESH_TOKEN not in ran.err + written(shell)


def test_a_broker_that_cannot_be_reached_is_not_taken_for_123pan(
    shell: Shell, openlist_is_at: OpenListIsAt
) -> None:
    openlist_is_at("http://127.0.0.1:9/{refresh_token}")
    ran = logged_in(shell)
    assert "The server that renews the login could not be reached." in ran.err
    assert (ran.code, shell.call("status", "--json").json["account"]) == (0, "refresh")
    assert REFRESH_TOKEN not in ran.err + written(shell)


def test_who_types_is_told_where_the_token_is_and_who_can_use_the_account(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prompt = Mock(return_value="typed")
    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr("sys.stdin", Mock())
    found = account._read_credentials(OPENLIST, "")
    assert found == RefreshToken("typed", renew_url=OPENLIST_URL)
    assert prompt.call_args.kwargs["hide_input"]
    said = capsys.readouterr().err
    assert "Open https://api.oplist.org, choose" in said
    sees = "renews the login: it can see and change your whole drive."
    assert f"The server api.oplist.org {sees}" in said
    account._read_credentials("pair", "https://b.example/{refresh_token}")
    assert f"The server b.example {sees}" in capsys.readouterr().err
    account._read_credentials("pair", "")
    assert (
        "Without the developer package: “pan123-tui login --openlist”." in capsys.readouterr().err
    )


def test_a_token_is_in_no_list_of_processes_while_a_slow_broker_is_asked(shell: Shell) -> None:
    ran = shell.call("login", "--openlist", REFRESH_TOKEN)
    assert (ran.code, REFRESH_TOKEN in ran.err) == (2, False)
    with Broker({"text": "no"}, status=400) as broker:
        broker.is_open.clear()
        command = [sys.executable, "-m", "pan123_tui", "login", "--renew-url", broker.renew_url]
        with subprocess.Popen(
            command, env=shell.environ, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as login:
            assert login.stdin
            login.stdin.write(f"{REFRESH_TOKEN}\n")
            login.stdin.flush()
            assert broker.is_asked.wait(PATIENCE_S)
            listed = Path(f"/proc/{login.pid}")
            if listed.exists():
                shown = (listed / "cmdline").read_bytes() + (listed / "environ").read_bytes()
                assert os.fsencode(broker.renew_url) in shown
                assert os.fsencode(REFRESH_TOKEN) not in shown
            broker.is_open.set()
            _out, err = login.communicate(timeout=PATIENCE_S)
    assert (login.returncode, REFRESH_TOKEN in err) == (3, False)
