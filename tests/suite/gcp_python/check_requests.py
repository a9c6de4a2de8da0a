"""Checks requests for custom roles against Google's own discovery document, which ships with google-api-python-client.

Reads a JSON list of {"method", "target", "body"} on standard input, and prints one line for everything that the
document does not allow.
"""

import json
import pathlib
import re
import sys
from urllib.parse import parse_qsl, urlsplit

import googleapiclient

DOCUMENT = json.loads(
    (
        pathlib.Path(googleapiclient.__file__).parent
        / "discovery_cache/documents/iam.v1.json"
    ).read_text()
)
# System parameters that every one of Google's interfaces takes with or without a dollar sign:
# https://cloud.google.com/apis/docs/system-parameters
SYSTEM = {"$" + name for name in DOCUMENT["parameters"]} | set(DOCUMENT["parameters"])


def methods(resources):
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from methods(resource.get("resources", {}))


def pattern(path):
    return re.compile("^/" + re.sub(r"\\{[^}]*\\}", "[^/:]+", re.escape(path)) + "$")


def wrong(value, schema, place):
    if "$ref" in schema:
        return wrong(value, DOCUMENT["schemas"][schema["$ref"]], place)
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{place} is no object"]
        known = schema.get("properties", {})
        found = []
        for name, member in value.items():
            if name not in known:
                found.append(f"{place}.{name} is not known")
            else:
                found += wrong(member, known[name], f"{place}.{name}")
        return found
    if kind == "array":
        if not isinstance(value, list):
            return [f"{place} is no list"]
        return [line for item in value for line in wrong(item, schema["items"], place)]
    if "enum" in schema:
        # An enumeration may be given by its number: https://protobuf.dev/programming-guides/json
        return [] if value in schema["enum"] or isinstance(value, int) else [f"{place} is {value!r}"]
    if kind == "string" and not isinstance(value, str):
        return [f"{place} is no text"]
    if kind == "boolean" and not isinstance(value, bool):
        return [f"{place} is no truth value"]
    if schema.get("readOnly"):
        return [f"{place} is only read"]
    return []


for request in json.load(sys.stdin):
    url = urlsplit(request["target"])
    name = f"{request['method']} {url.path}"
    fitting = [
        method
        for method in methods(DOCUMENT["resources"])
        if method["httpMethod"] == request["method"]
        and pattern(method.get("flatPath", method["path"])).match(url.path)
    ]
    if not fitting:
        print(f"{name}: there is no such method")
        continue
    method = fitting[0]
    for parameter, _ in parse_qsl(url.query):
        if parameter not in method.get("parameters", {}) and parameter not in SYSTEM:
            print(f"{name}: the parameter {parameter} is not known")
    body = request["body"]
    if body is None:
        if "request" in method and request["method"] != "POST":
            print(f"{name}: there is no body")
    elif "request" not in method:
        print(f"{name}: there is a body")
    else:
        for line in wrong(body, method["request"], "body"):
            print(f"{name}: {line}")
