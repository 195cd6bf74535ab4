"""Commands of `haat` that need more than a few lines, and the checks before a start.

They are imported before the rest of Haat, whose modules, classes and tables live as long as the
process. With Python's thresholds the collector visits them again and again during the imports: a
quarter of the CPU time of a start. Servers and workers set thresholds of their own.
"""

import gc

from core.runtime.garbage import THRESHOLDS_OF_IMPORTS

gc.set_threshold(*THRESHOLDS_OF_IMPORTS)
