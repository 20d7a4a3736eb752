"""What a status still says once the engine has ended."""

import pytest

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status

HOLD = Problem(ProblemKind.RATE_LIMITED)


@pytest.mark.parametrize(("until", "hold"), [(None, HOLD), (9.0, None)])
def test_without_an_engine_nothing_is_tried_again_and_only_the_users_part_is_left(
    until: float | None, hold: Problem | None
) -> None:
    status = Status(hold=HOLD, hold_since=1.0, hold_until=until, refused_links={3: 9.0})
    left = status.without_engine()
    assert (left.hold, left.hold_until, left.refused_links) == (hold, None, {})
