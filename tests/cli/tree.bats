# `tend tree`: beside pstree, and what it marks.
load ../lib/world
load ../lib/zoo

setup() { world_start; }
teardown() { cd /; }

@test "the same processes below the same parents as pstree" {
	command -v pstree >/dev/null || skip "psmisc is not installed"
	cat >below.py <<-'PY'
		import json, os, re, subprocess, sys
		def run(*words):
		    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode(errors="replace")
		def ours(node):
		    for child in node["children"]:
		        yield from ours(child)
		    yield node["pid"]
		for key, pid in os.environ.items():
		    if key.startswith("ZOO_") and pid.isdigit():
		        peer = {int(n) for n in re.findall(r"\((\d+)\)", run("pstree", "-pT", pid))}
		        tend = set(ours(json.loads(run("tend", "tree", "--json", pid))[0]))
		        assert peer == tend, (key, peer, tend)
		def parents(node, above):
		    assert above is None or node["ppid"] == above["pid"], node
		    for child in node["children"]:
		        parents(child, node)
		for root in json.loads(run("tend", "tree", "--json")):
		    parents(root, None)
	PY
	zoo python3 below.py
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "session, group, front, zombie, orphan, stopped, threads are marked" {
	zoo_sh 'tend tree -p $ZOO_leader; tend tree $ZOO_orphan $ZOO_stopped; tend tree --parent $(cut -d" " -f4 /proc/$ZOO_zombie/stat)
		tend tree -T $ZOO_threads; tend tree -a $ZOO_shell; echo $ZOO_leader $ZOO_front $ZOO_behind'
	echo "$output"
	read -r leader front behind <<<"${lines[-1]}"
	grep -qx "$leader leader s" <<<"$output"
	grep -qx "├─ $front in front g+" <<<"$output"
	grep -qx "└─ $behind behind g" <<<"$output"
	grep -qx "left behind orphan" <<<"$output"
	grep -qx "halted stopped" <<<"$output"
	grep -qE "^unburied zombie, not reaped by [0-9]+ \(neglectful\)$" <<<"$output"
	[ "$(grep -c '{thread (1)}$' <<<"$output")" -eq 3 ]
	grep -qxF '/bin/sh -c read -r line 한국어 tab\x09here new\x0aline bad\xff' <<<"$output"
}

@test "everybody: by unit, then by user and session; siblings of one name are counted" {
	zoo_sh 'tend run --name web -- sh -c "sleep 1000 & sleep 1000 & wait" >/dev/null 2>&1
		until [ "$(tend find --unit web -c)" = 3 ]; do sleep 0.01; done; tend tree; tend tree web; echo "leader $ZOO_leader"'
	echo "$output"
	[ "${lines[0]}" = "unit web" ]
	[ "${lines[1]}" = "  sh s" ]
	[ "${lines[2]}" = "  └─ sleep (2 of them)" ]
	grep -qE "^root, session ${lines[-1]#leader } on pts/[0-9]+$" <<<"$output"
	[ "${lines[-2]}" = "└─ sleep (2 of them)" ]
	run -1 tend tree -x no-such-name
	[[ "$output" == *"no process fits"* ]]
}
