"""What all tests of the user interface share."""

from tests.ui.textual_private import share_parsed_css

share_parsed_css()
