"""The embedded message broker: kombu's filesystem transport with messages that appear and are taken in one step."""

import os
import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any, ClassVar

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.transport.virtual import BrokerState
from kombu.utils.json import dumps, loads

# The longest that a stop order waits for the worker's loop to look at it.
LONGEST_WAIT_SECONDS = 0.2


class Channel(filesystem.Channel):
    """A message is written under another name and renamed, so that no reader ever sees half of one."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time_ns()}_{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f"{name}.part"
        unfinished.write_text(dumps(payload), encoding="utf-8")
        os.replace(unfinished, folder / name)

    def _get(self, queue: str) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.{os.getpid()}.taken"
            try:
                # Two workers may see the same message; the rename succeeds for one of them.
                os.rename(folder / name, taken)
            except FileNotFoundError:
                continue
            payload = loads(taken.read_text(encoding="utf-8"))
            taken.unlink()
            return payload
        raise Empty


class Transport(filesystem.Transport):
    """Short waits, so that a worker stops soon after it is told to, and bindings kept apart by folder."""

    Channel = Channel
    states: ClassVar[dict[str, BrokerState]] = {}

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        # kombu keeps one state per process: a second folder would pass for bound and its messages be dropped.
        folder = str(client.transport_options.get("control_folder", ""))
        self.state = self.states.setdefault(folder, BrokerState())

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver one message, or raise socket.timeout when none came."""
        wait = LONGEST_WAIT_SECONDS if timeout is None else min(timeout, LONGEST_WAIT_SECONDS)
        super().drain_events(connection, timeout=wait)


def install() -> None:
    """Make `filesystem://` addresses use this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
