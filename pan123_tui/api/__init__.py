"""The 123pan open API over HTTP."""

import sys

# httpx would bring a command line of its own, with click, pygments and more of rich: three
# megabytes and a tenth of the start for what nobody calls here. It does without where it must.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
