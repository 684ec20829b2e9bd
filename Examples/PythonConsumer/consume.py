#!/usr/bin/env python3
"""Reads the relay's events, validates each against the schema of event v1 and prints it as a line of JSON, in the order
of each key.

One member of a group reads a partition at a time, and all records of a key are in one partition, so they stay in the
topic's order. An offset is committed only after its event was printed. After a crash the last events are read again;
events whose id is among the last 10,000 are left out.

Notion does not promise an order, and a replay comes behind newer events: an event that occurred before one of its key
that was printed is marked "late". A replayed event was seen before, on purpose: "replay" is the replay's id, and each
replay has its events printed once, or never with --skip-replays. What an early release of the relay redrove through
this topic is for the group that it names (relay-redrive-group), and passed over by others.
"""

import argparse
import collections
import json
import os
import pathlib
import signal
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

SCHEMA = pathlib.Path(__file__).resolve().parent.parent.parent / "schemas" / "notion-event.v1.schema.json"
# Limit: Notion retries within a day, a crash repeats seconds; this many ids, and as many keys, take a few megabytes.
IDS_MAX = 10_000


class Refused(Exception):
    """Why a record is not an event."""


class Events:
    """Turns records into events."""

    def __init__(self, schema):
        self.validator = Draft202012Validator(schema)

    def read(self, value, headers):
        if value is None:
            raise Refused("it has no value")
        try:
            document = json.loads(value)
            # In structured mode (--cloudevents structured) the event is the data of a CloudEvent.
            content_type = dict(headers or []).get("content-type") or b""
            if content_type.lower().startswith(b"application/cloudevents"):
                document = document.get("data") if isinstance(document, dict) else None
            error = best_match(self.validator.iter_errors(document))
        except (ValueError, RecursionError) as problem:
            raise Refused(f"its value is not valid JSON: {problem}") from None
        if error:
            raise Refused(f"{error.json_path}: {error.message[:200]}")
        return document


class Latest(collections.OrderedDict):
    """The entries that were set last."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > IDS_MAX:
            self.popitem(last=False)


class Seen:
    """The latest ids, and when the newest event of each of the latest keys occurred."""

    def __init__(self):
        self.ids = Latest()
        self.times = Latest()

    def is_new(self, id):
        if id in self.ids:
            return False
        self.ids[id] = True
        return True

    def is_late(self, key, time):
        """Notion writes all times in one form, so they can be compared as text."""
        newest = self.times.get(key, "")
        self.times[key] = max(newest, time)
        return time < newest


def notice(text):
    print(f"consume.py: {text}", file=sys.stderr, flush=True)


class Trouble:
    """Reports errors from which the client recovers by itself: each kind once in half a minute."""

    def __init__(self):
        self.told = {}

    def __call__(self, error):
        now = time.monotonic()
        if now - self.told.get(error.name(), -30) >= 30:
            self.told[error.name()] = now
            notice(f"{error.str()}; retrying")


class Reading:
    """Reads until it is stopped, or to the end."""

    def __init__(self, consumer, events, trouble, given):
        self.consumer = consumer
        self.group = given.group
        self.skips_replays = given.skip_replays
        self.trouble = trouble
        self.events = events
        self.stops_at_end = given.exit_at_end
        self.seen = Seen()
        self.unread = None
        self.is_stopped = False
        self.printed = self.repeated = self.passed_over = self.refused = 0

    def stop(self, *_):
        self.is_stopped = True

    def assigned(self, _, partitions):
        self.unread = {(partition.topic, partition.partition) for partition in partitions}

    def run(self, topic):
        self.consumer.subscribe([topic], on_assign=self.assigned)
        while not self.is_stopped and not (self.stops_at_end and self.unread == set()):
            message = self.consumer.poll(0.5)
            if message is None:
                continue
            if message.error():
                self.failed(message)
            else:
                self.handle(message)
                # Committed once a second, and when the group rebalances or the consumer closes.
                self.consumer.store_offsets(message)

    def failed(self, message):
        error = message.error()
        if error.code() == KafkaError._PARTITION_EOF:
            self.unread.discard((message.topic(), message.partition()))
        elif error.fatal() or not error.retriable():
            raise KafkaException(error)
        else:
            self.trouble(error)

    def handle(self, message):
        # A header may come more than once; the last one counts.
        headers = {name: text(value) for name, value in message.headers() or []}
        replay = headers.get("relay-replay-id")
        if headers.get("relay-redrive-group", self.group) != self.group or (replay and self.skips_replays):
            self.passed_over += 1
            return
        try:
            event = self.events.read(message.value(), message.headers())
        except Refused as reason:
            self.refused += 1
            notice(f"{message.topic()} [{message.partition()}] @ {message.offset()} is skipped: {reason}")
            return
        if not self.seen.is_new((replay, event["id"])):
            self.repeated += 1
            return
        place = {"partition": message.partition(), "offset": message.offset(), "key": text(message.key())}
        if replay:
            place["replay"] = replay
        if self.seen.is_late(message.key(), event.get("occurred_at") or ""):
            place["late"] = True
        print(json.dumps(place | {"event": event}, ensure_ascii=False), flush=True)
        self.printed += 1


def text(value):
    return None if value is None else value.decode(errors="replace")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", metavar="HOST:PORT,…", required=True)
    parser.add_argument("--topic", default="notion.events.v1")
    parser.add_argument("--group", required=True, help="consumer group; a new one starts at the beginning")
    parser.add_argument("--schema", type=pathlib.Path, default=SCHEMA)
    parser.add_argument("--client", type=pathlib.Path, metavar="FILE", help="librdkafka's settings, NAME=VALUE a line")
    parser.add_argument("--skip-replays", action="store_true", help="pass over what was replayed")
    parser.add_argument("--exit-at-end", action="store_true", help="stop when all partitions are read to their end")
    return parser.parse_args()


def client_settings(path):
    settings = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path else [], start=1):
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals:
            raise ValueError(f"{path}: line {number} is not NAME=VALUE")
        settings[name] = value
    return settings


def main():
    given = options()
    try:
        events = Events(json.loads(given.schema.read_text(encoding="utf-8")))
        settings = client_settings(given.client)
    except (OSError, ValueError) as problem:
        notice(problem)
        return 2
    trouble = Trouble()
    try:
        consumer = Consumer(
            settings
            | {
                "bootstrap.servers": given.kafka,
                "group.id": given.group,
                "auto.offset.reset": "earliest",
                "auto.commit.interval.ms": 1000,
                "enable.auto.offset.store": False,
                "enable.partition.eof": given.exit_at_end,
                "reconnect.backoff.ms": 1000,
                "error_cb": trouble,
                # The same errors come through error_cb.
                "log_level": 2,
            }
        )
    except KafkaException as problem:
        notice(problem.args[0].str())
        return 2
    reading = Reading(consumer, events, trouble, given)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, reading.stop)
    try:
        reading.run(given.topic)
    except KafkaException as problem:
        notice(problem.args[0].str())
        return 1
    except BrokenPipeError:
        # stdout was closed. What could not be printed is not committed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        consumer.close()
        notice(
            f"{reading.printed} printed, {reading.repeated} repeated, {reading.passed_over} passed over, "
            f"{reading.refused} refused"
        )
    return 1 if reading.refused else 0


sys.exit(main())
