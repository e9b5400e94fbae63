"""The mark that an upgrade leaves on a service: by it a later job knows what is its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import pwd
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime

from gates.rancher.target import Driver, Mark, Wish

__all__ = ["deploy_mark", "described_mark", "rollback_mark", "who"]

HOW = ("batch_size", "interval", "start_first")
"""What of a wish says how, not what: a retried job may go about it more carefully."""


def deploy_mark(driver: Driver, wish: Wish, commit: str, environ: Mapping[str, str]) -> Mark:
    """The mark of a new attempt. Its key is the same for the same wish, commit and pipeline, also in a retried job."""
    asked = {name: value for name, value in vars(wish).items() if name not in HOW}
    return described_mark(driver.where, driver.secret, asked, commit, environ)


def described_mark(
    where: Mapping[str, str], secret: str, asked: object, commit: str, environ: Mapping[str, str]
) -> Mark:
    """The mark of a new attempt to bring a service to what is asked for, which need not exist yet."""
    pipeline = environ.get("CI_PIPELINE_ID") or environ.get("GITHUB_RUN_ID") or ""
    return _mark(where, secret, [asked, commit, pipeline], commit, environ)


def rollback_mark(driver: Driver, environ: Mapping[str, str]) -> Mark:
    """The mark of going back to what ran before; whoever asks for that again means the same."""
    return _mark(driver.where, driver.secret, "rollback", "", environ)


def who(environ: Mapping[str, str]) -> str:
    """ "ada (job 17)" in CI, "ada@laptop" elsewhere."""
    user = environ.get("GITLAB_USER_LOGIN") or environ.get("GITHUB_ACTOR")
    job = environ.get("CI_JOB_ID") or environ.get("GITHUB_RUN_ID")
    if user or job:
        return f"{user or 'CI'} (job {job})" if job else str(user)
    return f"{environ.get('USER') or environ.get('LOGNAME') or _account()}@{socket.gethostname()}"


def _mark(where: Mapping[str, str], secret: str, what: object, commit: str, environ: Mapping[str, str]) -> Mark:
    """The key stands where everybody can read it and is made of things that may be secret, so it is keyed itself."""
    facts = json.dumps([dict(where), what], sort_keys=True, default=dict)
    key = hmac.new(secret.encode(), facts.encode(), hashlib.sha256).hexdigest()[:12]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Mark(f"{key}.{secrets.token_hex(3)}", commit, who(environ), now)


def _account() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers often run as a user that has no name
        return str(os.getuid())
