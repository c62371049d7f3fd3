#!/usr/bin/env python3
"""An MCP server over stdio whose one tool, `ask`, asks the user: an elicitation with the tool's own arguments.

What the user answered is the tool's result, so that the scripted model hears it.
"""
import json
import sys

TOOL = {"name": "ask", "description": "Asks the user", "inputSchema": {"type": "object", "properties": {}}}
CALLS = {}


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def asked(message):
    CALLS["ask-" + str(message["id"])] = message["id"]
    send({"id": "ask-" + str(message["id"]), "method": "elicitation/create", "params": message["params"]["arguments"]})


def answer(message):
    heard = message.get("result", message.get("error"))
    text = {"type": "text", "text": "The user's answer: " + json.dumps(heard, sort_keys=True)}
    send({"id": CALLS.pop(message["id"]), "result": {"content": [text]}})


def result(method, message):
    if method == "initialize":
        version = message["params"].get("protocolVersion")
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "asker", "version": "1"}}
    return {"tools": [TOOL]} if method == "tools/list" else {}


for line in sys.stdin:
    heard = json.loads(line)
    if heard.get("method") == "tools/call":
        asked(heard)
    elif "method" not in heard and heard.get("id") in CALLS:
        answer(heard)
    elif "method" in heard and "id" in heard:
        send({"id": heard["id"], "result": result(heard["method"], heard)})
