"""One server of ssh for all terminals, and the tables that are printed at the end."""

from collections.abc import Iterator

import pytest

from tests.terminals.remote import SshServer, ssh_server


class Table:
    """Rows that are printed when all tests are over."""

    def __init__(self, *headings: str) -> None:
        self.rows: list[tuple[str, ...]] = [headings]

    def add(self, *cells: object) -> None:
        """Add a row."""
        self.rows.append(tuple(map(str, cells)))

    def text(self) -> str:
        """Return the table in Markdown."""
        lines = [f"| {' | '.join(row)} |" for row in self.rows]
        return "\n".join([lines[0], "|" + "---|" * len(self.rows[0]), *lines[1:]])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """Run sshd for all tests."""
    with ssh_server(tmp_path_factory.mktemp("sshd")) as started:
        yield started


@pytest.fixture(scope="session")
def terminals() -> Iterator[Table]:
    """Print what each terminal did."""
    table = Table(
        "terminal",
        "colours direct → ssh",
        "keys",
        "paste",
        "mouse",
        "`y` over ssh",
        "`p` over ssh",
        "title set / restored",
        "left behind",
    )
    yield table
    print(f"\n{table.text()}")
