# What the client makes of answers: tables at several widths, prose, receipts, JSON, exit codes. The answers are canned.
load ../lib/world
load ../lib/expect

setup() { client_start; }
teardown() { client_end; }

units()
{
	cat <<'JSON'
{"List": {"units": [
 {"name": "web", "state": "running", "why": null, "pid": 4711, "uptime": 11520.5, "restarts": 0, "cpu": 12.5, "cpu_percent": 1.25,
  "memory": 48234496, "tasks": 5, "exit": null, "description": "the web shop, with a long description of what it is for", "next_try": null},
 {"name": "worker@10", "state": "running", "why": null, "pid": 123456, "uptime": 59, "restarts": 3, "cpu": 0, "cpu_percent": 0,
  "memory": 1024, "tasks": 1, "exit": null, "description": "", "next_try": null},
 {"name": "worker@2", "state": "running", "why": null, "pid": 99, "uptime": 259200, "restarts": 0, "cpu": 0, "cpu_percent": 100,
  "memory": 5368709120, "tasks": 1, "exit": null, "description": "a\u001b[31mb", "next_try": null},
 {"name": "웹서버", "state": "running", "why": null, "pid": 5, "uptime": 3600, "restarts": 0, "cpu": 0, "cpu_percent": 0,
  "memory": 3565158, "tasks": 1, "exit": null, "description": "한국어 설명", "next_try": null},
 {"name": "backup", "state": "done", "why": null, "pid": null, "uptime": null, "restarts": 0, "cpu": null, "cpu_percent": null,
  "memory": null, "tasks": null, "exit": {"code": 0, "signal": null, "core": false, "known": true, "oom": false}, "description": "backup", "next_try": null},
 {"name": "old", "state": "stopped", "why": "asked", "pid": null, "uptime": null, "restarts": 0, "cpu": null, "cpu_percent": null,
  "memory": null, "tasks": null, "exit": null, "description": "", "next_try": null},
 {"name": "crash", "state": "failed", "why": "core", "pid": null, "uptime": null, "restarts": 2, "cpu": null, "cpu_percent": null,
  "memory": null, "tasks": null, "exit": {"code": null, "signal": "SIGSEGV", "core": true, "known": true, "oom": false}, "description": "crash", "next_try": null},
 {"name": "bad", "state": "failed", "why": "exit-code", "pid": null, "uptime": null, "restarts": 0, "cpu": null, "cpu_percent": null,
  "memory": null, "tasks": null, "exit": {"code": 3, "signal": null, "core": false, "known": true, "oom": false}, "description": "bad", "next_try": null},
 {"name": "late", "state": "failed", "why": "timeout", "pid": null, "uptime": null, "restarts": 0, "cpu": null, "cpu_percent": null,
  "memory": null, "tasks": null, "exit": null, "description": "late", "next_try": null},
 {"name": "loop", "state": "waiting", "why": "exit-code", "pid": null, "uptime": null, "restarts": 17, "cpu": 0, "cpu_percent": 0,
  "memory": 0, "tasks": 0, "exit": {"code": 1, "signal": null, "core": false, "known": true, "oom": false}, "description": "loop", "next_try": "now+3600.9"}
]}}
JSON
}

@test "list: what needs attention first, aligned, at any width" {
	fake < <(units)
	expect list tend list
	expect list-120 env COLUMNS=120 tend list
	expect list-80 env COLUMNS=80 tend list
	expect list-60 env COLUMNS=60 tend list
	expect list-40 env COLUMNS=40 tend list
	expect list-20 env COLUMNS=20 tend list
	expect list-5 env COLUMNS=5 tend list
}

@test "list: no line is wider than it may be" {
	fake < <(units)
	for columns in 10 15 20 25 30 40 50 60 70 80 100 120; do
		COLUMNS=$columns tend list | python3 -c '
import sys, unicodedata
for line in sys.stdin:
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n"))
    assert wide <= int(sys.argv[1]), (wide, line)' "$columns"
	done
}

@test "list: names only, and JSON as it came, sorted" {
	fake < <(units)
	expect list-quiet tend list -q
	tend list --json >json
	python3 -c '
import json
units = json.load(open("json"))
assert [u["name"] for u in units][:4] == ["bad", "crash", "late", "loop"], units
for field in "name state why pid uptime restarts cpu memory tasks exit".split():
    assert all(field in u for u in units), field
web = next(u for u in units if u["name"] == "web")
assert web["pid"] == 4711 and web["uptime"] == 11520.5 and web["memory"] == 48234496, web'
}

@test "list: a name that is not there" {
	fake <<<'{"List": {"units": []}}'
	expect list-missing tend list nobody
	expect list-none-fits tend list 'nobody*'
	[ "$(fake_calls List | head -n 1)" = '{"brief": true, "names": ["nobody"]}' ]
}

@test "stop: receipts" {
	fake <<'JSON'
{"Stop": {"receipts": [
 {"name": "web", "ok": true, "stopped": true, "ms": 12, "state": "stopped",
  "signalled": [{"pid": 70, "command": "web", "signal": "SIGTERM"}, {"pid": 71, "command": "a", "signal": "SIGTERM"},
   {"pid": 77, "command": "sh -c ...", "signal": "SIGTERM"}, {"pid": 70, "command": "web", "signal": "SIGHUP"}],
  "killed": [{"pid": 77, "command": "sh -c ...", "signal": "SIGKILL"}], "survivors": []},
 {"name": "one", "ok": true, "stopped": true, "ms": 3, "state": "stopped", "signalled": [{"pid": 9, "command": "x", "signal": "SIGINT"}],
  "killed": [], "survivors": []},
 {"name": "down", "ok": true, "stopped": true, "ms": 0, "state": "stopped", "signalled": [], "killed": [], "survivors": []},
 {"name": "hard", "ok": false, "stopped": false, "ms": 90000, "state": "failed", "signalled": [{"pid": 9, "command": "x", "signal": "SIGTERM"}],
  "killed": [{"pid": 9, "command": "dd \u001b[2J", "signal": "SIGKILL"}], "survivors": [{"pid": 9, "command": "dd \u001b[2J", "signal": "SIGKILL"}]},
 {"name": "none", "ok": false, "error": "NoSuchUnit", "state": "stopped", "stopped": false, "ms": 0, "signalled": [], "killed": [], "survivors": []}
]}, "List": {"units": [{"name": "nine"}]}}
JSON
	expect stop tend stop web one down hard none
	expect stop-quiet tend stop -q web
	run --separate-stderr tend stop --json web
	[ "$status" -eq 4 ]
	python3 -c '
import json, sys
web = json.loads(sys.argv[1])[0]
assert web["name"] == "web" and web["ms"] == 12 and len(web["killed"]) == 1, web' "$output"
}

@test "start and the like: results, and the worst is the exit code" {
	fake <<'JSON'
{"Start": {"results": [
 {"name": "web", "ok": true, "state": "running", "pid": 12},
 {"name": "job", "ok": true, "state": "done", "pid": null},
 {"name": "up", "ok": true, "state": "running", "pid": 13, "text": "runs already"},
 {"name": "bad", "ok": false, "state": "failed", "why": "exec", "error": "Failed", "text": "chdir to /srv/app: No such file or directory"},
 {"name": "wrong", "ok": false, "state": "stopped", "error": "BadUnit", "text": "wrong.service:3: ExecStart= is missing"}
]}, "Reload": {"results": [{"name": "web", "ok": false, "state": "stopped", "error": "NotRunning", "text": "it does not run"}]},
 "Signal": {"results": [{"name": "web", "ok": true, "state": "running", "pid": 12}]},
 "Scale": {"error": "NotPermitted", "parameters": {"text": "only its owner may"}}}
JSON
	expect start tend start web job up bad wrong
	expect reload tend reload web
	expect signal tend signal web hup
	[ "$(fake_calls Signal)" = '{"all": false, "names": ["web"], "signal": "SIGHUP"}' ]
	expect scale-denied tend scale web 3
}

@test "status: one screen" {
	mkdir -p log/web
	printf 'one\ntwo \033[31mred\n' >log/web/current
	fake <<JSON
{"Status": {"status": {"name": "web", "state": "running", "detail": "running", "why": null, "pid": 12, "uptime": 11520, "restarts": 2,
 "cpu": 184.2, "cpu_percent": 1.25, "memory": 48234496, "tasks": 4, "exit": {"code": 3, "signal": null, "core": false, "known": true, "oom": false},
 "description": "the web shop", "next_try": null, "file": "/etc/tend/web.service", "drop_ins": ["/etc/tend/web.service.d/a.conf"],
 "transient": false, "type": "notify", "restart": "on-failure", "command": "/usr/bin/node server.js", "status_text": "12 clients",
 "processes": [{"pid": 12, "ppid": 1, "state": "sleeping", "command": "node server.js", "memory": 24117248, "main": true},
  {"pid": 13, "ppid": 12, "state": "sleeping", "command": "worker one", "memory": 1048576, "main": false},
  {"pid": 15, "ppid": 13, "state": "sleeping", "command": "helper", "memory": 1048576, "main": false},
  {"pid": 14, "ppid": 12, "state": "sleeping", "command": "worker \u001b two", "memory": 1048576, "main": false},
  {"pid": 20, "ppid": 1, "state": "sleeping", "command": "left alone", "memory": 512, "main": false}],
 "log": "$PWD/log/web", "kin": "cgroup", "text": null, "notices": ["/etc/tend/web.service:7: Slice=: there are no slices"], "run": 3,
 "since": 1763718012.5, "enabled": true, "changed": true}}}
JSON
	expect status tend status --utc web
	expect status-lines tend status --utc -n 0 web
}

@test "status: of one that is down" {
	fake <<'JSON'
{"Status": {"status": {"name": "loop", "state": "waiting", "detail": "waiting", "why": "exit-code", "pid": null, "uptime": null, "restarts": 7,
 "cpu": null, "cpu_percent": null, "memory": null, "tasks": null, "exit": {"code": null, "signal": "SIGKILL", "core": false, "known": true, "oom": true},
 "description": "", "next_try": 1763718012.5, "file": null, "drop_ins": [], "transient": true, "type": "exec", "restart": "always",
 "command": null, "status_text": null, "processes": [], "log": "/nonexistent", "kin": "cgroup", "text": "it was killed", "notices": [], "run": 7,
 "since": 1763718000, "enabled": null, "changed": null}}}
JSON
	expect status-down tend status --utc loop
}

@test "why: prose, with the last lines of each run" {
	fake <<'JSON'
{"Why": {"name": "web", "state": "waiting", "why": "exit-code", "next": "it will be started again in 3s", "next_try": 1763718015, "log": "/nonexistent",
 "runs": [
  {"run": 5, "started": 1763718000, "ended": 1763718012.34, "pid": 50, "exit": {"code": 3, "signal": null, "core": false, "known": true, "oom": false},
   "why": "exit-code", "by": null, "text": null, "cpu": 0.25, "peak_memory": 3565158, "up": true},
  {"run": 4, "started": 1763700000, "ended": 1763718000, "pid": 40, "exit": {"code": null, "signal": "SIGSEGV", "core": true, "known": true, "oom": false},
   "why": "core", "by": null, "text": null, "cpu": 184, "peak_memory": null, "up": true},
  {"run": 3, "started": 1763600000, "ended": 1763700000, "pid": 30, "exit": {"code": null, "signal": "SIGTERM", "core": false, "known": true, "oom": false},
   "why": "asked", "by": "uid 1000, tend restart web (pid 77)", "text": null, "cpu": 0, "peak_memory": 0, "up": true},
  {"run": 2, "started": 1763600000, "ended": 1763600000, "pid": 20, "exit": {"code": null, "signal": null, "core": false, "known": false, "oom": false},
   "why": "unknown", "by": null, "text": null, "cpu": null, "peak_memory": null, "up": true},
  {"run": 1, "started": 1763500000, "ended": 1763500001, "pid": null, "exit": null,
   "why": "exec", "by": null, "text": "chdir to /srv: No such file or directory", "cpu": null, "peak_memory": null, "up": false}]}}
JSON
	expect why tend why --utc web
	expect why-two tend why --utc -r 2 web
	run tend why --json web
	[ "$status" -eq 0 ]
}

@test "cat and show" {
	fake <<'JSON'
{"Cat": {"name": "web", "files": [{"path": "/etc/tend/web.service", "text": "[Service]\nExecStart=/bin/true\n"},
  {"path": "/etc/tend/web.service.d/a.conf", "text": "[Service]\nNice=5"}]},
 "Show": {"name": "web", "properties": [{"key": "Id", "value": "web"}, {"key": "ExecStartPre", "value": "/bin/a\n/bin/b"}, {"key": "Nice", "value": ""}]}}
JSON
	expect cat tend cat web
	expect show tend show web
	expect show-one tend show -p execstartpre --value web
	expect show-json tend show --json -p Id web
}

@test "wait" {
	fake <<'JSON'
{"Wait": {"results": [{"name": "a", "state": "done", "why": null, "exit": {"code": 0, "signal": null, "core": false, "known": true, "oom": false}},
 {"name": "b", "state": "failed", "why": "signal", "exit": {"code": null, "signal": "SIGKILL", "core": false, "known": true, "oom": false}, "text": "text"}]}}
JSON
	expect wait tend wait a b
	[ "$(fake_calls Wait)" = '{"all": false, "names": ["a", "b"], "until": "down"}' ]
}

@test "errors of tendd in words" {
	fake <<'JSON'
{"Status": {"error": "NoSuchUnit", "parameters": {"name": "wbe"}}, "List": {"units": [{"name": "web"}, {"name": "worker"}]},
 "Stop": {"error": "BadInput", "parameters": {"text": "no unit was named"}},
 "Upgrade": {"error": "Failed", "parameters": {"text": "the new tendd does not run: No such file or directory"}}}
JSON
	expect error-near tend status wbe
	expect error-input tend stop web
	expect error-upgrade tend upgrade
	expect error-upgrade-path tend upgrade /nonexistent/tendd
}

@test "a manager that is replaced is asked again" {
	fake <<'JSON'
{"Stop": ["GONE", "GONE", {"receipts": [{"name": "web", "ok": true, "stopped": true, "ms": 5, "state": "stopped",
  "signalled": [{"pid": 9, "command": "x", "signal": "SIGTERM"}], "killed": [], "survivors": []}]}],
 "Signal": ["GONE", {"results": []}]}
JSON
	expect gone-stop tend stop web
	[ "$(fake_calls Stop | wc -l)" -eq 3 ]
	expect gone-signal tend signal web HUP
	[ "$(fake_calls Signal | wc -l)" -eq 1 ]
}

@test "one that is never there for an answer is given up" {
	fake <<<'{"List": "GONE"}'
	run tend list
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == "tend: the manager was replaced meanwhile; asked again" ]]
	[[ ${lines[1]} == *"goes away again and again"* ]]
	[ "${#lines[@]}" -eq 2 ]
}

@test "versions that differ" {
	fake <<<'{"Info": {"version": "99.1", "keeper": 1, "manager": 2, "logger": 3, "home": "/x", "since": 1763718000, "notes": ["a note"]}, "List": {"units": []}}'
	run tend version
	[[ ${lines[1]} == "tendd 99.1 (another one than this; 'tend upgrade' replaces it)" ]]
	expect status-tendd tend status --utc
}
