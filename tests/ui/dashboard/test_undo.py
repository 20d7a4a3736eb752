"""Undoing a removal."""

from tests.ui.dashboard_stage import story, task


async def test_the_offer_to_undo_is_gone_once_it_was_taken() -> None:
    async with story([task(1)]) as told:
        await told.press("d", "y")
        await told.sees(lambda: told.toasts)
        assert told.toasts == ["1 task removed. u brings it back until you leave."]
        await told.press("u")
        await told.sees(lambda: told.toasts == ["1 task is back"])
