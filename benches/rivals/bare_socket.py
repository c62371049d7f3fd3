#!/usr/bin/env python3
"""A daemon that does nothing: it reads what a hook sends, and answers at once."""

import socket
import sys

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(64)
while True:
    hook, _ = listener.accept()
    hook.recv(65536)
    hook.send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    hook.close()
