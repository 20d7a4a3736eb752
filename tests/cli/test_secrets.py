"""No token, secret or signature is found in anything that the program writes or prints."""

import re
import stat
from pathlib import Path

import pytest

import pan123_tui
from pan123_tui.cli import doctor
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES, ARIA2_VARIABLE
from tests.service.accounts import (
    ACCESS_TOKEN,
    APP_ID,
    APP_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
)
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.shell import FinishedCommand, Shell, look_often

SERVICE_SPEED = 200.0
PASSWORD, SIGNATURE = "s3cr3t-pass", "s1gn4tur3"
SIGNED = f"https://me:{PASSWORD}@example.com/good/a.iso?sign={SIGNATURE}"
REFUSED = f"https://example.com/refused/b.iso?sign={SIGNATURE}"
DOUBTFUL = f"https://example.com/dropafter/c.iso?sign={SIGNATURE}"
ALLOWED = ("credentials.toml", "token.json", "login-")
"""Where the user or the program keeps them on purpose."""
PRIVATE = {"13800000000", "fish@example.com"}
"""What the service tells of the user beside the account."""
OPEN_VARIABLES = {
    f"PAN123_{name}" for name in ("BASE_URL", "CONFIG_DIR", "DATA_DIR", "LANG", "PROFILE")
}
"""What tells nothing of the account: hooks and profiles may have it."""
WITH_LINKS = {"tasks.json", "tasks.json.bak"}
"""Where the links stand as they are sent: they must be."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine, which runs in this process, wait for moments instead of seconds."""
    look_often(monkeypatch)
    monkeypatch.setattr("pan123_tui.domain.service_facts.FIRST_PAUSE_S", 0.05)


def test_every_variable_of_ours_is_known_as_part_of_the_account_or_as_open() -> None:
    """A new one is first of all forgotten where accounts are kept from hooks and profiles."""
    package = Path(pan123_tui.__file__).parent
    source = "\n".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    named = set(re.findall(r"(?<!_)PAN123_[A-Z0-9_]+", source)) - {"PAN123_TASK_", "PAN123_BATCH_"}
    assert named == set(doctor.VARIABLE_NAMES)
    assert named - {*ACCOUNT_VARIABLES.values(), ARIA2_VARIABLE} == OPEN_VARIABLES


def secrets(service: SimulatorServer) -> set[str]:
    tokens = service.world.tokens
    issued = {token.text for token in (*tokens.issued, *tokens.logins)}
    return {ACCESS_TOKEN, CLIENT_SECRET, APP_SECRET, *service.world.logins.refresh_tokens, *issued}


def assert_kept(texts: dict[str, str], words: set[str]) -> None:
    for where, text in texts.items():
        for word in words:
            assert word not in text, f"{word} stands in {where}"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def printed(*runs: FinishedCommand) -> dict[str, str]:
    return {f"run {n}": ran.out + ran.err for n, ran in enumerate(runs)}


@pytest.mark.parametrize("how", ["pair", "token", "refresh"])
def test_a_run_with_every_kind_of_trouble_leaves_no_secret_anywhere_and_files_to_their_owner_alone(
    tmp_path: Path, service: SimulatorServer, how: str
) -> None:
    shell = Shell(tmp_path, service.base_url, token=ACCESS_TOKEN if how == "token" else "")
    if how == "pair":
        shell.extra_environ |= {
            "PAN123_CLIENT_ID": CLIENT_ID,
            "PAN123_CLIENT_SECRET": CLIENT_SECRET,
        }
    if how == "refresh":
        service.world.configure(login_life_s=0.5)
        shell.extra_environ |= {
            "PAN123_REFRESH_TOKEN": REFRESH_TOKEN,
            "PAN123_CLIENT_ID": APP_ID,
            "PAN123_CLIENT_SECRET": APP_SECRET,
        }
    shell.configure("[service]\ncreate_per_s = 50\nprocess_per_s = 50\n")
    service.world.faults.add(FaultKind.HTTP_502, "process")
    refusal = {"match": "b.iso", "code": 9, "message": "不允许"}
    service.world.faults.add(FaultKind.REFUSE, "create", times=None, **refusal)
    own = {"pair": CLIENT_SECRET, "token": ACCESS_TOKEN, "refresh": "sim-refresh-1"}[how]
    service.world.faults.add(FaultKind.REFUSE, "user_info", message=f"{own} is no good")
    runs = [
        shell.call("add", SIGNED, REFUSED, DOUBTFUL),
        shell.call("wait", "1", "2", "3"),
        shell.call("watch", "--until-done"),
        shell.call("status"),
        shell.call("doctor"),
        shell.call("stop"),
    ]
    assert "a.iso" not in runs[1].err
    words = secrets(service)
    assert_kept(printed(*runs), words)
    assert_kept({"doctor": runs[4].out}, {PASSWORD, SIGNATURE, CLIENT_ID, APP_ID})
    for path in files_in(tmp_path):
        if not path.name.startswith(ALLOWED):
            content = {path.name: path.read_text(encoding="utf-8")}
            assert_kept(content, words | PRIVATE)
            if path.name not in WITH_LINKS:
                assert_kept(content, {PASSWORD, SIGNATURE})
    assert (shell.data / "state" / "pan123-tui.log").stat().st_size > 0
    for path in (shell.data, *shell.data.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path} has mode {mode:o}"
    if how == "pair":
        (shell.data / "state" / "token.json").chmod(0o644)
        assert "token.json" in shell.call("doctor").out
