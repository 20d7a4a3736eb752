"""Every refusal and every fault of a name has its words."""

import pytest

from pan123_tui.domain.naming import NameFault
from pan123_tui.domain.url import RefusalReason
from pan123_tui.wording_links import explain_name_fault, explain_refusal


@pytest.mark.parametrize("reason", RefusalReason)
def test_each_refusal_is_explained(reason: RefusalReason) -> None:
    assert explain_refusal(reason) != reason.value


@pytest.mark.parametrize("fault", NameFault)
def test_each_fault_of_a_name_is_explained(fault: NameFault) -> None:
    assert explain_name_fault(fault) != fault.value
