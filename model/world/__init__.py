"""The world around a subject: its network, what happens there, and the judging of every step.

`Cluster` (macro_actions.py) is what every driver, shrinker and replay uses: `reset` begins a run,
`apply` lets an action happen, and PropertyViolatedError ends it. It is made of three layers: World
(world.py) lets micro actions happen, FairWorld (fair_schedule.py) adds the end of all faults, and
Cluster adds macro actions. network.py holds what is in flight, records.py has what a recorder sees
of each step, and conformance.py what the rules for single steps see of it.
"""
