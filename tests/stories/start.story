# The way up, for each type.

== simple: every step from asking to running
> asked-start
= held none
> released
< prepare
< arm state 1min 30s
= condition
> prepared
< launch /main
< arm state 1min 30s
= start
> execed main
< tell up
< disarm state
= running none

== simple: an end that is heard of before the exec was still a start
& start
> exited main 0
< tell up
< sweep
< arm state 1min 30s
= term none
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== simple: a failure that is heard of before the exec was a start too
& start
> exited main 3
< tell up
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

== simple: what cannot be launched fails
& start
> launch-failed main
< sweep
< arm state 1min 30s
= term exec
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec
? main-known no

== simple: what cannot be launched may do so with a dash
ExecStart=-/main
& start
> launch-failed main
< tell up
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== simple: a failure with a dash is none
ExecStart=-/main
& running
> exited main 9
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== exec: it counts as started when it runs
Type=exec
& start
> execed main
< tell up
< disarm state
= running

== dbus is as simple
Type=dbus
BusName=org.example
& start
> execed main
< tell up
< disarm state
= running

== idle is as simple
Type=idle
& start
> execed main
< tell up
< disarm state
= running

== notify: READY=1 is what counts
Type=notify
& start
> execed main
= start
> ready
< tell up
< disarm state
= running
? ready-seen yes

== notify: an end without READY=1 breaks the protocol
Type=notify
& start
> execed main
> exited main 0
< sweep
< arm state 1min 30s
= term protocol
> empty
< run-ended protocol
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed protocol

== notify: a failure without READY=1 is a failure
Type=notify
& start
> execed main
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exit-code

== notify: silence is a timeout
Type=notify
& start
> execed main
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term timeout
> exited main SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== notify: what stays may say READY=1 after main has ended
Type=notify
RemainAfterExit=yes
NotifyAccess=all
& start
> exited main 0
< sweep
= start
> remain
= start
> ready
< tell up
< disarm state
= exited none

== notify: nobody is left who could say READY=1
Type=notify
RemainAfterExit=yes
NotifyAccess=all
& start
> exited main 0
< sweep
> empty
< run-ended protocol
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed protocol

== notify: more time is asked for while starting
Type=notify
TimeoutStartSec=10s
& start
@ 8s
> extend 30s
< arm state 30s
? deadline-state 1038000000000
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term timeout

== notify: less time than there is changes nothing
Type=notify
TimeoutStartSec=10s
& start
> extend 5s
= start

== oneshot: it is up when it has ended
Type=oneshot
& start
> execed main
= start
> exited main 0
< tell up
< sweep
< arm state 1min 30s
= term none
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== oneshot: commands run one after the other
Type=oneshot
ExecStart=/first
ExecStart=/second
ExecStart=/third
& start
> exited main 0
< launch /second
= start
> execed main
> exited main 0
< launch /third
= start
> exited main 0
< tell up
< sweep
< arm state 1min 30s
= term
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done

== oneshot: the first failure ends the sequence
Type=oneshot
ExecStart=/first
ExecStart=/second
& start
> exited main 2
< sweep
< arm state 1min 30s
= term exit-code
> empty
< run-ended exit-code
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exit-code

== oneshot: a dash lets the sequence go on
Type=oneshot
ExecStart=-/first
ExecStart=/second
& start
> exited main 2
< launch /second
= start
> exited main 0
< tell up
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done

== oneshot: a command that cannot be launched fails
Type=oneshot
ExecStart=/first
ExecStart=/second
& start
> exited main 0
< launch /second
> launch-failed main
< sweep
< arm state 1min 30s
= term exec
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== oneshot: SIGTERM is no clean end
Type=oneshot
& start
> exited main SIGTERM
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed signal

== oneshot with RemainAfterExit stays up without a process
Type=oneshot
RemainAfterExit=yes
& start
> exited main 0
< tell up
= exited none
> asked-start
< tell up
= exited

== oneshot with nothing but ExecStop is up at once
Type=oneshot
ExecStop=/stop
RemainAfterExit=yes
> asked-start
> released
< prepare
> prepared
< tell up
= exited
> asked-stop
< launch /stop
< arm state 1min 30s
= stopping asked
> exited control 0
< sweep
< arm state 1min 30s
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== oneshot with a start timeout
Type=oneshot
TimeoutStartSec=5s
& start
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term timeout
> exited main SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== forking: the pid file names main
Type=forking
PIDFile=/run/web.pid
& start
> execed main
> exited main 0
< find-main
= start
> main-found
< tell up
< disarm state
= running
> exited main 4
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

== forking: the pid file comes late
Type=forking
PIDFile=/run/web.pid
& start
> exited main 0
< find-main
> main-missing
< sweep
> remain
= start
> main-found
< tell up
< disarm state
= running

== forking: the pid file never comes
Type=forking
PIDFile=/run/web.pid
& start
> exited main 0
< find-main
> main-missing
< sweep
> remain
> deadline state
< sweep
< arm state 1min 30s
= term timeout
> remain
< signal SIGTERM all cont
< sweep
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== forking: nobody is left who could write the pid file
Type=forking
PIDFile=/run/web.pid
& start
> exited main 0
< find-main
> main-missing
< sweep
> empty
< run-ended protocol
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed protocol

== forking: ExecStartPost writes the pid file
Type=forking
PIDFile=/run/web.pid
ExecStartPost=/post
& start
> exited main 0
< find-main
> main-missing
< launch /post
< arm state 1min 30s
= start-post
> exited control 0
< find-main
= start-post
> main-found
< tell up
< disarm state
= running

== forking: not even ExecStartPost writes the pid file
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
> main-missing
< sweep
> empty
< run-ended protocol
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed protocol

== forking: main is guessed
Type=forking
& start
> exited main 0
< find-main
> main-found
< tell up
< disarm state
= running
? main yes

== forking: nothing to guess, it lives as long as anything of it
Type=forking
& start
> exited main 0
< find-main
> main-missing
< tell up
< sweep
< disarm state
= running
? main no
> remain
= running
> empty
< run-ended none
< clean
< tell down
< trigger success
= done none

== forking: no guess wanted
Type=forking
GuessMainPID=no
& start
> exited main 0
< tell up
< sweep
< disarm state
= running
> empty
< run-ended none
< clean
< tell down
< trigger success
= done

== forking: the command that forks fails
Type=forking
& start
> exited main 1
< sweep
< arm state 1min 30s
= term exit-code
> empty
< run-ended exit-code
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exit-code

== a main process that changes
Type=notify
NotifyAccess=all
& running
> main-found
= running
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

== pre and post commands, each with the whole time
ExecStartPre=/pre-one
ExecStartPre=/pre-two
ExecStartPost=/post-one
ExecStartPost=/post-two
TimeoutStartSec=20s
& start-pre
> execed control
> exited control 0
< launch /pre-two
< arm state 20s
@ 5s
> exited control 0
< launch /main
< arm state 20s
= start
> execed main
< launch /post-one
< arm state 20s
= start-post
> exited control 0
< launch /post-two
< arm state 20s
= start-post
@ 1s
> exited control 0
< tell up
< disarm state
= running

== ExecStartPre fails: ExecStop is not run
ExecStartPre=/pre
ExecStop=/stop
& start-pre
> exited control 1
< sweep
< arm state 1min 30s
= term exit-code
> empty
< run-ended exit-code
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exit-code

== ExecStartPre fails with a dash
ExecStartPre=-/pre
& start-pre
> exited control 1
< launch /main
< arm state 1min 30s
= start

== ExecStartPre cannot be launched
ExecStartPre=/pre
& start-pre
> launch-failed control
< sweep
< arm state 1min 30s
= term exec
> empty
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== ExecStartPre takes too long
ExecStartPre=/pre
TimeoutStartSec=10s
& start-pre
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term timeout
> remain
> exited control SIGTERM
= term
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== ExecStartPost fails: the service is stopped without ExecStop
ExecStartPost=/post
ExecStop=/stop
& start-post
> exited control 1
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term exit-code
> exited main SIGTERM
> empty
< run-ended exit-code
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exit-code

== ExecStartPost takes too long
ExecStartPost=/post
& start-post
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term timeout
> exited control SIGTERM
> exited main SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== main ends well while ExecStartPost runs
ExecStartPost=/post
& start-post
> exited main 0
= start-post
> exited control 0
< tell up
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

== main fails while ExecStartPost runs: it never was up
ExecStartPost=/post
& start-post
> exited main 1
= start-post
> exited control 0
< sweep
< arm state 1min 30s
= term exit-code
> empty
< run-ended exit-code
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exit-code
? was-up no

== preparations fail: nothing is run, not even ExecStopPost
ExecStopPost=/after
> asked-start
> released
< prepare
< arm state 1min 30s
> unprepared
< run-ended exec
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed exec

== preparations take too long
> asked-start
> released
< prepare
< arm state 1min 30s
> deadline state
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
= failed timeout

== asked to start twice
> asked-start
> asked-start
= held
> released
< prepare
< arm state 1min 30s
> asked-start
= condition
> prepared
< launch /main
< arm state 1min 30s
> asked-start
= start
> execed main
< tell up
< disarm state
> asked-start
< tell up
= running

== answers that come twice or late do nothing
& start
> prepared
> unprepared
> released
> execed main
< tell up
< disarm state
> execed main
> empty
> remain
> survived
> main-missing
> exited control 0
= running

== what it is ordered after failed
> asked-start
> dependency
< clean
< tell not-up
< tell down
< trigger failure
= failed dependency

== what it requires fails while it starts
ExecStartPre=/pre
& start-pre
> dependency
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term dependency
> exited control SIGTERM
> empty
< run-ended dependency
< clean
< tell not-up
< tell down
< disarm state
= stopped dependency

== RemainAfterExit does not cover a failure
RemainAfterExit=yes
& running
> exited main 1
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

== RemainAfterExit of a simple service
RemainAfterExit=yes
& running
> exited main 0
= exited none

== a new run knows nothing of the one before
Type=notify
ExecStopPost=-/after
& running
> reloading
< arm state 1min 30s
> exited main 3
< tell not-reloaded
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
> exited control 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean
< tell down
< trigger failure
< disarm state
= failed exit-code
? outcome-value 3
> asked-start
> released
< prepare
< arm state 1min 30s
= condition none
? outcome-value no
? outcome-known no
? main-known no
? was-up no
? ready-seen no
? reloading no
? signalled no
? up-since no
? swept yes
