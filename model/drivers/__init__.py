"""What makes schedules: the walker, which is fast, and the rule machines of Hypothesis.

`walk` (walker.py) makes one random run from a seed and a number. Its ActionSource
(action_source.py) draws action after action as the run's profile says (run_profile.py); runs of
rival leaders are planned in turns (rival_turns.py). `examples_of_block` and `run_machine`
(rule_machine.py) let Hypothesis draw the same turns (machine_turns.py), each choice as likely as
any other (even_draws.py). Both drivers share what clients do (clients.py).
"""
