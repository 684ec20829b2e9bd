"""A schema as a list of paths into what it describes."""

import json
import urllib.parse

from referencing.exceptions import Unresolvable

ANNOTATIONS = {"$comment", "default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly"}
# Walked through, or compared by words of their own.
STRUCTURE = {
    "$defs", "$id", "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const", "dependentSchemas", "else",
    "enum", "if", "items", "not", "oneOf", "patternProperties", "prefixItems", "properties", "required", "then", "type",
    "unevaluatedProperties",
}
UPPER = {"exclusiveMaximum", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum"}
LOWER = {"exclusiveMinimum", "minContains", "minItems", "minLength", "minProperties", "minimum"}
EQUAL = {
    "contains", "contentEncoding", "contentMediaType", "dependentRequired", "format", "multipleOf", "pattern",
    "propertyNames", "unevaluatedItems", "uniqueItems",
}


class Wrong(Exception):
    """What cannot be checked at all, and what to do."""


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


class Node:
    """All that a schema says of one path of an instance, in one context."""

    def __init__(self):
        self.types = None  # none: any
        self.words = None  # none: any; else what `const` and `enum` leave
        self.excluded = set()  # by `not: {enum}`
        self.required = set()
        self.rules = {}  # the other keywords: how each is set, as JSON
        self.sources = []  # the places in schemas that it was read from
        self.says_something = False

    def rule(self, keyword, value):
        self.rules[keyword] = sorted(self.rules.get(keyword, []) + [canonical(value)])


class Flat:
    """A schema as paths, `$.authors[*].type`, each in a context: the alternatives that were chosen on the way.

    `$ref` and `allOf` disappear. A context is a tuple of pairs, the path that branches and the name of the branch.
    """

    def __init__(self, schema, registry):
        self.registry = registry
        self.nodes = {}
        self.parents = {}
        self.kinds = {}
        self.walk(schema, schema["$id"] + "#", ((), "$"), None, "root", ())

    def walk(self, schema, source, key, parent, kind, refs):
        node = self.nodes.setdefault(key, Node())
        self.parents.setdefault(key, parent)
        self.kinds.setdefault(key, kind)
        node.sources.append(source)
        if isinstance(schema, bool):
            if not schema:
                node.rule("false", True)
                node.says_something = True
            return
        unknown = {word for word in set(schema) - STRUCTURE - ANNOTATIONS - UPPER - LOWER - EQUAL}
        unknown = {word for word in unknown if not word.startswith("x-")}
        if unknown:
            raise Wrong(f"{key[1]}: `{sorted(unknown)[0]}` is not known to this check; teach it, or do without")
        node.says_something |= bool(set(schema) - ANNOTATIONS)
        self.read_words(schema, node)
        self.walk_members(schema, source, key, refs)
        self.walk_branches(schema, source, key, refs)
        if "$ref" in schema:
            target, place = self.resolve(schema["$ref"], source)
            if place in refs:
                node.rule("$ref", place)
            else:
                self.walk(target, place, key, parent, kind, refs + (place,))
        for index, part in enumerate(schema.get("allOf", [])):
            self.walk(part, f"{source}/allOf/{index}", key, parent, kind, refs)

    def read_words(self, schema, node):
        if "type" in schema:
            types = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
            node.types = types if node.types is None else node.types & types
        for keyword in ("const", "enum"):
            if keyword in schema:
                values = [schema["const"]] if keyword == "const" else schema["enum"]
                words = {canonical(value) for value in values}
                node.words = words if node.words is None else node.words & words
        node.required |= set(schema.get("required", []))
        if "not" in schema:
            if isinstance(schema["not"], dict) and set(schema["not"]) == {"enum"}:
                node.excluded |= {canonical(value) for value in schema["not"]["enum"]}
            else:
                node.rule("not", schema["not"])
        for keyword in (UPPER | LOWER | EQUAL) & set(schema):
            node.rule(keyword, schema[keyword])

    def walk_members(self, schema, source, key, refs):
        context, path = key

        def step(part, place, end, kind):
            self.walk(part, source + place, (context, path + end), key, kind, refs)

        for name, part in schema.get("properties", {}).items():
            step(part, "/properties/" + pointer(name), f".{name}", "member")
        for name, part in schema.get("patternProperties", {}).items():
            step(part, "/patternProperties/" + pointer(name), f"./{name}/", "member")
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if schema.get(keyword, True) is False:
                self.nodes[key].rule(keyword, False)
            elif isinstance(schema.get(keyword), dict):
                step(schema[keyword], f"/{keyword}", ".*", "rest")
        if "items" in schema:
            step(schema["items"], "/items", "[*]", "rest")
        for index, part in enumerate(schema.get("prefixItems", [])):
            step(part, f"/prefixItems/{index}", f"[{index}]", "rest")

    def walk_branches(self, schema, source, key, refs):
        context, path = key

        def branch(part, place, label):
            self.walk(part, source + place, (context + ((path, label),), path), key, "branch", refs)

        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                self.nodes[key].rule(keyword, True)
            for index, part in enumerate(schema.get(keyword, [])):
                branch(part, f"/{keyword}/{index}", self.label(part, keyword, index))
        if "if" in schema:
            self.nodes[key].rule("if", schema["if"])
            condition = self.label(schema["if"], "if", 0)
            for keyword in [word for word in ("then", "else") if word in schema]:
                branch(schema[keyword], f"/{keyword}", f"{keyword}, {condition}")
        for name, part in schema.get("dependentSchemas", {}).items():
            self.nodes[key].rule("dependentSchemas", name)
            branch(part, "/dependentSchemas/" + pointer(name), f"with {name}")

    def label(self, part, keyword, index):
        """The name of a branch, which stays when others come before it."""
        if isinstance(part, dict):
            if "$ref" in part:
                return part["$ref"].split("/")[-1]
            for name, member in part.get("properties", {}).items():
                if isinstance(member, dict) and isinstance(member.get("const"), str):
                    return f"{name} is {member['const']}"
            if "required" in part and not set(part) - ANNOTATIONS - {"required", "type"}:
                return "with " + ", ".join(sorted(part["required"]))
        return f"{keyword} {index}"

    def resolve(self, ref, source):
        base = source.split("#")[0]
        place = base + ref if ref.startswith("#") else ref
        try:
            target = self.registry.resolver(base).lookup(ref).contents
        except Unresolvable:
            raise Wrong(f"`$ref` {ref} leads nowhere; correct it") from None
        return target, place if "#" in place else place + "#"


def pointer(name):
    return urllib.parse.quote(name.replace("~", "~0").replace("/", "~1"), safe="")
