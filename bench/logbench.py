"""What a logger costs: for `bench/run log`. Each contender gets services that write the same numbered lines, all begin at
one word (a FIFO that ends), and it is over when all bytes are in files. CPU is that of the logging processes alone.

A machine that does other things favours whoever has more processes: look at the CPU then."""
import os, shutil, subprocess, time

LIMIT_SECONDS = 120


def cpu(pids):
    total = 0
    for pid in pids:
        try:
            total += int(open(f"/proc/{pid}/schedstat").read().split()[0])
        except OSError:
            pass
    return total / 1e9


def size_of(directory):
    total = 0
    try:
        for name in os.listdir(directory):
            if name not in ("lock", "state", "config") and not name.endswith(".idx"):
                try:
                    total += os.path.getsize(f"{directory}/{name}")
                except OSError:
                    pass
    except OSError:
        pass
    return total


class Piped:
    """a process for each service, which reads from a pipe"""
    slow = False

    @classmethod
    def there(cls):
        return shutil.which(cls.program)

    def __init__(self, floor, directory, services, words, tend):
        self.processes, self.loggers, self.directories = [], [], []
        for i in range(services):
            place = f"{directory}/{i}"
            os.makedirs(place)
            self.prepare(place)
            r, w = os.pipe()
            logger = subprocess.Popen(self.words(floor, place), stdin=r, stdout=self.output(place),
                                      stderr=subprocess.DEVNULL)
            self.processes += [logger, subprocess.Popen([floor, *words], stdin=subprocess.DEVNULL, stdout=w)]
            self.loggers.append(logger.pid)
            self.directories.append(place)
            os.close(r)
            os.close(w)

    def prepare(self, place):
        pass

    def output(self, place):
        return subprocess.DEVNULL

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


class Copy(Piped):
    name = "read/write copy"

    @classmethod
    def there(cls):
        return True

    def words(self, floor, place):
        return [floor, "copy", place + "/file"]


class Cat(Piped):
    name, program = "cat, no rotation", "cat"

    def words(self, floor, place):
        return ["cat"]

    def output(self, place):
        return open(place + "/file", "wb")


class S6Log(Piped):
    name, program, slow = "s6-log", "s6-log", True

    def words(self, floor, place):
        return ["s6-log", "n1000", "s8388608", place]


class Svlogd(Piped):
    name, program, slow = "svlogd", "svlogd", True

    def prepare(self, place):
        with open(place + "/config", "w") as f:
            f.write("s8388608\nn1000\n")

    def words(self, floor, place):
        return ["svlogd", "-b", "65536", place]


class Multilog(Piped):
    name, program, slow = "multilog", "multilog", True

    def words(self, floor, place):
        return ["multilog", "s8388608", "n1000", place]


class Rotatelogs(Piped):
    name, program = "rotatelogs", "rotatelogs"

    def words(self, floor, place):
        return ["rotatelogs", place + "/file", "8M"]


class Tend:
    name, slow = "tend", False

    @classmethod
    def there(cls):
        return True

    def __init__(self, floor, directory, services, words, tend):
        self.tend = tend
        names = [f"x{i}" for i in range(services)]
        for name in names:
            with open(f"{tend.dir}/config/{name}.service", "w") as f:
                f.write(f"[Service]\nExecStart={floor} {' '.join(words)}\n[X-Tend]\nLogMaxSize=8G\nLogCompress=no\n")
        tend.call("start", *names)
        self.loggers = [pid for pid in tend.helpers() if open(f"/proc/{pid}/comm").read().strip() == "tendd: logger"]
        self.directories = [f"{tend.dir}/log/{name}" for name in names]

    def end(self):
        self.tend.end()


KINDS = [Copy, Tend, Cat, Rotatelogs, S6Log, Svlogd, Multilog]


def measure(kind, floor, directory, size, services, chunk, tend):
    """MB/s, seconds of CPU, bytes that did not arrive"""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    go = directory + "/go"
    os.mkfifo(go)
    one = kind(floor, directory, services, ["spew", str(size // services), str(chunk), go], tend)
    want = size // services // 100 * 100
    time.sleep(0.2)
    before, begun = cpu(one.loggers), time.monotonic()
    os.close(os.open(go, os.O_WRONLY))
    while any(size_of(d) < want for d in one.directories) and time.monotonic() - begun < LIMIT_SECONDS:
        time.sleep(0.002)
    seconds, used = time.monotonic() - begun, cpu(one.loggers) - before
    lost = sum(max(0, want - size_of(d)) for d in one.directories)
    one.end()
    shutil.rmtree(directory, ignore_errors=True)
    return size / 1e6 / seconds, used, lost
