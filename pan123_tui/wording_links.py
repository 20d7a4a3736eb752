"""In words: why a text gives no link, and what is wrong with a file name."""

from pan123_tui.domain.naming import NameFault
from pan123_tui.domain.url import RefusalReason
from pan123_tui.i18n import N_, _

_REFUSALS = {
    RefusalReason.BLANK: N_("nothing is there"),
    RefusalReason.NOT_HTTP: N_("the service takes http/https only"),
    RefusalReason.NO_SCHEME: N_("a link begins with http:// or https://"),
    RefusalReason.NO_LINK: N_("no link in this line"),
    RefusalReason.NO_HOST: N_("no host after http(s)://"),
    RefusalReason.BAD_HOST: N_("not a host that can exist"),
    RefusalReason.BAD_PORT: N_("the port is not between 1 and 65535"),
    RefusalReason.BAD_ENCODING: N_("holds characters that were lost on the way; copy it again"),
    RefusalReason.HAS_BLANKS: N_("a link has no blanks in it"),
    RefusalReason.TOO_LONG: N_("too long for a link"),
    RefusalReason.THUNDER_UNREADABLE: N_("this thunder:// link holds no readable link"),
    RefusalReason.FLASHGET_UNREADABLE: N_("this flashget:// link holds no readable link"),
    RefusalReason.QQDL_UNREADABLE: N_("this qqdl:// link holds no readable link"),
}
_NAME_FAULTS = {
    NameFault.TOO_LONG: N_("a name has at most 255 characters"),
    NameFault.FORBIDDEN: N_('none of these may be in a name: " \\ / : * ? | > <'),
    NameFault.BLANK: N_("a name is more than blanks"),
    NameFault.NOT_AN_IMAGE: N_("the service asks for an image extension; others often work"),
}


def explain_refusal(reason: RefusalReason) -> str:
    """Say why a text is refused, as half a sentence."""
    return _(_REFUSALS[reason])


def explain_name_fault(fault: NameFault) -> str:
    """Say what is wrong with a file name, as half a sentence."""
    return _(_NAME_FAULTS[fault])
