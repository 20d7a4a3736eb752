"""The tests, which are imported from bytecode, whatever the environment says.

Without it each worker rewrites every assert, those of pytest's plugins too, and each process of
the program compiles it: in all a third of the processor time.
"""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
