"""The bound of what one request may upload, kept before a byte of it is stored."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUpload(FileUploadHandler):
    """Refuses requests that say they are larger than UPLOAD_BYTES; stores nothing itself."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Before anything is read."""
        if content_length > settings.UPLOAD_BYTES:
            raise RequestDataTooBig(f"expected at most {settings.UPLOAD_BYTES} bytes in one request")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """On to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler has the file."""
        return
