#!/usr/bin/python3
"""Holds the hub to what its /api/openapi.json says, with python3-jsonschema.

Usage: openapi.py PORT DEVICE; asks every GET route that ends, and gives DEVICE a command.
"""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

from jsonschema import Draft202012Validator, RefResolver

base = f"http://127.0.0.1:{sys.argv[1]}"
device = sys.argv[2]


def ask(method, path, body=None):
    """The status, the media type and the document of an answer."""
    request = urllib.request.Request(base + path, body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers.get_content_type(), answer.read().decode()


document = json.loads(ask("GET", "/api/openapi.json")[2])
resolver = RefResolver.from_schema(document)


def resolved(part):
    return resolver.resolve(part["$ref"])[1] if "$ref" in part else part


def check(instance, schema, where):
    errors = list(Draft202012Validator(schema, resolver=resolver).iter_errors(instance))
    assert not errors, f"{where}: {errors[0].json_path}: {errors[0].message}"


def walk(part):
    """Every object within the document."""
    if isinstance(part, dict):
        yield part
    for child in part.values() if isinstance(part, dict) else part:
        if isinstance(child, (dict, list)):
            yield from walk(child)


def check_document():
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for part in walk(document):
        if isinstance(part.get("$ref"), str):
            resolver.resolve(part["$ref"])
        if "schema" in part:
            Draft202012Validator.check_schema(part["schema"])
        for example in [part["example"]] if "schema" in part and "example" in part else []:
            check(example, part["schema"], "example")
        for name, example in part.get("examples", {}).items() if "schema" in part else []:
            check(example["value"], part["schema"], f"example {name}")


def check_answer(method, pattern, path, body=None, wanted=200):
    """The answer to a request must be one that the document knows, and look as it says."""
    status, media_type, text = ask(method, path, body)
    assert status == wanted, f"{method} {path}: {status} {text}"
    responses = document["paths"][pattern][method.lower()]["responses"]
    content = resolved(responses.get(str(status), responses["default"])).get("content", {})
    if not content:
        assert text == "", f"{method} {path}: {text}"
        return None
    instance = json.loads(text) if media_type.endswith("json") else text
    check(instance, content[media_type]["schema"], f"{method} {path}")
    return instance


check_document()
assert document["info"]["version"] == json.loads(ask("GET", "/health")[2])["version"]
request = json.dumps({"device_id": device, "command_name": "blink", "ack_timeout_s": 2.5})
receipt = check_answer("POST", "/api/command", "/api/command", request.encode())
values = {"/api/commands/{id}": receipt["command_id"]}
endless = {"/api/events", "/api/live", "/api/openapi.json"}
asked = 0
for pattern, item in document["paths"].items():
    if "get" not in item or pattern in endless:
        continue
    path = pattern.replace("{id}", values.get(pattern, device))
    wanted = 200 if "200" in item["get"]["responses"] else 404
    check_answer("GET", pattern, path, wanted=wanted)
    check_answer("GET", pattern, path + "?text=%ff", wanted=422)
    if pattern.startswith("/api/"):
        check_answer("GET", pattern, path.removeprefix("/api"), wanted=wanted)
    parameters = [resolved(part)["name"] for part in item["get"].get("parameters", [])]
    for name in {"limit", "since", "at", "cursor", "status", "level", "online"} & set(parameters):
        check_answer("GET", pattern, f"{path}?{name}=nonsense", wanted=422)
    asked += 1

nobody = json.dumps({"device_id": "nobody", "command_name": "blink"}).encode()
check_answer("POST", "/api/command", "/api/command", nobody, wanted=404)
check_answer("POST", "/api/command", "/api/command", b"[]", wanted=422)
check_answer("POST", "/api/command", f"/api/command?device_id={device}&command_name=x", wanted=422)
check_answer("GET", "/api/commands/{id}", "/api/commands/none", wanted=404)
check_answer("GET", "/api/live", "/api/live", wanted=426)
check_answer("GET", "/api/live", "/api/live?since=x", wanted=426)
check_answer("GET", "/api/events", "/api/events?since=x", wanted=422)
check_answer("DELETE", "/api/commands/{id}", "/api/commands/" + receipt["command_id"])
check_answer("DELETE", "/api/commands/{id}", "/api/commands/" + receipt["command_id"], wanted=409)
check_answer("POST", "/api/devices/{id}/kick", f"/api/devices/{device}/kick", wanted=202)
check_answer("DELETE", "/api/devices/{id}", f"/api/devices/{device}", wanted=204)
check_answer("DELETE", "/api/devices/{id}", f"/api/devices/{device}", wanted=404)
print(f"{asked} routes")
