package raft

import (
	"testing"

	"6.5840/cluster"
	"6.5840/labrpc"
)

// started returns three servers that run.
func started(t *testing.T) *cluster.Cluster[*Persister] {
	t.Parallel()
	return cluster.New(t, boot, 0, MakePersister(), MakePersister(), MakePersister())
}

// boot starts one server, and hands on what it applies.
func boot(ends []*labrpc.ClientEnd, me int, disk *Persister, apply func(cluster.Server, cluster.Applied)) cluster.Server {
	applyCh := make(chan ApplyMsg)
	rf := Make(ends, me, disk, applyCh)
	go func() {
		for message := range applyCh {
			apply(rf, cluster.Applied{Index: message.CommandIndex, Command: message.Command})
		}
	}()
	return rf
}

func TestElects(t *testing.T)                { cluster.Elects(t, started(t)) }
func TestAgrees(t *testing.T)                { cluster.Agrees(t, started(t)) }
func TestAgreesInSpiteOfLosses(t *testing.T) { cluster.AgreesInSpiteOfLosses(t, started(t)) }
func TestSurvivesCrashes(t *testing.T)       { cluster.SurvivesCrashes(t, started(t)) }
