"""Whether a collector heard of every stored event once and in order: HEARD, and the events as `GET /events` tells them."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    heard = [json.loads(line) for line in file]
stored = json.load(sys.stdin)["events"]
mistakes = [line for line in heard if "mistake" in line]
assert not mistakes, mistakes
records = [line for line in heard if "log" in line]
told = [(line["about"]["ccmon.event.id"], line["log"]) for line in records if "ccmon.event.id" in line["about"]]
assert told == [(event["id"], event["kind"]) for event in stored], (len(told), len(stored))
for record, event in zip([line for line in records if "ccmon.event.id" in line["about"]], stored):
    about = record["about"]
    assert about["session.id"] == event["session_id"], about
    cut = about["ccmon.payload"]
    assert cut and (about.get("ccmon.payload.cut") or json.loads(cut) == event["payload"]), about
metrics = {line["metric"] for line in heard if "metric" in line}
assert "ccmon.sessions" in metrics, metrics
states = sum(line["log"] == "ccmon.state" for line in records)
assert states > 2, states
print(f"{len(told)} events, {states} changes of state and {len(metrics)} metrics, read by protobuf's own parser")
