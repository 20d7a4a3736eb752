"""`login` and `logout`: what they ask for, what they refuse, and what they leave behind."""

import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from pan123_tui.cli import account
from pan123_tui.client.starter import EngineStarter
from pan123_tui.domain.credentials import RefreshToken
from pan123_tui.domain.errors import EngineNotStarted
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, TaskState
from tests.engine_stage import link
from tests.samples import a_task
from tests.service.accounts import (
    ACCESS_TOKEN,
    APP_ID,
    CLIENT_ID,
    CLIENT_SECRET,
    OTHER_ACCESS_TOKEN,
    REFRESH_TOKEN,
)
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.shell import FinishedCommand, Shell

NOT_FOUND = ArrivalStatus.NOT_FOUND
URL, OTHER_URL = link("good").url, link("good", 2).url


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    """A user without an account."""
    return Shell(tmp_path, service.base_url, token="")


def test_a_refused_login_keeps_its_refresh_token(shell: Shell, service: SimulatorServer) -> None:
    service.world.faults.add(FaultKind.LOGIN_INVALID, "user_info", times=None)
    lines = f"{REFRESH_TOKEN}\n{APP_ID}\n\n"
    assert shell.call("login", "--refresh-token", "--profile", "rt", stdin=lines).code == 3
    service.world.faults.clear()
    ran = shell.call("login", "--refresh-token", "--profile", "rt", stdin=lines)
    assert "Logged in as" in ran.err


def test_a_login_tries_and_saves_the_secret_and_logout_deletes_it(shell: Shell) -> None:
    assert "Account: not logged in" in shell.call("status").out
    ran = shell.call("login", stdin=f"{CLIENT_ID}\n{CLIENT_SECRET}\n")
    assert (ran.code, ran.out) == (0, "")
    assert "Logged in as 小鱼." in ran.err
    assert CLIENT_SECRET not in ran.err
    file = shell.folder / "config" / "credentials.toml"
    assert file.stat().st_mode & 0o077 == 0
    saved = file.read_text()
    ran = shell.call("login", stdin=f"{CLIENT_ID}\nwrong\n")
    assert (ran.code, "Nothing was changed." in ran.err) == (3, True)
    assert file.read_text() == saved
    assert shell.call("doctor").code == 0
    assert "Account: client ID and secret\n" in shell.call("status").out
    assert list((shell.data / "state").glob("token.json"))
    ran = shell.call("login", CLIENT_SECRET)
    assert (ran.code, CLIENT_SECRET in ran.err) == (2, False)
    assert shell.call("logout").err == "Logged out; the tasks stay.\n"
    assert not file.exists()
    assert not list((shell.data / "state").glob("token.json")), "it could go on with its token"
    assert shell.call("status", "--json").json["account"] == "none"


def test_an_account_is_saved_unchecked_where_123pan_cannot_be_reached(tmp_path: Path) -> None:
    offline = Shell(tmp_path, token="")
    ran = offline.call("login", "--token", stdin="a-token\n")
    checked, saved = ran.err.splitlines()
    assert checked.startswith("123pan could not be reached.")
    assert checked.endswith("The account is saved, and is checked once 123pan can be reached.")
    assert (ran.code, saved.startswith("Saved in ")) == (0, True)
    assert offline.call("status", "--json").json["account"] == "token"


def test_login_takes_a_renew_address(shell: Shell, service: SimulatorServer) -> None:
    url = f"{service.base_url}/_sim/renew?refresh_ui={{refresh_token}}"
    ran = shell.call("login", "--renew-url", url, stdin=f"{REFRESH_TOKEN}\n")
    assert "Logged in as 小鱼." in ran.err
    ran = shell.call("login", "--renew-url", "https://broker.example/", stdin="re\n")
    assert ran.code == 2
    assert "{refresh_token}" in ran.err
    ran = shell.call("login", "--renew-url", url, stdin=f"{REFRESH_TOKEN}-wrong\n")
    assert ran.code == 3
    assert "login was refused" in ran.err


@pytest.mark.parametrize(
    ("options", "stdin", "label"),
    [
        ([], "a-token\n", "Client secret"),
        (["--token"], "", "Access token"),
        (["--refresh-token"], "x\n\n\n", "Client ID"),
        (["--refresh-token"], "x\na b\n\n", "Client ID"),
    ],
)
def test_login_names_a_wrong_line(idle: Shell, options: list[str], stdin: str, label: str) -> None:
    ran = idle.call("login", *options, stdin=stdin)
    assert (ran.code, f"{label}: enter one line of letters" in ran.err) == (2, True)


def test_login_says_first_that_a_variable_goes_before_what_it_saves(shell: Shell) -> None:
    ran = replace(shell, token="wrong").call("login", "--token", stdin=f"{ACCESS_TOKEN}\n")
    assert ran.code == 0
    assert ran.err.startswith(
        "PAN123_ACCESS_TOKEN is set in the environment, and overrides the saved account"
    )


def test_only_secrets_are_hidden_while_they_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden: dict[str, bool] = {}

    def prompt(text: str, *, hide_input: bool, **_options: object) -> str:
        hidden[text] = hide_input
        return "typed"

    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr("sys.stdin", Mock())
    found = account._read_credentials("refresh", "")
    assert found == RefreshToken("typed", "typed", "typed")
    assert hidden == {"Refresh token:": True, "Client ID:": False, "Client secret, if any:": True}


def test_logout_says_that_nobody_was_logged_in_or_that_a_variable_still_is(idle: Shell) -> None:
    assert idle.call("logout").err == "You were not logged in.\n"
    still = "You were not logged in.\nAn account is still set in the environment: unset that too.\n"
    for name in ("PAN123_ACCESS_TOKEN", "PAN123_CLIENT_ID"):  # the second is not a whole account
        idle.extra_environ = {name: "a-token"}
        ran = idle.call("logout")
        assert (ran.code, ran.err) == (0, still)


def logged_in(shell: Shell, token: str = ACCESS_TOKEN) -> FinishedCommand:
    return shell.call("login", "--token", stdin=f"{token}\n")


def wait_for(shell: Shell, **status: str) -> None:
    """Wait until the running program has this status."""
    shell.wait_until(lambda: status.items() <= shell.call("status", "--json").json.items())


def test_the_account_of_another_shell_is_in_use(shell: Shell, service: SimulatorServer) -> None:
    logged_in(shell)
    shell.start_engine()
    wait_for(shell, connection="online")
    assert shell.call("logout").err == "Logged out; the tasks stay.\n"
    wait_for(shell, connection="no_account")
    asked = service.world.stats.requests.total()
    shell.call("add", URL)
    wait_for(shell, hold="account_missing")
    assert shell.tasks()[0]["state"] == "queued"
    assert service.world.stats.requests.total() == asked
    assert logged_in(shell).err.splitlines()[1:] == [
        f"Saved in {shell.folder / 'config' / 'credentials.toml'}."
    ]
    shell.wait_until(lambda: service.world.stats.creates[URL] == 1)
    wait_for(shell, connection="online")
    del service.world.tokens.ready[ACCESS_TOKEN]
    shell.call("add", OTHER_URL)
    wait_for(shell, connection="refused", hold="token_refused")
    assert "Log in: press ," in shell.call("status").out
    logged_in(shell, OTHER_ACCESS_TOKEN)
    shell.wait_until(lambda: service.world.stats.creates[OTHER_URL] == 1)
    wait_for(shell, connection="online")


def test_a_login_starts_only_what_waits_for_it(shell: Shell, service: SimulatorServer) -> None:
    logged_in(shell)
    assert shell.call("status").code == 1, "nothing waits"
    shell.queue(URL)
    assert logged_in(shell).err.count("\n") == 2
    shell.wait_until(lambda: service.world.stats.creates[URL] == 1)


def test_a_login_says_why_nothing_is_sent(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_starter: EngineStarter) -> None:
        raise EngineNotStarted("it is broken")

    shell.queue(URL)
    monkeypatch.setattr(EngineStarter, "_start", fail)
    ran = logged_in(shell)
    assert (ran.code, "it is broken" in ran.err) == (0, True)
    assert "old account" not in ran.err


def test_an_engine_that_keeps_its_account_is_named(shell: Shell) -> None:
    other = replace(shell, token=ACCESS_TOKEN)
    with other.watching() as watch:
        ran = logged_in(shell, OTHER_ACCESS_TOKEN)
        text = f"watch (pid {watch.pid}) still uses the account of PAN123_ACCESS_TOKEN, which"
        assert (ran.code, ran.err.count(text)) == (0, 1), ran.err
        wait_for(shell, connection="online")


def test_an_engine_with_another_account_than_this_shell_names_is_asked_for_nothing(
    shell: Shell, service: SimulatorServer
) -> None:
    shell.store(
        a_task(1, TaskState.QUEUED, folder_id=7),
        a_task(2, TaskState.SUCCEEDED),
        a_task(3, TaskState.UNCONFIRMED, arrival=ArrivalCheck(NOT_FOUND, time.time())),
        is_paused=True,  # or the engine would try the first one meanwhile
    )
    logged_in(shell)
    shell.call("wait", "1", "--timeout", "0.1")  # which starts the engine
    wait_for(shell, connection="online")
    before, folders = shell.tasks(), len(service.world.drive().entries)
    other = replace(shell, token=OTHER_ACCESS_TOKEN)
    for words in (
        *("add https://a.example/n --dir 新 --parents", "add https://a.example/n", "remove 1"),
        *("retry all --unsure", "confirm all --found", "pause", "url 2"),
    ):
        ran = other.call(*words.split())
        assert (ran.code, ran.out) == (3, ""), words
        assert "“pan123-tui stop” ends the engine; the next one uses this shell's" in ran.err
        assert shell.tasks() == before
        assert len(service.world.drive().entries) == folders


def test_an_engine_that_waits_for_a_login_counts_as_healthy_and_then_sends(
    shell: Shell, service: SimulatorServer
) -> None:
    shell.queue(URL)
    assert shell.run("watch").code == 3, "without the option it ends"
    with shell.watching("--wait-for-login"):
        shell.wait_until(lambda: shell.call("status").code == 0)
        assert not service.world.stats.creates
        assert logged_in(shell).code == 0
        shell.wait_until(lambda: service.world.stats.creates[URL] == 1)
    assert shell.call("status").code == 1, "a health check fails without an engine"
