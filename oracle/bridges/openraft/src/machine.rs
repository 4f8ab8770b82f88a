//! The state machine above a server: a small key-value store in memory, which snapshots save.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard};

use openraft::storage::RaftStateMachine;
use openraft::{
    EmptyNode, EntryPayload, LogId, OptionalSend, RaftSnapshotBuilder, Snapshot, SnapshotMeta,
    StoredMembership,
};
use serde::{Deserialize, Serialize};

use crate::disk::{Disk, Fallible, Image};
use crate::types::{content, place, Entry, Request, Types};

/// What commands have made of it.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Store {
    /// Of all commands, in their order.
    digest: u64,
    values: BTreeMap<String, String>,
    /// What operations that have a name were answered: they are executed once.
    answered: Vec<((u64, u64), String)>,
}

#[derive(Clone, Default)]
struct State {
    applied: Option<LogId<u64>>,
    members: StoredMembership<u64, EmptyNode>,
    store: Store,
}

/// A handle that the library and the bridge share.
#[derive(Clone)]
pub struct Machine {
    state: Arc<Mutex<State>>,
    disk: Disk,
}

impl Machine {
    /// The machine of a server that starts, as the last snapshot on its disk holds it.
    pub fn restored(disk: Disk) -> Machine {
        let image = disk.read(|content| content.snapshot.clone());
        let state = image.map(|image| State::of(&image)).unwrap_or_default();
        Machine {
            state: Arc::new(Mutex::new(state)),
            disk,
        }
    }

    pub fn applied(&self) -> u64 {
        place(self.lock().applied).0
    }

    pub fn digest(&self) -> String {
        format!("{:016x}", self.lock().store.digest)
    }

    /// The value of a key; a key that was never set has none, which reads as nothing.
    pub fn value(&self, key: &str) -> String {
        let state = self.lock();
        state.store.values.get(key).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the machine")
    }
}

impl State {
    fn of(image: &Image) -> State {
        State {
            applied: image.meta.last_log_id,
            members: image.meta.last_membership.clone(),
            store: serde_json::from_slice(&image.data).expect("a snapshot of this bridge"),
        }
    }

    fn image(&self) -> Image {
        let (index, term) = place(self.applied);
        let meta = SnapshotMeta {
            last_log_id: self.applied,
            last_membership: self.members.clone(),
            snapshot_id: format!("{index}@{term}"),
        };
        let data = serde_json::to_vec(&self.store).expect("plain data");
        Image { meta, data }
    }

    fn apply(&mut self, entry: &Entry) -> String {
        self.applied = Some(entry.log_id);
        match &entry.payload {
            EntryPayload::Blank => String::new(),
            EntryPayload::Normal(request) => {
                self.store.note(&content(entry));
                self.store.serve(request)
            }
            EntryPayload::Membership(members) => {
                self.members = StoredMembership::new(self.applied, members.clone());
                String::new()
            }
        }
    }
}

impl Store {
    /// FNV-1a over the command and a separator.
    fn note(&mut self, command: &str) {
        for byte in command.bytes().chain([b'\n']) {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Execute a request, unless it has a name and was executed before.
    fn serve(&mut self, request: &Request) -> String {
        let Some(name) = request.name else {
            return String::new();
        };
        if let Some((_, output)) = self.answered.iter().find(|(known, _)| *known == name) {
            return output.clone();
        }
        let output = self.execute(&request.command);
        self.answered.push((name, output.clone()));
        output
    }

    /// A command of the key-value store; anything else, such as `open`, changes nothing.
    fn execute(&mut self, command: &str) -> String {
        match command.split(' ').collect::<Vec<_>>()[..] {
            ["set", key, value] => {
                self.values.insert(key.to_string(), value.to_string());
                String::new()
            }
            ["append", key, more] => {
                let value = self.values.entry(key.to_string()).or_default();
                value.push_str(more);
                value.clone()
            }
            ["cas", key, old, new] => {
                let value = self.values.entry(key.to_string()).or_default();
                if value != old {
                    return "fail".to_string();
                }
                *value = new.to_string();
                "ok".to_string()
            }
            _ => String::new(),
        }
    }
}

fn snapshot(image: Image) -> Snapshot<Types> {
    Snapshot {
        meta: image.meta,
        snapshot: Box::new(Cursor::new(image.data)),
    }
}

impl RaftSnapshotBuilder<Types> for Machine {
    async fn build_snapshot(&mut self) -> Fallible<Snapshot<Types>> {
        let image = self.lock().image();
        self.disk.save_snapshot(image.clone()).await?;
        Ok(snapshot(image))
    }
}

impl RaftStateMachine<Types> for Machine {
    type SnapshotBuilder = Self;

    async fn applied_state(
        &mut self,
    ) -> Fallible<(Option<LogId<u64>>, StoredMembership<u64, EmptyNode>)> {
        let state = self.lock();
        Ok((state.applied, state.members.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Fallible<Vec<String>>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut state = self.lock();
        Ok(entries
            .into_iter()
            .map(|entry| state.apply(&entry))
            .collect())
    }

    /// A view of the machine as it is now: what is applied later does not change it.
    async fn get_snapshot_builder(&mut self) -> Self {
        Machine {
            state: Arc::new(Mutex::new(self.lock().clone())),
            disk: self.disk.clone(),
        }
    }

    async fn begin_receiving_snapshot(&mut self) -> Fallible<Box<Cursor<Vec<u8>>>> {
        Ok(Box::new(Cursor::new(Vec::new())))
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta<u64, EmptyNode>,
        data: Box<Cursor<Vec<u8>>>,
    ) -> Fallible<()> {
        let image = Image {
            meta: meta.clone(),
            data: data.into_inner(),
        };
        let state = State::of(&image);
        self.disk.save_snapshot(image).await?;
        *self.lock() = state;
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Fallible<Option<Snapshot<Types>>> {
        Ok(self
            .disk
            .read(|content| content.snapshot.clone())
            .map(snapshot))
    }
}
