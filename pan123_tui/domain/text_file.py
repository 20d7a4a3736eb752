"""Text files of any origin."""


def decoded(content: bytes) -> str:
    """Decode text: UTF-8, UTF-16 with its mark, else GBK; raises nothing."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")
