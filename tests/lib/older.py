#!/usr/bin/env python3
"""Runs a command on a kernel that seems older: a seccomp filter makes newer system calls fail as they do there. What the
command starts has the filter too.

usage: older.py WHAT... -- COMMAND...
WHAT    execveat     it finds nothing (5.10 in an initramfs)
        clone3       it is unknown (5.2, and containers' filters)
        into-cgroup  clone3 without CLONE_INTO_CGROUP (5.6): its longer struct is refused
        cloexec      close_range without CLOSE_RANGE_CLOEXEC (5.10)
        peerpidfd    no SO_PEERPIDFD (6.4)
        info         no PIDFD_GET_INFO (6.12)
"""
import ctypes
import errno
import os
import platform
import struct
import sys

NUMBERS = {"x86_64": {"execveat": 322, "clone3": 435, "close_range": 436, "getsockopt": 55, "ioctl": 16},
           "aarch64": {"execveat": 281, "clone3": 435, "close_range": 436, "getsockopt": 209, "ioctl": 29}}
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LOAD, EQUAL, SET, RETURN = 0x20, 0x15, 0x45, 0x06  # BPF: load a word, jump if equal, jump if a bit is set, return


def rule(name, argument, test, value, number):
    """when `name` is called and its argument passes the test: fail with `number`; argument None: always"""
    call = NUMBERS[platform.machine()][name]
    end = [(RETURN, 0, 0, ERRNO | number)]
    if argument is None:
        body = end
    else:
        body = [(LOAD, 0, 0, 16 + 8 * argument), (test, 0, 1, value), *end]
    return [(LOAD, 0, 0, 0), (EQUAL, 0, len(body), call), *body]


RULES = {
    "execveat": [("execveat", None, EQUAL, 0, errno.ENOENT)],
    "clone3": [("clone3", None, EQUAL, 0, errno.ENOSYS)],
    "into-cgroup": [("clone3", None, EQUAL, 0, errno.E2BIG)],
    "cloexec": [("close_range", 2, SET, 4, errno.EINVAL)],
    "peerpidfd": [("getsockopt", 2, EQUAL, 77, errno.ENOPROTOOPT)],
    "info": [("ioctl", 1, EQUAL, 0xC040FF0B, errno.ENOTTY)],
}


def main():
    at = sys.argv.index("--")
    program = []
    for what in sys.argv[1:at]:
        for one in RULES[what]:
            program += rule(*one)
    program.append((RETURN, 0, 0, ALLOW))
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code)
    libc = ctypes.CDLL(None, use_errno=True)
    fprog = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    if os.geteuid() != 0 and libc.prctl(38, 1, 0, 0, 0) != 0:  # PR_SET_NO_NEW_PRIVS
        sys.exit(os.strerror(ctypes.get_errno()))
    if libc.prctl(22, 2, ctypes.c_char_p(fprog), 0, 0) != 0:  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        sys.exit(os.strerror(ctypes.get_errno()))
    os.execvp(sys.argv[at + 1], sys.argv[at + 1:])


main()
