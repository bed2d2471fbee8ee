"""Delivery into a bucket of an S3-compatible store; its endpoint and keys come from the environment."""

import re

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.translation import gettext as _

from planner.services.outlets.parcel import NotNow, Parcel, Refused

ADDRESS = re.compile(r"^s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9!_.*'()/ -]{0,200}))?$")
FORBIDDEN = frozenset({"AccessDenied", "NoSuchBucket", "InvalidBucketName"})


def parts(address: str) -> tuple[str, str]:
    """Bucket and prefix of s3://bucket/prefix."""
    match = ADDRESS.match(address)
    if match is None:
        raise Refused(_("%(address)s: expected s3://bucket/prefix.") % {"address": address})
    return match.group(1), (match.group(2) or "").strip("/")


def check_address(address: str) -> None:
    """An allowed bucket."""
    bucket, _prefix = parts(address)
    if bucket not in settings.REPORT_S3_BUCKETS:
        raise Refused(
            _("%(bucket)s is not among the buckets to which reports may be sent (setting REPORT_S3_BUCKETS).")
            % {"bucket": bucket}
        )


def send(parcel: Parcel) -> str:
    """Put every file; the same occurrence has the same keys, so that a repeated delivery overwrites itself."""
    check_address(parcel.address)
    bucket, prefix = parts(parcel.address)
    config = Config(connect_timeout=15, read_timeout=60, retries={"max_attempts": 1})
    try:
        store = boto3.client(
            "s3",
            endpoint_url=settings.REPORT_S3_ENDPOINT or None,
            region_name=settings.REPORT_S3_REGION,
            config=config,
        )
        for one in parcel.enclosures:
            key = "/".join(part for part in (prefix, *parcel.place, one.name) if part)
            store.put_object(
                Bucket=bucket, Key=key, Body=one.content, ContentType=one.media_type, Metadata={"sha256": one.sha256}
            )
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise (Refused if code in FORBIDDEN else NotNow)(f"{code}: {error}") from error
    except BotoCoreError as error:
        raise NotNow(f"{type(error).__name__}: {error}") from error
    return f"s3://{bucket}/{'/'.join(part for part in (prefix, *parcel.place) if part)}"
