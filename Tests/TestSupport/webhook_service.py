"""A service that takes signed events and verifies them with the reference library of Standard Webhooks.

usage: webhook_service.py [--port N] [--answers 503,429,204] [--retry-after VALUE] SECRET [SECRET ...]

The first line of standard output is {"port": N}; with port 0 the system chooses. Then comes one line for each POST:
id, ce-type, ce-subject and attempt as they came, how many bytes the body has, whether one of the secrets verifies it,
and the status that was answered. A verified request is answered 204, any other 401. `--answers` gives the statuses of
the first verified requests instead, one each; the query `?status=503&retry-after=2` decides for its own request.
"""

import argparse
import http.server
import json
import sys
import threading
import urllib.parse

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

# Limit: an event is far smaller; a length that is nonsense must not be waited for.
BODY_BYTES_MAX = 8 << 20


class Service(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # Many lanes connect at once.
    request_queue_size = 128

    def __init__(self, options):
        super().__init__(("127.0.0.1", options.port), Handler)
        self.webhooks = [Webhook(secret) for secret in options.secrets]
        self.answers = [int(status) for status in options.answers.split(",") if status]
        self.retry_after = options.retry_after
        self.lock = threading.Lock()

    def write(self, line):
        with self.lock:
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()

    def next_answer(self):
        with self.lock:
            return self.answers.pop(0) if self.answers else 204

    def verifies(self, body, headers):
        for webhook in self.webhooks:
            try:
                webhook.verify(body, headers, json_parse=False)
                return True
            except (WebhookVerificationError, ValueError):
                pass
        return False


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("content-length", "0"))
        if not 0 <= length <= BODY_BYTES_MAX:
            self.close_connection = True
            self.answer(413, None)
            return
        body = self.rfile.read(length)
        verified = self.server.verifies(body, dict(self.headers.items()))
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        if "status" in query:
            status = int(query["status"][0])
        else:
            status = self.server.next_answer() if verified else 401
        self.server.write(
            {
                "id": self.headers.get("webhook-id"),
                "ce-type": self.headers.get("ce-type"),
                "ce-subject": self.headers.get("ce-subject"),
                "attempt": self.headers.get("relay-attempt"),
                "bytes": length,
                "verified": verified,
                "status": status,
            }
        )
        self.answer(status, query.get("retry-after", [self.server.retry_after])[0])

    def answer(self, status, retry_after):
        self.send_response(status)
        if retry_after and status >= 400:
            self.send_header("Retry-After", retry_after)
        if status not in (204, 304):
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *arguments):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--answers", default="")
    parser.add_argument("--retry-after", default=None)
    parser.add_argument("secrets", nargs="+")
    service = Service(parser.parse_args())
    service.write({"port": service.server_address[1]})
    service.serve_forever()


main()
