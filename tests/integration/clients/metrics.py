#!/usr/bin/python3
"""Reads /metrics with the parser of python3-prometheus-client.

Usage: metrics.py PORT; prints one line `name type` for each family.
"""
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=60) as answer:
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.read().decode()

# What `promtool check metrics` asks for beyond the syntax.
for family in text_string_to_metric_families(text):
    assert family.documentation, f"{family.name} has no help"
    assert family.samples, f"{family.name} has no sample"
    assert family.type in ("counter", "gauge", "histogram"), f"{family.name} is a {family.type}"
    assert family.name.startswith(("hub_", "process_")), family.name
    assert not family.name.endswith(("_count", "_sum", "_bucket", "_milliseconds")), family.name
    if family.type != "counter":
        assert not family.name.endswith("_total"), f"{family.name} is no counter"
    for sample in family.samples:
        assert not {"device", "device_id", "address"} & sample.labels.keys(), sample
    print(family.name, family.type)
