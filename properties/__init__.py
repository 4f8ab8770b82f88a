"""What must hold in every Raft: pure folds over facts."""
