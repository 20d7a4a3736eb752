"""What a test of a link has shown, in a sentence."""

from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_list, with_parenthetical
from pan123_tui.wording.formats import size

_LINK_TESTS = {
    ProbeStatus.REACHABLE: N_(
        "The file can be fetched, so retry; if that fails, the host may block 123pan."
    ),
    ProbeStatus.NOT_FOUND: N_("There is no file at this link: look for another one."),
    ProbeStatus.FORBIDDEN: N_(
        "The host forbids the download: it may need a login or a referrer, or block some countries."
    ),
    ProbeStatus.EXPIRED: N_("The signature in the link has expired: copy a fresh link."),
    ProbeStatus.LOGIN_PAGE: N_("A web page came instead of a file, probably a login page."),
    ProbeStatus.NO_SUCH_HOST: N_(
        "The host name cannot be resolved: check its spelling, and the DNS."
    ),
    ProbeStatus.NOT_CONNECTED: N_("The host does not answer: retry later."),
    ProbeStatus.BAD_CERTIFICATE: N_("The certificate cannot be trusted."),
    ProbeStatus.SERVER_ERROR: N_("The host reports an error or is too busy: retry later."),
    ProbeStatus.PRIVATE: N_(
        "An address of your own network: not tested. 123pan cannot reach such an address, "
        "so use a public link."
    ),
    ProbeStatus.ENVIRONMENT_UNUSABLE: N_(
        "A proxy or TLS file set in the environment cannot be used: correct or unset the variable."
    ),
    ProbeStatus.UNEXPECTED: N_("The host answers with something other than a file."),
}


def link_check_text(result: ProbeResult) -> str:
    facts = [
        f"HTTP {result.http_status}" if result.http_status else "",
        sanitize(result.content_type, 60),
        size(result.size) if result.size is not None else "",
        sanitize(result.host, 80),
        result.variable,
    ]
    return with_parenthetical(_(_LINK_TESTS[result.status]), join_list(facts))
