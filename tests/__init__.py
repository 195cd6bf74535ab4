"""Tests of Haat. See CONTRIBUTING.md, "Tests".

This is imported before Haat, whose modules and tables live as long as the process, as the tests
do. With Python's thresholds the collector visits them again and again: a quarter of the CPU time
of the imports, and a sixth of that of the tests.
"""

import gc

from core.runtime.garbage import THRESHOLDS

gc.set_threshold(*THRESHOLDS)
