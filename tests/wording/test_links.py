"""Every refusal and every fault of a name has its words."""

import pytest

from pan123_tui.domain.links.file_names import NameProblem
from pan123_tui.domain.links.url import RejectionReason
from pan123_tui.wording.links import name_problem_text, rejection_text


@pytest.mark.parametrize("reason", RejectionReason)
def test_each_refusal_is_explained(reason: RejectionReason) -> None:
    assert rejection_text(reason) != reason.value


@pytest.mark.parametrize("fault", NameProblem)
def test_each_fault_of_a_name_is_explained(fault: NameProblem) -> None:
    assert name_problem_text(fault) != fault.value
