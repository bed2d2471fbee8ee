"""The connection: requests, pages, problems; standard library only."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

FINISHED = ("done", "failed", "cancelled")


class Problem(Exception):
    """A problem document of the server (RFC 9457)."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)
        self.status: int = document.get("status", 0)
        self.errors: list[dict[str, str]] = list(document.get("errors", ()))
        super().__init__(f"{self.status} {document.get('title', '')}: {document.get('detail', '')}")


class Connection:
    """Sends requests with the token; the generated operations call it."""

    def __init__(self, address: str, token: str, timeout: float = 60) -> None:
        """`address` of the server, such as https://planner.example.org, and a token made in its admin."""
        scheme = urllib.parse.urlsplit(address).scheme
        if scheme not in ("http", "https"):
            raise ValueError(f"{address!r}: expected an address that starts with https:// or http://")
        self.address = address.rstrip("/")
        self._token = token
        self.timeout = timeout

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Any:
        """The answer: JSON as values, CSV and other texts as text, anything else as bytes. Raises Problem."""
        chosen = {name: one for name, one in (query or {}).items() if one is not None}
        address = path if path.startswith(self.address + "/") else self.address + path
        if chosen:
            address += "?" + urllib.parse.urlencode(chosen)
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(address, data=data, method=method)  # noqa: S310 - the scheme is checked above
        asked.add_header("Authorization", f"Bearer {self._token}")
        if data is not None:
            asked.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            if value is not None:
                asked.add_header(name, value)
        try:
            with urllib.request.urlopen(asked, timeout=self.timeout) as answer:  # noqa: S310
                content, kind = answer.read(), answer.headers.get_content_type()
        except urllib.error.HTTPError as error:
            raise Problem(read_problem(error)) from None
        if kind.endswith("json"):
            return json.loads(content) if content else None
        return content.decode() if kind.startswith("text/") else content

    def pages(self, page: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Every row from this page on: `for row in client.pages(client.runs_list())`."""
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self.request("GET", page["next"])

    def wait(self, run_id: int, seconds: float = 3600, poll: float = 2) -> dict[str, Any]:
        """The run once it has ended. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while True:
            run: dict[str, Any] = self.request("GET", f"/api/v1/runs/{run_id}/")
            if run["state"] in FINISHED:
                return run
            if time.monotonic() + poll > end:
                raise TimeoutError(f"run {run_id} is {run['state']} after {seconds:g} seconds")
            time.sleep(poll)


def read_problem(error: urllib.error.HTTPError) -> Mapping[str, Any]:
    """The document of the answer, or one made from its status where a proxy answered something else."""
    try:
        document = json.loads(error.read())
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"status": error.code, "title": error.reason}
