"""A collector as strict as protobuf's own JSON parser: what it does not know is an error.

Writes the port it listens on to `port` in the current directory, and a line of JSON to `heard` for each record, metric
and mistake.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from google.protobuf.json_format import MessageToDict, MessageToJson, Parse
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics

turn = Lock()


def heard(line):
    with turn, open("heard", "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def attributes(of):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}


def take_logs(body):
    request = Parse(body, logs.ExportLogsServiceRequest(), ignore_unknown_fields=False)
    for resource in request.resource_logs:
        assert attributes(resource.resource)["service.name"] == "ccmon"
        for scope in resource.scope_logs:
            for record in scope.log_records:
                assert record.time_unix_nano > 10**18 and record.observed_time_unix_nano >= record.time_unix_nano
                heard({"log": record.event_name, "severity": record.severity_number, "about": attributes(record)})
    return logs.ExportLogsServiceResponse()


def take_metrics(body):
    request = Parse(body, metrics.ExportMetricsServiceRequest(), ignore_unknown_fields=False)
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                heard({"metric": metric.name, "data": MessageToDict(metric)})
    return metrics.ExportMetricsServiceResponse()


TAKES = {"/v1/logs": take_logs, "/v1/metrics": take_metrics}


class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            assert self.headers["Content-Type"] == "application/json"
            status, answer = 200, MessageToJson(TAKES[self.path](body)).encode()
        except Exception as error:
            heard({"mistake": repr(error), "path": self.path})
            status, answer = 400, b"{}"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
with open("port", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
server.serve_forever()
