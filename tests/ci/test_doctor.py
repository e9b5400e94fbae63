"""The doctor of pipelines: everything that mutes the gates is found, and a sound pipeline is left in peace."""

from __future__ import annotations

import pytest

from gates.ci.doctor import github, gitlab
from gates.ci.doctor.plaintext import in_script, in_variables
from gates.ci.doctor.remark import Remark
from gates.ci.doctor.shell import logical_lines, swallowed
from gates.errors import UsageError

SOUND = """\
stages: [gates, publish, deploy]
gates:
  stage: gates
  variables: {GIT_DEPTH: 0}
  script: [gateline ci]
  artifacts: {when: always, paths: [reports/]}
publish:
  stage: publish
  needs: [gates]
  script: [docker push app]
deploy:
  stage: deploy
  needs: [publish]
  environment: {name: live}
  when: manual
  script: [gateline verify --commit X, gateline deploy test]
"""


def mutes(remarks: list[Remark]) -> list[str]:
    return [remark.text for remark in remarks if remark.mutes]


def notes(remarks: list[Remark]) -> list[str]:
    return [remark.text for remark in remarks if not remark.mutes]


def examined(text: str) -> list[Remark]:
    return gitlab.examine(text, "ci.yml")


# --- shell


@pytest.mark.parametrize(
    "script",
    [
        "gateline ci",
        "gateline ci || exit 1",
        "gateline ci || exit $?",
        "gateline ci || { echo no; exit 3; }",
        "gateline ci || false",
        "gateline ci && echo well",
        "gateline ci > log 2>&1",
        "set +e\nset -e\ngateline ci\necho",
        "set +e\ngateline ci",
        "echo x || true\ngateline ci",
        "gateline ci  # || true",
        "gateline ci init || true",
        "gateline ci \\\n  --base x\necho",
    ],
)
def test_what_ends_the_job_is_fine(script: str) -> None:
    assert list(swallowed(logical_lines([script]), pipefail=True)) == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("gateline ci || true", "`|| true`"),
        ("gateline ci \\\n  --base x || :", "`|| :`"),
        ("gateline ci --base x || echo failed", "`|| echo failed`"),
        ("python -m gates ci || exit 0", "`|| exit 0`"),
        ("gateline verify --commit X || true", "`|| true`"),
        ("set +e\ngateline ci\necho done", "`set +e`"),
        ("set +eux\ngateline ci\necho done", "`set +e`"),
        ("if gateline ci; then echo; fi", "`if`"),
        ("! gateline ci", "`!`"),
        ("gateline ci && echo well\necho done", "`... && ...`"),
        ("gateline ci &", "background"),
        ("trap 'exit 0' EXIT\ngateline ci", "`trap`"),
    ],
)
def test_what_swallows_a_failure_is_found(script: str, words: str) -> None:
    (told,) = swallowed(logical_lines([script]), pipefail=True)
    assert words in told


def test_a_pipe_needs_pipefail() -> None:
    lines = logical_lines(["gateline ci | tee log"])
    assert [told[:30] for told in swallowed(lines, pipefail=False)] == ["its exit code is lost in the p"]
    assert list(swallowed(lines, pipefail=True)) == []
    assert list(swallowed(["set -euo pipefail", *lines], pipefail=False)) == []


# --- GitLab


def test_a_sound_pipeline_is_left_in_peace() -> None:
    assert examined(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("script: [gateline ci]", "script: [gateline ci]\n  allow_failure: true", "`allow_failure`"),
        ("script: [gateline ci]", "script: [gateline ci]\n  allow_failure: {exit_codes: 3}", "`allow_failure`"),
        ("script: [gateline ci]", "script: [gateline ci || true]", "`|| true`"),
        ("script: [gateline ci]", "script:\n    - |\n      set +e\n      gateline ci\n      echo", "`set +e`"),
        ("script: [gateline ci]", "script: [x]\n  after_script: [gateline ci]", "`after_script`"),
        ("script: [gateline ci]", "script: [gateline ci]\n  when: manual", "`when: manual`"),
        ("script: [gateline ci]", "script: [gateline ci]\n  when: never", "`when: never`"),
        ("script: [gateline ci]", "script: [gateline ci]\n  only: {changes: [src/*]}", "`only: changes`"),
        ("script: [gateline ci]", "script: [gateline ci]\n  rules: [{changes: [src/*]}]", "which files change"),
        ("script: [gateline ci]", "script: [gateline ci]\n  rules: [{exists: [x]}]", "which files change"),
        ("script: [gateline ci]", "script: [gateline ci]\n  rules: [{if: $X, when: manual}]", "`when: manual`"),
        ("script: [gateline ci]", "script: [gateline ci]\n  rules: [{if: $X, allow_failure: true}]", "allow_failure"),
        ("script: [gateline ci]", "script: [gateline ci]\n  rules: [{when: never}]", "`when: never`"),
        (
            "script: [gateline ci]",
            "script: [gateline ci]\n  rules: [{if: $CI_COMMIT_MESSAGE =~ /wip/, when: never}, {when: always}]",
            "commit message",
        ),
        ("needs: [gates]", "needs: []", "s without waiting"),
        ("needs: [gates]", "needs: [{job: gates, optional: true}]", "`optional: true`"),
        ("needs: [publish]", "needs: [lint]", "deploys without waiting"),
        ("when: manual", "when: always", "`when: always`"),
        ("when: manual", "rules: [{if: $X, when: always}]", "`when: always`"),
        ("when: manual", "allow_failure: true", "though it failed"),
        ("gateline deploy test]", "gateline deploy test --without-verdict hurry]", "--without-verdict"),
        ("gateline verify --commit X,", "'gateline verify --commit X || true',", "`|| true`"),
        ("script: [docker push app]", "script: [docker push app, 'git commit -m \"[skip ci]\"']", "[skip ci]"),
        ("script: [docker push app]", "script: [docker push app, git push -o ci.skip]", "[skip ci]"),
        ("script: [docker push app]", "script: [docker login -u me -p hunter22, docker push app]", "plain text"),
        ("stages: [gates", "variables: {DB_PASSWORD: hunter22}\nstages: [gates", "DB_PASSWORD is written"),
        ("environment: {name: live}", "variables: {API_TOKEN: {value: hunter22}}", "API_TOKEN is written"),
        ("stages: [gates", "variables: {GATELINE_PUBLIC_KEY: ssh-ed25519 AAAA}\nstages: [gates", "could replace it"),
        ("stages: [gates", "variables: {GATELINE_ACCEPT_POLICY: 'sha256:00'}\nstages: [gates", "from inside"),
        ("stages: [gates", "workflow: {rules: [{changes: [src/*]}]}\nstages: [gates", "whether there is a pipeline"),
        (
            "stages: [gates",
            "workflow: {rules: [{if: $CI_COMMIT_TITLE =~ /x/, when: never}]}\nstages: [gates",
            "keep the pipeline",
        ),
        ("script: [gateline ci]", "script: [make]", "no job in it runs `gateline ci`"),
    ],
)
def test_what_mutes_is_found(old: str, new: str, words: str) -> None:
    assert old in SOUND
    found = mutes(examined(SOUND.replace(old, new, 1)))
    assert len(found) == (2 if new == "needs: []" else 1), found  # the deploy, too, waits for nothing then
    assert all(words in told for told in found)
    assert "hunter22" not in found[0]


def test_the_line_is_that_of_the_key() -> None:
    text = SOUND.replace("script: [gateline ci]", "script: [gateline ci]\n  allow_failure: true")
    (remark,) = examined(text)
    assert remark.where == "ci.yml:6"
    assert text.splitlines()[5] == "  allow_failure: true"


def test_what_is_inherited_counts() -> None:
    anchored = ".x: &x\n  allow_failure: true\n" + SOUND.replace("gates:\n", "gates:\n  <<: *x\n", 1)
    extended = ".y: {allow_failure: true}\n.x: {extends: .y}\n" + SOUND.replace(
        "gates:\n", "gates:\n  extends: [.x]\n", 1
    )
    for text in (anchored, extended):
        assert mutes(examined(text)) == ["gates: `allow_failure` lets the pipeline go on though the gates failed"]
    undone = extended.replace("script: [gateline ci]", "script: [gateline ci]\n  allow_failure: false")
    assert mutes(examined(undone)) == []


def test_scripts_are_put_together_as_gitlab_does() -> None:
    defaults = "default: {before_script: [set +e]}\n"
    assert "`set +e`" in mutes(examined(defaults + SOUND.replace("[gateline ci]", "[gateline ci, echo]")))[0]
    referenced = ".all:\n  script: [gateline ci || true, [echo]]\n" + SOUND.replace(
        "script: [gateline ci]", "script:\n    - !reference [.all, script]"
    )
    assert "`|| true`" in mutes(examined(referenced))[0]


def test_without_needs_the_order_of_the_stages_counts() -> None:
    assert mutes(examined(SOUND.replace("  needs: [gates]\n", "").replace("  needs: [publish]\n", ""))) == []
    same = SOUND.replace("  needs: [gates]\n", "").replace("stage: publish", "stage: gates")
    assert mutes(examined(same)) == [
        "publish: it publishes without waiting for the gates; add them to `needs`",
        "deploy: it deploys without waiting for the gates; add them to `needs`",
    ]
    through = SOUND.replace("  needs: [gates]\n", "")
    assert mutes(examined(through)) == [], "deploy needs publish, which waits by its stage"


def test_what_cannot_be_seen_is_told() -> None:
    text = "include:\n  - local: other.yml\n  - {project: a/b, file: c.yml}\n" + SOUND
    told = notes(examined(text.replace("gates:\n  stage", "gates:\n  extends: .far\n  stage", 1)))
    assert told[:2] == ["other.yml is included, and is not seen here", "a/b is included, and is not seen here"]
    assert "gates: it extends .far, which is not in this file and is not seen" in told
    assert mutes(examined("include: x.yml\nunit: {script: [make]}\n")) == []
    assert "another pipeline" in notes(examined(SOUND + "down:\n  trigger: {project: a/b}\n"))[0]


def test_the_component_has_the_gates() -> None:
    text = "include:\n  - component: git.example.org/ci/gateline/gateline@1\n"
    text += "ship:\n  needs: [verdict]\n  script: [docker push x]\n"
    assert mutes(examined(text)) == []
    assert mutes(examined(text.replace("[verdict]", "[]"))) != []


def test_less_than_ideal_is_a_note() -> None:
    told = notes(examined("gates:\n  script: [gateline ci]\nlive:\n  stage: deploy\n  script: [kubectl apply -f x]\n"))
    assert [words[:24] for words in told] == [
        "gates: GIT_DEPTH is not ",
        "gates: its reports are n",
        "live: it deploys without",
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "x", "a: [1, 2]\n", "gates:\n", "stages: 3\ngates: {script: 4, needs: x}\n"]
)
def test_odd_files_are_survived(text: str) -> None:
    assert mutes(examined(text)) == ["no job in it runs `gateline ci`"]


def test_circles_are_survived() -> None:
    text = "a: {extends: b, needs: [b], script: [docker push x]}\nb: {extends: a, needs: [a]}\n"
    text += "g: {script: [gateline ci]}\n"
    assert any("without waiting" in words for words in mutes(examined(text)))
    examined(".a:\n  script: [!reference [.a, script]]\ng:\n  script: [!reference [.a, script], gateline ci]\n")


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    with pytest.raises(UsageError, match=r"ci\.yml:2: this is no YAML"):
        examined("a: 1\nb: [}\n")


# --- GitHub

FLOW = """\
on: {push: {branches: [main]}, pull_request: {}}
jobs:
  gates:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {fetch-depth: 0}
      - run: gateline ci
  ship:
    needs: gates
    runs-on: ubuntu-latest
    environment: live
    steps:
      - run: gateline deploy live
"""


def flow(text: str, actions: set[str] | None = None) -> list[Remark]:
    return github.examine_workflow(text, "w.yml", actions or set())[1]


def test_a_sound_workflow_is_left_in_peace() -> None:
    assert flow(FLOW) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("- run: gateline ci", "- run: gateline ci\n        continue-on-error: true", "`continue-on-error`"),
        ("- run: gateline ci", "- run: gateline ci\n        continue-on-error: ${{ matrix.x }}", "`continue-on-error`"),
        ("  gates:\n", "  gates:\n    continue-on-error: true\n", "`continue-on-error`"),
        ("- run: gateline ci", "- run: gateline ci || true", "`|| true`"),
        ("- run: gateline ci", "- run: gateline ci | tee log", "lost in the pipe"),
        ("- run: gateline ci", "- run: |\n          set +e\n          gateline ci\n          echo", "`set +e`"),
        ("  gates:\n", "  gates:\n    if: github.actor != 'bot'\n", "may be skipped"),
        (
            "  gates:\n",
            "  gates:\n    if: \"!contains(github.event.head_commit.message, 'wip')\"\n",
            "a commit message decides",
        ),
        ("push: {branches: [main]}", "push: {paths: [src/**]}", "`paths`"),
        ("pull_request: {}", "pull_request: {paths-ignore: [docs/**]}", "`paths-ignore`"),
        ("on: {push: {branches: [main]}, pull_request: {}}", "on: workflow_dispatch", "only for workflow_dispatch"),
        ("    needs: gates\n", "", "deploys without waiting"),
        ("    needs: gates\n", "    needs: [gates]\n    if: always()\n", "also when the gates have failed"),
        ("    needs: gates\n", "    needs: [gates]\n    if: ${{ !cancelled() }}\n", "also when the gates have failed"),
        ("gateline deploy live", "gateline deploy live --without-verdict x", "--without-verdict"),
        ("gateline deploy live", "gateline deploy live && git commit -m '[skip ci]'", "[skip ci]"),
        ("gateline deploy live", "gateline deploy live --token abcdef123", "plain text"),
        ("    environment: live\n", "    environment: live\n    env: {DB_PASSWORD: hunter22}\n", "DB_PASSWORD"),
        ("on: {push", "env: {AWS_SECRET_KEY: hunter22}\non: {push", "AWS_SECRET_KEY"),
    ],
)
def test_what_mutes_a_workflow_is_found(old: str, new: str, words: str) -> None:
    assert old in FLOW
    found = mutes(flow(FLOW.replace(old, new, 1)))
    assert len(found) == 1, found
    assert words in found[0]
    assert "hunter22" not in found[0]


def test_an_always_running_job_that_looks_makes_up_for_a_skipped_one() -> None:
    skipping = FLOW.replace("  gates:\n", "  gates:\n    if: github.actor != 'bot'\n")
    watcher = "  all:\n    if: always()\n    needs: [gates]\n    runs-on: x\n    steps:\n      - run: {run}\n"
    looks = watcher.replace("{run}", "test '${{ needs.gates.result }}' = success")
    assert mutes(flow(skipping + looks)) == []
    away = mutes(flow(FLOW + watcher.replace("{run}", "echo well")))
    assert away == ["all: it always runs and never looks at the results of the gates it needs"]


def test_a_deploy_that_looks_at_the_result_may_always_start() -> None:
    text = FLOW.replace("    needs: gates\n", "    needs: gates\n    if: always() && needs.gates.result == 'success'\n")
    assert mutes(flow(text)) == []


def test_pipes_are_fine_with_bash_by_name() -> None:
    piped = FLOW.replace("- run: gateline ci", "- run: gateline ci | tee log\n        shell: bash")
    assert mutes(flow(piped)) == []
    by_default = FLOW.replace("- run: gateline ci", "- run: gateline ci | tee log")
    assert mutes(flow("defaults: {run: {shell: bash}}\n" + by_default)) == []


ACTION = "runs:\n  using: composite\n  steps:\n    - run: gateline ci\n      shell: bash\n"


def test_local_actions_are_looked_into() -> None:
    path = ".github/actions/check/action.yml"
    assert github.gate_actions({path: ACTION, "b/action.yml": "runs: {using: node}"}) == {".github/actions/check"}
    text = FLOW.replace("run: gateline ci", "uses: ./.github/actions/check")
    assert mutes(flow(text, {".github/actions/check"})) == []
    assert github.examine_action(ACTION, path) == []
    assert "`|| true`" in mutes(github.examine_action(ACTION.replace("gateline ci", "gateline ci || true"), path))[0]
    assert github.examine_action("runs: {using: node24}", path) == []


def test_a_deploy_in_a_workflow_without_gates() -> None:
    alone = "on: {EVENT: {}}\njobs:\n  ship:\n    runs-on: x\n    environment: live\n"
    alone += "    steps: [{run: kubectl apply -f x}]\n"
    assert "no gates are in its workflow" in mutes(flow(alone.replace("EVENT", "push")))[0]
    followed = alone.replace("EVENT", "workflow_run").replace(
        "    runs-on: x\n", "    runs-on: x\n    if: github.event.workflow_run.conclusion == 'success'\n"
    )
    assert mutes(flow(followed)) == []
    assert mutes(flow(alone.replace("kubectl apply -f x", "gateline verify"))) == []


def test_workflows_of_others_are_told() -> None:
    assert "not seen here" in notes(flow(FLOW + "  more:\n    uses: a/b/.github/workflows/c.yml@main\n"))[0]
    assert "fetch-depth" in notes(flow(FLOW.replace("        with: {fetch-depth: 0}\n", "")))[0]


@pytest.mark.parametrize("text", ["", "[]", "on: push\njobs: 3\n", "jobs: {a: 3, b: {steps: x}}\n"])
def test_odd_workflows_are_survived(text: str) -> None:
    assert mutes(flow(text)) == []


# --- secrets


def test_secrets_are_known_by_their_names_and_forms() -> None:
    bad = {"DB_PASSWORD": "hunter22", "my_token": "abcd1234", "API_KEY": {"value": "abcdef"}}
    assert sorted(name for name, _ in in_variables(bad)) == sorted(bad)
    fine = {
        "DB_PASSWORD": "$FROM_CI",
        "TOKEN_FILE": "x.txt",
        "USE_TOKEN": True,
        "SECRET": "",
        "SIGNING_KEY": "/run/key",
    }
    assert list(in_variables(fine)) == []
    for line in ("curl https://me:hunter22@x/", "x --password=hunter22", "echo glpat-abcdefghijkl1234"):
        assert in_script([line])
    for line in ("curl https://me:$PW@x/", 'x --password "$PW"', "docker login -p $PW", "x --token-file y"):
        assert not in_script([line])
