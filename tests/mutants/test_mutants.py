"""Each mutant of `mutants.toml`, one changed line of the promises' code, fails its own test.

Tools like mutmut and cosmic-ray make all mutants themselves and take no list of chosen ones.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_S = 100
MUTANTS: dict[str, list[dict[str, str]]] = tomllib.loads(
    Path(__file__).with_name("mutants.toml").read_text("utf-8")
)


def _fails(tree: Path, *tests: str) -> bool:
    """Run `tests` in `tree`, and return whether one failed; what hangs counts as failed."""
    options = ("-n", "0", "-x", "-q", "-p", "no:cacheprovider")
    command = [sys.executable, "-B", "-m", "pytest", *options, *tests]
    environ = os.environ | {"PYTHONPATH": str(tree)}
    try:
        run = subprocess.run(
            command, cwd=tree, env=environ, capture_output=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    assert run.returncode in (0, 1), run.stdout.decode()
    return run.returncode == 1


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what the tests need, which may be changed."""
    copy = tmp_path_factory.mktemp("mutants") / "tree"
    for folder in ("pan123_tui", "tests"):
        copytree(ROOT / folder, copy / folder, ignore=ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "styles.tcss"):
        (copy / name).write_bytes((ROOT / name).read_bytes())
    return copy


@pytest.mark.parametrize("file", MUTANTS)
def test_each_mutant_changes_one_place_and_has_a_test(file: str) -> None:
    source = (ROOT / "pan123_tui" / file).read_text("utf-8")
    for mutant in MUTANTS[file]:
        assert source.count(mutant["was"]) == 1, mutant["was"]
        path, _colons, name = mutant["test"].partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), mutant["test"]


@pytest.mark.slow
def test_without_a_mutant_the_tests_pass(tree: Path) -> None:
    assert not _fails(tree, *{mutant["test"] for its in MUTANTS.values() for mutant in its})


@pytest.mark.slow
@pytest.mark.parametrize("file", MUTANTS)
def test_each_mutant_is_killed(tree: Path, file: str) -> None:
    changed = tree / "pan123_tui" / file
    source = changed.read_text("utf-8")
    survivors = []
    for mutant in MUTANTS[file]:
        changed.write_text(source.replace(mutant["was"], mutant["is"]), "utf-8")
        if not _fails(tree, mutant["test"]):
            survivors.append(mutant)
    changed.write_text(source, "utf-8")
    print(f"\n{file}: {len(MUTANTS[file]) - len(survivors)} of {len(MUTANTS[file])} mutants killed")
    assert not survivors
