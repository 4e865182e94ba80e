#!/usr/bin/env python3
"""no-netlink COMMAND...: runs it where socket(AF_NETLINK) fails with EAFNOSUPPORT, as in many a sandbox (seccomp)."""
import ctypes
import os
import platform
import struct
import sys

SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]
AF_NETLINK, EAFNOSUPPORT = 16, 97


def code(op, jt, jf, k):
    return struct.pack("HBBI", op, jt, jf, k)


program = b"".join([
    code(0x20, 0, 0, 0),  # the number of the call
    code(0x15, 0, 3, SOCKET),
    code(0x20, 0, 0, 16),  # its first argument
    code(0x15, 0, 1, AF_NETLINK),
    code(0x06, 0, 0, 0x00050000 | EAFNOSUPPORT),
    code(0x06, 0, 0, 0x7FFF0000),
])
buffer = ctypes.create_string_buffer(program)
libc = ctypes.CDLL(None, use_errno=True)
fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.create_string_buffer(fprog), 0, 0) == 0, ctypes.get_errno()
os.execvp(sys.argv[1], sys.argv[1:])
