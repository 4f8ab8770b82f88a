/* One server: an instance of libraft, with the raft_io and the raft_fsm that it asks for. */
#ifndef SERVER_H
#define SERVER_H

#include <stdint.h>

#include "disk.h"
#include "heap.h"
#include "json.h"

#define MOST_SERVERS 9
#define HEARTBEAT_TIMEOUT 100
#define ELECTION_TIMEOUT 1000

/* What a run may choose. */
struct options {
	bool async_writes, barrier, cap_acknowledgements, membership, pre_vote, sticky, transfers;
	unsigned snapshot_threshold, snapshot_trailing;
};

struct request;

/* Requests whose callbacks are still to come, in order. */
struct queue {
	struct request *first, *last;
};

struct server {
	raft_id id;
	char address[24];
	const struct options *options;
	struct disk disk;
	bool is_armed; /* it crashes inside its next step, */
	long after;    /* after so many writes and sends */

	/* What a crash takes along. */
	bool is_running;
	struct heap heap;
	struct raft raft;
	struct raft_io io;
	struct raft_fsm fsm;
	struct queue prompt, writes, snapshots;
	unsigned may_write; /* how many of the writes complete in this step, if not all do */
	long steps;
	raft_time now;
	uint64_t digest; /* of all commands applied */
	raft_term led;	 /* the last term in which it was seen to lead */
	raft_index told; /* the last entry of the AppendEntries in hand; 0 where there is none */
};

/* What servers have sent in this step, as a list of JSON objects. */
extern struct text sent;

/* An empty disk of a cluster of so many servers. */
void server_create(struct server *server, raft_id id, int servers, const struct options *options);
/* Do one command, and all that follows; whether the server crashed inside. */
bool server_act(struct server *server, const char *name, const struct json *asked);
void server_crash(struct server *server);
/* How many writes are under way, of a server whose writes complete later. */
unsigned server_writes(const struct server *server);
/* The number of a server's name. */
raft_id id_of(const char *name);

#endif
