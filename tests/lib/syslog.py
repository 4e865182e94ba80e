#!/usr/bin/env python3
"""A syslog receiver for tests: syslog.py udp|tcp|unix|stream ADDRESS FILE. Each message becomes a line of FILE; PORT is
written into FILE.port (0 as a port: any that is free). Until it is killed."""
import os
import re
import socket
import sys

kind, address, path = sys.argv[1:4]
out = open(path, "ab", buffering=0)


def bound():
    if kind in ("unix", "stream"):
        if os.path.exists(address):
            os.unlink(address)
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if kind == "unix" else socket.SOCK_STREAM)
        s.bind(address)
        return s
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == "udp":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind(("127.0.0.1", int(address)))
    return s


def tell(port):
    with open(path + ".port.new", "w") as f:
        f.write(str(port))
    os.rename(path + ".port.new", path + ".port")


s = bound()
if kind in ("tcp", "stream"):
    s.listen(5)
tell(s.getsockname()[1] if kind in ("udp", "tcp") else 0)
while kind in ("udp", "unix"):
    out.write(s.recv(1 << 17) + b"\n")
while True:
    c, data = s.accept()[0], b""
    while piece := c.recv(1 << 16):
        data += piece
        while m := re.match(rb"(\d+) ", data):
            size = int(m.group(1))
            if len(data) < m.end() + size:
                break
            out.write(data[m.end():m.end() + size] + b"\n")
            data = data[m.end() + size:]
