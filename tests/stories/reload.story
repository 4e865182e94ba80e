# Reloads: by commands, by SIGHUP and READY=1, by the service itself.

== ExecReload
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
= reloading
> exited control 0
< tell reloaded
< disarm state
= running

== several ExecReload
ExecReload=/reload-one
ExecReload=/reload-two
& running
> asked-reload
< launch /reload-one
< arm state 1min 30s
> exited control 0
< launch /reload-two
< arm state 1min 30s
= reloading
> exited control 0
< tell reloaded
< disarm state
= running

== ExecReload fails: not reloaded, but it runs on
ExecReload=/reload-one
ExecReload=/reload-two
& running
> asked-reload
< launch /reload-one
< arm state 1min 30s
> exited control 1
< tell not-reloaded
< disarm state
= running none

== ExecReload cannot be launched
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> launch-failed control
< tell not-reloaded
< disarm state
= running

== ExecReload takes too long: it is killed, the service runs on
ExecReload=/reload
TimeoutStartSec=10s
& running
> asked-reload
< launch /reload
< arm state 10s
> deadline state
< signal SIGKILL control
= reloading
> exited control SIGKILL
< tell not-reloaded
= running none

== there is nothing to reload with
& running
> asked-reload
< tell not-reloaded
= running

== not while it starts
ExecReload=/reload
& start
> asked-reload
< tell not-reloaded
= start

== not while it is down, held or waiting
ExecReload=/reload
Restart=always
> asked-reload
< tell not-reloaded
> asked-start
> asked-reload
< tell not-reloaded
= held
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean restart
< tell waiting
< arm state 100ms
= waiting
> asked-reload
< tell not-reloaded
= waiting

== asked twice, answered once
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> asked-reload
> exited control 0
< tell reloaded
< disarm state
= running

== notify-reload: SIGHUP, RELOADING=1, READY=1
Type=notify-reload
& running
> asked-reload
< signal SIGHUP main cont
< arm state 1min 30s
= reloading
> ready
= reloading
> reloading
> ready
< tell reloaded
< disarm state
= running

== notify-reload: silence
Type=notify-reload
& running
> asked-reload
< signal SIGHUP main cont
< arm state 1min 30s
> deadline state
< tell not-reloaded
= running

== notify-reload with ExecReload: both must be through, the command first
Type=notify-reload
ExecReload=/reload
& running
> asked-reload
< signal SIGHUP main cont
< launch /reload
< arm state 1min 30s
> reloading
> exited control 0
= reloading
> ready
< tell reloaded
< disarm state
= running

== notify-reload with ExecReload: both must be through, READY=1 first
Type=notify-reload
ExecReload=/reload
& running
> asked-reload
< signal SIGHUP main cont
< launch /reload
< arm state 1min 30s
> reloading
> ready
= reloading
> exited control 0
< tell reloaded
< disarm state
= running

== notify: ExecReload ends before the service is ready again
Type=notify
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> reloading
> exited control 0
= reloading
> ready
< tell reloaded
< disarm state
= running

== RELOADING=1 by itself
Type=notify
& running
> reloading
< arm state 1min 30s
= reloading
> ready
< tell reloaded
< disarm state
= running

== RELOADING=1 and then silence
Type=notify
& running
> reloading
< arm state 1min 30s
> deadline state
< tell not-reloaded
= running

== forking: the pid file is read again
Type=forking
PIDFile=/run/web.pid
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> exited control 0
< find-main
< tell reloaded
< disarm state
= running
> main-found
= running

== without a known main everything ends during the reload
Type=forking
GuessMainPID=no
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> empty
= reloading
> exited control 0
< tell reloaded
< sweep
< disarm state
= running
> empty
< run-ended none
< clean
< tell down
< trigger success
= done

== without a known main everything ends after RELOADING=1
Type=forking
GuessMainPID=no
NotifyAccess=all
& running
> reloading
< arm state 1min 30s
> empty
< tell not-reloaded
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== main ends during the reload
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> exited main 1
= reloading
> exited control 0
< tell not-reloaded
< sweep
< arm state 1min 30s
= term exit-code
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== main ends after RELOADING=1
Type=notify
& running
> reloading
< arm state 1min 30s
> exited main 0
< tell not-reloaded
< sweep
< arm state 1min 30s
= term none
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done

== asked to stop during ExecReload: straight to the signal
ExecReload=/reload
ExecStop=/stop
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> asked-stop
< tell not-reloaded
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> exited control SIGTERM
> exited main SIGTERM
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== asked to stop after RELOADING=1: ExecStop first
Type=notify
ExecStop=/stop
& running
> reloading
< arm state 1min 30s
> asked-stop
< tell not-reloaded
< launch /stop
< arm state 1min 30s
= stopping asked

== STOPPING=1 after RELOADING=1
Type=notify
& running
> reloading
< arm state 1min 30s
> stopping
< tell not-reloaded
< sweep
< arm state 1min 30s
= term none

== what remains after exit can be reloaded
Type=oneshot
RemainAfterExit=yes
ExecReload=/reload
& exited
> asked-reload
< launch /reload
= reloading
> exited control 0
< tell reloaded
= exited

== asked to start while it reloads
ExecReload=/reload
& running
> asked-reload
< launch /reload
< arm state 1min 30s
> asked-start
< tell up
= reloading

== the service goes on after a reload as before it
ExecReload=/reload
Type=oneshot
RemainAfterExit=yes
ExecStart=/one
ExecStart=/two
& exited
> asked-reload
< launch /reload
> exited control 0
< tell reloaded
= exited
? step no
? index no
> asked-reload
< launch /reload
> exited control 1
< tell not-reloaded
? step no
