"""What becomes of memory that a solve gives back.

A solve makes and drops arrays of a megabyte or more at every iteration. By default the C library hands such memory back to the
system at once, which then clears every page anew: a sixth of the time, and more of it the more columns there are. Kept by
the process, the time grows with columns and no faster. At most `KEPT` bytes are kept at the end of a heap.
"""

from __future__ import annotations

import ctypes

KEPT, MAPPED = 256 << 20, 32 << 20  # bytes: what a heap keeps; from what size on memory is mapped by itself
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h


def keep_freed() -> bool:
    """Ask the C library for that, for the whole process; False where it has no such setting (only glibc does)."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_TRIM_THRESHOLD, KEPT)) and bool(mallopt(_MMAP_THRESHOLD, MAPPED))
