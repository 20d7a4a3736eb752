"""What the modules import: little at the start, and layers as the README draws them."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

import pan123_tui
from pan123_tui.cli.program import LazyGroup

HEAVY = {"textual", "rich", "httpx", "uvicorn", "starlette", "pyperclip", "asyncio", "ssl"}
PACKAGE = Path(pan123_tui.__file__).parent
_PRINT_MODULES = (
    "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
)


def modules_after(code: str, folder: Path) -> set[str]:
    """Run `code` in a new process and return the modules that it imported."""
    variables = {
        "PAN123_DATA_DIR": str(folder / "data"),
        "PAN123_CONFIG_DIR": str(folder / "config"),
    }
    ran = subprocess.run(
        [sys.executable, "-c", _PRINT_MODULES + code],
        env={**os.environ, **variables, "PAN123_LANG": "en"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return set(ran.stderr.split())


def parts_of_an_engine(modules: set[str]) -> set[str]:
    """Return those of `modules` that only the engine's process may load."""
    parts = "|".join(("engine", "store", "api", "simulator"))
    return {
        name
        for name in modules
        if re.fullmatch(rf"httpx|httpcore|tinydb|filelock|pan123_tui\.({parts})(\..*)?", name)
    }


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
    rest = {"pan123_tui.bootstrap", "pan123_tui.domain.task", "tinydb"} if word != "list" else set()
    assert not (HEAVY | rest) & found


def test_links_are_queued_without_screen_network_and_engine(tmp_path: Path) -> None:
    first, second = (
        modules_after(command("add", f"https://example.com/{name}.zip"), tmp_path) for name in "ab"
    )
    for found in (first, second):
        assert "pan123_tui.client.engine_client" in found
        assert not {"textual", "rich", "uvicorn", "starlette", "pyperclip"} & found
    on_disk = {name for name in first if name == "tinydb" or name.startswith("pan123_tui.store")}
    assert parts_of_an_engine(first) == on_disk
    assert not parts_of_an_engine(second), "the engine has the tasks"
    stored = (tmp_path / "data" / "tasks.json").read_text("utf-8")
    assert "a.zip" in stored
    assert "b.zip" in stored


def test_before_the_first_frame_only_the_dashboard_is_imported(tmp_path: Path) -> None:
    code = (
        "from pan123_tui.bootstrap import engine_client, load_context\n"
        "from pan123_tui.programs.dashboard import build_app\n"
        "context = load_context()\n"
        "build_app(context, engine_client(context))\n"
    )
    found = modules_after(code, tmp_path)
    assert "pan123_tui.ui.dashboard.screen" in found
    assert "pan123_tui.client.engine_client" in found
    assert not parts_of_an_engine(found)
    late = {"httpx", "pyperclip", "uvicorn", "starlette", "tinydb", "tree_sitter"}
    late |= {f"pan123_tui.ui.{name}" for name in ("add_links.screen", "add_links.edit_links")}
    late |= {f"pan123_tui.ui.{name}" for name in ("dialogs.actions", "file_actions")}
    late |= {f"pan123_tui.{name}" for name in ("ui.clipboard.controller", "system.log")}
    late |= {
        "pan123_tui.programs.demo",
        "pan123_tui.ui.notifications",
        "pan123_tui.terminal.escape_codes",
    }
    late |= {f"pan123_tui.domain.links.{name}" for name in ("extractor", "endings")}
    late |= {"pan123_tui.ui.dashboard.filter_bar", "pan123_tui.domain.filter", "hashlib"}
    late |= {"click", "filelock", "logging.handlers", "tomlkit", "shlex"}
    assert not late & found


def test_an_engine_imports_nothing_that_draws_or_parses_commands(tmp_path: Path) -> None:
    code = (
        "from pan123_tui.bootstrap import load_context, make_client\n"
        "from pan123_tui.programs.engine import open_engine\n"
        "from pan123_tui.system.folder_lock import FolderLock\n"
        "context = load_context()\n"
        "context.paths.ensure_directories()\n"
        "with FolderLock(context.paths.data_dir) as lock:\n"
        "    open_engine(context, lambda event: None, lock=lock)\n"
        "make_client(context)\n"
    )
    found = modules_after(code, tmp_path)
    assert {"httpx", "pan123_tui.engine.engine", "pan123_tui.api.client"} <= found
    assert not {"rich", "pygments", "click", "textual", "apprise", "starlette", "uvicorn"} & found


def test_every_listed_command_can_be_imported_and_is_in_the_list() -> None:
    group = LazyGroup("pan123-tui")
    context = click.Context(group)
    formatter = context.make_formatter()
    group.format_commands(context, formatter)
    listed = [line[2:23].strip().split(", ") for line in formatter.getvalue().splitlines()[1:]]
    assert sorted(name for names in listed for name in names) == sorted(
        group.list_commands(context)
    )
    for name in group.list_commands(context):
        made = group.get_command(context, name)
        assert made is not None
        assert made.name == name
