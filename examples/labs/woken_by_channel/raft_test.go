package raft

import (
	"testing"

	"6.5840/cluster"
	"6.5840/labrpc"
)

// started returns three servers that run, and take a snapshot after so many commands.
func started(t *testing.T, snapshotEvery int) *cluster.Cluster[*Persister] {
	t.Parallel()
	return cluster.New(t, boot, snapshotEvery, MakePersister(), MakePersister(), MakePersister())
}

// boot starts one server, and hands on what it applies.
func boot(ends []*labrpc.ClientEnd, me int, disk *Persister, apply func(cluster.Server, cluster.Applied)) cluster.Server {
	applyCh := make(chan ApplyMsg)
	rf := Make(ends, me, disk, applyCh)
	go func() {
		for message := range applyCh {
			if message.SnapshotValid {
				if !rf.CondInstallSnapshot(message.SnapshotTerm, message.SnapshotIndex, message.Snapshot) {
					continue
				}
				apply(rf, cluster.Applied{Index: message.SnapshotIndex, Snapshot: message.Snapshot})
			} else {
				apply(rf, cluster.Applied{Index: message.CommandIndex, Command: message.Command})
			}
		}
	}()
	return rf
}

func TestElects(t *testing.T)                { cluster.Elects(t, started(t, 0)) }
func TestAgrees(t *testing.T)                { cluster.Agrees(t, started(t, 0)) }
func TestAgreesInSpiteOfLosses(t *testing.T) { cluster.AgreesInSpiteOfLosses(t, started(t, 0)) }
func TestSurvivesCrashes(t *testing.T)       { cluster.SurvivesCrashes(t, started(t, 0)) }
func TestSurvivesWithSnapshots(t *testing.T) { cluster.SurvivesCrashes(t, started(t, 1)) }
func TestCatchesUpBySnapshot(t *testing.T)   { cluster.CatchesUpBySnapshot(t, started(t, 10)) }
