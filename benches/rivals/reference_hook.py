#!/usr/bin/env python3
"""The reference: a hook in Python that reads the event and posts it to a local server over HTTP, as the first ccmon did.

With the word `lean` it takes the lower of the two modules that Python has for that, which loads faster.
"""

import json
import os
import sys


def main():
    event = json.load(sys.stdin)
    event["pid"] = os.getppid()
    post = lean if "lean" in sys.argv else usual
    try:
        post(int(os.environ["REFERENCE_PORT"]), json.dumps(event).encode(), {"Content-Type": "application/json"})
    except OSError:
        pass  # Nobody listens: Claude Code goes on.


def usual(port, body, headers):
    import urllib.request
    request = urllib.request.Request(f"http://127.0.0.1:{port}/event", body, headers)
    urllib.request.urlopen(request, timeout=5).read()


def lean(port, body, headers):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", "/event", body, headers)
    connection.getresponse().read()


main()
