"""The secrets gate: passwords, keys and tokens in what a change adds, and in every commit that is pushed with it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.outcome import Outcome

__all__ = ["GATE", "RULES"]

_FIX = (
    "Revoke it where it is valid: whoever has the repository has it. Then read it from a variable or a secret store. "
    "Take it out of commits that are not pushed yet: `git commit --amend`, `git rebase -i`."
)
_SUPPRESS = "`gateline: allow-secret <reason>` in the line, or a regular expression of the value in the option `allow`."

_FORMS = {
    "private-key": "A private key: a PEM or PGP block.",
    "aws-access-key": "The id of an AWS access key.",
    "aws-secret-key": "The secret part of an AWS access key.",
    "github-token": "A token of GitHub.",
    "gitlab-token": "A token of GitLab.",
    "slack-token": "A token of Slack.",
    "slack-webhook": "The address of a Slack webhook: whoever knows it can write to the channel.",
    "google-key": "An API key of Google.",
    "google-secret": "An OAuth secret or token of Google.",
    "stripe-key": "A live key of Stripe.",
    "stripe-test-key": "A test key of Stripe. It moves no money, yet it opens the account's test data.",
    "npm-token": "A token of the npm registry.",
    "pypi-token": "A token of PyPI.",
    "jwt": "A signed JSON web token.",
    "openai-key": "An API key of an AI service.",
    "huggingface-token": "A token of Hugging Face.",
    "docker-token": "A token of Docker Hub.",
    "digitalocean-token": "A token of DigitalOcean.",
    "sendgrid-key": "An API key of SendGrid.",
    "telegram-token": "The token of a Telegram bot.",
    "rancher-token": "A token of Rancher 2.",
    "azure-key": "A key of an Azure storage account.",
    "url-password": "A password inside a URL, such as a connection string.",
    "authorization": "The value of an Authorization header.",
    "password": "A random looking text given to a telling name: password, secret, token, api_key.",
}
_WHY = "What is committed stays in the history and in every clone, also when a later commit takes it out."

RULES = {
    **{rule: {"meaning": meaning, "why": _WHY, "fix": _FIX, "suppress": _SUPPRESS} for rule, meaning in _FORMS.items()},
    "secret-file": {
        "meaning": "A file whose name says that it holds secrets: .env, id_rsa, .netrc, *.p12.",
        "why": _WHY,
        "fix": "Take the file out, name it in .gitignore, and commit an example without values: .env.example.",
        "suppress": "Name the file in the gate's `exclude`.",
    },
    "allow-without-reason": {
        "meaning": "A line says `gateline: allow-secret` and not why.",
        "why": "Whoever reads it later must be able to tell a harmless value from one that was waved through.",
        "fix": "Write the reason after it: `gateline: allow-secret made up for this test`.",
        "suppress": "Not possible.",
    },
}


class SecretsGate:
    """Gate of kind `secrets`; see docs/reference/gates/secrets.md.

    It compares itself with the base.

    reads_change  its result depends on the commits of the change, not on the tree alone, and it runs also when no file
                  differs in the end: a secret may have come and gone
    """

    kind = "secrets"
    scope = "project"
    compares_itself = True
    reads_change = True

    def examine(self, context: GateContext) -> Outcome:
        from gates.checks.secrets.examine import examine

        return examine(context)


GATE = SecretsGate()
