"""What the modules import: little at the start, and layers as the README draws them."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pan123_tui"
HEAVY = {"textual", "rich", "httpx", "uvicorn", "starlette", "pyperclip", "asyncio", "ssl"}
BUILD = "from pan123_tui.bootstrap import *\ncontext = load_context()\n"


def modules_after(code: str, folder: Path) -> set[str]:
    """Run `code` in a new process and return the modules that it imported."""
    report = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
    folders = {"PAN123_DATA_DIR": str(folder / "data"), "PAN123_CONFIG_DIR": str(folder / "config")}
    ran = subprocess.run(
        [sys.executable, "-c", report + code],
        env={**os.environ, **folders, "PAN123_LANG": "en"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return set(ran.stderr.split())


def command(*words: str) -> str:
    """Return the code that runs the program with `words`."""
    return f"sys.argv[1:] = {list(words)!r}\nfrom pan123_tui.cli.main import main\nmain()\n"


def test_the_layers_drawn_in_the_package_readme_are_those_of_the_contracts() -> None:
    config = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    section = (PACKAGE / "README.md").read_text("utf-8").split("## Layers")[1].split("\n## ")[0]
    drawn = re.findall(r"```\n(.*?)\n```", section, re.DOTALL)
    assert [block.splitlines() for block in drawn] == layers


@pytest.mark.parametrize("word", ["--version", "--help", "list"])
def test_a_plain_command_imports_neither_screen_nor_network(word: str, tmp_path: Path) -> None:
    found = modules_after(command(word), tmp_path)
    assert "pan123_tui.cli.main" in found
    rest = {"pan123_tui.domain.task", "tinydb"} if word != "list" else set()
    assert not (HEAVY | rest) & found


def test_a_second_link_is_queued_without_screen_network_and_store(tmp_path: Path) -> None:
    modules_after(command("add", "https://example.com/a.zip"), tmp_path)
    found = modules_after(command("add", "https://example.com/b.zip"), tmp_path)
    assert "pan123_tui.client.engine_client" in found
    assert not (HEAVY - {"asyncio", "ssl"}) & found
    assert not {"tinydb", "filelock", "pan123_tui.store.task_store"} & found
    assert "b.zip" in (tmp_path / "data" / "tasks.json").read_text("utf-8")


def test_before_the_first_frame_only_the_dashboard_is_imported(tmp_path: Path) -> None:
    code = "from pan123_tui.programs.dashboard import build_app\n"
    found = modules_after(f"{BUILD}{code}build_app(context, engine_client(context))\n", tmp_path)
    assert "pan123_tui.ui.dashboard.screen" in found
    late = {
        *("add_links.screen", "add_links.forms", "dialogs.actions"),
        "dashboard.filter_bar",
    }
    late = {f"pan123_tui.ui.{name}" for name in late}
    late |= {"pan123_tui.programs.demo", "pan123_tui.domain.filter", "pan123_tui.engine.engine"}
    late |= {"pan123_tui.domain.links.extractor", "pan123_tui.system.log", "pan123_tui.api"}
    late |= HEAVY - {"textual", "rich", "asyncio", "ssl"}
    assert not (late | {"click", "tomlkit", "tinydb", "tree_sitter", "hashlib"}) & found


@pytest.mark.parametrize("is_connected", [False, True])
def test_an_engine_imports_nothing_that_draws_or_parses_commands_and_no_network_until_it_listens(
    tmp_path: Path, *, is_connected: bool
) -> None:
    code = (
        "from pan123_tui.programs.engine_process import open_engine\n"
        "from pan123_tui.system.folder_lock import FolderLock\n"
        "context.paths.ensure_directories()\n"
        "with FolderLock(context.paths.data_dir) as lock:\n"
        "    open_engine(context, lambda event: None, lock=lock)\n"
    )
    found = modules_after(BUILD + code + "make_client(context)\n" * is_connected, tmp_path)
    assert "pan123_tui.engine.engine" in found
    assert ("httpx" in found, "pan123_tui.api.client" in found) == (is_connected, is_connected)
    assert not {"rich", "pygments", "click", "textual", "apprise", "starlette", "uvicorn"} & found
    assert "pan123_tui.engine.aria2.entrance" not in found
