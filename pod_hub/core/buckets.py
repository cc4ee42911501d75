"""Token buckets that all workers share, one per application, seller and operation (rule R5).

A bucket holds at most ``burst`` tokens and gains ``rate`` tokens a second; ``TIME_FACTOR`` makes it gain faster. The arithmetic is one
script inside Redis on Redis' own clock, so workers on machines with different clocks agree. Nothing here sleeps: a caller without a token
is told how long to wait and reschedules. Losing Redis loses the levels, which then start full; the other side's 429 corrects that.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import redis
import structlog

from pod_hub.core.pace import scaled_s
from pod_hub.core.redis_client import redis_client

# After this long without use a bucket is full again and its corrected rate is stale; the next answer's header corrects it again.
_KEEP_S = 3600
_BUCKETS = "hub:bucket:"
# Counters over all sellers since Redis began, "operation|outcome" -> calls; counted by the script, so they cost no round trip.
_CALLS = "hub:calls"
OUTCOMES = ("granted", "waited", "throttled")

# Fields: tokens, at (Redis seconds), rate and burst as last used, fixed (rate the other side told us), stop (no tokens before).
_SCRIPT = """
local op, rate, burst, cost, factor, keep = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local leave = tonumber(ARGV[7])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'fixed', 'stop', 'rate', 'burst')
if op == 'fill' then
  if not held[2] then return false end
  rate, burst = tonumber(held[5]), tonumber(held[6])
end
local fixed = tonumber(held[3] or '') or rate
local stop = tonumber(held[4] or '0')
local tokens = burst
if held[2] then
  tokens = math.min(burst, tonumber(held[1]) + math.max(0, now - math.max(tonumber(held[2]), stop)) * fixed * factor)
end
local wait = 0
if op == 'take' then
  wait = math.max(0, stop - now)
  if tokens < cost + leave then wait = math.max(wait, (cost + leave - tokens) / (fixed * factor) + math.max(0, stop - now)) end
  if wait <= 0 then tokens = tokens - cost end
  redis.call('HINCRBY', KEYS[2], ARGV[8] .. (wait <= 0 and '|granted' or '|waited'), 1)
elseif op == 'correct' then
  fixed = cost
elseif op == 'penalise' then
  tokens = 0
  stop = math.max(stop, now + cost)
  redis.call('HINCRBY', KEYS[2], ARGV[8] .. '|throttled', 1)
end
if op ~= 'fill' then
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.6f', now), 'stop', string.format('%.6f', stop),
    'rate', string.format('%.9g', rate), 'burst', string.format('%.9g', burst), 'fixed', string.format('%.9g', fixed))
  local full = math.max(0, burst - tokens) / (fixed * factor) + math.max(0, stop - now)
  redis.call('EXPIRE', KEYS[1], math.ceil(full + keep))
end
return {
  string.format('%.6f', wait), string.format('%.6f', tokens), string.format('%.9g', fixed), string.format('%.9g', burst),
  string.format('%.6f', math.max(0, stop - now)),
}
"""

_log = structlog.get_logger("pod_hub.buckets")


class BucketsUnavailable(Exception):
    """Redis does not answer, so nobody knows what is left of the quota. The call must wait; it is never made unthrottled."""


@dataclass(frozen=True, slots=True)
class BucketFill:
    """How full a bucket is now. ``rate`` is what the other side last granted, per unscaled second; ``stopped_s`` real seconds of a penalty."""

    tokens: float
    rate: float
    burst: float
    stopped_s: float


def bucket_key(*, application: str, seller: str, operation: str) -> str:
    """Return the key of one bucket. ``seller`` must name the account and its region where limits are per region."""
    return f"{_BUCKETS}{application}:{seller}:{operation}"


def take(key: str, *, rate: float, burst: float, cost: float = 1, leave: float = 0) -> float:
    """Take ``cost`` tokens and return 0, or take none and return the real seconds until they will be there.

    ``rate`` (per unscaled second) and ``burst`` are the published plan; a rate told by ``correct`` wins over it. ``leave`` tokens stay in the
    bucket for more urgent callers; it must be less than ``burst``.
    """
    wait_s, *_ = _run(key, "take", rate=rate, burst=burst, cost=cost, leave=leave)
    return wait_s


def correct(key: str, *, rate: float, burst: float, told_rate: float) -> None:
    """Refill at ``told_rate`` from now on, up or down, because the other side said so in its answer. Zero or less is ignored."""
    if told_rate > 0:
        _run(key, "correct", rate=rate, burst=burst, cost=told_rate)


def penalise(key: str, *, rate: float, burst: float, wait_s: float) -> None:
    """Empty the bucket and stop every worker for ``wait_s`` real seconds: the other side says we are over the limit."""
    _run(key, "penalise", rate=rate, burst=burst, cost=wait_s)


def fill(key: str) -> BucketFill | None:
    """Return the level for the operator's page; None for a bucket that was not used lately (which is full)."""
    found = _run(key, "fill", rate=1, burst=1, cost=0)
    return BucketFill(tokens=found[1], rate=found[2], burst=found[3], stopped_s=found[4]) if found else None


@dataclass(frozen=True, slots=True)
class Level:
    """One bucket that was used lately; ``full`` is the share of its burst that is there, 0 to 1."""

    seller: str
    operation: str
    full: float
    stopped_s: float


def levels(*, most: int) -> list[Level]:
    """Return at most ``most`` buckets that were used lately, for the operator's figures. Two round trips for every thousand."""
    try:
        client = redis_client()
        script = client.register_script(_SCRIPT)
        keys = [bytes(key).decode() for key in islice(client.scan_iter(match=f"{_BUCKETS}*", count=1000), most)]
        pipe = client.pipeline(transaction=False)
        arguments: list[str | float] = ["fill", 1, 1, 0, 1 / scaled_s(1), _KEEP_S, 0, ""]
        for key in keys:
            script(keys=[key, _CALLS], args=arguments, client=pipe)
        answers = pipe.execute()
    except redis.RedisError as error:
        raise BucketsUnavailable("The quota counters cannot be reached.") from error
    found = []
    for key, answer in zip(keys, answers, strict=True):
        if answer:  # it may have expired in between
            seller, _colon, operation = key.removeprefix(_BUCKETS).partition(":")[2].rpartition(":")
            _wait, tokens, _rate, burst, stopped_s = (float(part) for part in answer)
            found.append(Level(seller, operation, tokens / burst if burst else 0.0, stopped_s))
    return found


def calls() -> dict[tuple[str, str], int]:
    """Return {(operation, outcome): calls} since Redis began: granted a token, had to wait for one, told 429 by the other side."""
    try:
        held = redis_client().hgetall(_CALLS)
    except redis.RedisError as error:
        raise BucketsUnavailable("The quota counters cannot be reached.") from error
    parts = (((field.decode() if isinstance(field, bytes) else field).rpartition("|"), int(count)) for field, count in held.items())
    return {(operation, outcome): count for (operation, _bar, outcome), count in parts}


def _run(key: str, operation: str, *, rate: float, burst: float, cost: float, leave: float = 0) -> tuple[float, ...]:
    factor = 1 / scaled_s(1)
    try:
        client = redis_client()
        arguments: list[str | float] = [operation, rate, burst, cost, factor, _KEEP_S, leave, key.rpartition(":")[2]]
        answer = client.register_script(_SCRIPT)(keys=[key, _CALLS], args=arguments)
    except redis.RedisError as error:
        _log.warning("buckets_unavailable", failure=type(error).__name__)
        raise BucketsUnavailable("The quota counters cannot be reached, so the call has to wait.") from error
    return tuple(float(part) for part in answer) if answer else ()
