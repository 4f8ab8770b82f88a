/* What survives a crash: term and vote, the last snapshot, and the log. */
#ifndef DISK_H
#define DISK_H

#include <raft.h>
#include <stdbool.h>

/* An entry; its bytes are the disk's own. */
struct record {
	raft_term term;
	unsigned short type;
	struct raft_buffer content;
};

struct stored_snapshot {
	raft_index index; /* 0: there is none */
	raft_term term;
	struct raft_buffer configuration; /* as libraft encodes it */
	raft_index configuration_index;
	struct raft_buffer content;
};

struct disk {
	raft_term term;
	raft_id voted_for;
	struct stored_snapshot snapshot;
	raft_index first;      /* index of the first record */
	raft_term term_before; /* of the entry before it; 0 where there was none */
	struct record *records;
	size_t count, room;
};

void disk_clear(struct disk *disk);
/* The disk of a new cluster's server: term 1, and the first configuration as entry 1. */
void disk_bootstrap(struct disk *disk, const struct raft_configuration *configuration);
void disk_append(struct disk *disk, const struct raft_entry *entries, unsigned count);
void disk_truncate(struct disk *disk, raft_index index);
/* Keep a snapshot, and so many entries of those that it replaces; with none, no entry at all. */
void disk_keep_snapshot(struct disk *disk, const struct raft_snapshot *snapshot, unsigned trailing);
/* What raft_io's load and snapshot_get hand out, in memory of libraft's. */
struct raft_entry *disk_entries(const struct disk *disk);
struct raft_snapshot *disk_snapshot(const struct disk *disk);

/* Read a configuration as libraft encodes it. */
void decode_configuration(const struct raft_buffer *encoded,
			  struct raft_configuration *configuration);

#endif
