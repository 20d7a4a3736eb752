"""The words in a link's path that script what the simulator does with it, for people to read."""

from collections.abc import Mapping


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name; the command line translates
    """Mark `message` for extraction."""
    return message


WORDS: Mapping[str, str] = {
    "fast": N_("takes 3 seconds"),
    "slow": N_("takes 30 minutes"),
    "45s, 10min, 2h": N_("takes that long"),
    "retry": N_("status 3 for a while, loses half of its progress, goes on"),
    "stall": N_("stands still on its way, for ever"),
    "status13": N_("reports the unknown status 13 for a while"),
    "hundred": N_("stands at 100 % and still runs, for a third of its time"),
    "noprogress": N_("reports 0 %, then that it is done"),
    "back": N_("its percentage falls back on the way"),
    "fail": N_("fails on its way (status 1, 0 %)"),
    "404, 403, timeout": N_("fails, and the callback says so as the reason"),
    "missing": N_("the service forgets the task on its way"),
    "reject": N_("refused: code 2 解析失败"),
    "rejectonce": N_("refused like that the first time only"),
    "toomany": N_("refused twice as too many tasks (code 2), then accepted"),
    "quota": N_("refused: code 5113, traffic used up"),
    "dropbefore": N_("the connection breaks before the task is created"),
    "dropafter": N_("the connection breaks after the task was created"),
    "hang": N_("the create never answers and has no effect"),
    "filereason": N_("the callback spells the reason fileReason"),
    "nocallback": N_("no callback is sent"),
    "latecallback": N_("the callback comes a minute late"),
    "twicecallback": N_("the callback comes twice"),
    "htmlfile": N_("an HTML page of 1,482 bytes arrives instead of the file"),
    "smallfile": N_("a file of 1,482 bytes arrives under the right name"),
    "nofile": N_("success is reported, but no file arrives"),
    "700mb, 4gb": N_("the file's size"),
}
"""Each word (or kind of word) with what it does, in English, to be translated where shown."""
