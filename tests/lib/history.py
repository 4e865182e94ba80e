#!/usr/bin/env python3
"""A log as tend's logger would have left it, for tests of its readers: history.py DIRECTORY <SCRIPT

    line TIME STREAM TEXT     a batch of one line; TEXT with escapes (\\n stands for itself in the bytes: \\x0a)
    bytes TIME STREAM TEXT    the same without a newline
    start TIME RUN            marks
    exit TIME RUN CODE
    drop TIME BYTES
    many TIME STEP COUNT TEXT COUNT lines, {} is their number, STEP apart
    rotate                    the open segment is closed
    pack                      and packed (by zstd), 256 KiB a frame

TIME is in seconds."""
import decimal
import os
import struct
import subprocess
import sys

FRAME = 256 << 10
BATCH, START, EXIT, DROP = 1, 2, 3, 4


def record(time, offset, value, extra, kind, stream):
    head = struct.pack("<qQqqHH", time, offset, value, extra, kind, stream)
    check = 2166136261
    for byte in head:
        check = (check ^ byte) * 16777619 & 0xffffffff
    return head + struct.pack("<I", check)


class Log:
    def __init__(self, path):
        self.path = path
        os.makedirs(path, mode=0o700, exist_ok=True)
        self.last = 0
        self.begin()

    def begin(self):
        self.size, self.first, self.bytes, self.records = 0, 0, [], []

    def add(self, time, kind, value=0, extra=0, stream=0, data=b""):
        self.first = self.first or time
        self.records.append(record(time, self.size, value, extra, kind, stream))
        self.bytes.append(data)
        self.size += len(data)

    def put(self, name, data):
        fd = os.open(f"{self.path}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)

    def close(self, pack=False):
        name = max(self.first, self.last + 1)
        self.last = name
        data = b"".join(self.bytes)
        self.put(f"{name}.idx", b"".join(self.records))
        if pack:
            out, entries = [], []
            for at in range(0, len(data), FRAME):
                self.put("frame", data[at:at + FRAME])
                frame = subprocess.run(["zstd", "-q", "-c", f"{self.path}/frame"], check=True, stdout=subprocess.PIPE).stdout
                out.append(frame)
                entries.append(struct.pack("<II", len(frame), len(data[at:at + FRAME])))
                os.unlink(f"{self.path}/frame")
            table = b"".join(entries) + struct.pack("<IBI", len(entries), 0, 0x8F92EAB1)
            self.put(f"{name}.log.zst", b"".join(out) + struct.pack("<II", 0x184D2A5E, len(table)) + table)
        else:
            self.put(f"{name}.log", data)
        self.begin()

    def end(self):
        self.put("current", b"".join(self.bytes))
        self.put("current.idx", b"".join(self.records))


def main():
    log = Log(sys.argv[1])
    for line in sys.stdin.read().splitlines():
        word, _, rest = line.partition(" ")
        if word in ("rotate", "pack"):
            log.close(word == "pack")
            continue
        if not word or word.startswith("#"):
            continue
        time, _, rest = rest.partition(" ")
        time = int(decimal.Decimal(time) * 10**9)
        if word in ("line", "bytes"):
            stream, _, text = rest.partition(" ")
            data = text.encode().decode("unicode_escape").encode("latin-1")
            log.add(time, BATCH, stream=int(stream), data=data + (b"\n" if word == "line" else b""))
        elif word == "start":
            log.add(time, START, value=4711, extra=int(rest))
        elif word == "exit":
            run, code = rest.split()
            log.add(time, EXIT, value=int(code) << 8 | 1, extra=int(run))
        elif word == "drop":
            log.add(time, DROP, value=int(rest), extra=28)
        elif word == "many":
            step, count, text = rest.split(" ", 2)
            for i in range(int(count)):
                log.add(time + int(i * float(step) * 1e9), BATCH, data=text.replace("{}", str(i)).encode() + b"\n")
        else:
            sys.exit(f"history.py: {line}")
    log.end()


main()
