# How often, and after which pause.

== StartLimit: the sixth start within ten seconds fails
Restart=always
RestartSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 0
& running
? limit-starts 5
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 0
= waiting
> deadline state
> released
< clean
< tell not-up
< tell down
< trigger failure
= failed start-limit

== StartLimit: asked starts are counted too
StartLimitBurst=2
& running
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
> released
< prepare
< arm state 1min 30s
= condition
> asked-restart
< run-ended asked
< clean restart
< tell down
< disarm state
= held
> released
< clean
< tell not-up
< tell down
< trigger failure
= failed start-limit
> asked-start
= held
> released
< clean
< tell not-up
< tell down
< trigger failure
= failed start-limit

== StartLimit: the interval passes
StartLimitBurst=1
StartLimitIntervalSec=10s
& running
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
@ 11s
> released
< prepare
< arm state 1min 30s
= condition
? limit-starts 1

== StartLimit: reset forgets it
StartLimitBurst=1
& running
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
> released
< clean
< tell not-up
< tell down
< trigger failure
= failed start-limit
> asked-reset
= stopped none
> asked-start
> released
< prepare
< arm state 1min 30s
= condition

== StartLimit: reset while running
StartLimitBurst=1
& running
> asked-reset
? limit-starts no
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
> released
< prepare
< arm state 1min 30s
= condition

== StartLimit: zero interval is no limit
StartLimitIntervalSec=0
StartLimitBurst=1
& running
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
> released
< prepare
< arm state 1min 30s
= condition

== RestartSec is the pause
Restart=always
RestartSec=5s
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 5s
= waiting exit-code
> deadline state
= held exit-code
? restarts 1

== RestartSec=infinity waits until asked
Restart=always
RestartSec=infinity
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< disarm state
= waiting
> asked-start
= held

== asked to stop while waiting
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
> asked-stop
< clean
< tell not-up
< tell down
< disarm state
= stopped asked

== asked to start while waiting: at once, and counted anew
Restart=always
BackoffFirstSec=1s
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 2s
? restarts 1
? pauses 1
> asked-start
< disarm state
= held
? restarts no
? pauses no

== asked to restart while waiting
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
> asked-restart
< disarm state
= held

== reset while waiting forgets the counters and waits on
Restart=always
BackoffFirstSec=1s
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 2s
? pauses 1
> asked-reset
= waiting
? pauses no

== a dependency that fails is asked about when it is time
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
> dependency
= waiting
> deadline state
> dependency
< clean
< tell not-up
< tell down
< trigger failure
= failed dependency

== RestartSteps grows to RestartMaxDelaySec
Restart=always
RestartSec=1s
RestartSteps=2
RestartMaxDelaySec=100s
StartLimitIntervalSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 10s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1min 40s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1min 40s
= waiting

== RestartSteps without RestartMaxDelaySec stays
Restart=always
RestartSec=1s
RestartSteps=2
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
= waiting

== back-off: doubles to its maximum
Restart=always
BackoffFirstSec=1s
BackoffMaxSec=5s
StartLimitIntervalSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 2s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 4s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 5s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 5s
= waiting
? pauses 4
? restarts 4

== back-off: jitter is a fifth, down
Restart=always
BackoffFirstSec=10s
% 0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 8s
= waiting

== back-off: jitter is a fifth, up
Restart=always
BackoffFirstSec=10s
% 0.75
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 11s
= waiting

== back-off: jitter does not pass the maximum
Restart=always
BackoffFirstSec=10s
BackoffMaxSec=10s
% 1
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 10s
= waiting

== back-off: a good life makes the pause short again
Restart=always
BackoffFirstSec=1s
BackoffResetSec=10s
StartLimitIntervalSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 2s
> deadline state
& running
@ 10s
> exited main 1
< sweep
< arm state 1min 30s
? pauses no
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
= waiting
? restarts 2

== back-off: a life that is not long enough does not
Restart=always
BackoffFirstSec=1s
BackoffResetSec=10s
StartLimitIntervalSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
@ 9s
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 2s
= waiting

== back-off: a long start is no good life
Restart=always
BackoffFirstSec=1s
BackoffResetSec=10s
StartLimitIntervalSec=0
ExecStartPost=/post
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& start-post
@ 20s
> exited main 1
> exited control 0
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 2s
= waiting

== back-off: a long stop is no good life
Restart=always
BackoffFirstSec=1s
BackoffResetSec=10s
StartLimitIntervalSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> exited main 1
< sweep
< arm state 1min 30s
> remain
< signal SIGTERM all cont
< sweep
@ 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 2s
= waiting
? pauses 1

== back-off: an asked start begins anew
Restart=always
BackoffFirstSec=1s
StartLimitIntervalSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1s
> deadline state
& running
> asked-restart
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 0
> empty
< run-ended asked
< clean restart
< tell down
< disarm state
= held
? pauses no

== back-off: zero is not a hot loop
Restart=always
BackoffFirstSec=0
& running
> exited main 1
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 1ms
= waiting

== RestartPreventExitStatus
Restart=always
RestartPreventExitStatus=3 SIGUSR1
& running
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

== RestartPreventExitStatus with a signal
Restart=always
RestartPreventExitStatus=3 SIGUSR1
& running
> exited main SIGUSR1
< sweep
< arm state 1min 30s
> empty
< run-ended signal
< clean
< tell down
< trigger failure
< disarm state
= failed signal

== RestartPreventExitStatus with a clean end
Restart=always
RestartPreventExitStatus=0
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

== RestartPreventExitStatus does not concern another code
Restart=always
RestartPreventExitStatus=3
& running
> exited main 4
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 100ms
= waiting

== RestartForceExitStatus
RestartForceExitStatus=3
& running
> exited main 3
< sweep
< arm state 1min 30s
> empty
< run-ended exit-code
< clean restart
< tell waiting
< arm state 100ms
= waiting exit-code

== RestartForceExitStatus does not undo a stop
RestartForceExitStatus=3
& running
> asked-stop
< signal SIGTERM all cont
< sweep
< arm state 1min 30s
> exited main 3
> empty
< run-ended asked
< clean
< tell down
< trigger success
< disarm state
= stopped asked

== RestartPreventExitStatus wins
RestartForceExitStatus=3
RestartPreventExitStatus=3
& running
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

== SuccessExitStatus
SuccessExitStatus=3 SIGUSR1
& running
> exited main 3
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== SuccessExitStatus with a signal
SuccessExitStatus=3 SIGUSR1
& running
> exited main SIGUSR1
< sweep
< arm state 1min 30s
> empty
< run-ended none
< clean
< tell down
< trigger success
< disarm state
= done none

== SuccessExitStatus lets a oneshot end by SIGTERM
Type=oneshot
SuccessExitStatus=SIGTERM
& start
> exited main SIGTERM
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

== a start that fails is tried again
Type=notify
Restart=on-failure
& start
> exited main 0
< sweep
< arm state 1min 30s
> empty
< run-ended protocol
< clean restart
< tell waiting
< arm state 100ms
= waiting protocol
> deadline state
= held protocol
& running
? restarts 1
