"""What a person types beside the links: the folder, the callback, the name for all of them."""

import re
from enum import StrEnum

from pan123_tui.domain.naming import unknown_fields

_MANY_NEED = re.compile(r"\{(?:stem|name|n)(?::0?\d)?\}")
MAX_FOLDER_DIGITS = 18
"""What still fits the service's 64-bit number."""


class FieldFault(StrEnum):
    """What is wrong with a field."""

    FOLDER_NO_NUMBER = "folder_no_number"
    FOLDER_ROOT = "folder_root"
    """`dirID` 0 is the root folder, which the service does not allow."""
    TEMPLATE_UNKNOWN = "template_unknown"
    TEMPLATE_SAME = "template_same"
    """Several files would get one name."""


def read_folder(text: str) -> int | FieldFault | None:
    """Read a folder id: a positive whole number, or None where nothing is typed."""
    digits = text.strip()
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_FOLDER_DIGITS):
        return FieldFault.FOLDER_NO_NUMBER
    return int(digits) or FieldFault.FOLDER_ROOT


def check_template(template: str, *, count: int) -> FieldFault | None:
    """Tell why `template` cannot name `count` files; its rules as a name are `check_name`'s."""
    if not template:
        return None
    if unknown_fields(template):
        return FieldFault.TEMPLATE_UNKNOWN
    if count > 1 and not _MANY_NEED.search(template):
        return FieldFault.TEMPLATE_SAME
    return None
