"""Each mutant of `mutants.toml`, one changed line of the promises' code, fails its own test."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_S = 100
MUTANTS: list[dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("mutants.toml").read_text("utf-8")
)["mutant"]


def _fails(tree: Path, *tests: str) -> bool:
    """Run `tests` in `tree`, and return whether one failed; what hangs counts as failed."""
    options = ("-n", "0", "-x", "-q", "-p", "no:cacheprovider")
    command = [sys.executable, "-B", "-m", "pytest", *options, *tests]
    environ = os.environ | {"PYTHONPATH": str(tree)}
    try:
        run = subprocess.run(  # noqa: S603 - our own tests
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


@pytest.fixture
def mutated(tree: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    mutant: dict[str, str] = request.param
    file = tree / "pan123_tui" / mutant["file"]
    source = file.read_text("utf-8")
    file.write_text(source.replace(mutant["was"], mutant["is"]), "utf-8")
    yield tree
    file.write_text(source, "utf-8")


@pytest.mark.parametrize("file", sorted({it["file"] for it in MUTANTS}))
def test_each_mutant_changes_one_place_and_has_a_test(file: str) -> None:
    source = (ROOT / "pan123_tui" / file).read_text("utf-8")
    for mutant in (it for it in MUTANTS if it["file"] == file):
        assert source.count(mutant["was"]) == 1, mutant["was"]
        path, _colons, name = mutant["test"].partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8"), mutant["test"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_without_a_mutant_the_tests_pass(tree: Path) -> None:
    assert not _fails(tree, *{it["test"] for it in MUTANTS})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "mutated"),
    [(it, it) for it in MUTANTS],
    ids=[f"{it['file']}: {it['is']}" for it in MUTANTS],
    indirect=["mutated"],
)
def test_a_mutant_is_killed(mutant: dict[str, str], mutated: Path) -> None:
    assert _fails(mutated, mutant["test"])
