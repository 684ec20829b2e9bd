"""Says how h11 and httptools read the first request of a byte stream.

Each line of standard input is a stream in hexadecimal; each line of standard output is a JSON object with one member
for each of the two: {"read": [method, target, [[name, value], ...], body, end]}, {"refused": why} or {} while the
request is not complete. Bytes are written as Latin-1 text, names in lower case, `end` counts the bytes of the request.
"""

import json
import sys

import h11
import httptools


def text(data):
    return bytes(data).decode("latin-1")


def read_with_h11(stream):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(stream)
    request, body = None, b""
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return {}
            if isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                fields = [[text(name), text(value)] for name, value in request.headers]
                end = len(stream) - len(connection.trailing_data[0])
                return {"read": [text(request.method), text(request.target), fields, text(body), end]}
    except h11.RemoteProtocolError as error:
        return {"refused": str(error)}


class Callbacks:
    def __init__(self):
        self.url, self.fields, self.body, self.complete = b"", [], b"", False
        self.in_head = True

    def on_url(self, data):
        self.url += data

    def on_header(self, name, value):
        if self.in_head:
            self.fields.append([text(name).lower(), text(value)])

    def on_headers_complete(self):
        self.in_head = False

    def on_body(self, data):
        self.body += data

    def on_message_complete(self):
        self.complete = True


def read_with_httptools(stream):
    callbacks = Callbacks()
    parser = httptools.HttpRequestParser(callbacks)
    # Byte by byte, since only that shows where a request ends.
    for index in range(len(stream)):
        try:
            parser.feed_data(stream[index : index + 1])
        except httptools.HttpParserUpgrade:
            pass
        except httptools.HttpParserError as error:
            return {"refused": str(error)}
        if callbacks.complete:
            method = text(parser.get_method())
            return {"read": [method, text(callbacks.url), callbacks.fields, text(callbacks.body), index + 1]}
    return {}


def main():
    for line in sys.stdin:
        stream = bytes.fromhex(line.strip())
        print(json.dumps({"h11": read_with_h11(stream), "httptools": read_with_httptools(stream)}), flush=False)
        sys.stdout.flush()


main()
