module raftoracle

go 1.21
