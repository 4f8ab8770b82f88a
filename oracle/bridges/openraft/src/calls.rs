//! The network as openraft sees it: a call becomes a message that leaves, and waits for its answer.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::sync::{Arc, Mutex, MutexGuard};

use openraft::error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError};
use openraft::network::RPCOption;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use openraft::{EmptyNode, RaftNetwork, RaftNetworkFactory};
use tokio::sync::oneshot;

use crate::gate::Gate;
use crate::message::{Body, Message};
use crate::types::Types;

/// A message that leaves, and whom it is for.
pub struct Outgoing {
    pub to: u64,
    pub message: Message,
}

/// A call that waits for its answer.
struct Waiting {
    to: u64,
    /// How many heartbeat timeouts it outlasts.
    lasts: u64,
    answer: oneshot::Sender<Body>,
}

/// What has left of a server, and its calls that wait, by number.
#[derive(Default)]
struct Table {
    outbox: Vec<Outgoing>,
    waiting: BTreeMap<u64, Waiting>,
    /// The number of the last call; no other life of the server has used it.
    last: u64,
    for_reads: bool,
}

/// The calls of one life of a server.
#[derive(Clone)]
pub struct Calls {
    table: Arc<Mutex<Table>>,
    gate: Gate,
}

impl Calls {
    /// The calls of a new life, whose numbers come after this one.
    pub fn after(last: u64, gate: Gate) -> Calls {
        let table = Table {
            last,
            ..Table::default()
        };
        Calls {
            table: Arc::new(Mutex::new(table)),
            gate,
        }
    }

    pub fn last(&self) -> u64 {
        self.lock().last
    }

    /// Send an answer, unless the server crashes before.
    pub async fn answer(&self, to: u64, call: u64, body: Body) {
        self.gate.send().await;
        let message = Message { call, body };
        self.lock().outbox.push(Outgoing { to, message });
    }

    /// An answer has arrived; nobody may wait for it any more.
    pub fn resolve(&self, from: u64, answer: Message) {
        let mut table = self.lock();
        if table
            .waiting
            .get(&answer.call)
            .is_some_and(|call| call.to == from)
        {
            if let Some(call) = table.waiting.remove(&answer.call) {
                let _ = call.answer.send(answer.body);
            }
        }
    }

    /// A heartbeat interval is over, and with it the time limit of calls.
    pub fn expire(&self) {
        self.lock().waiting.retain(|_, call| {
            let lasts = call.lasts > 0;
            call.lasts = call.lasts.saturating_sub(1);
            lasts
        });
    }

    /// Whether connections are made for a read now. What they ask need not be answered before the
    /// heartbeat that comes next: a read is confirmed between two of them.
    pub fn for_reads(&self, so: bool) {
        self.lock().for_reads = so;
    }

    pub fn take_outbox(&self) -> Vec<Outgoing> {
        std::mem::take(&mut self.lock().outbox)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().expect("nobody panics with the table")
    }

    async fn call<E: Error>(
        &self,
        to: u64,
        lasts: u64,
        body: Body,
    ) -> Result<Body, RPCError<u64, EmptyNode, E>> {
        self.gate.send().await;
        let (sender, receiver) = oneshot::channel();
        {
            let mut table = self.lock();
            table.last += 1;
            let call = table.last;
            let waiting = Waiting {
                to,
                lasts,
                answer: sender,
            };
            table.waiting.insert(call, waiting);
            let message = Message { call, body };
            table.outbox.push(Outgoing { to, message });
        }
        let answer = receiver.await;
        answer.map_err(|_| RPCError::Network(NetworkError::new(&NoAnswer)))
    }
}

/// A call that has reached its time limit.
#[derive(Debug)]
struct NoAnswer;

impl Display for NoAnswer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("no answer in time")
    }
}

impl Error for NoAnswer {}

/// Makes the connections of one server.
pub struct Network(pub Calls);

/// A connection to one other server.
pub struct Connection {
    calls: Calls,
    to: u64,
    lasts: u64,
}

/// A candidate waits for votes as long as it stands.
const FOR_EVER: u64 = u64::MAX;

impl RaftNetworkFactory<Types> for Network {
    type Network = Connection;

    async fn new_client(&mut self, target: u64, _: &EmptyNode) -> Connection {
        Connection {
            calls: self.0.clone(),
            to: target,
            lasts: u64::from(self.0.lock().for_reads),
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
        match self
            .calls
            .call(self.to, self.lasts, Body::Append(request))
            .await?
        {
            Body::Appended(answer) => Ok(answer.response()),
            other => Err(odd(&other)),
        }
    }

    async fn vote(&mut self, request: VoteRequest<u64>, _: RPCOption) -> Answer<VoteResponse<u64>> {
        match self
            .calls
            .call(self.to, FOR_EVER, Body::Vote(request))
            .await?
        {
            Body::Voted(answer) => Ok(answer),
            other => Err(odd(&other)),
        }
    }

    async fn install_snapshot(
        &mut self,
        request: InstallSnapshotRequest<Types>,
        _: RPCOption,
    ) -> Answer<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        match self
            .calls
            .call(self.to, self.lasts, Body::Install(request))
            .await?
        {
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
