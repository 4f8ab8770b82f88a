//! What there is to see of a server, and what comes to it from outside.

use std::rc::Rc;
use std::sync::Arc;

use raftoracle::{Node, Role, Server, Settings, View};

use crate::raft::{self, Raft, Saved};
use crate::storage::InMemory;
use crate::transport::Rpc;

/// One life of a server of the toy.
pub struct Toy(Arc<Raft<Node<Rpc, Saved>, InMemory>>);

impl Server for Toy {
    type Message = Rpc;
    type Disk = Saved;

    fn check(settings: &Settings) -> Result<(), String> {
        match settings.get("mistake").map(String::as_str) {
            None | Some("none" | "unsynced") => Ok(()),
            Some(found) => Err(format!(
                "setting mistake: found {found:?}, expected none or unsynced"
            )),
        }
    }

    /// Begin a life: the first one, or one after a crash.
    async fn start(node: Node<Rpc, Saved>) -> Toy {
        let storage = InMemory {
            disk: node.disk.clone(),
            forgets_to_sync: node.setting("mistake") == Some("unsynced"),
        };
        Toy(Raft::start(node.id, node.peers(), node, storage))
    }

    /// Show the server. No task can go on at this moment, so nobody holds the lock.
    async fn view(&self) -> View {
        let state = self.0.state();
        let mut view = View {
            role: match state.role {
                raft::Role::Follower => Role::Follower,
                raft::Role::Candidate => Role::Candidate,
                raft::Role::Leader => Role::Leader,
            },
            term: state.term,
            vote: state.voted_for,
            commit: state.commit_index,
            applied: state.last_applied,
            log: state.log.iter().map(shown).collect(),
            ..View::default()
        };
        if view.role == Role::Leader {
            view.next.clone_from(&state.next_index);
            view.matched.clone_from(&state.match_index);
        }
        view
    }

    async fn propose(self: Rc<Self>, command: String) {
        self.0.propose(command).await;
    }

    async fn receive(self: Rc<Self>, from: u64, message: Rpc) -> Option<Rpc> {
        match message {
            Rpc::RequestVote(request) => {
                let reply = self.0.handle_request_vote(from, request).await;
                Some(Rpc::Voted(reply))
            }
            Rpc::AppendEntries(request) => {
                let reply = self.0.handle_append_entries(request).await;
                Some(Rpc::Appended(reply))
            }
            Rpc::Voted(_) | Rpc::Appended(_) => None,
        }
    }
}

/// An entry as raft-oracle shows it.
pub fn shown(entry: &raft::Entry) -> raftoracle::Entry {
    raftoracle::Entry {
        term: entry.term,
        content: entry.command.clone(),
    }
}
