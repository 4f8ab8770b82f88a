//! The network as openraft sees it: a call becomes a message that leaves, and waits for its answer.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use openraft::error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError};
use openraft::network::RPCOption;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use openraft::{EmptyNode, RaftNetwork, RaftNetworkFactory};
use raftoracle::calls::{Calls, FOR_EVER};

use crate::disk::Disk;
use crate::message::Body;
use crate::types::Types;

/// Makes the connections of one server.
pub struct Network {
    pub calls: Calls<Body>,
    /// Whether connections are made for a read now. What they ask need not be answered before the
    /// heartbeat that comes next: a read is confirmed between two of them.
    pub for_reads: Arc<AtomicBool>,
    /// What the server has stored; None where it is not asked for before a message leaves.
    pub guard: Option<Disk>,
}

/// A connection to one other server.
pub struct Connection {
    calls: Calls<Body>,
    to: u64,
    /// How many heartbeat timeouts a call outlasts; a candidate waits for votes as long as it stands.
    lasts: u64,
    guard: Option<Disk>,
}

impl Connection {
    /// Whether the leader in whose name a request is has been deposed meanwhile.
    fn is_deposed(&self, request: &AppendEntriesRequest<Types>) -> bool {
        let stored = self
            .guard
            .as_ref()
            .and_then(|disk| disk.read(|content| content.vote));
        stored.is_some_and(|vote| vote.leader_id > request.vote.leader_id)
    }

    async fn call<E: Error>(
        &self,
        lasts: u64,
        body: Body,
    ) -> Result<Body, RPCError<u64, EmptyNode, E>> {
        let answer = self.calls.call(self.to, lasts, body).await;
        answer.map_err(|none| RPCError::Network(NetworkError::new(&none)))
    }
}

impl RaftNetworkFactory<Types> for Network {
    type Network = Connection;

    async fn new_client(&mut self, target: u64, _: &EmptyNode) -> Connection {
        Connection {
            calls: self.calls.clone(),
            to: target,
            lasts: u64::from(self.for_reads.load(Ordering::Relaxed)),
            guard: self.guard.clone(),
        }
    }
}

type Answer<T, E = openraft::error::Infallible> =
    Result<T, RPCError<u64, EmptyNode, RaftError<u64, E>>>;

impl RaftNetwork<Types> for Connection {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        _: RPCOption,
    ) -> Answer<AppendEntriesResponse<u64>> {
        if self.is_deposed(&request) {
            let none = std::io::Error::other("its leader is deposed");
            return Err(RPCError::Network(NetworkError::new(&none)));
        }
        match self.call(self.lasts, Body::Append(request)).await? {
            Body::Appended(answer) => Ok(answer.response()),
            other => Err(odd(&other)),
        }
    }

    async fn vote(&mut self, request: VoteRequest<u64>, _: RPCOption) -> Answer<VoteResponse<u64>> {
        match self.call(FOR_EVER, Body::Vote(request)).await? {
            Body::Voted(answer) => Ok(answer),
            other => Err(odd(&other)),
        }
    }

    async fn install_snapshot(
        &mut self,
        request: InstallSnapshotRequest<Types>,
        _: RPCOption,
    ) -> Answer<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        match self.call(self.lasts, Body::Install(request)).await? {
            Body::Installed { vote, .. } => Ok(InstallSnapshotResponse { vote }),
            Body::Mismatch(mismatch) => {
                let source = RaftError::APIError(mismatch);
                Err(RPCError::RemoteError(RemoteError::new(self.to, source)))
            }
            other => Err(odd(&other)),
        }
    }
}

/// An answer that belongs to another kind of call; the bridge makes none.
fn odd<E: Error>(answer: &Body) -> RPCError<u64, EmptyNode, E> {
    unreachable!("{answer:?} answers another call")
}
