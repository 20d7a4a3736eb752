"""The 123pan open API over HTTP."""

import sys

# With httpx comes its own command line, and so click, rich and pygments: 30 ms and 6 MB of each
# engine. It does without where that cannot be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
