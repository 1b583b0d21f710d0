# SPDX-License-Identifier: Apache-2.0
"""Checks a document against a JSON schema: the part of draft 2020-12 that waxseal's schema uses.

A keyword that this module does not know is an error in itself, so that nothing is passed over.
"""

import datetime
import re

_IGNORED = {"$schema", "$id", "$defs", "definitions", "$comment", "title", "description",
            "examples", "default", "deprecated"}
_TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: not isinstance(v, bool) and (
        isinstance(v, int) or isinstance(v, float) and v.is_integer()),
}


def problems(document, schema):
    """What is wrong with document, each as "path: complaint"; an empty list when it is valid."""
    return _Checker(schema).check(document, schema, "$")


class _Checker:
    def __init__(self, schema):
        self._root = schema

    def check(self, value, schema, path):
        if schema is True:
            return []
        if schema is False:
            return ["%s: nothing is allowed here" % path]
        found = []
        for keyword, rule in schema.items():
            if keyword in _IGNORED or keyword in ("then", "else"):
                continue
            test = getattr(self, "_" + keyword.replace("$", "dollar_"), None)
            if test is None:
                found.append("%s: the schema uses the unknown keyword %s" % (path, keyword))
            else:
                found += test(value, rule, schema, path)
        return found

    def _dollar_ref(self, value, rule, _schema, path):
        if not rule.startswith("#"):
            return ["%s: reference %s leads out of the schema" % (path, rule)]
        target = self._root
        for part in rule[1:].split("/")[1:]:
            target = target[part.replace("~1", "/").replace("~0", "~")]
        return self.check(value, target, path)

    def _type(self, value, rule, _schema, path):
        names = [rule] if isinstance(rule, str) else rule
        if any(_TYPES[name](value) for name in names):
            return []
        return ["%s: %s is not of type %s" % (path, _show(value), "/".join(names))]

    def _enum(self, value, rule, _schema, path):
        if any(_same(value, choice) for choice in rule):
            return []
        return ["%s: %s is none of %s" % (path, _show(value), rule)]

    def _const(self, value, rule, _schema, path):
        return [] if _same(value, rule) else ["%s: %s is not %s" % (path, _show(value), rule)]

    def _required(self, value, rule, _schema, path):
        if not isinstance(value, dict):
            return []
        return ["%s: lacks %s" % (path, name) for name in rule if name not in value]

    def _properties(self, value, rule, _schema, path):
        if not isinstance(value, dict):
            return []
        return [p for name, sub in rule.items() if name in value
                for p in self.check(value[name], sub, path + "." + name)]

    def _patternProperties(self, value, rule, _schema, path):
        if not isinstance(value, dict):
            return []
        return [p for pattern, sub in rule.items() for name in value if re.search(pattern, name)
                for p in self.check(value[name], sub, path + "." + name)]

    def _additionalProperties(self, value, rule, schema, path):
        if not isinstance(value, dict):
            return []
        patterns = schema.get("patternProperties", {})
        extra = [n for n in value if n not in schema.get("properties", {})
                 and not any(re.search(p, n) for p in patterns)]
        return [p for name in extra for p in self.check(value[name], rule, path + "." + name)]

    def _propertyNames(self, value, rule, _schema, path):
        if not isinstance(value, dict):
            return []
        return [p for name in value for p in self.check(name, rule, path + "." + name)]

    def _items(self, value, rule, _schema, path):
        if not isinstance(value, list):
            return []
        return [p for n, item in enumerate(value)
                for p in self.check(item, rule, "%s[%d]" % (path, n))]

    def _minItems(self, value, rule, _schema, path):
        short = isinstance(value, list) and len(value) < rule
        return ["%s: fewer than %d items" % (path, rule)] if short else []

    def _maxItems(self, value, rule, _schema, path):
        long = isinstance(value, list) and len(value) > rule
        return ["%s: more than %d items" % (path, rule)] if long else []

    def _uniqueItems(self, value, rule, _schema, path):
        if not rule or not isinstance(value, list):
            return []
        twice = any(_same(a, b) for n, a in enumerate(value) for b in value[:n])
        return ["%s: the same item twice" % path] if twice else []

    def _minLength(self, value, rule, _schema, path):
        short = isinstance(value, str) and len(value) < rule
        return ["%s: shorter than %d" % (path, rule)] if short else []

    def _maxLength(self, value, rule, _schema, path):
        long = isinstance(value, str) and len(value) > rule
        return ["%s: longer than %d" % (path, rule)] if long else []

    def _minimum(self, value, rule, _schema, path):
        low = _TYPES["number"](value) and value < rule
        return ["%s: %s is below %s" % (path, value, rule)] if low else []

    def _exclusiveMinimum(self, value, rule, _schema, path):
        low = _TYPES["number"](value) and value <= rule
        return ["%s: %s is not above %s" % (path, value, rule)] if low else []

    def _maximum(self, value, rule, _schema, path):
        high = _TYPES["number"](value) and value > rule
        return ["%s: %s is above %s" % (path, value, rule)] if high else []

    def _pattern(self, value, rule, _schema, path):
        if not isinstance(value, str) or re.search(rule, value):
            return []
        return ["%s: %s does not match %s" % (path, _show(value), rule)]

    def _format(self, value, rule, _schema, path):
        if rule != "date-time" or not isinstance(value, str):
            return []
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
                raise ValueError
            datetime.datetime.fromisoformat(re.sub(r"\.\d+", "", value).replace("Z", "+00:00"))
        except ValueError:
            return ["%s: %s is no RFC 3339 time" % (path, _show(value))]
        return []

    def _allOf(self, value, rule, _schema, path):
        return [p for sub in rule for p in self.check(value, sub, path)]

    def _anyOf(self, value, rule, _schema, path):
        tries = [self.check(value, sub, path) for sub in rule]
        return [] if any(not t for t in tries) else ["%s: fits no choice: %s" % (path, tries[0])]

    def _oneOf(self, value, rule, _schema, path):
        fits = sum(not self.check(value, sub, path) for sub in rule)
        return [] if fits == 1 else ["%s: fits %d choices, not one" % (path, fits)]

    def _not(self, value, rule, _schema, path):
        return [] if self.check(value, rule, path) else ["%s: is what it must not be" % path]

    def _if(self, value, rule, schema, path):
        branch = "else" if self.check(value, rule, path) else "then"
        return self.check(value, schema.get(branch, True), path)


def _same(a, b):
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _show(value):
    text = repr(value)
    return text if len(text) < 80 else text[:77] + "..."
