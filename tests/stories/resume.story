# The manager was replaced in each state: what is given again.

== never started
> resume
= stopped none

== stopped
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
> resume
< clean
= stopped asked

== failed
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
> resume
< clean
= failed exit-code

== done
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
> resume
< clean
= done none

== held
> asked-start
> resume
= held
> released
< prepare
< arm state 1min 30s
= condition

== condition, before it was prepared
> asked-start
> released
< prepare
< arm state 1min 30s
@ 10s
> resume
< arm state 1min 20s
< prepare
= condition
> prepared
< launch /main
< arm state 1min 30s
> prepared
= start

== condition, its command runs
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
> resume
< arm state 1min 30s
> exited control 0
< launch /main
< arm state 1min 30s
= start

== start-pre
ExecStartPre=/pre
& start-pre
> resume
< arm state 1min 30s
> exited control 0
< launch /main
< arm state 1min 30s
= start

== start
Type=notify
& start
@ 30s
> resume
< arm state 1min
> ready
< tell up
< disarm state
= running

== start: a time that has passed meanwhile comes at once
Type=notify
& start
@ 2min
> resume
< arm state 0
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term timeout

== start: a forking daemon's main is looked for
Type=forking
PIDFile=/run/web.pid
& start
> exited main 0
< find-main
> resume
< arm state 1min 30s
< find-main
< sweep
> main-found
< tell up
< disarm state
= running

== start: a forking daemon's main is guessed
Type=forking
& start
> exited main 0
< find-main
> resume
< arm state 1min 30s
< find-main
> main-missing
< tell up
< sweep
< disarm state
= running

== start: main of notify has ended well
Type=notify
RemainAfterExit=yes
NotifyAccess=all
& start
> exited main 0
< sweep
> resume
< arm state 1min 30s
< sweep
= start

== start-post
ExecStartPost=/post
& start-post
> resume
< arm state 1min 30s
> exited control 0
< tell up
< disarm state
= running

== start-post: the pid file is waited for
Type=forking
PIDFile=/run/web.pid
ExecStartPost=/post
& start
> exited main 0
< find-main
> main-missing
< launch /post
< arm state 1min 30s
> exited control 0
< find-main
> resume
< arm state 1min 30s
< find-main
< sweep
> main-found
< tell up
< disarm state
= running

== running
& running
> resume
= running
> exited main 3
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== running, with a runtime limit and a watchdog that nobody fed
RuntimeMaxSec=1h
WatchdogSec=10s
& running
@ 1min
> resume
< arm runtime 59min
< arm watchdog 10s
= running

== running without a known main
Type=forking
GuessMainPID=no
& running
> resume
< sweep
> empty
< run-ended none
< clean
< tell down
< trigger success
= done

== exited
Type=oneshot
RemainAfterExit=yes
& exited
> resume
= exited

== reloading by a command
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> resume
< arm state 1min 30s
> exited control 0
< tell reloaded
< disarm state
= running

== reloading by SIGHUP that may not have been sent
Type=notify-reload
& running
> asked-reload
< signal SIGHUP main cont
< arm state 1min 30s
> resume
< arm state 1min 30s
< signal SIGHUP main cont
> reloading
> ready
< tell reloaded
< disarm state
= running

== reloading by SIGHUP that was heard
Type=notify-reload
& running
> asked-reload
< signal SIGHUP main cont
< arm state 1min 30s
> reloading
> resume
< arm state 1min 30s
> ready
< tell reloaded
< disarm state
= running

== reloading without a known main
Type=forking
GuessMainPID=no
NotifyAccess=all
& running
> reloading
< arm state 1min 30s
> resume
< arm state 1min 30s
< sweep
= reloading

== stopping
ExecStop=/stop
& running
> asked-stop
< launch /stop
< arm state 1min 30s
> resume
< arm state 1min 30s
> exited control 0
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term

== term: a signal that may not have been sent is sent again, with all its time
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
@ 80s
> resume
< arm state 10s
< signal SIGTERM all cont
< arm state 1min 30s
< sweep
= term

== term: a signal that is known to be sent is not
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> remain
@ 80s
> resume
< arm state 10s
< sweep
= term

== term: with KillMode=process nobody knows
KillMode=process
& running
> asked-stop
< signal SIGTERM main cont
< arm state 1min 30s
> resume
< arm state 1min 30s
< signal SIGTERM main cont
< arm state 1min 30s
= term

== term: nothing was signalled yet
& running
> exited main 0
< sweep
< arm state 1min 30s
> resume
< arm state 1min 30s
< sweep
> remain
< signal SIGTERM all cont
< sweep
= term

== term: after STOPPING=1 nothing is
Type=notify
& running
> stopping
< sweep
< arm state 1min 30s
> resume
< arm state 1min 30s
< sweep
= term

== kill
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> deadline state
< sweep SIGKILL
< arm state 30s
> resume
< arm state 30s
< sweep SIGKILL
> exited main SIGKILL
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped

== kill with KillMode=process
KillMode=process
& running
> asked-stop
< signal SIGTERM main cont
< arm state 1min 30s
> deadline state
< signal SIGKILL main
< arm state 30s
> resume
< arm state 30s
< signal SIGKILL main
= kill

== abort
WatchdogSec=10s
TimeoutAbortSec=5s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 5s
@ 4s
> resume
< arm state 1s
< signal SIGABRT all cont
< arm state 5s
< sweep
= abort

== stop-post
ExecStopPost=/after
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
> resume
< arm state 1min 30s
> exited control 0
< sweep
< arm state 1min 30s
= final-term

== final-term
ExecStopPost=/after
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
> exited control 0
< sweep
< arm state 1min 30s
> resume
< arm state 1min 30s
< sweep
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== final-kill
ExecStopPost=/after
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
> exited control 0
< sweep
< arm state 1min 30s
> remain
< signal SIGTERM all cont
< sweep
> deadline state
< sweep SIGKILL
< arm state 30s
> resume
< arm state 30s
< sweep SIGKILL
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== waiting
Restart=always
RestartSec=10s
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 10s
@ 3s
> resume
< arm state 7s
< clean restart
= waiting
> deadline state
= held
