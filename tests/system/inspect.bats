# `tend inspect`: each section against /proc and the tools that print the same, on processes made for it.
load ../lib/world
load ../lib/units
load ../lib/subjects

setup() { world_start; }
teardown() {
	subjects_end
	world_end
}

looked() # PID OPTIONS...: the only process of the answer, in $J
{
	J=$BATS_TEST_TMPDIR/inspected.json
	tend inspect --json "$@" >"$BATS_TEST_TMPDIR/all.json"
	python3 -c 'import json, sys; j, = json.load(open(sys.argv[1])); json.dump(j, open(sys.argv[2], "w"))' \
		"$BATS_TEST_TMPDIR/all.json" "$J"
}

text() # PID OPTIONS...: what people see, in $output
{
	run -0 env COLUMNS=300 tend inspect "$@"
}

@test "identity: the program, its replacement, its deletion" {
	local dir="$BATS_TEST_TMPDIR/my dir (x)"
	mkdir "$dir"
	cp /bin/sleep "$dir/a prog"
	subject_program "$dir/a prog" 1000
	looked "$SUBJECT"
	said "$J" 'j["identity"]["executable"].endswith("/my dir (x)/a prog") and j["identity"]["executable_state"] == "same"' \
		'j["identity"]["name"] == "a prog" and j["identity"]["command"].endswith("a prog 1000")' \
		'j["pid"] == '"$SUBJECT" 'j["unreadable"] == [] and j["ended_meanwhile"] is False' \
		'len(j["parents"]) > 1 and j["parents"][-1]["pid"] == 1'
	cp /bin/sleep "$dir/new"
	mv "$dir/new" "$dir/a prog"
	looked "$SUBJECT" --identity
	said "$J" 'j["identity"]["executable_state"] == "replaced"' '"memory" not in j and "files" not in j'
	text "$SUBJECT" --identity
	[[ "$output" == *"another file has this name now; the old one runs"* ]]
	rm "$dir/a prog"
	looked "$SUBJECT" --identity
	said "$J" 'j["identity"]["executable_state"] == "deleted" and j["identity"]["executable"].endswith("/a prog")' \
		'j["identity"]["elf"]["bits"] == 64'
	text "$SUBJECT" --identity
	[[ "$output" == *"deleted since the start"* ]]
}

@test "identity: a file that is really called (deleted)" {
	cp /bin/sleep "$BATS_TEST_TMPDIR/x"
	mkdir "$BATS_TEST_TMPDIR/d (deleted)"
	mv "$BATS_TEST_TMPDIR/x" "$BATS_TEST_TMPDIR/d (deleted)/x"
	subject_program "$BATS_TEST_TMPDIR/d (deleted)/x" 1000
	looked "$SUBJECT" --identity
	said "$J" 'j["identity"]["executable_state"] == "same" and j["identity"]["executable"].endswith("/d (deleted)/x")'
}

@test "identity: kinds of ELF, as readelf says" {
	local dir=$BATS_TEST_TMPDIR kind
	echo 'int pause(void); int main(void) { for (;;) { pause(); } }' >"$dir/p.c"
	for kind in "-no-pie" "-pie -fPIE" "-static -no-pie" "-static-pie -fPIE"; do
		# shellcheck disable=SC2086
		gcc $kind -o "$dir/p" "$dir/p.c"
		subject_program "$dir/p"
		looked "$SUBJECT" --identity
		KIND=$kind python3 - "$J" "$dir/p" <<-'CHECK'
			import json, os, re, subprocess, sys
			elf = json.load(open(sys.argv[1]))["identity"]["elf"]
			told = subprocess.run(["readelf", "-hlW", sys.argv[2]], capture_output=True, text=True, check=True).stdout
			kind = os.environ["KIND"]
			assert elf["entry"] == int(re.search(r"Entry point address:\s+(0x\w+)", told)[1], 16), elf
			assert elf["pie"] == ("no-pie" not in kind), (kind, elf)
			assert elf["linked"] == ("static" if "static" in kind else "dynamic"), (kind, elf)
			wanted = re.search(r"interpreter: (\S+)\]", told)
			assert elf["interpreter"] == (wanted[1] if wanted else None), elf
			assert elf["entry_at"] % 4096 == elf["entry"] % 4096 and (elf["pie"] or elf["entry_at"] == elf["entry"]), elf
		CHECK
		subjects_end
	done
}

@test "identity: addresses that are not random" {
	setarch -R true || skip "this machine does not let a program ask for it"
	setarch -R /bin/sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	SUBJECTS+=($!)
	until_true "[ \"\$(readlink /proc/$!/exe)\" = \"\$(readlink -f /bin/sleep)\" ]"
	looked "$!" --identity
	said "$J" 'j["identity"]["aslr"] is False'
	text "$!" --identity
	[[ "$output" == *"ASLR is off"* ]]
	subject_program /bin/sleep 1000
	looked "$SUBJECT" --identity
	said "$J" 'j["identity"]["aslr"] is (open("/proc/sys/kernel/randomize_va_space").read() != "0\n")'
}

@test "identity: libraries updated on the disk, still mapped" {
	local dir=$BATS_TEST_TMPDIR
	echo 'int other(void) { return 1; }' >"$dir/l.c"
	gcc -shared -fPIC -o "$dir/libold one.so" "$dir/l.c"
	cp "$dir/libold one.so" "$dir/libgone.so"
	cp "$dir/libold one.so" "$dir/libkept.so"
	LIBS=$dir subject it <<-'CODE'
		kept = [ctypes.CDLL(os.environ["LIBS"] + n) for n in ("/libold one.so", "/libgone.so", "/libkept.so")]
		ready(); forever()
	CODE
	cp "$dir/libold one.so" "$dir/new"
	mv "$dir/new" "$dir/libold one.so"
	rm "$dir/libgone.so"
	looked "$SUBJECT" --identity
	said "$J" '{os.path.basename(l["path"]): l["state"] for l in j["identity"]["libraries"] if l["state"] != "same"} == {"libold one.so": "replaced", "libgone.so": "deleted"}' \
		'any(l["path"].endswith("/libkept.so") for l in j["identity"]["libraries"])'
	text "$SUBJECT" --identity
	[[ "$output" == *"libold one.so: another file has this name now"* ]]
	touch -d '1 hour' "$dir/libkept.so" # as writing into it does
	looked "$SUBJECT" --identity
	said "$J" '[l["state"] for l in j["identity"]["libraries"] if l["path"].endswith("/libkept.so")] == ["changed"]'
}

@test "odd names and arguments are shown harmlessly" {
	subject it <<-'CODE'
		name("a) R 1 (\n\x1b[31m")
		ready(); forever()
	CODE
	looked "$SUBJECT" --identity --state
	said "$J" 'j["identity"]["name"] == "a) R 1 (\n\x1b[31m" and j["state"]["letter"] == "S"'
	text "$SUBJECT"
	[[ "$output" != *$'\e'* ]]
	[[ "$output" == *'a) R 1 (\x0a\x1b[31m'* ]]
	subject utf <<-'CODE'
		name("가나다라마")
		ready(); forever()
	CODE
	text "$SUBJECT" --identity
	[[ "$output" == *"가나다라마"* ]]
}

@test "session, parents: as /proc says" {
	subject it <<-'CODE'
		os.setsid()
		if os.fork() == 0:
		    os.setpgid(0, 0)
		    ready(os.getpid())
		forever()
	CODE
	SUBJECTS+=("$SAID")
	looked "$SAID" --session --parents
	said "$J" "j['session']['session'] == $SUBJECT and j['session']['group'] == $SAID" \
		'j["session"]["terminal"] is None and j["session"]["is_group_leader"] and not j["session"]["is_session_leader"]' \
		"j['parents'][0]['pid'] == $SUBJECT" '"identity" not in j'
	text "$SAID" --parents
	[[ "$output" == *"child of  $SUBJECT python3"* ]]
}

@test "state: what it waits for, by name" {
	subject reads <<-'CODE'
		r, w = os.pipe()
		os.dup2(r, 77)
		ready(os.readlink("/proc/self/fd/77"))
		os.read(77, 1)
	CODE
	until_true "grep -q '^0 0x4d' /proc/$SUBJECT/syscall"
	looked "$SUBJECT" --state
	SAID=$SAID said "$J" 'j["state"]["call"] == "read" and os.environ["SAID"] in j["state"]["waits"] and "descriptor 77" in j["state"]["waits"]'
	subject waits <<-'CODE'
		if os.fork() == 0:
		    libc.prctl(1, 9, 0, 0, 0)
		    forever()
		ready(); os.wait()
	CODE
	until_true "grep -q '^61 ' /proc/$SUBJECT/syscall"
	text "$SUBJECT" --state
	[[ "$output" == *"for a child to end"* ]]
}

@test "state: stopped, zombie, uninterruptible" {
	subject it <<-'CODE'
		child = os.fork()
		if child == 0:
		    os._exit(3)
		os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
		ready(child); forever()
	CODE
	looked "$SAID"
	said "$J" 'j["state"]["state"] == "zombie" and j["memory"]["rss"] is None and j["unreadable"] == []' \
		"'its parent $SUBJECT' in j['state']['note']"
	text "$SAID"
	[[ "$output" == *"No signal changes it"* ]]
	kill -STOP "$SUBJECT"
	until_true "grep -q '^State:.T' /proc/$SUBJECT/status"
	text "$SUBJECT" --state
	[[ "$output" == *"stopped (T)"*SIGCONT* ]]
	# a parent whose vfork child has not executed yet sleeps uninterruptibly
	cat >"$BATS_TEST_TMPDIR/v.c" <<-'PROGRAM'
		#include <signal.h>
		#include <sys/prctl.h>
		#include <unistd.h>
		int main(void) { if (vfork() == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); pause(); _exit(0); } return 0; }
	PROGRAM
	gcc -o "$BATS_TEST_TMPDIR/v" "$BATS_TEST_TMPDIR/v.c"
	subject_program "$BATS_TEST_TMPDIR/v"
	until_true "grep -q '^State:.D' /proc/$SUBJECT/status"
	text "$SUBJECT" --state
	[[ "$output" == *"disk (D)"*"no signal helps"* ]]
}

@test "signals: by name" {
	subject it <<-'CODE'
		signal.signal(signal.SIGHUP, signal.SIG_IGN)
		signal.signal(signal.SIGUSR2, lambda *a: None)
		signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGRTMIN + 3})
		os.kill(os.getpid(), signal.SIGUSR1)
		ready(); forever()
	CODE
	looked "$SUBJECT" --signals
	said "$J" 'j["signals"]["blocked"] == ["SIGUSR1", "SIGRTMIN+3"] or j["signals"]["blocked"] == ["SIGUSR1", "RTMIN+3"]' \
		'"SIGHUP" in j["signals"]["ignored"] and "SIGPIPE" in j["signals"]["ignored"]' \
		'j["signals"]["caught"] == ["SIGUSR2"]' \
		'j["signals"]["pending"] == ["SIGUSR1"] and j["signals"]["pending_thread"] == []'
}

@test "limits: every line of /proc, and what is used" {
	subject it <<-'CODE'
		import resource
		resource.setrlimit(resource.RLIMIT_NOFILE, (77, 99))
		resource.setrlimit(resource.RLIMIT_CORE, (0, 4096))
		kept = [open("/dev/null") for i in range(20)]
		ready(); forever()
	CODE
	looked "$SUBJECT" --limits
	python3 - "$J" "$SUBJECT" <<-'CHECK'
		import json, os, sys
		limits = {l["limit"]: l for l in json.load(open(sys.argv[1]))["limits"]}
		seen = 0
		for line in open(f"/proc/{sys.argv[2]}/limits").read().splitlines()[1:]:
		    name, soft, hard = line[:26].strip(), line[26:47].strip(), line[47:68].strip()
		    told = limits[name.removeprefix("Max ")]
		    number = lambda t: None if t == "unlimited" else int(t)
		    assert (told["soft"], told["hard"]) == (number(soft), number(hard)), (line, told)
		    assert told["unit"] == line[68:].strip(), (line, told)
		    seen += 1
		assert seen == len(limits) == 16
		assert limits["open files"]["used"] == len(os.listdir(f"/proc/{sys.argv[2]}/fd"))
		assert limits["open files"]["soft"] == 77 and limits["stack size"]["used"] > 0
	CHECK
}

@test "memory: the numbers of /proc, the largest maps, where things lie" {
	subject it <<-'CODE'
		import mmap
		m = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
		for i in range(0, 64 << 20, 4096): m[i] = 1
		ready(); os.kill(os.getpid(), signal.SIGSTOP)
	CODE
	until_true "grep -q '^State:.T' /proc/$SUBJECT/status"
	looked "$SUBJECT" --memory --maps 3
	python3 - "$J" "$SUBJECT" <<-'CHECK'
		import json, re, sys
		memory, pid = json.load(open(sys.argv[1]))["memory"], sys.argv[2]
		field = lambda file, key: int(re.search(rf"^{key}:\s+(\d+) kB", open(f"/proc/{pid}/{file}").read(), re.M)[1]) * 1024
		for key, name in ("VmRSS", "rss"), ("VmHWM", "peak"), ("VmSize", "virtual"), ("VmSwap", "swap"), ("RssAnon", "anonymous"):
		    assert memory[name] == field("status", key), (name, memory)
		assert abs(memory["pss"] - field("smaps_rollup", "Pss")) < 8 << 20
		maps = open(f"/proc/{pid}/maps").read().splitlines()
		assert memory["maps"] == len(maps) and len(memory["largest"]) == 3
		top = memory["largest"][0]
		assert top["what"] == "anonymous" and top["rss"] >= 64 << 20 and top["size"] >= 64 << 20, top
		where = lambda what, perms: [int(l.split("-")[0], 16) for l in maps if l.endswith(what) and perms in l]
		parts = {p["part"]: p for p in memory["layout"]}
		assert parts["heap"]["start"] == where("[heap]", "rw-p")[0] and parts["stack"]["start"] == where("[stack]", "rw-p")[0]
		code = where(parts["code"]["what"], "r-xp")
		assert parts["code"]["start"] in code and parts["data"]["perms"] == "rw-p"
	CHECK
	text "$SUBJECT" --memory
	[[ "$output" == *"[heap]"* && "$output" == *"the largest of"* ]]
}

@test "cpu and io: as the kernel counts them" {
	subject it <<-'CODE'
		import threading
		os.nice(3)
		os.sched_setaffinity(0, {0})
		end = time.process_time() + 0.3
		while time.process_time() < end: pass
		threads = [threading.Thread(target=threading.Event().wait, daemon=True) for i in range(3)]
		for t in threads: t.start()
		with open(sys.argv[1] + ".data", "w") as f: f.write("x" * 1000000)
		ready(); os.kill(os.getpid(), signal.SIGSTOP)
	CODE
	until_true "grep -q '^State:.T' /proc/$SUBJECT/status"
	looked "$SUBJECT" --cpu --io
	python3 - "$J" "$SUBJECT" <<-'CHECK'
		import glob, json, os, re, sys
		j, pid = json.load(open(sys.argv[1])), sys.argv[2]
		cpu, io = j["cpu"], j["io"]
		stat = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
		ticks = os.sysconf("SC_CLK_TCK")
		assert abs(cpu["user"] + cpu["system"] - (int(stat[11]) + int(stat[12])) / ticks) < 0.001 and cpu["user"] + cpu["system"] >= 0.25
		assert cpu["nice"] == os.getpriority(os.PRIO_PROCESS, int(pid)) and cpu["cpus"] == "0" and cpu["threads"] == 4
		own = sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", open(f).read(), re.M)[1]) for f in glob.glob(f"/proc/{pid}/task/*/status"))
		assert cpu["switches"] == own, (cpu, own)
		told = dict(l.split(": ") for l in open(f"/proc/{pid}/io").read().splitlines())
		assert io["written"] == int(told["wchar"]) >= 1000000 and io["reads"] == int(told["syscr"]) and io["disk_read"] == int(told["read_bytes"])
	CHECK
}

@test "files: names, modes, positions, deleted" {
	subject it <<-'CODE'
		d = os.path.dirname(sys.argv[1])
		os.dup2(os.open(d + "/a b\n(c) 가", os.O_RDWR | os.O_CREAT | os.O_APPEND), 50)
		os.write(50, b"12345")
		os.dup2(os.open(d + "/gone", os.O_WRONLY | os.O_CREAT), 51)
		os.unlink(d + "/gone")
		os.dup2(os.open("/dev/zero", os.O_RDONLY | os.O_NONBLOCK), 52)
		r, w = os.pipe(); os.dup2(r, 53); os.dup2(w, 54)
		os.dup2(os.memfd_create("mine"), 55)
		os.dup2(os.eventfd(0), 56)
		ready(); forever()
	CODE
	looked "$SUBJECT" --files
	python3 - "$J" "$SUBJECT" "$BATS_TEST_TMPDIR" <<-'CHECK'
		import json, os, sys
		files, d = {f["fd"]: f for f in json.load(open(sys.argv[1]))["files"]}, os.path.realpath(sys.argv[3])
		assert sorted(files) == sorted(map(int, os.listdir(f"/proc/{sys.argv[2]}/fd")))
		assert files[50]["name"] == d + "/a b\n(c) 가" and files[50]["mode"] == "rw" and files[50]["position"] == 5 and "append" in files[50]["flags"], files[50]
		assert files[51]["name"] == d + "/gone" and files[51]["deleted"] and files[51]["mode"] == "w"
		assert files[52]["kind"] == "device" and files[52]["mode"] == "r" and "nonblock" in files[52]["flags"]
		assert files[53]["kind"] == "pipe" == files[54]["kind"] and files[53]["name"] == files[54]["name"] and (files[53]["mode"], files[54]["mode"]) == ("r", "w")
		assert files[55]["kind"] == "memfd" and files[56]["kind"] == "[eventfd]", (files[55], files[56])
	CHECK
	text "$SUBJECT" --files
	[[ "$output" == *'a b\x0a(c) 가'* && "$output" == *"/gone (deleted)"* ]]
}

@test "sockets: addresses and who is at the other end" {
	subject server <<-'CODE'
		s = socket.create_server(("127.0.0.1", 0)); os.dup2(s.fileno(), 60)
		u = socket.socket(socket.AF_UNIX); u.bind("\0there " + str(os.getpid())); u.listen(); os.dup2(u.fileno(), 61)
		six = socket.create_server(("::1", 0), family=socket.AF_INET6); os.dup2(six.fileno(), 62)
		ready(f"{s.getsockname()[1]} {six.getsockname()[1]}")
		c, _ = s.accept(); os.dup2(c.fileno(), 63)
		d, _ = u.accept(); os.dup2(d.fileno(), 64)
		open(sys.argv[1] + ".accepted", "w").close()
		forever()
	CODE
	local server=$SUBJECT ports=$SAID
	PORT=${ports% *} SERVER=$server subject client <<-'CODE'
		s = socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))); os.dup2(s.fileno(), 70)
		u = socket.socket(socket.AF_UNIX); u.connect("\0there " + os.environ["SERVER"]); os.dup2(u.fileno(), 71)
		ready(s.getsockname()[1]); forever()
	CODE
	until_true "[ -e '$BATS_TEST_TMPDIR/subject.server.accepted' ]"
	looked "$server" --sockets
	python3 - "$J" "$server" "$SUBJECT" "$SAID" $ports <<-'CHECK'
		import json, sys
		sockets = {s["fd"]: s for s in json.load(open(sys.argv[1]))["sockets"]}
		server, client, from_port, port, six = sys.argv[2:]
		assert (sockets[60]["protocol"], sockets[60]["state"], sockets[60]["local"], sockets[60]["remote"]) == ("tcp", "listening", "127.0.0.1:" + port, None), sockets[60]
		assert (sockets[61]["protocol"], sockets[61]["state"], sockets[61]["local"]) == ("unix", "listening", "@there " + server), sockets[61]
		assert (sockets[62]["protocol"], sockets[62]["local"]) == ("tcp6", "[::1]:" + six), sockets[62]
		assert sockets[63]["state"] == "connected" and sockets[63]["remote"] == "127.0.0.1:" + from_port, sockets[63]
		for fd in 63, 64:
		    assert sockets[fd]["peer"]["pid"] == int(client), sockets[fd]
	CHECK
	text "$SUBJECT" --sockets
	[[ "$output" == *"$server python3"* ]]
}

@test "environment: secrets are hidden, also in 2 MB; the difference to here" {
	env -i PATH=/usr/bin:/bin PASSWORD=hunter2 MY_API_TOKEN=abcd DATABASE=postgres://me:letmein@db/x KEYBOARD=qwertz EMPTY_SECRET= \
		$'NEWLINE=a\nb' SAME=1 CHANGED=there LARGE="$(head -c 120000 /dev/zero | tr '\0' x)" \
		python3 -B -c 'import os, sys
for i in range(16): os.environ[f"FILL{i}"] = "y" * 120000
os.execve("/bin/sleep", ["sleep", "1000"], os.environ)' </dev/null >/dev/null 2>&1 3>&- &
	SUBJECTS+=($!)
	until_true "[ \"\$(readlink /proc/$!/exe)\" = \"\$(readlink -f /bin/sleep)\" ]"
	until_true "grep -q FILL15 /proc/$!/environ"
	looked "$!" --environment
	said "$J" 'sum(len(v["value"]) for v in j["environment"]["variables"]) > 2000000' \
		'{v["name"] for v in j["environment"]["variables"] if v["masked"]} == {"PASSWORD", "MY_API_TOKEN", "DATABASE"}' \
		'{v["name"]: v["value"] for v in j["environment"]["variables"]}["NEWLINE"] == "a\nb"' \
		'"hunter2" not in json.dumps(j) and "letmein" not in json.dumps(j)'
	looked "$!" --environment --secrets
	said "$J" '{v["name"]: v["value"] for v in j["environment"]["variables"]}["PASSWORD"] == "hunter2"' \
		'not any(v["masked"] for v in j["environment"]["variables"])'
	SAME=1 CHANGED=here ONLY_HERE=x looked "$!" --env-diff
	said "$J" '"ONLY_HERE" in [v["name"] for v in j["environment"]["only_here"]] and "KEYBOARD" in [v["name"] for v in j["environment"]["only_there"]]' \
		'[(v["value"], v["here"]) for v in j["environment"]["different"] if v["name"] == "CHANGED"] == [("there", "here")]' \
		'"SAME" not in json.dumps({k: v for k, v in j["environment"].items() if k != "variables"})' '"files" not in j'
	PASSWORD=other text "$!" --env-diff
	[[ "$output" != *hunter2* && "$output" != *other* && "$output" == *"--secrets shows them"* ]]
}

@test "namespaces, capabilities, seccomp, cgroup" {
	[ "$(id -u)" = 0 ] || skip "namespaces of its own need root here"
	setpriv --bounding-set -sys_time,-mknod --no-new-privs unshare -u -i /bin/sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	SUBJECTS+=($!)
	until_true "[ \"\$(readlink /proc/$!/exe)\" = \"\$(readlink -f /bin/sleep)\" ]"
	looked "$!" --namespaces --capabilities --seccomp --cgroup
	PID=$! said "$J" '[n["kind"] for n in j["namespaces"] if not n["ours"]] == ["ipc", "uts"]' \
		'all(str(n["inode"]) in os.readlink("/proc/%s/ns/%s" % (os.environ["PID"], n["kind"])) for n in j["namespaces"])' \
		'"sys_time" not in j["capabilities"]["bounding"] and "chown" in j["capabilities"]["bounding"] and j["capabilities"]["no_new_privileges"] == 1' \
		'j["seccomp"]["mode"] == "none"' \
		'[l.split("::")[1].strip() for l in open("/proc/%s/cgroup" % os.environ["PID"]) if l.startswith("0:")] in ([], [j["cgroup"]["path"]])' || return 1
	text "$!" --capabilities
	[[ "$output" == *bounding*"but"*sys_time* ]]
	[[ "$output" == *effective* ]]
}

@test "a unit: its main process, or all of them" {
	unit_service it "ExecStart=/bin/sh -c 'sleep 1000 & exec sleep 2000'"
	tend start --quiet it
	local pid
	pid=$(world_pid it)
	until_true "[ \"\$(cat /proc/$pid/comm)\" = sleep ]"
	looked it --identity --state
	said "$J" "j['pid'] == $pid and j['unit'] == 'it'"
	looked "$pid" --state
	said "$J" "j['unit'] == 'it'"
	text it --identity
	[[ "$output" == *"of the unit it"* && "$output" == *"it has 2 processes; --each shows each"* ]]
	tend inspect --each --json it >"$BATS_TEST_TMPDIR/all"
	said "$BATS_TEST_TMPDIR/all" "len(j) == 2 and $pid in [p['pid'] for p in j] and all(p['identity']['name'] == 'sleep' for p in j)"
	tend stop --quiet it
	run -3 --separate-stderr tend inspect it
	[[ "$stderr" == *"it does not run"* ]]
	run -4 --separate-stderr tend inspect nonesuch
	run -2 --separate-stderr tend inspect
}

@test "nobody there, and one that ends while it is looked at" {
	run -3 --separate-stderr tend inspect 2147483647
	[[ "$stderr" == *"there is no process 2147483647"* ]]
	subject storm <<-'CODE'
		if os.fork() == 0:
		    libc.prctl(1, 9, 0, 0, 0)
		    ready()
		    while True:
		        child = os.fork()
		        if child == 0: os._exit(0)
		        with open(sys.argv[1] + ".pid.new", "w") as f: f.write(str(child))
		        os.rename(sys.argv[1] + ".pid.new", sys.argv[1] + ".pid")
		        os.waitpid(child, 0)
		forever()
	CODE
	local status i
	until_true "[ -s '$BATS_TEST_TMPDIR/subject.storm.pid' ]"
	for i in $(seq 60); do
		status=0
		tend inspect --json "$(cat "$BATS_TEST_TMPDIR/subject.storm.pid")" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
		[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || { cat "$BATS_TEST_TMPDIR/err"; false; }
		said "$BATS_TEST_TMPDIR/out" 'len(j) <= 1' || false
	done
}

@test "a plain user is told what is not for him" {
	[ "$(id -u)" = 0 ] || skip "needs root to have something to hide"
	subject_program /bin/sleep 1000
	local pid=$SUBJECT
	world_plain
	run -0 tend inspect "$pid"
	[[ "$output" == *"not readable  environ: not permitted; root may"* ]]
	[[ "$output" == *"not readable  fd: not permitted; root may"* && "$output" != *"files  none"* ]]
	looked "$pid"
	said "$J" '{u["section"] for u in j["unreadable"]} >= {"identity", "state", "limits", "memory", "io", "files", "sockets", "environment", "namespaces"}' \
		'j["identity"]["executable"] is None and j["identity"]["user"] == "root" and j["memory"]["rss"] > 0'
	setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
	SUBJECTS+=($!)
	until_true "[ \"\$(readlink /proc/$!/exe)\" = \"\$(readlink -f /bin/sleep)\" ]"
	looked "$!"
	said "$J" 'j["unreadable"] == [] and j["identity"]["executable_state"] == "same"'
}

@test "with hidepid, without /proc, in a pid namespace" {
	[ "$(id -u)" = 0 ] || skip "needs root for mounts of its own"
	subject_program /bin/sleep 1000
	local plain="setpriv --reuid=65534 --regid=65534 --clear-groups"
	cp "$TEND_BUILD/tend" "$BATS_TEST_TMPDIR/tend"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/tend"
	run -3 unshare -m sh -c "mount -t proc -o hidepid=2 proc /proc && exec $plain '$BATS_TEST_TMPDIR/tend' inspect $SUBJECT"
	[[ "$output" == *"there is no process $SUBJECT (or it is hidden from you)"* ]]
	run -0 unshare -m -p -f --mount-proc tend inspect --json --parents --session 1
	echo "$output" >"$BATS_TEST_TMPDIR/out"
	said "$BATS_TEST_TMPDIR/out" 'j[0]["pid"] == 1 and j[0]["parents"] == []'
	! grep -q __asan_init "$TEND_BUILD/tend" || skip "a sanitizer itself cannot do without /proc"
	run -1 unshare -m sh -c "mount -t tmpfs tmpfs /proc && exec tend inspect 1"
	[[ "$output" == *"/proc is not mounted here"* ]]
}
