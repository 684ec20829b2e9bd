"""What became worse from one schema to the next. schemas/README.md says why it is worse, and for whom."""

import json

from jsonschema import Draft202012Validator

from schema_paths import LOWER, UPPER, Node

ALL_TYPES = {"array", "boolean", "null", "number", "object", "string"}

TAKE_BACK = "take it back, or begin v2"
KEPT = f"records that are kept would be refused: {TAKE_BACK}"
PROMISED = f"readers were promised otherwise: {TAKE_BACK}"


def short(text):
    return text if len(text) <= 160 else text[:157] + "..."


class Comparison:
    """What became worse from one schema to the next, as triples: path, what, what to do."""

    def __init__(self, old, new, is_ours):
        self.old, self.new = old, new
        self.findings = []
        for key in old.nodes:
            if key in new.nodes:
                if is_ours:
                    self.compare(key, old.nodes[key], new.nodes[key])
            elif old.parents[key] is None or old.parents[key] in new.nodes:
                what = "the alternative" if old.kinds[key] == "branch" else "it"
                reason = "readers may use it" if is_ours else "Notion still sends it"
                self.find(key, f"{what} is gone", f"{reason}: put it back, or begin v2")
        if is_ours:
            for key in new.nodes:
                if key not in old.nodes and new.parents[key] in old.nodes:
                    self.added(key)

    def find(self, key, what, do):
        context, path = key
        inside = [label for _, label in context]
        place = path + (f" (in {' / '.join(inside)})" if inside else "")
        self.findings.append((place, what, do))

    def compare(self, key, old, new):
        self.types(key, old.types or ALL_TYPES, new.types or ALL_TYPES)
        for name in sorted(old.required - new.required):
            self.find(key, f"`{name}` is no longer required", f"readers count on it: {TAKE_BACK}")
        for name in sorted(new.required - old.required):
            self.find(key, f"`{name}` is required now", "records that are kept lack it: make it optional, or begin v2")
        self.words(key, old.words, new.words)
        for word in sorted(old.excluded - new.excluded):
            self.find(key, f"takes {word} now", PROMISED)
        for word in sorted(new.excluded - old.excluded):
            if not self.has_branch(key, word):
                self.find(key, f"no longer takes {word}, and no other alternative does", KEPT)
        for keyword in sorted(set(old.rules) | set(new.rules)):
            before, after = old.rules.get(keyword, []), new.rules.get(keyword, [])
            if before != after:
                self.find(key, *self.changed(keyword, before, after))

    def types(self, key, old, new):
        def not_in(types, others):
            return sorted(one for one in types if one not in others and not (one == "integer" and "number" in others))

        lost, gained = not_in(old, new), not_in(new, old)
        if lost:
            self.find(key, f"no longer takes the type {', '.join(lost)}", KEPT)
        if gained:
            self.find(key, f"takes the type {', '.join(gained)} now", PROMISED)

    def words(self, key, old, new):
        if old == new:
            return
        if old is None:
            self.find(key, f"takes nothing but {short(', '.join(sorted(new)))} now", KEPT)
        elif new is None:
            self.find(key, f"takes more than {short(', '.join(sorted(old)))} now", PROMISED)
        else:
            for word in sorted(old - new):
                self.find(key, f"no longer takes {word}", KEPT)
            for word in sorted(new - old):
                if not self.was_taken(key, word):
                    self.find(key, f"takes {word} now", PROMISED)

    def was_taken(self, key, word):
        """Whether another alternative of the released schema took a word already: then its list is open."""
        context, path = key
        if not context or context[-1][0] != path:
            return False
        return all(
            Draft202012Validator({"$ref": source}, registry=self.old.registry).is_valid(json.loads(word))
            for source in self.old.nodes[context[:-1], path].sources
        )

    def has_branch(self, key, word):
        context, path = key
        return any(
            path == other_path and word in (node.words or ()) and len(other) == len(context) and
            other[:-1] == context[:-1] and other[-1][0] == context[-1][0]
            for (other, other_path), node in self.new.nodes.items()
            if context and other
        )

    def changed(self, keyword, before, after):
        if keyword in ("additionalProperties", "unevaluatedProperties"):
            return ("is closed to further members", KEPT) if after else ("is open to further members now", PROMISED)
        if keyword == "false":
            return ("takes nothing any more", KEPT) if after else ("takes something now", PROMISED)
        if not before:
            return f"`{keyword}` is new", KEPT
        if not after:
            return f"`{keyword}` is gone", PROMISED
        text = f"`{keyword}` was {short(' and '.join(before))} and is {short(' and '.join(after))}"
        if keyword in UPPER | LOWER and len(before) == len(after) == 1:
            is_less = json.loads(after[0]) < json.loads(before[0])
            return text, KEPT if is_less == (keyword in UPPER) else PROMISED
        return text, f"{KEPT}, and readers were promised the other"

    def added(self, key):
        context, path = key
        node, kind, parent = self.new.nodes[key], self.new.kinds[key], self.new.parents[key]
        if kind == "branch":
            # Where nothing branched before, the keyword itself is found to be new.
            if any(word in self.old.nodes[parent].rules for word in ("anyOf", "oneOf")):
                self.alternative(key, parent)
        elif not node.says_something:
            return
        elif kind == "rest" or any((context[:count], path) in self.old.nodes for count in range(len(context))):
            self.find(key, "it says more than before", KEPT)
        else:
            self.member(key, parent)

    def alternative(self, key, parent):
        """A new alternative has to be what was said of all that the released ones do not name."""
        context, path = key
        depth = len(parent[0])
        rest = {
            other[depth][1]
            for (other, _), node in self.old.nodes.items()
            if node.excluded and len(other) == depth + 1 and other[:depth] == parent[0] and other[depth][0] == path
        }
        if len(rest) != 1:
            self.find(key, "the alternative is new", PROMISED)
            return
        before = parent[0] + ((path, rest.pop()),)
        places = {place for other, place in [*self.old.nodes, *self.new.nodes] if other in (before, context)}
        for place in sorted(places):
            old = self.old.nodes.get((before, place), Node())
            new = self.new.nodes.get((context, place), Node())
            if not old.excluded:
                self.compare((context, place), old, new)

    def member(self, key, parent):
        """A new member has to be what was said of members without a name."""
        rules = self.old.nodes[parent].rules
        if "additionalProperties" in rules or "unevaluatedProperties" in rules:
            self.find(key, "it is new where no member may be added", PROMISED)
        rest = self.old.nodes.get((parent[0], parent[1] + ".*"))
        if rest is not None and rest.types is not None:
            types = self.new.nodes[key].types or ALL_TYPES
            if not types <= rest.types:
                self.find(key, f"it is new and not {' or '.join(sorted(rest.types))}, as all others are", PROMISED)
