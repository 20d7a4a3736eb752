"""Profiles: two at once share nothing, names are checked, and each text names the profile."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.requests import Request

from pan123_tui import i18n
from pan123_tui.bootstrap import exit_code, load_context
from pan123_tui.cli import program
from pan123_tui.cli.selection import Known
from pan123_tui.cli.status import Found
from pan123_tui.client.ssh import SshTarget
from pan123_tui.config.paths import profile_names
from pan123_tui.domain.errors import ProfileMissing, SettingsInvalid
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.system.folder_lock import is_listening
from pan123_tui.wording.engine import rest_texts
from pan123_tui.wording.notes import NoteContext
from tests.programs.test_dashboard import target_of
from tests.service import http_api
from tests.service.accounts import ACCESS_TOKEN, OTHER_ACCESS_TOKEN
from tests.service.server import SimulatorServer
from tests.service.world import World
from tests.shell import Shell

STRAY_TOKEN = "token-of-the-shell"
TOKENS = {"one": ACCESS_TOKEN, "two": OTHER_ACCESS_TOKEN}


def link_of(name: str) -> str:
    return f"https://example.com/fast/{name}-of-{name}.iso"


def write_account(config_dir: Path, token: str, base_url: str = "http://127.0.0.1:9") -> None:
    config_dir.mkdir(parents=True)
    (config_dir / "config.toml").write_text(f'[service]\nbase_url = "{base_url}"\n')
    (config_dir / "credentials.toml").write_text(f'access_token = "{token}"\n')
    (config_dir / "credentials.toml").chmod(0o600)


@pytest.fixture
def services() -> Iterator[dict[str, SimulatorServer]]:
    """A service for each profile."""
    with SimulatorServer(World(speed=50)) as one, SimulatorServer(World(speed=50)) as two:
        yield {"one": one, "two": two}


def test_two_profiles_at_once_mix_neither_tokens_nor_links(
    tmp_path: Path, services: dict[str, SimulatorServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def perform_and_record(world: World, endpoint: Any, request: Request, raw: bytes) -> Any:
        (name,) = (it for it, service in services.items() if service.world is world)
        received[name] += f"{request.url} {request.headers.raw} {raw!r}"
        return perform(world, endpoint, request, raw)

    received, perform = dict.fromkeys(TOKENS, ""), http_api._perform
    monkeypatch.setattr(http_api, "_perform", perform_and_record)
    config = tmp_path / "config"
    shells: dict[str, Shell] = {}
    for name, token in TOKENS.items():
        write_account(config / "profiles" / name, token, services[name].base_url)
        own = {"PAN123_PROFILE": name, "PAN123_BASE_URL": ""}
        shells[name] = Shell(tmp_path, token=STRAY_TOKEN, extra_environ=own)
    one, two = shells.values()
    with one.running("watch") as first, two.running("watch") as second:
        for name, shell in shells.items():
            shell.wait_until(partial(is_listening, load_context(shell.environ).paths.data_dir))
            assert shell.call("add", link_of(name)).out == "1\n"
            shell.wait_until(services[name].world.stats.creates.total)
        listed = {
            profile["profile"]: profile
            for profile in one.call("status", "--all-profiles", "--json").json
        }
        assert [listed[name]["pid"] for name in TOKENS] == [first.pid, second.pid]
        assert [listed[name]["nickname"] for name in TOKENS] == ["小鱼", "阿木"]
        assert listed["default"]["running"] is False
        assert [task["url"] for task in two.tasks()] == [link_of("two")]
    assert not (tmp_path / "data" / "tasks.json").exists()
    for name, other in (("one", "two"), ("two", "one")):
        assert TOKENS[name] in received[name]
        assert link_of(name) in received[name]
        below = [file for file in tmp_path.rglob("*") if name in file.parts and file.is_file()]
        assert {"tasks.json", "pan123-tui.log", "folders.json"} <= {file.name for file in below}
        written = b"".join(file.read_bytes() for file in below)
        assert link_of(name).encode() in written
        for foreign in (TOKENS[other], link_of(other), STRAY_TOKEN):
            assert foreign not in received[name]
            assert foreign.encode() not in written


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user with a profile "work", and an account in the environment."""
    write_account(tmp_path / "config" / "profiles" / "work", "token-of-work")
    return {
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_ACCESS_TOKEN": STRAY_TOKEN,
    }


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "a b", "-x", "a" * 33, "工作", "a\n", "a\x1b[2J", "C:"]
)
def test_another_name_is_refused_with_what_can_be_one(environ: dict[str, str], name: str) -> None:
    result = CliRunner().invoke(program.program, ["--profile", name, "list"])
    assert result.exit_code == 2
    assert "letters a–z, digits, - and _" in result.output
    assert "\x1b" not in result.output
    if name:
        with pytest.raises(SettingsInvalid, match="PAN123_PROFILE"):
            load_context({**environ, "PAN123_PROFILE": name})


def test_a_misspelt_profile_is_answered_with_all(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ProfileMissing) as caught:
        load_context({**environ, "PAN123_PROFILE": "wrok"})
    assert exit_code(caught.value) == 3
    assert "“pan123-tui --profile wrok login” creates it" in str(caught.value)
    assert "default, work" in str(caught.value)
    assert not (tmp_path / "data").exists()
    context = load_context({**environ, "PAN123_PROFILE": "new"}, makes_profile=True)
    assert context.paths.profile == "new"


def test_a_host_is_asked_for_the_profile_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAN123_PROFILE", "work")
    target = target_of(monkeypatch, "--host", "server")
    assert target == SshTarget("server", profile="work")
    assert "PAN123_PROFILE" not in os.environ  # the settings of this machine's screen
    assert target.command(may_ask=False)[-1] == "pan123-tui --profile work engine --stdio"
    i18n.use_options("--profile work")  # as the connection does
    (line,) = rest_texts(Status(), running=1, unsent=0, has_ended=False, host="server")
    assert line.endswith("On server, “pan123-tui --profile work stop” ends the engine.")


def test_each_profile_is_listed(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data" / "profiles" / "home").mkdir(parents=True)
    (tmp_path / "data" / "profiles" / "no name").mkdir()
    (tmp_path / "data" / "profiles" / "home" / "tasks.json").write_text("[]")
    assert profile_names(environ) == ["default", "home", "work"]
    shell = Shell(tmp_path, token=STRAY_TOKEN)
    *_, home, work = shell.call("status", "--all-profiles").out.split("Profile ")
    assert home.startswith("home\nNo engine is running.\nAccount: not logged in\n")
    assert work.startswith("work\nNo engine is running.\nAccount: access token\n")
    report = shell.call("--profile=work", "doctor").out
    assert ("profiles/work" in report, "profiles/…" in report) == (False, True)
    document = shell.call("status", "--all-profiles", "--json").json[2]
    assert document["account"] == "token"
    assert document["config_dir"] == str(tmp_path / "config" / "profiles" / "work")


def test_an_account_in_use_is_not_called_missing(environ: dict[str, str]) -> None:
    status = Status(Connection.ONLINE, Account(1, "小鱼", 0, 0))
    context = load_context({**environ, "PAN123_ACCESS_TOKEN": ""})
    found = Found(context, 1, "watch", Known(TaskCollection(), status, NoteContext()))
    assert found.account_text.startswith("none saved; in use: 小鱼")
    i18n.set_language("zh")
    assert "小鱼" in found.account_text
    assert i18n._("not logged in") not in found.account_text
