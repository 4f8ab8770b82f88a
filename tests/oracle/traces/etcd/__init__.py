"""Tests of oracle.traces.etcd."""
