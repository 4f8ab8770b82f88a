"""What must hold in every Raft: pure folds over facts.

`facts` are what changed at a server, `property` is what every property is, and `checker` feeds the
facts to all of them; each property has a file that begins with its sentence. `view` is what can be
seen of a server. `linearizability` judges what clients saw. The rules for single steps are in
`rules`.
"""
