"""Reads Kafka records as CloudEvents' own SDK for Python does. Which mode of the Kafka protocol binding a record is in
says its content-type (section 3); the SDK's own from_kafka takes any header ce_... for binary mode.

Each line of the file that is named holds a record: {"headers": {name: text}, "key": text, "value": text}. Each line of
the output holds the event that the SDK makes of it, or the reason why it makes none.
"""

import json
import sys
from datetime import datetime

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, from_structured
from cloudevents.core.formats.json import JSONFormat


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def read(line):
    record = json.loads(line)
    message = KafkaMessage(
        headers={name: text.encode() for name, text in record["headers"].items()},
        key=record["key"].encode(),
        value=record["value"].encode(),
    )
    is_structured = record["headers"]["content-type"].lower().startswith("application/cloudevents")
    event = (from_structured if is_structured else from_binary)(message, JSONFormat())
    attributes = {name: plain(value) for name, value in event.get_attributes().items()}
    return {"attributes": attributes, "data": json.dumps(event.get_data(), ensure_ascii=False)}


for line in open(sys.argv[1], encoding="utf-8"):
    try:
        answer = read(line)
    except Exception as error:
        answer = {"refused": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
