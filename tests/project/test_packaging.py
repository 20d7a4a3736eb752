"""What is shipped: stylesheet, translations and manual are found wherever the program is."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pan123_tui import __version__
from pan123_tui.manual import FOLDER, PAGES
from pan123_tui.ui.theme import stylesheet
from tests.journey.terminal import Terminal

ROOT = Path(__file__).parents[2]
PRINT_INSTALLED = """
from pan123_tui import i18n
from pan123_tui.ui import theme
i18n.set_language("zh")
print(theme.stylesheet(), i18n._("queued"), sep="\\n")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return folder


@pytest.fixture
def wheel(folder: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        yield wheel


def test_a_wheel_brings_stylesheet_translations_manual_and_no_tests(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {
        *("pan123_tui/styles.tcss", "pan123_tui/ui/screens.tcss", "pan123_tui/py.typed"),
        "pan123_tui/locale/zh_CN/LC_MESSAGES/messages.mo",
        *(f"pan123_tui/manual/{language}/{page}.md" for language in ("en", "zh") for page in PAGES),
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "screenshots/"))]
    pages = [name for name in names if name.endswith(".md") and "/manual/" in name]
    assert not [name for name in pages if b"](../.." in wheel.read(name)], "links out of the wheel"
    notes = {Path(name).name: name for name in names if ".dist-info/" in name}
    entries = wheel.read(notes["entry_points.txt"]).decode()
    assert "pan123-tui = pan123_tui.__main__:main" in entries.splitlines()
    assert "LICENSE" in notes


def test_what_a_wheel_installs_works_anywhere(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    environ = {"PYTHONPATH": str(tmp_path), "PATH": ""}
    command = [sys.executable, "-c", PRINT_INSTALLED]
    output = subprocess.check_output(command, cwd=tmp_path, env=environ, encoding="utf-8")
    assert output.splitlines() == [str(tmp_path / "pan123_tui" / "styles.tcss"), "排队中"]
    assert stylesheet() == ROOT / "styles.tcss", "that of a checkout"


def test_an_sdist_brings_all_that_its_own_tests_need(folder: Path) -> None:
    with tarfile.open(next(folder.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    needed = "styles.tcss README.md README.zh-CN.md LICENSE pyproject.toml screenshots/demo.cast"
    assert {*needed.split(), "tests/conftest.py", "pan123_tui/py.typed"} <= names
    assert not [name for name in names if name.endswith((".pyc", "uv.lock"))]


def test_the_changelog_at_the_top_is_that_of_the_manual_and_begins_with_this_version() -> None:
    assert (ROOT / "CHANGELOG.md").resolve() == FOLDER / "en/changelog.md"
    for language in ("en", "zh"):
        text = (FOLDER / language / "changelog.md").read_text("utf-8")
        assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] == __version__


def test_what_the_workflows_run_is_there_and_each_action_is_pinned_to_a_commit() -> None:
    text = "".join(file.read_text() for file in (ROOT / ".github/workflows").iterdir())
    ours = set(re.findall(r"\.ci/\w+", text))
    assert ours == {f".ci/{file.name}" for file in (ROOT / ".ci").iterdir()}
    assert set(re.findall(r"\.ci/run (--\w+)", text)) == {"--lowest", "--slow"}
    used = re.findall(r"uses: (.*)", text)
    assert [it for it in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[\d.]+", it)] == []


def test_twine_finds_nothing_wrong_with_either(folder: Path) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, folder.iterdir())]
    subprocess.run(command, check=True, capture_output=True, text=True)


def test_the_versions_of_python_that_are_named_are_those_that_are_tried() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    tried = (ROOT / ".github/workflows/ci.yml").read_text()
    versions = re.findall(r":: (3\.\d+)$", "\n".join(named), re.MULTILINE)
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    matrices = [json.loads(it) for it in re.findall(r"python: (\[.*\])", tried)]
    assert matrices == [versions, versions], "Linux and macOS"


def test_on_windows_one_sentence_names_wsl_instead_of_a_missing_module() -> None:
    missing = ["fcntl", "pwd", "termios", "resource"]
    script = f"""
import sys
sys.modules.update(dict.fromkeys({missing}))
sys.platform = "win32"
from pan123_tui.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )
    text = "pan123-tui needs Linux or macOS. On Windows, install and run it in WSL.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", text)


@pytest.mark.long
def test_from_the_wheel_alone_the_demo_runs_and_only_what_the_readme_names_is_left(
    folder: Path, tmp_path: Path
) -> None:
    home, bins = tmp_path / "home", tmp_path / "venv/bin"
    venv.create(tmp_path / "venv", with_pip=True)
    libraries = sysconfig.get_path("purelib")  # nothing is fetched
    environ = {"HOME": str(home), "PYTHONPATH": libraries, "PAN123_ACCESS_TOKEN": ""}
    (wheel,) = folder.glob("*.whl")
    pip = [str(bins / "python"), "-m", "pip", "-q"]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", str(wheel)], check=True)
    installed = (str(bins / "pan123-tui"),)
    with Terminal("--demo", environ=environ, program=installed) as terminal:
        terminal.sees("running")
        terminal.press("Q")
        assert terminal.ends(within_s=60) == 0
    for words in (["add", "https://example.com/a.iso"], ["stop"]):
        subprocess.run([*installed, *words], check=True, env=os.environ | environ)
    subprocess.run([*pip, "uninstall", "-y", "pan123-tui"], check=True)
    assert not list(bins.glob("pan123*"))
    left = {path.parent for path in home.rglob("*") if path.is_file()}
    assert left
    named = (ROOT / "README.md").read_text("utf-8")
    assert [it for it in left if f"`~/{it.relative_to(home)}`" not in named] == []
