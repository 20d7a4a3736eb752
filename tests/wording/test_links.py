"""Every rejected link and every problem of a name has a text."""

import pytest

from pan123_tui.domain.links.file_names import NameProblem
from pan123_tui.domain.links.url import RejectionReason
from pan123_tui.wording.links import name_problem_text, rejection_text


@pytest.mark.parametrize("reason", RejectionReason)
def test_each_rejection_has_a_text(reason: RejectionReason) -> None:
    assert rejection_text(reason) != reason.value


@pytest.mark.parametrize("problem", NameProblem)
def test_each_problem_of_a_name_has_a_text(problem: NameProblem) -> None:
    assert name_problem_text(problem) != problem.value
