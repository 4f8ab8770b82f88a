"""The command line: one file a command, named as the command.

`main` lists the commands, imports one when it is called, and turns errors into one line and an
exit code. `options` reads what several commands have in common. A `..._report` or `..._progress`
is what its command prints.
"""
