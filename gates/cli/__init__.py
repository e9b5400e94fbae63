"""The command line: one verb, one file.

Each module `gates/cli/<verb>.py` (a "-" in the verb is a "_" in the file) has one click command or group named
`command`. The table `VERBS` names them all, so that `gateline --help` imports none of them.
"""
