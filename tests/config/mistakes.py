"""Configurations with one mistake each: name -> the file gateline.yaml, and what must be said about it."""

from __future__ import annotations

__all__ = ["MISTAKES"]

MISTAKES = {
    "unknown key": (
        "gates:\n  lint:\n    run: x\n    tme_limit: 3s\n",
        "gateline.yaml:4:5: unknown key 'tme_limit' in gate 'lint'\n  Did you mean 'time_limit'?",
    ),
    "unknown key at the top": (
        "gates: {secrets: }\njob: 3\n",
        "gateline.yaml:2:1: unknown key 'job'\n  Did you mean 'jobs'?",
    ),
    "option of another kind": (
        "gates:\n  lint: {min_tokens: 30}\n",
        "gateline.yaml:2:10: unknown key 'min_tokens' in gate 'lint'\n  It is an option of copypaste.",
    ),
    "gate option at the top": ("gates: {secrets: }\ntime_limit: 3s\n", "It is an option of a gate."),
    "gate at the top": ("gates: {secrets: }\ntests:\n", "It is a gate: write it below `gates:`."),
    "top option in a gate": ("gates: {secrets: {jobs: 3}}\n", "It belongs at the top of the file, not indented."),
    "unknown gate": ("gates:\n  lnt: {}\n", "gateline.yaml:2:3: 'lnt' is no kind of gate\n  Did you mean 'lint'?"),
    "own name without a kind": (
        "gates: {licences: {run: x}}",
        "A gate with a name of its own says its kind, such as kind: command.",
    ),
    "own name and nothing": ("gates: {licences: }", "gate 'licences' must be a mapping with `kind:`, not nothing"),
    "unknown kind": (
        "gates:\n  fast: {kind: tets}\n",
        "gateline.yaml:2:16: `kind` of gate 'fast': 'tets' is not a kind of gate\n  Did you mean 'tests'?",
    ),
    "unknown door": (
        "gates: {lint: {run: x, doors: [comit]}}",
        "gateline.yaml:1:32: `doors` of gate 'lint': 'comit' is not a door\n  Did you mean 'commit'?",
    ),
    "door as a text": ("gates: {lint: {doors: commit}}", "not the text 'commit'\n  Write [commit]."),
    "no doors": ("gates: {lint: {doors: []}}", "`doors` of gate 'lint' is empty; it must be a list of doors"),
    "door twice": ("gates: {lint: {doors: [ci, ci]}}", "`doors` of gate 'lint' names something twice"),
    "a fix that nothing makes": (
        "gates:\n  lint: {run: ruff check, fix: stage}\n",
        "gateline.yaml:2:3: gate 'lint' has no `fix_run`\n  Write the command that fixes: fix_run: ruff check --fix.",
    ),
    "wrong type": (
        "gates:\n  copypaste:\n    min_tokens: few\n",
        "gateline.yaml:3:17: `min_tokens` of gate 'copypaste' must be a whole number, at least 10, not the text 'few'",
    ),
    "too small": ("gates: {copypaste: {min_tokens: 3}}", "must be a whole number, at least 10, not the value 3"),
    "YAML 1.1 boolean": (
        "gates: {secrets: }\nfail_fast: yes\n",
        "gateline.yaml:2:12: `fail_fast` must be true or false, not the text 'yes'\n  Write true.",
    ),
    "gate is a list": (
        "gates: {lint: [ruff]}",
        "gate 'lint' must be a mapping of options, or nothing for the defaults, not a list",
    ),
    "bad duration": ("gates: {tests: {time_limit: 10 mins}}", "must be a length of time such as 30s, 10m or 1h"),
    "duration without a unit": ("gates: {tests: {time_limit: 90}}", "not the value 90\n  Add the unit: 90s or 90m."),
    "no time at all": ("gates: {tests: {time_limit: 0s}}", "more than nothing, not the text '0s'"),
    "bad regular expression": (
        "gates: {secrets: {allow: ['(']}}",
        "`allow` of gate 'secrets' must be a regular expression, not the text '('",
    ),
    "bad glob": ("gates: {secrets: }\nexclude: ['!']\n", "gateline.yaml:2:11: `exclude` must be a glob"),
    "links out of the repository": (
        "gates: {secrets: }\nlinks: [../other]\n",
        "`links` must be a path inside the repository",
    ),
    "variable where none is replaced": (
        "gates: {lint: {env: {A: '${HOME}'}}}",
        "`env.A` of gate 'lint' must be a text without ${...}",
    ),
    "bad variable name": ("gates: {lint: {env: {A-B: x}}}", "'A-B' is not a name for a variable"),
    "bad gate name": ("gates: {a/b: {kind: tests}}", "gateline.yaml:1:9: 'a/b' is not a name for a gate"),
    "regex without a pattern": ("gates: {command: {run: x, format: regex}}", "gate 'command' has no `pattern`"),
    "command without run": ("gates: {command: {}}", "gate 'command' has no `run`\n  Write the command"),
    "duplicate gate": (
        "gates:\n  tests: {}\n  lint: {}\n  tests: {}\n",
        "gateline.yaml:4:3: the key 'tests' stands here a second time\n  The first is in line 2.",
    ),
    "no gates": ("jobs: 2\n", "gateline.yaml:1:1: the configuration has no `gates`"),
    "empty gates": ("gates: {}\n", "`gates` is empty; it must be a mapping of gates"),
    "gates of nothing": ("gates:\n", "`gates` must be a mapping of gates, not nothing"),
    "empty file": ("", "gateline.yaml: is empty, so it names no gate"),
    "comments only": ("# nothing\n", "is empty, so it names no gate"),
    "list at the top": ("- gates\n", "gateline.yaml:1:1: must be a mapping with `gates:`, not a list"),
    "text at the top": ("gates", "must be a mapping with `gates:`, not the text 'gates'"),
    "deploy without a service": (
        "gates: {secrets: }\ndeploy:\n  test:\n    rancher: {stack: a}\n",
        "gateline.yaml:4:5: `rancher` of deploy target 'test' has no `service` or `compose` or `webhook`",
    ),
    "deploy to nowhere": (
        "gates: {secrets: }\ndeploy: {test: {}}\n",
        "deploy target 'test' has no `rancher` or `kubernetes`",
    ),
    "deploy to two places": (
        "gates: {secrets: }\ndeploy: {test: {rancher: {service: a}, kubernetes: {workload: b}}}\n",
        "deploy target 'test' has rancher and kubernetes: only one can be",
    ),
    "deploy without a workload": (
        "gates: {secrets: }\ndeploy: {t: {kubernetes: {}}}\n",
        "`kubernetes` of deploy target 't' has no `workload`",
    ),
    "deploy requires a gate that is not there": (
        "gates: {lint: {run: x}}\ndeploy:\n  t: {kubernetes: {workload: b}, requires: [lnt]}\n",
        "gateline.yaml:3:45: deploy target 't' requires the gate 'lnt', which is not configured",
    ),
    "a tab": ("gates:\n\tlint: {}\n", "gateline.yaml:2:1: is not valid YAML: a tab"),
    "an open bracket": ("gates: [\n", "gateline.yaml:2:1: is not valid YAML"),
    "an open quote": (
        "gates: {lint: {run: 'a\n",
        "is not valid YAML: found unexpected end of stream\n  It happened while scanning a quoted scalar",
    ),
    "two colons": (
        "gates:\n  lint: a: b\n",
        "gateline.yaml:2:10: is not valid YAML: mapping values are not allowed here",
    ),
    "an unknown alias": ("gates: *nowhere\n", "gateline.yaml:1:8: is not valid YAML: found undefined alias"),
    "two documents": ("gates: {}\n---\na: 1\n", "gateline.yaml:2:1: is not valid YAML: a second document begins"),
    "a tag": ("gates: {secrets: !!python/object:os.system {}}", "gateline.yaml:1:18: the tag"),
    "a tag on a value": (
        "gates: {lint: {run: !run x}}",
        "gateline.yaml:1:21: a value with the tag '!run' is not understood here",
    ),
    "a number that is none": ("gates: {secrets: }\njobs: !!int two\n", "is not understood here"),
    "a key that is a list": ("? [a]\n: b\n", "gateline.yaml:1:3: a key must be a word, not a list or a mapping"),
    "merging a text": ("gates: {lint: {<<: x}}", "`<<` takes in mappings only"),
    "a control character": (
        "gates:\n  lint: {run: \x07}\n",
        "gateline.yaml:2: the character U+0007 is not allowed in YAML",
    ),
    "too deep": ("[" * 5000, "is nested too deeply to be a configuration"),
    "rather deep": ("gates: " + "[" * 45 + "]" * 45, "is nested too deeply to be a configuration"),
    "an alias of itself": ("gates: &a {lint: *a}", "is nested too deeply to be a configuration"),
    "billion laughs": (
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
        "holds more than 50,000 values once its aliases are written out",
    ),
    "a huge file": (
        "gates: {secrets: }\n#" + "x" * 300_000,
        "gateline.yaml: is 292 KiB long; a configuration has at most 256 KiB",
    ),
}
