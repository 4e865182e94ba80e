# The way down, by each KillMode and each thing that can stand in the way.

== control-group: all are asked, and waited for
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> remain
> exited main SIGTERM
= term
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== control-group: main last
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> remain
> empty
= term
> exited main 0
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== an exit code after an asked stop is no failure
Restart=always
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 143
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked
? outcome-value 143

== control-group: what stays is killed
TimeoutStopSec=5s
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 5s
> remain
> exited main SIGTERM
> deadline state
< sweep SIGKILL
< arm state 30s
= kill asked
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== control-group: main ignores the signal
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> deadline state
< sweep SIGKILL
< arm state 30s
= kill
> exited main SIGKILL
= kill
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== control-group: something will not die
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> deadline state
< sweep SIGKILL
< arm state 30s
> survived
< run-ended survivors
< clean
< tell down
< trigger failure
< disarm state
= failed survivors

== control-group: main itself will not die
Restart=always
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> deadline state
< sweep SIGKILL
< arm state 30s
= kill
> survived
< run-ended survivors
< clean
< tell down
< trigger failure
< disarm state
= failed survivors
? main no

== nobody answers the killing
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> deadline state
< sweep SIGKILL
< arm state 30s
> deadline state
< run-ended survivors
< clean
< tell down
< trigger failure
= failed survivors

== survivors are not started beside
Restart=always
& running
> exited main 1
< sweep
< arm state 1min 30s
> remain
< signal SIGTERM all cont
< sweep
> deadline state
< sweep SIGKILL
< arm state 30s
= kill exit-code
> survived
< run-ended survivors
< clean
< tell down
< trigger failure
< disarm state
= failed survivors

== a start is not done beside survivors either
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> asked-start
> deadline state
< sweep SIGKILL
< arm state 30s
> survived
< run-ended survivors
< clean
< tell down
< trigger failure
< disarm state
= failed survivors

== mixed: main is asked, the rest killed at once
KillMode=mixed
& running
> asked-stop
< signal SIGTERM mixed cont
< sweep
< arm state 1min 30s
= term
> remain
> exited main SIGTERM
< sweep SIGKILL
< arm state 30s
= kill
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== mixed: main ignores the signal
KillMode=mixed
& running
> asked-stop
< signal SIGTERM mixed cont
< sweep
< arm state 1min 30s
> remain
> deadline state
< sweep SIGKILL
< arm state 30s
= kill
> exited main SIGKILL
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== mixed: main ends by itself and leaves something
KillMode=mixed
& running
> exited main 0
< sweep
< arm state 1min 30s
= term none
> remain
< sweep SIGKILL
< arm state 30s
= kill none
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done

== mixed: main ends by itself and leaves nothing
KillMode=mixed
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
= done

== mixed with SendSIGKILL=no leaves the rest and says so
KillMode=mixed
SendSIGKILL=no
& running
> asked-stop
< signal SIGTERM mixed cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
< run-ended survivors
< clean
< tell down
< trigger failure
< disarm state
= failed survivors

== process: only main, nobody looks for others
KillMode=process
& running
> asked-stop
< signal SIGTERM main cont
< arm state 1min 30s
= term
> exited main SIGTERM
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== process: main ignores the signal
KillMode=process
& running
> asked-stop
< signal SIGTERM main cont
< arm state 1min 30s
> deadline state
< signal SIGKILL main
< arm state 30s
= kill
> exited main SIGKILL
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== process: main will not die
KillMode=process
& running
> asked-stop
< signal SIGTERM main cont
< arm state 1min 30s
> deadline state
< signal SIGKILL main
< arm state 30s
> deadline state
< run-ended survivors
< clean
< tell down
< trigger failure
= failed survivors

== process: a helper is signalled too
KillMode=process
ExecStartPost=/post
& start-post
> asked-stop
< signal SIGTERM main cont
< signal SIGTERM control cont
< arm state 1min 30s
= term
> exited control SIGTERM
= term
> exited main SIGTERM
< run-ended asked
< clean
< tell not-up
< tell down
< disarm state
= stopped asked

== process: main ends by itself
KillMode=process
& running
> exited main 0
< run-ended none
< clean
< tell down
< trigger success
= done

== none: nothing is signalled, main is waited for
KillMode=none
ExecStop=/stop
& running
> asked-stop
< launch /stop
< arm state 1min 30s
= stopping
> exited control 0
< arm state 1min 30s
= term
> exited main 0
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== none: main outlives its ExecStop
KillMode=none
ExecStop=/stop
& running
> asked-stop
< launch /stop
< arm state 1min 30s
> exited control 0
< arm state 1min 30s
> deadline state
< run-ended survivors
< clean
< tell down
< trigger failure
= failed survivors

== none: what nothing asks to end is a survivor at once
KillMode=none
& running
> asked-stop
< run-ended survivors
< clean
< tell down
< trigger failure
= failed survivors

== KillSignal, SendSIGHUP
KillSignal=SIGINT
SendSIGHUP=yes
& running
> asked-stop
< signal SIGINT all hup cont
< sweep
< arm state 1min 30s
> exited main SIGINT
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped

== RestartKillSignal is for restarts
RestartKillSignal=SIGUSR1
& running
> asked-restart
< signal SIGUSR1 all cont
< sweep
< arm state 1min 30s
= term asked
> exited main SIGUSR1
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
= held

== RestartKillSignal is not for stops
RestartKillSignal=SIGUSR1
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term

== FinalKillSignal takes the place of SIGKILL
FinalKillSignal=SIGQUIT
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> deadline state
< signal SIGQUIT all
< sweep
< arm state 30s
= kill
> exited main SIGQUIT
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== FinalKillSignal does not help either
FinalKillSignal=SIGQUIT
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> deadline state
< signal SIGQUIT all
< sweep
< arm state 30s
> remain
> deadline state
< run-ended survivors
< clean
< tell down
< trigger failure
= failed survivors

== FinalKillSignal with KillMode=process
KillMode=process
FinalKillSignal=SIGQUIT
& running
> asked-stop
< signal SIGTERM main cont
< arm state 1min 30s
> deadline state
< signal SIGQUIT main
< arm state 30s
= kill

== SendSIGKILL=no: what is left after the time is left
SendSIGKILL=no
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> deadline state
< run-ended survivors
< clean
< tell down
< trigger failure
= failed survivors

== SendSIGKILL=no: by itself in time
SendSIGKILL=no
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== ExecStop commands, one after the other, then the signal
ExecStop=/stop-one
ExecStop=/stop-two
TimeoutStopSec=10s
& running
> asked-stop
< launch /stop-one
< arm state 10s
= stopping asked
> exited control 0
< launch /stop-two
< arm state 10s
= stopping
> exited control 0
< signal SIGTERM all cont
< sweep
< arm state 10s
= term
> exited main SIGTERM
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== ExecStop ends main
ExecStop=/stop
& running
> asked-stop
< launch /stop
< arm state 1min 30s
> exited main 0
= stopping
> exited control 0
< sweep
< arm state 1min 30s
= term
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== ExecStop fails: the others are left out
ExecStop=/stop-one
ExecStop=/stop-two
& running
> asked-stop
< launch /stop-one
< arm state 1min 30s
> exited control 1
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> exited main SIGTERM
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== ExecStop cannot be launched
ExecStop=/stop
& running
> asked-stop
< launch /stop
< arm state 1min 30s
> launch-failed control
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term

== ExecStop takes too long
ExecStop=/stop
& running
> asked-stop
< launch /stop
< arm state 1min 30s
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term
> exited control SIGTERM
> exited main SIGTERM
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== more time is asked for while stopping
ExecStop=/stop
TimeoutStopSec=10s
& running
> asked-stop
< launch /stop
< arm state 10s
@ 9s
> extend 1min
< arm state 1min
= stopping
> exited control 0
< signal SIGTERM all cont
< sweep
< arm state 10s
> extend 30s
< arm state 30s
= term

== ExecStop runs when main ended well by itself
ExecStop=/stop
& running
> exited main 0
< launch /stop
< arm state 1min 30s
= stopping none
> exited control 0
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== ExecStop that fails then is what failed
ExecStop=/stop
& running
> exited main 0
< launch /stop
< arm state 1min 30s
> exited control 7
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== ExecStop does not run when main failed
ExecStop=/stop
& running
> exited main 1
< sweep
< arm state 1min 30s
= term exit-code

== ExecStopPost runs after a stop
ExecStopPost=/after-one
ExecStopPost=/after-two
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main SIGTERM
> empty
< launch /after-one
< arm state 1min 30s
= stop-post asked
> exited control 0
< launch /after-two
< arm state 1min 30s
= stop-post
> exited control 0
< sweep
< arm state 1min 30s
= final-term
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== ExecStopPost runs after a failure
ExecStopPost=/after
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
= stop-post exit-code
> exited control 0
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== ExecStopPost runs after a failed start
ExecStartPre=/pre
ExecStopPost=/after
& start-pre
> exited control 1
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
= stop-post exit-code

== ExecStopPost fails after a good end
ExecStopPost=/after
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
> exited control 1
< sweep
< arm state 1min 30s
= final-term exit-code
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code

== ExecStopPost takes too long
ExecStopPost=/after
& running
> exited main 0
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= final-term timeout
> exited control SIGTERM
> empty
< run-ended timeout
< clean
< tell down
< trigger failure
< disarm state
= failed timeout

== ExecStopPost leaves something that needs force
ExecStopPost=/after
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< launch /after
< arm state 1min 30s
> exited control 0
< sweep
< arm state 1min 30s
= final-term
> remain
< signal SIGTERM all cont
< sweep
> remain
> deadline state
< sweep SIGKILL
< arm state 30s
= final-kill
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== ExecStopPost leaves something that will not die
ExecStopPost=/after
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
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
> survived
< run-ended survivors
< clean
< tell down
< trigger failure
< disarm state
= failed survivors

== ExecStopPost runs although something survived, and it may be gone then
ExecStopPost=/after
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> deadline state
< sweep SIGKILL
< arm state 30s
> survived
< launch /after
< arm state 1min 30s
= stop-post asked
> exited control 0
< sweep
< arm state 1min 30s
= final-term
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== ExecStopPost with KillMode=process
KillMode=process
ExecStopPost=/after
& running
> asked-stop
< signal SIGTERM main cont
< arm state 1min 30s
> exited main 0
< launch /after
< arm state 1min 30s
= stop-post
> exited control 0
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== asked to stop while held
> asked-start
> asked-stop
< clean
< tell not-up
< tell down
= stopped asked

== asked to stop before anything was launched
ExecStopPost=/after
& condition
> asked-stop
< run-ended asked
< clean
< tell not-up
< tell down
< disarm state
= stopped asked

== asked to stop in ExecCondition
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> exited control SIGTERM
> empty
< run-ended asked
< clean
< tell not-up
< tell down
< disarm state
= stopped asked

== asked to stop in ExecStartPre
ExecStartPre=/pre
& start-pre
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> exited control SIGTERM
> empty
< run-ended asked
< clean
< tell not-up
< tell down
< disarm state
= stopped asked

== asked to stop while main starts
Type=notify
& start
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> exited main SIGTERM
> empty
< run-ended asked
< clean
< tell not-up
< tell down
< disarm state
= stopped asked

== asked to stop in ExecStartPost
ExecStartPost=/post
& start-post
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked

== asked to stop what remains after exit
Type=oneshot
ExecStart=/main
RemainAfterExit=yes
ExecStop=/stop
& exited
> asked-stop
< launch /stop
< arm state 1min 30s
= stopping
> exited control 0
< sweep
< arm state 1min 30s
= term
> remain
< signal SIGTERM all cont
< sweep
= term
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== asked to stop what is down
> asked-stop
< tell down
= stopped none

== asked to stop again and again
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> asked-stop
= term
> exited main 0
> asked-stop
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
> asked-stop
< tell down
= stopped asked

== asked to stop while it fails: no restart
Restart=always
& running
> exited main 1
< sweep
< arm state 1min 30s
> asked-stop
= term asked
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== asked to start while stopping
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> asked-start
= term
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
= held asked
> released
< prepare
< arm state 1min 30s
= condition none

== asked to start while stopping, then not
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> asked-start
> asked-stop
< tell not-up
= term
> exited main 0
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== asked to restart while running
& running
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> exited main SIGTERM
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
= held asked
& running

== asked to restart while stopping
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> asked-restart
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
= held

== asked to restart while starting
ExecStartPre=/pre
& start-pre
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term asked
> exited control SIGTERM
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
= held

== asked to restart while held
> asked-start
> asked-restart
= held

== asked to restart before anything was launched
& condition
> asked-restart
< run-ended asked
< clean restart
< tell down
< disarm state
= held

== asked to restart what is down
> asked-restart
= held

== asked to restart what remains after exit
Type=oneshot
RemainAfterExit=yes
& exited
> asked-restart
< sweep
< arm state 1min 30s
= term
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
= held

== asked to reload while stopping
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> asked-reload
< tell not-reloaded
= term

== STOPPING=1: it ends by itself, nobody signals
Type=notify
& running
> stopping
< sweep
< arm state 1min 30s
= term none
> remain
> exited main 0
< sweep
= term
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== STOPPING=1, and it does not end
Type=notify
& running
> stopping
< sweep
< arm state 1min 30s
> remain
> deadline state
< sweep SIGKILL
< arm state 30s
= kill timeout
> exited main SIGKILL
> empty
< run-ended timeout
< clean
< tell down
< trigger failure
< disarm state
= failed timeout

== STOPPING=1, and main leaves something
Type=notify
& running
> stopping
< sweep
< arm state 1min 30s
> exited main 0
< sweep
= term
> remain
< signal SIGTERM all cont
< sweep
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== BindsTo: what it is bound to went away
Restart=always
& running
> dependency
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term dependency
> exited main SIGTERM
> empty
< run-ended dependency
< clean
< tell down
< disarm state
= stopped dependency

== RuntimeMaxSec
RuntimeMaxSec=1h
ExecStop=/stop
& start
> execed main
< tell up
< arm runtime 1h
< disarm state
> deadline runtime
< launch /stop
< arm state 1min 30s
= stopping runtime
> exited control 0
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

== RuntimeMaxSec counts on through a reload
RuntimeMaxSec=1h
ExecReload=/reload
& running
@ 59min
> asked-reload
< launch /reload
< arm state 1min 30s
> deadline runtime
< tell not-reloaded
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term runtime
> exited control SIGTERM
> exited main SIGTERM
> empty
< run-ended runtime
< clean
< tell down
< trigger failure
< disarm state
= failed runtime

== RuntimeMaxSec can be extended
RuntimeMaxSec=1h
& running
@ 59min
> extend 10min
< arm runtime 10min
= running

== RuntimeMaxSec does not concern a oneshot
Type=oneshot
RuntimeMaxSec=1s
& start
@ 10s
> exited main 0
< tell up
< sweep
< arm state 1min 30s
= term none
