"""Keeps linear algebra at one thread per process; parallel work comes from Celery workers."""

import os

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def one_thread_per_worker() -> None:
    """Set the thread variables unless the operator chose others; only works before numpy is imported."""
    for variable in VARIABLES:
        os.environ.setdefault(variable, "1")
