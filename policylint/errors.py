"""What stops a run.

    PolicylintError
    ├── UsageError         the command line asks for something that can't be
    ├── ConfigError        the configuration file
    ├── RuleError          a rule, lexicon or edition file
    ├── SourceError        a recording that is missing or can't be opened
    └── BaselineError      a baseline file

Each says what, where and what to do, in one line, and prints without a traceback; the run ends with status 2.
A record that can't be read is no error of ours: it is a finding (`unreadable-record`).
"""

from __future__ import annotations


class PolicylintError(Exception):
    """Something that stops a run; `str()` of it is the line that the user reads."""


class UsageError(PolicylintError):
    """The command line asks for something that can't be."""


class ConfigError(PolicylintError):
    """The configuration file is broken; the message starts with file, line and column."""


class RuleError(PolicylintError):
    """A rule, lexicon or edition file is broken; the message starts with file, line and column."""


class SourceError(PolicylintError):
    """A recording is missing or can't be opened."""


class BaselineError(PolicylintError):
    """A baseline file can't be read."""
