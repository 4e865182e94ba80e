# ExecCondition: whether there is something to do at all.

== it holds
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
= condition
> exited control 0
< launch /main
< arm state 1min 30s
= start

== two must hold
ExecCondition=/one
ExecCondition=/two
& condition
> prepared
< launch /one
> exited control 0
< launch /two
< arm state 1min 30s
= condition
> exited control 0
< launch /main
< arm state 1min 30s
= start

== exit 1 skips the start, which is no failure
ExecCondition=/is-needed
Restart=always
& condition
> prepared
< launch /is-needed
> exited control 1
< sweep
< arm state 1min 30s
= term condition
> empty
< run-ended condition
< clean
< tell not-up
< tell down
< disarm state
= stopped condition
? skipped yes

== exit 254 skips too
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
> exited control 254
< sweep
< arm state 1min 30s
> empty
< run-ended condition
< clean
< tell not-up
< tell down
< disarm state
= stopped condition

== exit 255 is a failure
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
> exited control 255
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

== a signal is a failure
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
> exited control SIGSEGV core
< sweep
< arm state 1min 30s
= term core
> empty
< run-ended core
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed core

== it cannot be launched
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
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

== it takes too long
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
> deadline state
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
= term timeout
> exited control SIGTERM
> empty
< run-ended timeout
< clean
< tell not-up
< tell down
< trigger failure
< disarm state
= failed timeout

== a dash lets everything pass
ExecCondition=-/is-needed
& condition
> prepared
< launch /is-needed
> exited control 1
< launch /main
< arm state 1min 30s
= start

== ExecStopPost runs after a skipped start
ExecCondition=/is-needed
ExecStopPost=/after
& condition
> prepared
< launch /is-needed
> exited control 1
< sweep
< arm state 1min 30s
> empty
< launch /after
< arm state 1min 30s
= stop-post condition
> exited control 0
< sweep
< arm state 1min 30s
= final-term
> empty
< run-ended condition
< clean
< tell not-up
< tell down
< disarm state
= stopped condition

== the next start asks again
ExecCondition=/is-needed
& condition
> prepared
< launch /is-needed
> exited control 1
< sweep
< arm state 1min 30s
> empty
< run-ended condition
< clean
< tell not-up
< tell down
< disarm state
> asked-start
= held condition
> released
< prepare
< arm state 1min 30s
= condition none
? skipped no
