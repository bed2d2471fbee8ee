"""The broker of files and the worker of threads that need no server."""

import threading
import time

import pytest
from celery import shared_task
from django_celery_beat.models import PeriodicTask
from kombu import Connection

from planner.celery import app
from planner.config import filebroker
from planner.config.embedded import WorkerNotStarted, embedded_beat, embedded_worker
from planner.config.settings.base import broker_folders

pytestmark = pytest.mark.needs_broker

_seen: list[tuple[int, str]] = []


@shared_task(name="tests.note")
def note(number: int) -> None:
    _seen.append((number, threading.current_thread().name))


def wait_for(condition, seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(condition())


@pytest.fixture
def file_broker(tmp_path):
    """A broker of its own for one test."""
    filebroker.install()
    with Connection("filesystem://", transport_options=broker_folders(tmp_path)) as connection:
        yield connection


def test_messages_come_in_order_and_once(file_broker):
    queue = file_broker.SimpleQueue("numbers")
    for number in range(20):
        queue.put({"number": number})
    assert [queue.get(timeout=60).payload["number"] for _ in range(20)] == list(range(20))
    with pytest.raises(queue.Empty):
        queue.get(timeout=0.1)


def test_two_readers_share_the_messages(tmp_path):
    filebroker.install()
    options = broker_folders(tmp_path)
    with Connection("filesystem://", transport_options=options) as writer:
        queue = writer.SimpleQueue("numbers")
        for number in range(60):
            queue.put(number)
    taken: list[int] = []

    def read() -> None:
        with Connection("filesystem://", transport_options=options) as connection:
            queue = connection.SimpleQueue("numbers")
            while len(taken) < 60 and time.monotonic() < end:
                try:
                    message = queue.get(timeout=0.3)
                except queue.Empty:
                    # The other one may hold the last of them, or the machine was busy.
                    continue
                taken.append(message.payload)
                message.ack()

    end = time.monotonic() + 120
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sorted(taken) == list(range(60))


@pytest.mark.embedded_only
class TestWorker:
    @pytest.fixture(autouse=True)
    def forget(self):
        _seen.clear()
        assert app.conf.broker_url == "filesystem://"

    def test_tasks_run_in_threads_of_this_process(self):
        with embedded_worker(threads=2):
            for number in range(8):
                note.delay(number)
            assert wait_for(lambda: len(_seen) == 8)
        assert sorted(number for number, _ in _seen) == list(range(8))
        assert threading.main_thread().name not in {name for _, name in _seen}

    def test_a_task_sent_before_the_worker_starts_is_done(self):
        note.delay(7)
        with embedded_worker(threads=1):
            assert wait_for(lambda: _seen)

    def test_it_stops_and_starts_again(self):
        for round_number in range(2):
            with embedded_worker(threads=1):
                note.delay(round_number)
                assert wait_for(lambda: len(_seen) > round_number)  # noqa: B023 - called within the round
            # One that did not stop in time is left behind.
            assert not [thread for thread in threading.enumerate() if thread.name == "embedded-worker"]
        assert not [thread for thread in threading.enumerate() if thread.name == "embedded-worker"]

    def test_a_second_worker_in_the_same_process_is_refused(self):
        with (
            embedded_worker(threads=1),
            pytest.raises(WorkerNotStarted, match="already runs"),
            embedded_worker(threads=1),
        ):
            pass

    def test_an_error_inside_the_block_passes_through(self):
        with pytest.raises(KeyError), embedded_worker(threads=1):
            raise KeyError("mine")
        assert not [thread for thread in threading.enumerate() if thread.name == "embedded-worker"]


def test_no_threads_means_no_worker():
    with embedded_worker(threads=0):
        assert not [thread for thread in threading.enumerate() if thread.name == "embedded-worker"]


def test_fewer_than_none_is_refused():
    with pytest.raises(ValueError, match="expected 0 or more"), embedded_worker(threads=-1):
        pass


@pytest.mark.django_db(transaction=True)
def test_the_schedule_starts_and_stops():
    with embedded_beat():
        assert wait_for(lambda: PeriodicTask.objects.filter(name="sweep-runs", task="planner.sweep_runs").exists())
    assert not [thread for thread in threading.enumerate() if thread.name == "embedded-beat"]
