#!/usr/bin/env python3
"""A tendd that only pretends, so that what the client shows can be tested byte for byte: it speaks Varlink on TEND_HOME/run/socket and
answers from a file of canned replies.

    fake-server.py REPLIES [LOG]        returns when it listens; goes on in the background until told "Quit"
    fake-server.py --quit               ends it

REPLIES is JSON: {"List": {...parameters...}, "Stop": {"error": "NoSuchUnit", "parameters": {...}}, ...}. A reply that is a list is
given one at a time, the last one again and again; the string "GONE" breaks the connection instead. Every call is
written to LOG, one JSON object a line. Numbers in strings "now-N" and "now+N" become times relative to now."""
import json
import os
import re
import socket
import sys
import time

HOME = os.environ["TEND_HOME"]


def relative(value):
    if isinstance(value, dict):
        return {key: relative(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [relative(entry) for entry in value]
    match = re.fullmatch(r"now([-+]\d+(?:\.\d+)?)", value) if isinstance(value, str) else None
    return time.time() + float(match.group(1)) if match else value


def serve(listener, replies, log):
    given = {}
    while True:
        connection, _ = listener.accept()
        buffer = b""
        while True:
            try:
                piece = connection.recv(1 << 16)
            except ConnectionError:
                piece = b""
            if not piece:
                break
            buffer += piece
            while b"\0" in buffer:
                message, buffer = buffer.split(b"\0", 1)
                call = json.loads(message)
                method = call["method"].rsplit(".", 1)[1]
                if method == "Quit":
                    connection.sendall(b'{"parameters":{}}\0')
                    return
                if log:
                    with open(log, "a") as file:
                        file.write(json.dumps({"method": method, "parameters": call.get("parameters")}) + "\n")
                if method == "List":  # asked for by verbs that look at units, too
                    replies.setdefault("List", {"units": []})
                reply = replies.get(method, {"error": "Failed", "parameters": {"text": f"no reply for {method}"}})
                if isinstance(reply, list):
                    at = given.get(method, 0)
                    given[method] = at + 1
                    reply = reply[min(at, len(reply) - 1)]
                if reply == "GONE":
                    break
                answer = {"parameters": relative(reply)}
                if "error" in reply:
                    answer = {"error": f"io.tend.{reply['error']}", "parameters": reply.get("parameters", {})}
                connection.sendall(json.dumps(answer).encode() + b"\0")
            else:
                continue
            break
        connection.close()


def main():
    replies, log = {}, None
    if sys.argv[1] != "--quit":
        with open(sys.argv[1]) as file:
            replies = json.load(file)
        log = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
    os.makedirs(f"{HOME}/run", mode=0o700, exist_ok=True)
    os.chmod(f"{HOME}/run", 0o700)
    os.chdir(f"{HOME}/run")  # the path may be longer than an address has room for
    if sys.argv[1] == "--quit":
        client = socket.socket(socket.AF_UNIX)
        client.connect("socket")
        client.sendall(b'{"method":"io.tend.Quit"}\0')
        client.recv(100)
        return
    if os.path.exists("socket"):
        os.unlink("socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket")
    listener.listen(64)
    if os.fork():
        return
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    os.closerange(listener.fileno() + 1, 256)
    try:
        serve(listener, replies, log)
    finally:
        os.unlink("socket")


main()
