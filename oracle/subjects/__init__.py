"""The subjects that can be named, and how a name becomes a factory.

A subject is an implementation under test, and a factory makes clusters of it (model/subject.py).
`naming` reads the words, and `registry` gives the factory and checks settings. `user_file` loads a
user's Python file, whose calls go through `guarded`. `pysyncobj` and `raftos` are libraries that
run in process; `pip_install` and `setting_values` are what they share.
"""
