"""What secrets look like: the forms that services give their keys, and what stands behind a telling name."""

from __future__ import annotations

import re

__all__ = ["GENERIC", "KINDS", "UNQUOTED", "Kind"]


class Kind:
    """One form of secret.

    rule      its name
    what      in words, as a message begins
    anchors   texts of which one stands in every such secret; looked for first, since that is many times faster
    pattern   finds it around an anchor; the group `value` is the secret
    shown     how many of its first characters say what it is and nothing more
    severity  of a finding
    judged    whether the value must also look random, because the form alone says little
    """

    __slots__ = ("anchors", "judged", "pattern", "rule", "severity", "shown", "what")

    def __init__(
        self,
        rule: str,
        what: str,
        anchors: tuple[bytes, ...],
        pattern: bytes,
        *,
        shown: int = 4,
        severity: str = "critical",
        judged: bool = False,
    ) -> None:
        self.rule = rule
        self.what = what
        self.anchors = anchors
        self.pattern = re.compile(pattern)
        self.shown = shown
        self.severity = severity
        self.judged = judged


_BEFORE = rb"(?<![A-Za-z0-9_+-])"
_AFTER = rb"(?![A-Za-z0-9_+-])"


def _token(rule: str, what: str, anchors: tuple[bytes, ...], form: bytes, severity: str = "critical") -> Kind:
    """A token that can be told by itself; `form` without its borders."""
    return Kind(rule, what, anchors, _BEFORE + b"(?P<value>" + form + b")" + _AFTER, severity=severity)


KINDS = (
    Kind(
        "private-key",
        "private key",
        (b"PRIVATE KEY",),
        rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
        rb"(?:[^\n\\]{0,80}(?:\r?\n|\\r\\n|\\n)){1,6}?[\s\"'+,.>#*|-]*(?P<value>[A-Za-z0-9+/]{32,})",
        shown=0,
        severity="blocker",
    ),
    _token("aws-access-key", "AWS access key", (b"AKIA", b"ASIA"), rb"A[KS]IA[A-Z2-7]{16}"),
    Kind(
        "aws-secret-key",
        "AWS secret key",
        (b"aws", b"AWS", b"Aws"),
        rb"(?i:aws)[\w.-]{0,20}(?i:secret|key)[\w.-]{0,20}[\"'\]]{0,2}\s{0,4}[:=]>?\s{0,4}[\"']?"
        rb"(?P<value>[A-Za-z0-9/+]{40})" + _AFTER,
        shown=0,
    ),
    _token(
        "github-token",
        "GitHub token",
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_"),
        rb"(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{60,251})",
    ),
    _token(
        "gitlab-token",
        "GitLab token",
        (b"glpat-", b"glptt-", b"gldt-", b"glrt-", b"glcbt-", b"glft-", b"glsoat-", b"GR1348941"),
        rb"(?:gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[\w.-]{20,}|GR1348941[\w-]{20,})",
    ),
    _token("slack-token", "Slack token", (b"xox", b"xapp-"), rb"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{20,}"),
    Kind(
        "slack-webhook",
        "Slack webhook",
        (b"hooks.slack.com/",),
        rb"hooks\.slack\.com/(?:services|workflows)/(?P<value>[A-Z0-9]{8,}/[A-Z0-9]{8,}/[A-Za-z0-9]{16,})",
        shown=0,
    ),
    _token("google-key", "Google API key", (b"AIza",), rb"AIza[A-Za-z0-9_-]{35}"),
    _token("google-secret", "Google OAuth secret", (b"GOCSPX-", b"ya29."), rb"(?:GOCSPX-[\w-]{28}|ya29\.[\w-]{30,})"),
    _token("stripe-key", "Stripe key", (b"_live_",), rb"[srp]k_live_[A-Za-z0-9]{16,}"),
    _token("stripe-test-key", "Stripe test key", (b"_test_",), rb"[sr]k_test_[A-Za-z0-9]{16,}", "minor"),
    _token("npm-token", "npm token", (b"npm_",), rb"npm_[A-Za-z0-9]{36}"),
    Kind(
        "npm-token",
        "npm token",
        (b"_authToken", b"_auth"),
        rb"(?m:^|:)_(?:authToken|auth|password)\s{0,4}=\s{0,4}[\"']?(?P<value>[A-Za-z0-9_+/=-]{16,})",
        shown=0,
    ),
    _token("pypi-token", "PyPI token", (b"pypi-AgE",), rb"pypi-AgE[A-Za-z0-9_-]{50,}"),
    _token("jwt", "JSON web token", (b"eyJ",), rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}", "major"),
    _token("openai-key", "API key of an AI service", (b"sk-",), rb"sk-(?:proj-|ant-[a-z0-9]+-)?[A-Za-z0-9_-]{40,}"),
    _token("huggingface-token", "Hugging Face token", (b"hf_",), rb"hf_[A-Za-z]{34,}"),
    _token("docker-token", "Docker Hub token", (b"dckr_",), rb"dckr_(?:pat|oat)_[\w-]{27,}"),
    _token("digitalocean-token", "DigitalOcean token", (b"_v1_",), rb"do[opr]_v1_[a-f0-9]{64}"),
    _token("sendgrid-key", "SendGrid key", (b"SG.",), rb"SG\.[\w-]{22}\.[\w-]{43}"),
    _token("telegram-token", "Telegram bot token", (b":AA",), rb"(?:bot)?[0-9]{8,10}:AA[\w-]{33}"),
    _token("rancher-token", "Rancher token", (b"token-",), rb"token-[a-z0-9]{5}:[a-z0-9]{54}"),
    Kind(
        "azure-key",
        "Azure storage key",
        (b"AccountKey=",),
        rb"AccountKey=(?P<value>[A-Za-z0-9+/]{86}==)",
        shown=0,
    ),
    Kind(
        "url-password",
        "password in a URL",
        (b"://",),
        rb"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@\"'<>()]{0,64}:(?P<value>[^\s/@\"'<>`]{3,128})@"
        rb"(?P<host>\[[0-9a-f:]+\]|[\w.-]+)",
        shown=0,
        judged=True,
    ),
    Kind(
        "authorization",
        "authorization header",
        (b"uthorization", b"UTHORIZATION"),
        rb"(?i:authorization)[\"']?\s{0,4}[:=,]\s{0,4}[\"']?(?i:bearer|basic|token)\s+(?P<value>[\w+/=.~-]{16,})",
        shown=0,
        judged=True,
    ),
)

_NAMES = (
    rb"passw(?:or)?ds?|passphrase|pwd|secrets?|tokens?|credentials?|(?:api|access|auth|private|encryption|signing|master)"
    rb"[_-]?keys?"
)
_ANCHORS = (
    *(b"passw", b"passphrase", b"pwd", b"secret", b"token", b"credential"),
    *(word + joint + b"key" for word in (b"api", b"access", b"auth", b"private") for joint in (b"", b"_", b"-")),
    *(word + joint + b"key" for word in (b"encryption", b"signing", b"master") for joint in (b"", b"_", b"-")),
)
_NAME = rb"(?<!ublicKey)(?P<name>(?P<word>(?i:" + _NAMES + rb"))(?P<rest>[\w-]{0,30}))[\"'\]]{0,2}"

GENERIC = Kind(
    "password",
    "password or key",
    _ANCHORS,
    _NAME + rb"\s{0,8}(?::\s{0,4}[\w\[\]., |]{1,40}?\s{0,4}=|:=|=>|={1,3}|:|,)\s{0,8}"
    rb"[rbuRBU]{0,2}(?P<quote>[\"'`])(?P<value>[^\"'`\s]{8,256})(?P=quote)",
    shown=0,
    severity="major",
    judged=True,
)
"""A quoted text that is given to a telling name: `db_password = "..."`, `"apiKey": "..."`."""

UNQUOTED = Kind(
    "password",
    "password or key",
    _ANCHORS,
    _NAME + rb"[ \t]{0,8}(?:[=:]|>)[ \t]{0,8}(?P<value>[^\"'`\s#;,<]{8,256})(?=[\s;,<]|$)",
    shown=0,
    severity="major",
    judged=True,
)
"""The same without quotes, in files where texts need none: .env, .ini, YAML, shell."""
