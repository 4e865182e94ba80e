# WatchdogSec: it must say WATCHDOG=1 while it is up.

== it counts from READY=1 on
Type=notify
WatchdogSec=10s
& start
> execed main
> alive
= start
> ready
< arm watchdog 10s
< tell up
< disarm state
= running
@ 5s
> alive
< arm watchdog 10s
= running

== missed: WatchdogSignal, then what is left
Type=notify
WatchdogSec=10s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
= abort watchdog
> exited main SIGABRT core
= abort
> empty
< run-ended watchdog
< clean
< tell down
< trigger failure
< disarm state
= failed watchdog
? outcome-core yes

== missed, and the signal is ignored
Type=notify
WatchdogSec=10s
TimeoutAbortSec=3s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 3s
> remain
> deadline state
< sweep SIGKILL
< arm state 30s
= kill watchdog
> exited main SIGKILL
> empty
< run-ended watchdog
< clean
< tell down
< trigger failure
< disarm state
= failed watchdog

== without TimeoutAbortSec it is TimeoutStopSec
WatchdogSec=10s
TimeoutStopSec=7s
& running
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 7s
= abort

== another signal, no SIGHUP after it
WatchdogSec=10s
WatchdogSignal=SIGQUIT
SendSIGHUP=yes
& running
> deadline watchdog
< signal SIGQUIT all cont
< sweep
< arm state 1min 30s
= abort

== mixed: the others are killed once main is gone
WatchdogSec=10s
KillMode=mixed
& running
> deadline watchdog
< signal SIGABRT mixed cont
< sweep
< arm state 1min 30s
> remain
> exited main SIGABRT
< sweep SIGKILL
< arm state 30s
= kill watchdog
> empty
< run-ended watchdog
< clean
< tell down
< trigger failure
< disarm state
= failed watchdog

== process: only main
WatchdogSec=10s
KillMode=process
& running
> deadline watchdog
< signal SIGABRT main cont
< arm state 1min 30s
> exited main SIGABRT
< run-ended watchdog
< clean
< tell down
< trigger failure
< disarm state
= failed watchdog

== none: left at once
WatchdogSec=10s
KillMode=none
& running
> deadline watchdog
< run-ended survivors
< clean
< tell down
< trigger failure
= failed survivors

== WATCHDOG=trigger
Type=notify
WatchdogSec=10s
& running
> trigger
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
< disarm watchdog
= abort watchdog

== WATCHDOG=trigger during a reload
Type=notify
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> trigger
< tell not-reloaded
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
= abort watchdog

== missed during a reload
WatchdogSec=10s
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> deadline watchdog
< tell not-reloaded
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
= abort watchdog

== missed in ExecStartPost
WatchdogSec=10s
ExecStartPost=/post
& start-post
> deadline watchdog
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
= abort watchdog
> exited control SIGTERM
> exited main SIGABRT
> empty
< run-ended watchdog
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed watchdog

== WATCHDOG=trigger in ExecStartPost
ExecStartPost=/post
& start-post
> trigger
< signal SIGABRT all cont
< sweep
< arm state 1min 30s
= abort watchdog

== WATCHDOG_USEC changes it
Type=notify
WatchdogSec=10s
& running
> watchdog-span 3s
< arm watchdog 3s
> alive
< arm watchdog 3s
= running

== WATCHDOG_USEC before READY=1
Type=notify
& start
> watchdog-span 3s
> ready
< arm watchdog 3s
< tell up
< disarm state
= running

== WATCHDOG_USEC switches it off
Type=notify
WatchdogSec=10s
& running
> watchdog-span 0
< disarm watchdog
> alive
= running

== EXTEND_TIMEOUT_USEC covers it
Type=notify
WatchdogSec=10s
& running
> extend 1min
< arm watchdog 1min
= running

== not while it stops
WatchdogSec=10s
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
< disarm watchdog
> alive
= term

== the next run begins with the unit's own
Type=notify
WatchdogSec=10s
& running
> watchdog-span 3s
< arm watchdog 3s
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
< disarm watchdog
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
& start
> ready
< arm watchdog 10s
< tell up
< disarm state
= running

== OOMPolicy=stop: one is killed for want of memory, all go
& running
> oom
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term oom
> remain
> exited main SIGTERM
> empty
< run-ended oom
< clean
< tell down
< trigger failure
< disarm state
= failed oom

== OOMPolicy=stop: it is started again where Restart= says so
Restart=on-failure
& running
> oom
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended oom
< clean restart
< tell waiting
< arm state 100ms
= waiting oom

== OOMPolicy=stop while it starts
Type=notify
& start
> oom
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term oom

== OOMPolicy=continue: it goes on
OOMPolicy=continue
& running
> oom
= running
