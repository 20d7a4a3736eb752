"""What each way into the program imports: the start is felt on every login."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pan123_tui.commands.catalogue import Catalogue

HEAVY = {"textual", "rich", "httpx", "uvicorn", "starlette", "pyperclip", "asyncio", "ssl"}
_TELL = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"


def modules_after(code: str, folder: Path) -> set[str]:
    """Run `code` in a process of its own and give the modules that it has imported."""
    places = {"PAN123_DATA_DIR": str(folder / "data"), "PAN123_CONFIG_DIR": str(folder / "config")}
    ran = subprocess.run(
        [sys.executable, "-c", _TELL + code],
        env={**os.environ, **places, "PAN123_LANG": "en"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return set(ran.stderr.split())


def command(*words: str) -> str:
    """The code that runs the program with `words`."""
    return f"sys.argv[1:] = {list(words)!r}\nfrom pan123_tui.cli import main\nmain()\n"


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("list",)])
def test_a_command_without_a_screen_imports_neither_the_screen_nor_the_network(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    found = modules_after(command(*words), tmp_path)
    assert "pan123_tui.cli" in found
    assert not HEAVY & found


@pytest.mark.parametrize("words", [("--version",), ("--help",)])
def test_what_only_prints_does_not_import_the_rest_of_the_program(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    found = modules_after(command(*words), tmp_path)
    assert not {"pan123_tui.wiring", "pan123_tui.domain.task", "msgspec", "tinydb"} & found


def test_links_are_queued_without_the_screen_and_the_network(tmp_path: Path) -> None:
    found = modules_after(command("add", "https://example.com/a.zip"), tmp_path)
    assert "pan123_tui.engine.unattended" in found
    assert not {"textual", "rich", "httpx", "uvicorn", "starlette", "pyperclip"} & found
    assert (tmp_path / "data" / "tasks.json").exists()


def test_before_the_first_frame_only_the_dashboard_is_imported(tmp_path: Path) -> None:
    code = (
        "from pan123_tui.wiring import dashboard, engine_opener, settle\n"
        "household = settle()\n"
        "dashboard(household, engine_opener(household))\n"
    )
    found = modules_after(code, tmp_path)
    assert "pan123_tui.ui.screens.dashboard" in found
    late = {"httpx", "pyperclip", "uvicorn", "starlette", "tinydb", "tree_sitter"}
    late |= {f"pan123_tui.{name}" for name in ("engine.engine", "store.tasks", "api.client")}
    late |= {f"pan123_tui.ui.screens.{name}" for name in ("add", "choice", "edit", "key_scopes")}
    late |= {f"pan123_tui.{name}" for name in ("ui.clipboard.desk", "domain.links", "demo", "log")}
    late |= {"pan123_tui.ui.herald", "pan123_tui.ui.terminal"}
    late |= {"click", "filelock", "logging.handlers"}
    assert not late & found


def test_the_dashboard_is_opened_without_the_library_of_commands(tmp_path: Path) -> None:
    found = modules_after(command("--ascii", "--low-bandwidth"), tmp_path)
    assert "pan123_tui.commands.dashboard" in found
    assert "click" not in found


def test_the_network_comes_without_a_command_line_of_its_own(tmp_path: Path) -> None:
    found = modules_after("import pan123_tui.api.client", tmp_path)
    assert "httpx" in found
    assert not {"rich", "pygments", "click"} & found


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    catalogue = Catalogue("pan123-tui")
    context = click.Context(catalogue)
    formatter = context.make_formatter()
    catalogue.format_commands(context, formatter)
    said = [line.split(maxsplit=1) for line in formatter.getvalue().splitlines()[1:] if line]
    limit = formatter.width - 6 - max(len(name) for name, _words in said)
    for name, words in said:
        made = catalogue.get_command(context, name)
        assert made is not None
        assert words == made.get_short_help_str(limit)
