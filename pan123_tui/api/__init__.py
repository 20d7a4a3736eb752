"""The 123pan open API over HTTP."""

import sys

# httpx brings its own command line, and with it click, rich and pygments: 30 ms and 6 MB for each
# engine. Where those cannot be imported, httpx does without them.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
