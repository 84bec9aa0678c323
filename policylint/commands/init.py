"""`policylint init`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from policylint.errors import UsageError
from policylint.settings import FILE

TEMPLATE: Final = """\
# policylint configuration. Everything is optional; what stands behind # is the default or an example.
# Globs and files are relative to this file.

# Policy edition to judge by: an id, latest, or dated (each message by the edition of its own day).
# edition: "2017-04"

# complete when your logs show every conversation from its start, else partial.
# history: partial

# How far the clocks of your servers may disagree before a message counts as late.
# clock_skew: 60s

# The least severity that fails a run: error, warning or note.
# fail_on: error

# Rules to leave out, or the only ones to check. `policylint rules` lists them.
# ignore: [extra-message-spent]
# select: [promotion-under-tag]

# Other severities for some rules.
# severity:
#   off-topic-for-tag: note

# Your own rules; `policylint test-rules` runs their examples.
# rules: [policy/*.yaml]

# Your own files of editions, which go on where the shipped ones end. `policylint editions` lists all.
# editions: [policy/editions/*.yaml]

# Where conversations take place that don't say so themselves: messenger or instagram.
# platform: messenger

# What is known of your pages: approved for subscription messaging, registered for news, written for by bots only.
# pages:
#   "1234567890": {subscription_messaging: true}
#   "1234567891": {platform: instagram, automated: true}

# The apps and personas that are bots.
# automation: {app_ids: ["2345678901"], persona_ids: []}

# Other choices for some recordings.
# per_path:
#   "tests/**": {ignore: [no-action-on-record]}

# Where logs of your own keep what, so that nobody must convert them: JSON pointers; in a table, a slash and the column.
# sources:
#   "logs/*.ndjson":
#     timestamp: {pointer: /meta/ts, unit: s}
#     page: /page
#     request: /call/json
#     webhook: /event

# Findings that you know and accept. A reason is required.
# accepted:
#   - path: fixtures/campaign.json
#     rule: promotion-under-tag
#     pointer: /message/text
#     reason: kept as a test of our own filter

# Findings accepted all at once: policylint check --write-baseline .policylint-baseline.ndjson
# baseline: .policylint-baseline.ndjson
"""


@click.command("init", short_help="Write a commented configuration.")
def command() -> int:
    """Write a commented .policylint.yaml in the current folder; never overwrites one.

    \b
    policylint init
    """
    path = Path(FILE)
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(TEMPLATE)
    except FileExistsError:
        raise UsageError(f"{FILE} is there already; it was left as it is") from None
    except OSError as error:
        raise UsageError(f"{FILE}: {(error.strerror or 'can not be written').lower()}") from None
    click.echo(f"Wrote {FILE}. Next: policylint check")
    return 0
