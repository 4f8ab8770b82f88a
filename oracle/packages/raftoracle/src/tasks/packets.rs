//! The messages of a run, each under a label that stands for it alone on its link.

use std::collections::BTreeMap;

use super::calls::Packet;
use super::server::Message;
use crate::wire::{name, Sent};

/// The messages of a run.
pub struct Packets<M> {
    /// By sender, receiver and label.
    known: BTreeMap<(u64, u64, String), Packet<M>>,
    /// By sender, receiver and what a label begins with: the calls that the messages belong to.
    labelled: BTreeMap<(u64, u64, String), Vec<u64>>,
}

impl<M> Default for Packets<M> {
    fn default() -> Packets<M> {
        Packets {
            known: BTreeMap::new(),
            labelled: BTreeMap::new(),
        }
    }
}

impl<M: Message> Packets<M> {
    /// A message that left, under a label that stands for it alone on its link.
    pub fn sent(&mut self, from: u64, packet: Packet<M>) -> Sent {
        let beginning = packet.message.label();
        let key = (from, packet.to, beginning.clone());
        let calls = self.labelled.entry(key).or_default();
        let place = calls.iter().position(|call| *call == packet.call);
        let place = place.unwrap_or_else(|| {
            calls.push(packet.call);
            calls.len() - 1
        });
        let label = match place {
            0 => beginning,
            _ => format!("{beginning} #{}", place + 1),
        };
        let sent = Sent {
            from: name(from),
            to: name(packet.to),
            message: label.clone(),
            label: label.clone(),
            meaning: packet.message.meaning(),
            late: false,
        };
        self.known.insert((from, packet.to, label), packet);
        sent
    }

    /// The message of this label.
    pub fn find(&self, from: u64, to: u64, label: String) -> Result<Packet<M>, String> {
        let key = (from, to, label);
        let found = self.known.get(&key).cloned();
        found.ok_or_else(|| {
            let label = &key.2;
            format!("found message {label:?}, expected one that was sent before")
        })
    }
}
