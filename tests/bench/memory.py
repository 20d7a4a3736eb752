"""Point 5: the memory that stored tasks use."""

import time
from collections.abc import Iterator

from tests.bench import stock
from tests.bench.figures import Figure
from tests.bench.runs import Scene, our_program, stock_app


def figures() -> Iterator[Figure]:
    """Measure the resident memory relative to a table of 10,000 rows."""
    with stock_app("--rows=10000") as app:
        app.wait_for("progress")
        time.sleep(2.0)
        usual_mb = app.resident_mb
    for count, limit in ((10_000, 2.2), (100_000, 6.0)):
        with our_program(Scene(ended=count)) as program:
            program.wait_for(stock.NEWEST)
            time.sleep(4.0)
            ours_mb = program.resident_mb
        yield Figure(5, f"{count:,} tasks", usual_mb, ours_mb, "MB", limit, is_ratio=True)
