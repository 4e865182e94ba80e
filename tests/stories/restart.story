# Restart= by how it ended: systemd's table. Clean: 0, HUP, INT, TERM, PIPE.

== Restart=no, clean exit: not again
Restart=no
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=no, clean signal: not again
Restart=no
& running
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=no, exit code: not again
Restart=no
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== Restart=no, signal: not again
Restart=no
& running
> exited main SIGSEGV
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean
< tell down
< trigger failure
< disarm state
= failed signal

== Restart=no, core dump: not again
Restart=no
& running
> exited main SIGSEGV core
< sweep
< arm state 1min 30s
> empty
< run-ended core
< clean
< tell down
< trigger failure
< disarm state
= failed core

== Restart=no, out of memory: not again
Restart=no
& running
> exited main SIGKILL oom
< sweep
< arm state 1min 30s
> empty
< run-ended oom
< clean
< tell down
< trigger failure
< disarm state
= failed oom

== Restart=no, unknown end: not again
Restart=no
& running
> exited main unknown
< sweep
< arm state 1min 30s
> empty
< run-ended unknown
< clean
< tell down
< trigger failure
< disarm state
= failed unknown

== Restart=no, timeout: not again
Restart=no
Type=notify
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== Restart=no, runtime: not again
Restart=no
RuntimeMaxSec=1min
& running
> deadline runtime
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended runtime
< clean
< tell down
< trigger failure
< disarm state
= failed runtime

== Restart=no, watchdog: not again
Restart=no
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
> exited main SIGABRT core
> empty
< run-ended watchdog
< clean
< tell down
< trigger failure
< disarm state
= failed watchdog

== Restart=no, launch failure: not again
Restart=no
& start
> launch-failed main
< sweep
< arm state 1min 30s
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== Restart=on-success, clean exit: again
Restart=on-success
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean restart
< tell waiting
< arm state 100ms
= waiting none

== Restart=on-success, clean signal: again
Restart=on-success
& running
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean restart
< tell waiting
< arm state 100ms
= waiting none

== Restart=on-success, exit code: not again
Restart=on-success
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== Restart=on-success, signal: not again
Restart=on-success
& running
> exited main SIGSEGV
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean
< tell down
< trigger failure
< disarm state
= failed signal

== Restart=on-success, core dump: not again
Restart=on-success
& running
> exited main SIGSEGV core
< sweep
< arm state 1min 30s
> empty
< run-ended core
< clean
< tell down
< trigger failure
< disarm state
= failed core

== Restart=on-success, out of memory: not again
Restart=on-success
& running
> exited main SIGKILL oom
< sweep
< arm state 1min 30s
> empty
< run-ended oom
< clean
< tell down
< trigger failure
< disarm state
= failed oom

== Restart=on-success, unknown end: not again
Restart=on-success
& running
> exited main unknown
< sweep
< arm state 1min 30s
> empty
< run-ended unknown
< clean
< tell down
< trigger failure
< disarm state
= failed unknown

== Restart=on-success, timeout: not again
Restart=on-success
Type=notify
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== Restart=on-success, runtime: not again
Restart=on-success
RuntimeMaxSec=1min
& running
> deadline runtime
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended runtime
< clean
< tell down
< trigger failure
< disarm state
= failed runtime

== Restart=on-success, watchdog: not again
Restart=on-success
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
> exited main SIGABRT core
> empty
< run-ended watchdog
< clean
< tell down
< trigger failure
< disarm state
= failed watchdog

== Restart=on-success, launch failure: not again
Restart=on-success
& start
> launch-failed main
< sweep
< arm state 1min 30s
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== Restart=on-failure, clean exit: not again
Restart=on-failure
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-failure, clean signal: not again
Restart=on-failure
& running
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-failure, exit code: again
Restart=on-failure
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 100ms
= waiting exit-code

== Restart=on-failure, signal: again
Restart=on-failure
& running
> exited main SIGSEGV
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean restart
< tell waiting
< arm state 100ms
= waiting signal

== Restart=on-failure, core dump: again
Restart=on-failure
& running
> exited main SIGSEGV core
< sweep
< arm state 1min 30s
> empty
< run-ended core
< clean restart
< tell waiting
< arm state 100ms
= waiting core

== Restart=on-failure, out of memory: again
Restart=on-failure
& running
> exited main SIGKILL oom
< sweep
< arm state 1min 30s
> empty
< run-ended oom
< clean restart
< tell waiting
< arm state 100ms
= waiting oom

== Restart=on-failure, unknown end: again
Restart=on-failure
& running
> exited main unknown
< sweep
< arm state 1min 30s
> empty
< run-ended unknown
< clean restart
< tell waiting
< arm state 100ms
= waiting unknown

== Restart=on-failure, timeout: again
Restart=on-failure
Type=notify
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended timeout
< clean restart
< tell waiting
< arm state 100ms
= waiting timeout

== Restart=on-failure, runtime: again
Restart=on-failure
RuntimeMaxSec=1min
& running
> deadline runtime
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended runtime
< clean restart
< tell waiting
< arm state 100ms
= waiting runtime

== Restart=on-failure, watchdog: again
Restart=on-failure
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
> exited main SIGABRT core
> empty
< run-ended watchdog
< clean restart
< tell waiting
< arm state 100ms
= waiting watchdog

== Restart=on-failure, launch failure: again
Restart=on-failure
& start
> launch-failed main
< sweep
< arm state 1min 30s
> empty
< run-ended exec
< clean restart
< tell waiting
< arm state 100ms
= waiting exec

== Restart=on-abnormal, clean exit: not again
Restart=on-abnormal
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-abnormal, clean signal: not again
Restart=on-abnormal
& running
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-abnormal, exit code: not again
Restart=on-abnormal
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== Restart=on-abnormal, signal: again
Restart=on-abnormal
& running
> exited main SIGSEGV
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean restart
< tell waiting
< arm state 100ms
= waiting signal

== Restart=on-abnormal, core dump: again
Restart=on-abnormal
& running
> exited main SIGSEGV core
< sweep
< arm state 1min 30s
> empty
< run-ended core
< clean restart
< tell waiting
< arm state 100ms
= waiting core

== Restart=on-abnormal, out of memory: again
Restart=on-abnormal
& running
> exited main SIGKILL oom
< sweep
< arm state 1min 30s
> empty
< run-ended oom
< clean restart
< tell waiting
< arm state 100ms
= waiting oom

== Restart=on-abnormal, unknown end: again
Restart=on-abnormal
& running
> exited main unknown
< sweep
< arm state 1min 30s
> empty
< run-ended unknown
< clean restart
< tell waiting
< arm state 100ms
= waiting unknown

== Restart=on-abnormal, timeout: again
Restart=on-abnormal
Type=notify
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended timeout
< clean restart
< tell waiting
< arm state 100ms
= waiting timeout

== Restart=on-abnormal, runtime: again
Restart=on-abnormal
RuntimeMaxSec=1min
& running
> deadline runtime
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended runtime
< clean restart
< tell waiting
< arm state 100ms
= waiting runtime

== Restart=on-abnormal, watchdog: again
Restart=on-abnormal
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
> exited main SIGABRT core
> empty
< run-ended watchdog
< clean restart
< tell waiting
< arm state 100ms
= waiting watchdog

== Restart=on-abnormal, launch failure: not again
Restart=on-abnormal
& start
> launch-failed main
< sweep
< arm state 1min 30s
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== Restart=on-watchdog, clean exit: not again
Restart=on-watchdog
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-watchdog, clean signal: not again
Restart=on-watchdog
& running
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-watchdog, exit code: not again
Restart=on-watchdog
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== Restart=on-watchdog, signal: not again
Restart=on-watchdog
& running
> exited main SIGSEGV
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean
< tell down
< trigger failure
< disarm state
= failed signal

== Restart=on-watchdog, core dump: not again
Restart=on-watchdog
& running
> exited main SIGSEGV core
< sweep
< arm state 1min 30s
> empty
< run-ended core
< clean
< tell down
< trigger failure
< disarm state
= failed core

== Restart=on-watchdog, out of memory: not again
Restart=on-watchdog
& running
> exited main SIGKILL oom
< sweep
< arm state 1min 30s
> empty
< run-ended oom
< clean
< tell down
< trigger failure
< disarm state
= failed oom

== Restart=on-watchdog, unknown end: not again
Restart=on-watchdog
& running
> exited main unknown
< sweep
< arm state 1min 30s
> empty
< run-ended unknown
< clean
< tell down
< trigger failure
< disarm state
= failed unknown

== Restart=on-watchdog, timeout: not again
Restart=on-watchdog
Type=notify
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== Restart=on-watchdog, runtime: not again
Restart=on-watchdog
RuntimeMaxSec=1min
& running
> deadline runtime
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended runtime
< clean
< tell down
< trigger failure
< disarm state
= failed runtime

== Restart=on-watchdog, watchdog: again
Restart=on-watchdog
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
> exited main SIGABRT core
> empty
< run-ended watchdog
< clean restart
< tell waiting
< arm state 100ms
= waiting watchdog

== Restart=on-watchdog, launch failure: not again
Restart=on-watchdog
& start
> launch-failed main
< sweep
< arm state 1min 30s
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== Restart=on-abort, clean exit: not again
Restart=on-abort
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-abort, clean signal: not again
Restart=on-abort
& running
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== Restart=on-abort, exit code: not again
Restart=on-abort
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== Restart=on-abort, signal: again
Restart=on-abort
& running
> exited main SIGSEGV
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean restart
< tell waiting
< arm state 100ms
= waiting signal

== Restart=on-abort, core dump: again
Restart=on-abort
& running
> exited main SIGSEGV core
< sweep
< arm state 1min 30s
> empty
< run-ended core
< clean restart
< tell waiting
< arm state 100ms
= waiting core

== Restart=on-abort, out of memory: not again
Restart=on-abort
& running
> exited main SIGKILL oom
< sweep
< arm state 1min 30s
> empty
< run-ended oom
< clean
< tell down
< trigger failure
< disarm state
= failed oom

== Restart=on-abort, unknown end: not again
Restart=on-abort
& running
> exited main unknown
< sweep
< arm state 1min 30s
> empty
< run-ended unknown
< clean
< tell down
< trigger failure
< disarm state
= failed unknown

== Restart=on-abort, timeout: not again
Restart=on-abort
Type=notify
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== Restart=on-abort, runtime: not again
Restart=on-abort
RuntimeMaxSec=1min
& running
> deadline runtime
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended runtime
< clean
< tell down
< trigger failure
< disarm state
= failed runtime

== Restart=on-abort, watchdog: not again
Restart=on-abort
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
> exited main SIGABRT core
> empty
< run-ended watchdog
< clean
< tell down
< trigger failure
< disarm state
= failed watchdog

== Restart=on-abort, launch failure: not again
Restart=on-abort
& start
> launch-failed main
< sweep
< arm state 1min 30s
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== Restart=always, clean exit: again
Restart=always
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean restart
< tell waiting
< arm state 100ms
= waiting none

== Restart=always, clean signal: again
Restart=always
& running
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean restart
< tell waiting
< arm state 100ms
= waiting none

== Restart=always, exit code: again
Restart=always
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 100ms
= waiting exit-code

== Restart=always, signal: again
Restart=always
& running
> exited main SIGSEGV
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean restart
< tell waiting
< arm state 100ms
= waiting signal

== Restart=always, core dump: again
Restart=always
& running
> exited main SIGSEGV core
< sweep
< arm state 1min 30s
> empty
< run-ended core
< clean restart
< tell waiting
< arm state 100ms
= waiting core

== Restart=always, out of memory: again
Restart=always
& running
> exited main SIGKILL oom
< sweep
< arm state 1min 30s
> empty
< run-ended oom
< clean restart
< tell waiting
< arm state 100ms
= waiting oom

== Restart=always, unknown end: again
Restart=always
& running
> exited main unknown
< sweep
< arm state 1min 30s
> empty
< run-ended unknown
< clean restart
< tell waiting
< arm state 100ms
= waiting unknown

== Restart=always, timeout: again
Restart=always
Type=notify
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended timeout
< clean restart
< tell waiting
< arm state 100ms
= waiting timeout

== Restart=always, runtime: again
Restart=always
RuntimeMaxSec=1min
& running
> deadline runtime
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended runtime
< clean restart
< tell waiting
< arm state 100ms
= waiting runtime

== Restart=always, watchdog: again
Restart=always
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
> exited main SIGABRT core
> empty
< run-ended watchdog
< clean restart
< tell waiting
< arm state 100ms
= waiting watchdog

== Restart=always, launch failure: again
Restart=always
& start
> launch-failed main
< sweep
< arm state 1min 30s
> empty
< run-ended exec
< clean restart
< tell waiting
< arm state 100ms
= waiting exec
