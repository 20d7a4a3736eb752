"""The messages, before any screen, about a data folder that cannot be used."""

import json
from pathlib import Path

import pytest

from tests.shell import Shell

URL = "https://example.com/good/a.iso"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.queue(URL)
    return made


@pytest.mark.parametrize("command", [["add", URL], ["list"]])
def test_a_store_of_a_newer_program_is_refused_with_a_message_and_unchanged(
    shell: Shell, command: list[str]
) -> None:
    path = shell.data / "tasks.json"
    tables = json.loads(path.read_bytes())
    tables["meta"]["1"]["schema_version"] = 99
    del tables["seal"]
    path.write_text(json.dumps(tables), encoding="utf-8")
    before = {file.name: file.read_bytes() for file in shell.data.glob("tasks.json*")}
    ran = shell.run(*command)
    assert ran.code == 2
    assert "newer pan123-tui" in ran.err
    assert "Traceback" not in ran.err
    assert {file.name: file.read_bytes() for file in shell.data.glob("tasks.json*")} == before


def test_a_data_folder_that_cannot_be_created_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    ran = Shell(tmp_path).run("add", URL)
    assert ran.code != 0
    assert "cannot be used" in ran.err
    assert "Traceback" not in ran.err
