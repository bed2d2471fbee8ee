"""`make bench`: every benchmark in one run, so that their ratios can be compared; ARGS="--only gravity" for one of them."""

from planner.config.threads import one_thread_per_worker

one_thread_per_worker()

from tests.benchmarks.bench import main  # noqa: E402  numpy reads the number of threads when it is imported

if __name__ == "__main__":
    main()
