/* A toy Raft; see raft.h. */
#include "raft.h"

#include <stdlib.h>
#include <string.h>

static long least(long one, long other)
{
	return one < other ? one : other;
}

static long most(long one, long other)
{
	return one > other ? one : other;
}

static long term_at(const struct server *raft, long index)
{
	return index > 0 ? raft->log.entries[index - 1].term : 0;
}

static int majority(const struct server *raft)
{
	return raft->servers / 2 + 1;
}

static void append(struct log *log, struct entry entry)
{
	if (log->length == log->room) {
		log->room = 2 * log->room + 8;
		log->entries = realloc(log->entries, (size_t)log->room * sizeof *log->entries);
		if (!log->entries)
			abort();
	}
	log->entries[log->length++] = entry;
}

static void copy_log(struct log *to, const struct log *from)
{
	to->length = 0;
	for (long position = 0; position < from->length; position++)
		append(to, from->entries[position]);
}

static void persist(struct server *raft)
{
	raft->disk->term = raft->term;
	raft->disk->voted_for = raft->voted_for;
	copy_log(&raft->disk->log, &raft->log);
}

void raft_start(struct server *raft, int name, int servers, struct disk *disk)
{
	*raft = (struct server){.name = name,
				.servers = servers,
				.disk = disk,
				.term = disk->term,
				.voted_for = disk->voted_for};
	copy_log(&raft->log, &disk->log);
}

void raft_stop(struct server *raft)
{
	free(raft->log.entries);
	raft->log = (struct log){0};
}

/* The toy's state machine is its log. */
static void commit(struct server *raft, long index)
{
	raft->commit_index = most(raft->commit_index, index);
	raft->last_applied = raft->commit_index;
}

/* Commit what a majority holds, if it is of this term (section 5.4.2). */
static void advance_commit(struct server *raft)
{
	for (long index = raft->log.length; index > raft->commit_index; index--) {
		int held = 0;
		for (int peer = 0; peer < raft->servers; peer++)
			held += peer == raft->name || raft->match_index[peer] >= index;
		if (held >= majority(raft) && term_at(raft, index) == raft->term) {
			commit(raft, index);
			return;
		}
	}
}

static void send_entries(struct server *raft, int peer)
{
	long prev = raft->next_index[peer] - 1;
	struct message message = {.type = APPEND_ENTRIES,
				  .term = raft->term,
				  .prev_log_index = prev,
				  .prev_log_term = term_at(raft, prev),
				  .entries = raft->log.entries + prev,
				  .entry_count = raft->log.length - prev,
				  .leader_commit = raft->commit_index};
	raft_send(raft->name, peer, &message);
}

/* Send what each follower lacks, or nothing but the news that there is a leader. */
void raft_heartbeat_timeout(struct server *raft)
{
	if (raft->role != LEADER)
		return;
	for (int peer = 0; peer < raft->servers; peer++)
		if (peer != raft->name)
			send_entries(raft, peer);
}

/* Append a client's command, if leading. */
void raft_propose(struct server *raft, const char *command)
{
	if (raft->role != LEADER)
		return;
	append(&raft->log, (struct entry){raft->term, command});
	persist(raft);
	raft_heartbeat_timeout(raft);
	advance_commit(raft);
}

static void count_votes(struct server *raft)
{
	int votes = 0;
	for (int peer = 0; peer < raft->servers; peer++)
		votes += raft->votes[peer];
	if (votes < majority(raft))
		return;
	raft->role = LEADER;
	for (int peer = 0; peer < raft->servers; peer++) {
		raft->next_index[peer] = raft->log.length + 1;
		raft->match_index[peer] = 0;
	}
	raft_propose(raft, "");
}

/* Stand for election, unless leading. */
void raft_election_timeout(struct server *raft)
{
	if (raft->role == LEADER)
		return;
	raft->role = CANDIDATE;
	raft->term++;
	raft->voted_for = raft->name;
	memset(raft->votes, 0, sizeof raft->votes);
	raft->votes[raft->name] = true;
	persist(raft);
	struct message message = {.type = REQUEST_VOTE,
				  .term = raft->term,
				  .last_log_index = raft->log.length,
				  .last_log_term = term_at(raft, raft->log.length)};
	for (int peer = 0; peer < raft->servers; peer++)
		if (peer != raft->name)
			raft_send(raft->name, peer, &message);
	count_votes(raft);
}

/* Grant at most one vote a term, and only to who is up to date (section 5.4.1). */
static void on_request_vote(struct server *raft, int source, const struct message *asked)
{
	long last_term = term_at(raft, raft->log.length);
	bool up_to_date =
		asked->last_log_term > last_term ||
		(asked->last_log_term == last_term && asked->last_log_index >= raft->log.length);
	bool is_free = raft->voted_for == NOBODY || raft->voted_for == source;
	bool granted = asked->term == raft->term && is_free && up_to_date;
	if (granted) {
		raft->voted_for = source;
		persist(raft);
	}
	struct message reply = {
		.type = REQUEST_VOTE_REPLY, .term = raft->term, .vote_granted = granted};
	raft_send(raft->name, source, &reply);
}

/* Append what follows a matching entry; delete what conflicts, and only that. */
static void on_append_entries(struct server *raft, int source, const struct message *sent)
{
	struct message reply = {.type = APPEND_ENTRIES_REPLY, .term = raft->term};
	long prev = sent->prev_log_index;
	if (sent->term < raft->term) {
		raft_send(raft->name, source, &reply);
		return;
	}
	raft->role = FOLLOWER;
	if (prev > raft->log.length || term_at(raft, prev) != sent->prev_log_term) {
		reply.match_index = least(prev - 1, raft->log.length);
		raft_send(raft->name, source, &reply);
		return;
	}
	for (long offset = 0; offset < sent->entry_count; offset++) {
		long index = prev + 1 + offset;
		if (index <= raft->log.length && term_at(raft, index) != sent->entries[offset].term)
			raft->log.length = index - 1;
		if (index > raft->log.length)
			append(&raft->log, sent->entries[offset]);
	}
	persist(raft);
	reply.success = true;
	reply.match_index = prev + sent->entry_count;
	commit(raft, least(sent->leader_commit, reply.match_index));
	raft_send(raft->name, source, &reply);
}

/* Note what a follower holds, or go back to where its log may match. */
static void on_append_reply(struct server *raft, int source, const struct message *reply)
{
	long *next = &raft->next_index[source], *match = &raft->match_index[source];
	if (raft->role != LEADER || reply->term != raft->term)
		return;
	if (reply->success) {
		*match = most(*match, reply->match_index);
		*next = most(*next, *match + 1);
		advance_commit(raft);
	} else {
		*next = most(*match + 1, least(*next - 1, reply->match_index + 1));
		send_entries(raft, source);
	}
}

/* Handle an RPC or a reply. */
void raft_receive(struct server *raft, int source, const struct message *message)
{
	if (message->term > raft->term) {
		raft->role = FOLLOWER;
		raft->term = message->term;
		raft->voted_for = NOBODY;
		persist(raft);
	}
	switch (message->type) {
	case REQUEST_VOTE:
		on_request_vote(raft, source, message);
		break;
	case REQUEST_VOTE_REPLY:
		if (raft->role == CANDIDATE && message->term == raft->term &&
		    message->vote_granted) {
			raft->votes[source] = true;
			count_votes(raft);
		}
		break;
	case APPEND_ENTRIES:
		on_append_entries(raft, source, message);
		break;
	case APPEND_ENTRIES_REPLY:
		on_append_reply(raft, source, message);
		break;
	}
}
