"""Traces of etcd's raft, as its build tag with_tla writes them."""
