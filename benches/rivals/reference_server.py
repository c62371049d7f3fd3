#!/usr/bin/env python3
"""What the reference's hook posts to: answers at once and keeps nothing but a count, which is less than any server does."""

import http.server
import sys


class Server(http.server.ThreadingHTTPServer):
    taken = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken += 1
        self.send_response(204)
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.server.taken).encode())

    def log_message(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
sys.stdout.close()
server.serve_forever()
