//! What the author of a program writes: a server with its messages, its disk and its view.

use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::calls::{Calls, NoAnswer, FOR_EVER};
use super::disk::Disk;
use crate::settings::{Known, Settings};
use crate::wire::Setting;

/// An implementation, as its author describes it. docs/protocol.md says what each word promises.
pub struct Program {
    pub name: &'static str,
    pub version: &'static str,
    pub summary: &'static str,
    /// `"any"`, or `"fifo"` for connections that keep the order of what is sent.
    pub network: &'static str,
    pub observes: &'static [&'static str],
    pub offers: &'static [&'static str],
    /// `"log"` or `"commit"`, where the implementation does not show it after all.
    pub hides: &'static [&'static str],
    pub settings: &'static [(&'static str, &'static str, &'static str)],
    /// How long a call waits for its answer, by the clock of who asks.
    pub call_timeout: Duration,
    /// How much time goes by after each step, for what is done by looking every few milliseconds.
    pub poll: Duration,
}

impl Default for Program {
    fn default() -> Program {
        Program {
            name: "mine",
            version: "1",
            summary: "",
            network: "any",
            observes: &[],
            offers: &[],
            hides: &[],
            settings: &[],
            call_timeout: Duration::from_secs(1),
            poll: Duration::ZERO,
        }
    }
}

impl Program {
    /// What it may be set to, by name, default and meaning; and what comes with a disk that is late.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        let mut all = Known(self.settings).described();
        if self.offers.contains(&"CompleteWrite") {
            all.extend(LATE.described());
        }
        all
    }
}

/// The setting with which writes are complete when the schedule says so.
pub(crate) const LATE: Known = Known(&[(
    "async_writes",
    "off",
    "on: a write is complete when the schedule says so",
)]);

/// What servers say to each other: one type for all requests and their answers.
pub trait Message: Clone + Send + 'static {
    /// One short line that tells it apart from others on the same link, without counters,
    /// addresses or times: a schedule is replayed by labels.
    fn label(&self) -> String;
    /// What it says in the words of the paper's figures; null where that is not known.
    fn meaning(&self) -> Value {
        Value::Null
    }
}

/// What is on the disk of a server.
pub trait Stored: Clone + Default + Send + 'static {
    fn term(&self) -> u64;
    fn vote(&self) -> Option<u64>;
    /// The log from the entry after the snapshot on.
    fn log(&self) -> Vec<Entry>;
    /// Index and term of the last entry that a snapshot covers.
    fn snapshot(&self) -> (u64, u64) {
        (0, 0)
    }
}

/// An entry of a log: its term, and the client's command as it is; nothing for a no-op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub term: u64,
    pub content: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Follower,
    Candidate,
    Leader,
}

/// A configuration of the cluster, in force from the entry at `since` on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    pub voters: Vec<u64>,
    pub learners: Vec<u64>,
    /// While it is joint; `voters` are those of C_old then.
    pub new_voters: Vec<u64>,
    pub since: u64,
}

/// What there is to see of a server. What is not promised in `observes` may stay as it is.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub role: Role,
    pub term: u64,
    pub vote: Option<u64>,
    pub commit: u64,
    pub applied: u64,
    /// Index and term of the last entry that the snapshot covers.
    pub snapshot: (u64, u64),
    /// The whole log from the entry after the snapshot on.
    pub log: Vec<Entry>,
    /// By server, of a leader.
    pub next: BTreeMap<u64, u64>,
    pub matched: BTreeMap<u64, u64>,
    /// What the state machine holds, as text.
    pub digest: Option<String>,
    pub configuration: Option<Configuration>,
    /// Configurations that came and went since the last view.
    pub earlier: Vec<Configuration>,
}

/// One life of a server, as its transport and its storage see it. A clone is another handle.
#[derive(Clone)]
pub struct Node<M, D> {
    /// Its number, from 1 on; server 1 is called S1.
    pub id: u64,
    /// The numbers of all servers, its own too.
    pub servers: Arc<[u64]>,
    /// Its disk, with what the life before has left.
    pub disk: Disk<D>,
    pub settings: Arc<Settings>,
    pub(crate) calls: Calls<M>,
    pub(crate) call_timeout: Duration,
}

impl<M, D> Node<M, D> {
    /// The numbers of all other servers.
    pub fn peers(&self) -> Vec<u64> {
        let all = self.servers.iter().copied();
        all.filter(|peer| *peer != self.id).collect()
    }

    /// Send a request, and wait for its answer as long as the program says.
    pub async fn call(&self, to: u64, request: M) -> Result<M, NoAnswer> {
        let answer = self.calls.call(to, FOR_EVER, request);
        tokio::time::timeout(self.call_timeout, answer)
            .await
            .unwrap_or(Err(NoAnswer))
    }

    /// Send a message that is no question: what comes back, if anything, is a message of its own.
    pub async fn send(&self, to: u64, message: M) {
        self.calls.send(to, message).await;
    }

    /// What a setting was given as, if it was.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }
}

/// One life of a server of the implementation.
///
/// Each function runs in the life's runtime until no task can go on. It may spawn tasks, and wait for
/// timers and answers: those end in later steps.
pub trait Server: Sized + 'static {
    type Message: Message;
    type Disk: Stored;

    /// Say what is wrong with settings, in one line.
    fn check(_settings: &Settings) -> Result<(), String> {
        Ok(())
    }

    /// Begin a life, with what the disk holds.
    fn start(node: Node<Self::Message, Self::Disk>) -> impl Future<Output = Self>;

    /// Show the server. Nothing else runs in it meanwhile.
    fn view(&self) -> impl Future<Output = View>;

    /// A client hands it a command.
    fn propose(self: Rc<Self>, command: String) -> impl Future<Output = ()> + 'static;

    /// A request arrives, or a message that is none; what is returned is the answer.
    fn receive(
        self: Rc<Self>,
        from: u64,
        message: Self::Message,
    ) -> impl Future<Output = Option<Self::Message>> + 'static;

    /// How much time goes by before a message arrives. A server that refuses its vote as long as it has
    /// heard of a leader lately needs more than that before a request for its vote, or few elections
    /// succeed; its own election timer should rarely run out in that time.
    fn time_before(&self, _message: &Self::Message) -> Duration {
        Duration::ZERO
    }

    /// Take a snapshot of all that is applied, and keep the last entries of the log.
    fn compact(self: Rc<Self>, _keep: u64) -> impl Future<Output = ()> + 'static {
        async { unreachable!("Compact is offered, and compact is not written") }
    }

    /// An administrator asks for this configuration.
    fn change_membership(
        self: Rc<Self>,
        _voters: Vec<u64>,
        _learners: Vec<u64>,
    ) -> impl Future<Output = ()> + 'static {
        async { unreachable!("ChangeMembership is offered, and change_membership is not written") }
    }

    /// An administrator asks it to hand over.
    fn transfer_leadership(self: Rc<Self>, _target: u64) -> impl Future<Output = ()> + 'static {
        async {
            unreachable!("TransferLeadership is offered, and transfer_leadership is not written")
        }
    }

    /// A client's operation; None where the client cannot know what became of it.
    fn invoke(
        self: Rc<Self>,
        _client: u64,
        _number: u64,
        _command: String,
    ) -> impl Future<Output = Option<String>> + 'static {
        async { unreachable!("Invoke is offered, and invoke is not written") }
    }
}
