"""Judging a configured command: an audit that had no network has not failed, it has not looked."""

from __future__ import annotations

import re

from gates.checks.tool_run import judge as judge_tool
from gates.outcome import FAILED, NOT_RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import Finished, GateContext
    from gates.outcome import Outcome

__all__ = ["NO_NETWORK", "judge"]

NO_NETWORK = re.compile(
    r"ConnectionError|Connection (?:refused|reset|timed out)|ConnectTimeout|Max retries exceeded|NameResolutionError|"
    r"Name or service not known|Temporary failure in name resolution|getaddrinfo|ENOTFOUND|ECONNREFUSED|ECONNRESET|"
    r"ETIMEDOUT|EAI_AGAIN|ENOAUDIT|ServiceError|Network is unreachable|audit endpoint returned an error",
)
"""How pip, npm and their audits say that they could not ask anybody."""


def judge(context: GateContext, done: Finished) -> Outcome:
    """As any command is judged, but for what only a missing network made fail."""
    outcome = judge_tool(context, done, files=False)
    if outcome.status == FAILED and not outcome.findings and (said := NO_NETWORK.search(done.text())):
        outcome.status = NOT_RUN
        outcome.reason = f"it could not ask the advisory database or the registry ({said[0]})"
    return outcome
