"""Links are tested in the review when the user wants it, and bad ones need a look."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.client.protocol import Update
from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.events import Account, Status
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from tests.ui.add_links.test_screen import AddStage

NAMES = ("dead", "big", "page", "login", "late", "small", "own")
DEAD, BIG, PAGE, LOGIN, LATE, SMALL, OWN = (f"https://{name}.example/a.iso" for name in NAMES)
S = ProbeStatus
RESULTS = {
    DEAD: ProbeResult(S.NOT_FOUND, 404),
    BIG: ProbeResult(S.REACHABLE, 206, 3 * 2**30),
    PAGE: ProbeResult(S.LOGIN_PAGE, 200, 900, "text/html"),
    LOGIN: ProbeResult(S.LOGIN_PAGE, 401),
    LATE: ProbeResult(S.NOT_CONNECTED),
    SMALL: ProbeResult(S.REACHABLE, 206, 2**30),
    OWN: ProbeResult(S.PRIVATE, host="own.example"),
}


class ProbedStage(AddStage):
    """Tests links with known results, of which some wait until they `may_answer`."""

    def __init__(self, *links: str, waits: tuple[str, ...] = (), **options: str | Path) -> None:
        super().__init__("\n".join(links), **options)  # type: ignore[arg-type]
        self.asked: list[str] = []
        self.waits = waits
        self.may_answer = asyncio.Event()
        self.trouble: Pan123Error | None = None
        self.engine.probe = self.probe

    async def probe(self, url: str) -> ProbeResult:
        self.asked.append(url)
        if self.trouble is not None:
            raise self.trouble
        if url in self.waits:
            await self.may_answer.wait()
        return RESULTS[url.partition("?")[0]]

    async def test(self) -> None:
        """Ask for a test, and say yes."""
        await self.press("ctrl+t")
        await self.sees(lambda: "Their hosts see" in self.text)
        await self.press("down", "enter")

    async def sees(self, is_so: Callable[[], object]) -> None:
        """Wait until `is_so()`."""
        try:
            async with asyncio.timeout(20):
                while not is_so():
                    await asyncio.sleep(0.01)
                    await self.pilot.pause()
        except TimeoutError:
            raise AssertionError(self.text) from None

    async def has_ended(self) -> None:
        """Wait until the tests have ended and their results are shown."""
        await self.sees(
            lambda: self.screen is self.add and all(it.is_finished for it in self.workers)
        )
        await self.pilot.pause()

    async def finds(self, *, account: Account | None = None) -> None:
        """Test all, with the status of `account`, and wait for the results."""
        self.model.apply(Update(status=Status(account=account)))
        await self.test()
        await self.has_ended()


async def test_a_short_link_is_tested_before_it_is_kept_and_its_form_then_has_where_it_leads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = "https://t.cn/A6abc"
    monkeypatch.setitem(RESULTS, short, replace(RESULTS[BIG], url=BIG))
    async with ProbedStage(short, SMALL).open((120, 40)) as app:
        await app.press("home")
        assert "ctrl+t shows where it leads" in " ".join(app.text.split())
        await app.finds()
        assert app.asked == [short, SMALL]
        assert f"The link leads to {BIG}." in " ".join(app.text.split())
        assert app.kept() == [SMALL]
        await app.press("home", "enter", "ctrl+s")
        assert app.kept() == [BIG, SMALL]


async def test_tested_rows_say_what_came_and_bad_ones_need_a_look() -> None:
    async with ProbedStage(*RESULTS).open() as app:
        await app.press("ctrl+t")
        await app.sees(lambda: "Test 7 links?" in app.text)
        assert "Their hosts see the address of server." in app.text
        await app.press("enter")
        assert app.asked == [], "which is no"
        await app.finds()
        for cells in ("× 404", "√ 3.0 GB", "? a web page", "? asks for a login", "? no answer"):
            assert f"{cells} " in app.text, cells
        assert "2 links to queue, 1 dead, 4 to look at, 4.0 GB in all" in app.text
        assert "There is no file at this link" in app.text
        assert "space keeps it" in app.text
        await app.press("space")
        assert "√ kept" in app.text
        await app.press("ctrl+s")
        assert [it.url for it in app.queued] == [DEAD, BIG, SMALL]
        assert "4 wait for a look in the draft" in app.notes()[-1]


async def test_an_edited_link_is_untested_and_can_be_tested() -> None:
    async with ProbedStage(DEAD, BIG).open() as app:
        await app.finds()
        await app.press("space", "up", "enter")
        await app.fill("edit-link", SMALL)
        await app.press("ctrl+s")
        await app.sees(lambda: "√ new" in app.text)
        assert app.kept() == [SMALL, BIG]
        await app.test()
        await app.has_ended()
        assert app.asked == [DEAD, BIG, SMALL], "what was not tested yet"
        await app.test()
        await app.has_ended()
        assert app.asked[3:] == [SMALL, BIG], "or all again"


async def test_a_dead_link_in_the_draft_is_still_dead(tmp_path: Path) -> None:
    draft_file = tmp_path / "draft.json"
    async with ProbedStage(DEAD, BIG, draft_file=draft_file).open() as app:
        await app.finds()
        await app.press("escape")
    async with ProbedStage(draft_file=draft_file).open() as app:
        assert "× 404" in app.text
        assert "√ 3.0 GB" in app.text
        await app.press("ctrl+s")
        assert [it.url for it in app.queued] == [BIG]


@pytest.mark.parametrize(
    "meanwhile",
    [("space", "up"), ("delete",), ("ctrl+x",)],
    ids=["skipped", "dropped", "emptied"],
)
async def test_what_comes_while_a_row_is_away_is_said_once_it_is_back(
    meanwhile: tuple[str, ...],
) -> None:
    async with ProbedStage(DEAD, BIG, waits=(DEAD,)).open() as app:
        await app.test()
        await app.sees(lambda: "testing 1" in app.text)
        await app.press(*meanwhile)
        app.may_answer.set()
        await app.has_ended()
        await app.press("space" if meanwhile[0] == "space" else "ctrl+z")
        assert "× 404" in app.text
        assert app.kept() == [BIG]


@pytest.mark.parametrize("is_early", [True, False], ids=["before", "during"])
async def test_a_link_stays_dead_when_only_its_name_is_edited(is_early: bool) -> None:
    async with ProbedStage(DEAD, BIG, waits=(DEAD,)).open() as app:
        await app.test()
        await app.sees(lambda: "testing 1" in app.text)
        if is_early:
            app.may_answer.set()
            await app.has_ended()
        await app.press("enter")
        await app.fill("common-name", "other.iso")
        app.may_answer.set()
        await app.sees(lambda: not app.add.review.untested)
        await app.press("ctrl+s")
        await app.sees(lambda: app.screen is app.add)
        if is_early:
            assert "√ kept" in app.text, "as whoever edits it has seen that"
            await app.press("space")
        assert "× 404" in app.text
        assert app.kept() == [BIG]


async def test_escape_stops_the_tests_and_only_then_leaves() -> None:
    async with ProbedStage(DEAD, BIG, SMALL, waits=(SMALL,)).open() as app:
        await app.test()
        await app.sees(lambda: "testing 1, esc stops" in app.text)
        assert "× 404" in app.text, "what has come is shown"
        await app.press("ctrl+t")
        assert app.screen is app.add, "they run already"
        await app.press("escape")
        await app.has_ended()
        assert "testing" not in app.text
        assert "√ new" in app.text
        assert app.results == []
        await app.press("escape")
        assert app.results == [None]


async def test_queuing_stops_the_tests_and_leaves_out_what_they_have_found() -> None:
    async with ProbedStage(DEAD, SMALL, waits=(SMALL,)).open() as app:
        await app.test()
        await app.sees(lambda: app.add.review.untested == 1)
        await app.press("ctrl+s")
        await app.sees(lambda: app.queued)
        assert [it.url for it in app.queued] == [SMALL]


async def test_a_duplicate_of_a_dead_link_does_not_take_its_place() -> None:
    async with ProbedStage(DEAD, DEAD, BIG).open() as app:
        await app.finds()
        assert app.kept() == [BIG]
        await app.press("ctrl+s")
        assert [it.url for it in app.queued] == [BIG]


async def test_ctrl_a_keeps_all_with_the_same_result() -> None:
    async with ProbedStage(PAGE, DEAD, LOGIN, f"{PAGE}?2").open() as app:
        await app.finds()
        await app.press("ctrl+a")
        assert app.kept() == [PAGE, f"{PAGE}?2"]


async def test_it_is_said_that_the_drive_has_too_little_room() -> None:
    async with ProbedStage(BIG, SMALL).open() as app:
        await app.finds(account=Account(1, "me", 7 * 2**30, 12 * 2**30))
        assert "4.0 GB in all" in app.text
        assert "free on the drive" not in app.text
        await app.finds(account=Account(1, "me", 10 * 2**30, 12 * 2**30))
        assert "4.0 GB in all, only 2.0 GB free on the drive" in app.text


async def test_a_lost_engine_ends_the_tests() -> None:
    stage = ProbedStage(BIG, SMALL)
    async with stage.open() as app:
        stage.trouble = EngineLost()
        await app.finds()
        assert len(app.notes()) == 1
        assert app.kept() == [BIG, SMALL]


async def test_a_host_of_the_own_network_is_said_to_be_untested_and_the_demo_asks_none() -> None:
    async with ProbedStage(OWN).open() as app:
        await app.finds()
        assert "? your network: not tested" in app.text
        assert "An address of your own network: not tested." in app.text
    async with ProbedStage(BIG, tests_from="").open() as app:
        assert "^t" not in app.text
        await app.press("ctrl+t")
        assert app.asked == []
