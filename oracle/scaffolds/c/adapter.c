/* The calls that raft-oracle makes, answered by a Raft: put yours in the place of the toy.
 *
 * Fill in the functions of adapter.h; protocol.c does the rest. Everything happens inside the call:
 * no sockets, no threads, no clock, no dice. Timers run out when raft-oracle says so. */
#include "adapter.h"

#include <stdlib.h>
#include <string.h>

/* network is "fifo", if yours relies on connections that keep order. */
const char hello[] =
	"{\"protocol\":1,\"name\":\"toy\",\"version\":\"1\",\"network\":\"any\","
	"\"observes\":[\"voted_for\",\"next_index and match_index\",\"message meanings\"],"
	"\"summary\":\"the toy of the C scaffold\"}";

static int server_count;
static struct disk disks[MOST_SERVERS];
static struct server running[MOST_SERVERS];

/* Commands are kept for ever, each once: entries of many logs and runs point to them. */
static const char *kept(const char *command)
{
	static struct word {
		struct word *next;
		char text[];
	} *words[4096];
	unsigned hash = 5381;
	for (const char *letter = command; *letter; letter++)
		hash = hash * 33 + (unsigned char)*letter;
	struct word **place = &words[hash % 4096];
	for (; *place; place = &(*place)->next)
		if (strcmp((*place)->text, command) == 0)
			return (*place)->text;
	*place = calloc(1, sizeof **place + strlen(command) + 1);
	if (!*place)
		abort();
	strcpy((*place)->text, command);
	return (*place)->text;
}

/* Forget everything, disks too, and start all servers. */
void adapter_reset(int servers, const struct json *settings)
{
	if (settings && settings->first)
		fail("setting %s: the toy has none", settings->first->name);
	server_count = servers;
	for (int server = 0; server < servers; server++) {
		raft_stop(&running[server]);
		free(disks[server].log.entries);
		disks[server] = (struct disk){.voted_for = NOBODY};
		adapter_restart(server);
	}
}

/* The election timer of a server runs out. */
void adapter_election_timeout(int server)
{
	raft_election_timeout(&running[server]);
}

/* One heartbeat interval goes by at a server. */
void adapter_heartbeat_timeout(int server)
{
	raft_heartbeat_timeout(&running[server]);
}

/* A client hands a server a command. */
void adapter_client_request(int server, const char *command)
{
	raft_propose(&running[server], kept(command));
}

/* A server stops at once; its disk stays. */
void adapter_crash(int server)
{
	raft_stop(&running[server]);
}

/* A server starts from its disk. */
void adapter_restart(int server)
{
	raft_start(&running[server], server, server_count, &disks[server]);
}

/* What there is to be seen of a running server. */
void adapter_view(int server, struct text *view)
{
	static const char *const roles[] = {"follower", "candidate", "leader"};
	const struct server *raft = &running[server];
	text_add(view, "\"role\":\"%s\",\"term\":%ld,\"commit\":%ld,\"applied\":%ld",
		 roles[raft->role], raft->term, raft->commit_index, raft->last_applied);
	if (raft->voted_for == NOBODY)
		text_add(view, ",\"vote\":null");
	else
		text_add(view, ",\"vote\":\"S%d\"", raft->voted_for + 1);
	if (raft->role != LEADER)
		return;
	for (int is_match = 0; is_match < 2; is_match++) {
		const long *indexes = is_match ? raft->match_index : raft->next_index;
		const char *comma = "";
		text_add(view, ",\"%s\":{", is_match ? "match" : "next");
		for (int peer = 0; peer < server_count; peer++)
			if (peer != server) {
				text_add(view, "%s\"S%d\":%ld", comma, peer + 1, indexes[peer]);
				comma = ",";
			}
		text_add(view, "}");
	}
}

long adapter_log_length(int server)
{
	return running[server].log.length;
}

struct entry adapter_log_entry(int server, long index)
{
	return running[server].log.entries[index - 1];
}

/* A message in one short line; two messages with one label must be the same. */
static void add_label(struct text *text, const struct message *message)
{
	const char *vote = message->vote_granted ? "yes" : "no";
	const char *success = message->success ? "yes" : "no";
	switch (message->type) {
	case REQUEST_VOTE:
		text_add(text, "RequestVote t%ld last %ld@%ld", message->term,
			 message->last_log_index, message->last_log_term);
		break;
	case REQUEST_VOTE_REPLY:
		text_add(text, "RequestVote reply t%ld %s", message->term, vote);
		break;
	case APPEND_ENTRIES:
		text_add(text, "AppendEntries t%ld prev %ld@%ld entries", message->term,
			 message->prev_log_index, message->prev_log_term);
		for (long offset = 0; offset < message->entry_count; offset++)
			text_add(text, " %ld@%ld:%s", message->prev_log_index + 1 + offset,
				 message->entries[offset].term, message->entries[offset].command);
		text_add(text, " commit %ld", message->leader_commit);
		break;
	case APPEND_ENTRIES_REPLY:
		text_add(text, "AppendEntries reply t%ld %s %ld", message->term, success,
			 message->match_index);
		break;
	}
}

static const char *const type_names[] = {"request_vote", "request_vote_response", "append_entries",
					 "append_entries_response"};

/* A message in the words of the paper; leave out what yours does not have. The toy also sends its
 * messages in this form, `whole`, with the match_index of a refusal, which is its own. */
static void add_meaning(struct text *text, const struct message *message, bool whole)
{
	const char *vote = message->vote_granted ? "true" : "false";
	const char *success = message->success ? "true" : "false";
	text_add(text, "{\"type\":\"%s\",\"term\":%ld", type_names[message->type], message->term);
	switch (message->type) {
	case REQUEST_VOTE:
		text_add(text, ",\"last_log_index\":%ld,\"last_log_term\":%ld",
			 message->last_log_index, message->last_log_term);
		break;
	case REQUEST_VOTE_REPLY:
		text_add(text, ",\"vote_granted\":%s", vote);
		break;
	case APPEND_ENTRIES:
		text_add(text,
			 ",\"prev_log_index\":%ld,\"prev_log_term\":%ld,\"leader_commit\":%ld",
			 message->prev_log_index, message->prev_log_term, message->leader_commit);
		text_add(text, ",\"entries\":[");
		for (long offset = 0; offset < message->entry_count; offset++) {
			text_add(text, "%s[%ld,", offset ? "," : "", message->entries[offset].term);
			text_add_string(text, message->entries[offset].command);
			text_add(text, "]");
		}
		text_add(text, "]");
		break;
	case APPEND_ENTRIES_REPLY:
		text_add(text, ",\"success\":%s", success);
		if (whole || message->success)
			text_add(text, ",\"match_index\":%ld", message->match_index);
		break;
	}
	text_add(text, "}");
}

/* What the toy calls to send. */
void raft_send(int source, int destination, const struct message *message)
{
	static struct text whole, label, meaning;
	text_clear(&whole);
	text_clear(&label);
	text_clear(&meaning);
	add_meaning(&whole, message, true);
	add_label(&label, message);
	add_meaning(&meaning, message, false);
	protocol_send(source, destination, whole.start, label.start, meaning.start);
}

static long number_or_zero(const struct json *fields, const char *name)
{
	return json_get(fields, name) ? json_number(fields, name) : 0;
}

static bool is_true(const struct json *fields, const char *name)
{
	const struct json *member = json_get(fields, name);
	return member && member->kind == JSON_TRUE;
}

/* A message arrives, as it was sent. */
void adapter_receive(int server, int from, const char *text)
{
	static struct entry *entries;
	static long room;
	const struct json *fields = json_read(text), *listed = json_get(fields, "entries");
	struct message message = {.term = json_number(fields, "term"),
				  .last_log_index = number_or_zero(fields, "last_log_index"),
				  .last_log_term = number_or_zero(fields, "last_log_term"),
				  .vote_granted = is_true(fields, "vote_granted"),
				  .prev_log_index = number_or_zero(fields, "prev_log_index"),
				  .prev_log_term = number_or_zero(fields, "prev_log_term"),
				  .leader_commit = number_or_zero(fields, "leader_commit"),
				  .success = is_true(fields, "success"),
				  .match_index = number_or_zero(fields, "match_index")};
	while (strcmp(type_names[message.type], json_text(fields, "type")) != 0)
		if (message.type++ == APPEND_ENTRIES_REPLY)
			fail("message: found an unknown type");
	for (const struct json *each = listed ? listed->first : NULL; each; each = each->next) {
		if (message.entry_count == room) {
			room = 2 * room + 8;
			entries = realloc(entries, (size_t)room * sizeof *entries);
			if (!entries)
				abort();
		}
		entries[message.entry_count++] =
			(struct entry){each->first->number, kept(each->first->next->text)};
	}
	message.entries = entries;
	raft_receive(&running[server], from, &message);
}
