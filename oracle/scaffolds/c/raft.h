/* A toy Raft that makes the adapter run at once: Figure 2 of the paper, without snapshots.
 *
 * Replace raft.h and raft.c by your own implementation. It owns no network, clock or thread; it
 * sends by calling raft_send, which the adapter has, and writes what must survive a crash to
 * its disk. Servers have numbers from 0. */
#ifndef RAFT_H
#define RAFT_H

#include <stdbool.h>

#define MOST_SERVERS 9
#define NOBODY (-1)

/* The no-op of a new leader has an empty command. Commands outlive the servers. */
struct entry {
	long term;
	const char *command;
};

struct log {
	struct entry *entries;
	long length, room;
};

/* What a server keeps over a crash. */
struct disk {
	long term;
	int voted_for;
	struct log log;
};

enum role { FOLLOWER, CANDIDATE, LEADER };
enum message_type { REQUEST_VOTE, REQUEST_VOTE_REPLY, APPEND_ENTRIES, APPEND_ENTRIES_REPLY };

/* An RPC or its reply; fields that a type does not use are zero. */
struct message {
	enum message_type type;
	long term;
	long last_log_index, last_log_term;
	bool vote_granted;
	long prev_log_index, prev_log_term;
	const struct entry *entries;
	long entry_count;
	long leader_commit;
	bool success;
	long match_index; /* what a reply acknowledges; in a refusal, where the log may still match
			   */
};

struct server {
	int name, servers;
	struct disk *disk;
	enum role role;
	long term;
	int voted_for;
	struct log log;
	long commit_index, last_applied;
	bool votes[MOST_SERVERS];
	long next_index[MOST_SERVERS], match_index[MOST_SERVERS];
};

/* Start a server from its disk; stop it, and keep the disk. */
void raft_start(struct server *raft, int name, int servers, struct disk *disk);
void raft_stop(struct server *raft);

void raft_election_timeout(struct server *raft);
void raft_heartbeat_timeout(struct server *raft);
void raft_propose(struct server *raft, const char *command);
void raft_receive(struct server *raft, int source, const struct message *message);

/* What the adapter does with a message; it is valid during the call. */
void raft_send(int source, int destination, const struct message *message);

#endif
