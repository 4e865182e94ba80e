# tend logs on a terminal: harmless, coloured, through a pager; and nothing of that where there is none.
load ../lib/world

setup()
{
	world_start
	export TZ=UTC
	unset PAGER TEND_PAGER TEND_LESS LESS
	python3 -B "$WORLD_LIB/history.py" "$TEND_HOME/log/web" <<-'END'
		start 1795860000 1
		line 1795860001 0 <3>it \x1b[2J is \xc2\x9bbad
		line 1795860002 0 <5>10%\x0d20%\x0d100% done\x0d
		line 1795860003 0 plain \x00 \xff \xe2\x80\xae end
		exit 1795860004 1 3
	END
}
teardown() { cd /; }

terminal() # [VARIABLE=VALUE...] COMMAND...: its output on a terminal, in `got`
{
	env TERM=xterm "$@" 2>/dev/null >/dev/null </dev/null || true
	python3 - "$@" >got <<'PTY'
import os, pty, sys
os.environ["TERM"] = "xterm"
words = sys.argv[1:]
while "=" in words[0]:
    name, _, value = words.pop(0).partition("=")
    os.environ[name] = value
status = pty.spawn(words, lambda fd: os.read(fd, 65536), lambda fd: b"")
open("status", "w").write(str(os.waitstatus_to_exitcode(status)))
PTY
	sed -i 's/\r$//' got
}

@test "what a unit wrote does nothing to a terminal; prefixes become colours" {
	terminal TEND_PAGER= tend logs -o lines web
	python3 - <<-'END'
		text = open("got", newline="").read()
		assert "\x1b[2J" not in text and "\x9b" not in text and "\0" not in text and "\u202e" not in text, repr(text)
		assert "\x1b[31mit \\x1b[2J is \\u009bbad\x1b[m\n" in text, repr(text)
		assert "\x1b[1m\u2026 100% done\x1b[m\n" in text, repr(text)
		assert "plain \\x00 " in text and "\\u202e end\n" in text, repr(text)
		assert "<3>" not in text, repr(text)
	END
	terminal TEND_PAGER= NO_COLOR=1 tend logs web
	! grep -q $'\033' got || false
	grep -q '^\[Nov 28 10:00:00 web started, run 1, pid 4711\]$' got
	grep -q '^it \\x1b\[2J' got
	terminal TEND_PAGER= tend logs -o cat web
	grep -q '^<3>it \\x1b\[2J' got
	# no terminal: as it was written
	tend logs -o lines web | grep -q '^<3>it '$'\033''\[2J'
}

@test "what is searched for is bright, and what stands beside it dim" {
	terminal TEND_PAGER= tend logs -g plain -B 1 web
	grep -q $'^\033\\[2m… 100% done\033\\[m$' got
	grep -q $'\033\\[1mplain\033\\[m' got
}

@test "through a pager, that one that is wanted, and only on a terminal" {
	terminal TEND_PAGER="cat >paged" PAGER=false tend logs -n 1 web
	grep -q 'plain' paged
	[ ! -s got ]
	rm paged
	terminal PAGER="cat >paged" tend logs -n 1 web
	grep -q 'plain' paged
	rm paged
	terminal PAGER="cat >paged" tend logs --no-pager -n 1 web
	[ ! -e paged ]
	grep -q plain got
	PAGER="cat >paged" tend logs -n 1 web | grep -q plain
	[ ! -e paged ]
	terminal TEND_PAGER='printf "%s\n" "$LESS" >options; cat >/dev/null' tend logs -e web
	[ "$(cat options)" = "FRSXMK +G" ]
	terminal TEND_PAGER=/nonexistent tend logs web
	[ -s got ] || [ -e got ] # it is said by the shell, or another pager is taken
}

@test "quitting the pager ends quietly" {
	python3 -c 'print("many 1000 0 200000 line {}")' | python3 -B "$WORLD_LIB/history.py" "$TEND_HOME/log/long"
	terminal TEND_PAGER="head -n 1" tend logs -o lines long
	[ "$(cat got)" = "line 0" ]
	[ "$(cat status)" -eq 0 ]
}
