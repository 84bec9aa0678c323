"""The window rules of edition 2017-04 once more, in SQL: what they must find in a log, worked out by another road.

Nothing here is taken from policylint. The query follows the words of the policy: a business may answer within 24 hours
of the person's last action, then send one more message without a tag; the person starts; a wish to stop is honoured. It
knows NDJSON of log entries, webhook bodies and bare send requests with times and ids in their usual places, and no
other recording. Where it and policylint differ, one of the two is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeAlias

import duckdb

Findings: TypeAlias = Counter[tuple[str, int, str]]
"""How often each rule is broken in each record: source, record (from 1), rule."""

RULES: Final = (
    "echo-outside-window",
    "extra-message-spent",
    "message-after-opt-out",
    "no-action-on-record",
    "not-started-by-person",
    "untagged-outside-window",
)
WISHES: Final = ("stop", "please stop", "unsubscribe", "parar", "désabonner")
"""The wishes to stop that the query knows: whole messages without case and punctuation."""

TAGS: Final = ("SHIPPING_UPDATE", "RESERVATION_UPDATE", "ISSUE_RESOLUTION")
EXEMPT: Final = ("receipt", "airline_itinerary", "airline_checkin", "airline_boardingpass", "airline_update")

_QUERY: Final = r"""
with line as (  -- a log's lines; files without a last line break end alike
  select filename as source, unnest(string_split(rtrim(content, chr(10)), chr(10))) as line,
    generate_subscripts(string_split(rtrim(content, chr(10)), chr(10)), 1) as record
  from read_text($files)),
item as (  -- what webhooks tell
  select source, record, generate_subscripts(items, 1) as nth, unnest(items) as item
  from (select source, record, list_concat(line->'$.entry[*].messaging[*]', line->'$.entry[*].standby[*]') as items
        from line where json_exists(line, '$.entry'))),
act as (  -- what people did
  select source, record, nth, item->>'$.sender.id' as who, (item->>'$.timestamp')::bigint as ms,
    coalesce('m ' || (item->>'$.message.mid'), 'i ' || item::varchar) as same,
    json_exists(item, '$.message') or json_exists(item, '$.postback') or json_exists(item, '$.optin')
      or json_exists(item, '$.referral') as opens,
    list_contains($wishes, lower(trim(regexp_replace(coalesce(item->>'$.message.text', ''), '[!.¡?,]', '', 'g'))))
      as stops
  from item
  where not json_exists(item, '$.message.is_echo') and not json_exists(item, '$.read')
    and not json_exists(item, '$.delivery')),
entry as (  -- what the page says that it sent
  select source, record, 0 as nth, line,
    coalesce(line->>'$.request.recipient.id', line->>'$.response.recipient_id') as who,
    case json_type(line, '$.timestamp')
      when 'VARCHAR' then epoch_ms((line->>'$.timestamp')::timestamptz) else (line->>'$.timestamp')::bigint end as ms,
    line->>'$.request.tag' as tag, line->>'$.request.message.attachment.payload.template_type' as template,
    json_exists(line, '$.request.message') and not json_exists(line, '$.response.error') as reached,
    line->>'$.response.message_id' as mid, json_exists(line, '$.request.recipient.phone_number') as invites
  from line where json_exists(line, '$.request')),
echo as (
  select source, record, nth, item->>'$.recipient.id' as who, (item->>'$.timestamp')::bigint as ms,
    item->>'$.message.attachments[0].payload.template_type' as template, item->>'$.message.mid' as mid
  from item where json_exists(item, '$.message.is_echo')),
event as (  -- both sides; of what is told twice, the first telling, and an entry before an echo
  select source, record, nth, who, ms, 0 as side, opens, stops, false as reached, false as echo, null as tag,
    null as template, false as invites
  from act qualify row_number() over (partition by same order by source, record, nth) = 1
  union all
  select source, record, nth, who, ms, 1, false, false, reached, false, tag, template, invites
  from entry qualify row_number() over (partition by coalesce('m ' || mid, 'l ' || line) order by source, record) = 1
  union all
  select source, record, nth, who, ms, 1, false, false, true, true, null, template, false
  from echo where mid not in (select mid from entry where mid is not null)
  qualify row_number() over (partition by mid order by source, record, nth) = 1),
judged as (  -- messages that arrived under a tag that exists or under none: the window rules leave all others alone
  select *, reached and (tag is null or list_contains($tags, upper(tag))) as message,
    (select min(ms) from event) as earliest
  from event),
situation as (
  select *, max(case when opens then ms end) over before as last,
    count(*) filter (opens) over before as opened,
    coalesce(last_value(case when side = 0 then stops end ignore nulls) over before, false) as opted_out,
    count(*) filter (message) over before as sent
  from judged where who is not null
  window before as (partition by who order by ms, side, source, record, nth rows unbounded preceding)),
windowed as (  -- the first message may go to a telephone number: an invitation, of which nothing is said
  select *, case when last is not null then ms - last > 86400000 + $skew
    when $complete then true else ms - earliest > 86400000 end
    and not list_contains($exempt, coalesce(template, '')) and not (invites and last is null and sent = 1) as closed
  from situation),
counted as (
  select *, count(*) filter (message and not echo and tag is null and closed) over
    (partition by who, opened order by ms, side, source, record, nth rows unbounded preceding) as extra
  from windowed)
select source, record, unnest(list_filter([
    case when closed and echo then 'echo-outside-window' end,
    case when closed and not echo and tag is null and extra = 1 then 'extra-message-spent' end,
    case when closed and not echo and tag is null and extra > 1 then 'untagged-outside-window' end,
    case when opted_out then 'message-after-opt-out' end,
    case when last is null and sent = 1 and not invites
      then if($complete, 'not-started-by-person', 'no-action-on-record') end
  ], lambda rule: rule is not null)) as rule
from counted where message
"""


def window_findings(files: Sequence[str], *, complete: bool, skew: int = 0) -> Findings:
    """What the window rules must find in the NDJSON `files` together; sources are named as the files are.

    `complete` says that the log shows conversations from their start; `skew` is the tolerance in milliseconds.
    """
    with duckdb.connect() as database:
        database.execute("set threads = 1; set timezone = 'UTC'")
        rows = database.execute(
            _QUERY,
            {
                "files": list(files),
                "wishes": list(WISHES),
                "tags": list(TAGS),
                "exempt": list(EXEMPT),
                "complete": complete,
                "skew": skew,
            },
        ).fetchall()
    return Counter((source, record, rule) for source, record, rule in rows)
