"""Holds the schemas against those of the last released version: `check FOLDER...`, or `release FOLDER`.

A folder has `<name>.schema.json`, `examples/<name>/valid/*.json` and `released/<name>.json`, which is an object with
the released `schema` and its `examples` by name. `check` prints one line for each finding and ends with 1 if there is
one; `release` checks, and then writes what the folder has now as the released version. schemas/README.md has the rules,
under "Versioning". A keyword that the check does not know is a finding too: nothing passes unseen.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry, Resource

from schema_changes import KEPT, PROMISED, TAKE_BACK, Comparison, short
from schema_paths import Flat, Wrong

# What is Notion's is as it is: only its examples and the members that were known count.
NOTIONS_OWN = {"notion-delivery"}
# What no program writes yet can change, and is never released. The command that writes it takes it out of this list.
NOT_WRITTEN_YET = {"notion-entity.v1"}


def read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Wrong(f"{path}: {error}; it has to be JSON") from None


def registry_of(schemas):
    registry = Registry()
    for schema in schemas:
        registry = Resource.from_contents(schema) @ registry
    return registry.crawl()


class Folder:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        ending = ".schema.json"
        self.schemas = {file.name[: -len(ending)]: read(file) for file in sorted(self.path.glob("*" + ending))}
        self.released = {file.stem: read(file) for file in sorted(self.path.glob("released/*.json"))}
        for name, released in self.released.items():
            if not isinstance(released, dict) or not {"schema", "examples"} <= set(released):
                raise Wrong(f"{self.path}/released/{name}.json: has no `schema` and `examples`; restore the file")
        for name, schema in self.schemas.items():
            if not isinstance(schema, dict) or "$id" not in schema:
                raise Wrong(f"{self.path}/{name}{ending}: has no `$id`; give it one")
            try:
                Draft202012Validator.check_schema(schema)
            except SchemaError as error:
                what = f"{error.json_path}: {short(error.message)}"
                raise Wrong(f"{self.path}/{name}{ending}: {what}; correct it") from None

    def examples(self, name):
        return {file.stem: read(file) for file in sorted(self.path.glob(f"examples/{name}/valid/*.json"))}

    def check(self):
        """The findings as lines, and how many paths and examples were looked at."""
        old_registry = registry_of(released["schema"] for released in self.released.values())
        registry = registry_of(self.schemas.values())
        lines, paths, examples = [], 0, 0
        for name, released in self.released.items():
            file = f"{self.path}/{name}.schema.json"
            if name not in self.schemas:
                lines.append(f"{file}: $: it is gone; readers may use it: {TAKE_BACK}")
                continue
            old, new = released["schema"], self.schemas[name]
            for keyword in ("$schema", "$id"):
                if old.get(keyword) != new.get(keyword):
                    what = f"`{keyword}` was {old.get(keyword)} and is {new.get(keyword)}"
                    lines.append(f"{file}: $: {what}; put it back: v2 is a new file beside this one")
            for gone in sorted(set(old.get("$defs", {})) - set(new.get("$defs", {}))):
                lines.append(f"{file}: $: `$defs` has no {gone} any more; others may refer to it: {TAKE_BACK}")
            try:
                flat = Flat(old, old_registry)
                found = Comparison(flat, Flat(new, registry), name not in NOTIONS_OWN).findings
            except Wrong as error:
                lines.append(f"{file}: {error}")
                continue
            paths += len(flat.nodes)
            examples += len(released["examples"])
            lines += [f"{file}: {path}: {what}; {do}" for path, what, do in found]
            for example, error in refused(new, registry, released["examples"]):
                what = f"refuses the released example {example}: {short(error.message)}"
                lines.append(f"{file}: {error.json_path}: {what}; {KEPT if name not in NOTIONS_OWN else TAKE_BACK}")
            if name in NOTIONS_OWN:
                continue
            for example, error in refused(old, old_registry, self.examples(name)):
                what = f"the released schema refuses it: {short(error.message)}"
                file = f"{self.path}/examples/{name}/valid/{example}.json"
                lines.append(f"{file}: {error.json_path}: {what}; {PROMISED}")
        return lines, paths, examples

    def release(self):
        (self.path / "released").mkdir(exist_ok=True)
        names = [name for name in self.schemas if name not in NOT_WRITTEN_YET]
        for name in names:
            document = {"schema": self.schemas[name], "examples": self.examples(name)}
            text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
            (self.path / f"released/{name}.json").write_text(text, encoding="utf-8")
        return len(names)


def refused(schema, registry, examples):
    validator = Draft202012Validator(schema, registry=registry)
    for name, example in examples.items():
        error = next(validator.iter_errors(example), None)
        if error is not None:
            yield name, error


def main(command, *paths):
    status = 0
    for path in paths:
        try:
            folder = Folder(path)
            if command == "check" and not folder.released:
                raise Wrong(f"{path}/released: there is nothing to compare with; restore it from the last release")
            lines, count, examples = folder.check()
        except Wrong as error:
            lines = [str(error)]
        for line in lines:
            print(" ".join(line.split()))
        if lines:
            status = 1
        elif command == "release":
            print(f"{path}/released: {folder.release()} schemas written with their examples; commit them")
        else:
            others = ", ".join(sorted(set(folder.schemas) - set(folder.released))) or "none"
            kept = f"{len(folder.released)} released schemas, {count} paths and {examples} examples hold"
            print(f"{path}: {kept}; not released: {others}")
    return status


if len(sys.argv) < 3 or sys.argv[1] not in ("check", "release"):
    sys.exit("usage: compatibility.py check FOLDER... | release FOLDER")
sys.exit(main(*sys.argv[1:]))
