"""Logs of running clusters, read line by line and judged by the rules of Raft.

`verdict` is the way in: it picks the format and gives the verdict. `lines` reads files of any
length. Each format has a folder: `etcd`, and `events`, which anyone can write.
"""
