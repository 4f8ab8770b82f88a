"""Other implementations of Raft, and the command line.

`regression` is what generated regression tests of earlier versions import; all else lies in rooms.
A hunt goes from `commands` through `hunting` and `subjects` to `adapter` and `bridging`; logs and
histories go through `traces` and `histories`. `bridges`, `scaffolds` and `schemas` hold foreign
sources and data.
"""
