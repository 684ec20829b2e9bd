"""Validates documents against our schemas with the package jsonschema (JSON Schema 2020-12).

The arguments are the folder with the schemas and a file. Each line of the file is a JSON array of two texts: a schema's
id, which may end in a fragment, and a document. `file:///schemas/<file>#<pointer>` is the id of a schema in any file of
the folder, such as the AsyncAPI document. Standard output is one JSON array with null for each document that is valid and
with the first reason for each other. A schema that is wrong itself ends the program with status 1.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

BASE = "file:///schemas/"


def load(folder):
    registry = Registry()
    for path in sorted(pathlib.Path(folder).glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        registry = Resource.from_contents(schema) @ registry
        registry = registry.with_resource(BASE + path.name, Resource.from_contents(schema))
    document = json.loads((pathlib.Path(folder) / "asyncapi.json").read_text(encoding="utf-8"))
    registry = registry.with_resource(BASE + "asyncapi.json", DRAFT202012.create_resource(document))
    return registry.crawl()


def main():
    registry = load(sys.argv[1])
    validators = {}
    verdicts = []
    for line in pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        schema, text = json.loads(line)
        if schema not in validators:
            validators[schema] = Draft202012Validator({"$ref": schema}, registry=registry)
        error = next(validators[schema].iter_errors(json.loads(text)), None)
        verdicts.append(None if error is None else f"{error.json_path}: {error.message}"[:300])
    json.dump(verdicts, sys.stdout)


main()
