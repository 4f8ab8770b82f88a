/* Messages under way; see messages.h. */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

#include "disk.h"

#define BUCKETS 4096

/* The entries, the configuration and the data of a message are encoded as on a disk. */
struct kept {
	struct kept *next; /* of the same bucket */
	long number;
	raft_id from;
	char *label;
	struct raft_message message;
	struct disk parts;
};

static struct kept **all, *buckets[BUCKETS];
static long count, room;
static struct text label, meaning, content;

void messages_clear(void)
{
	for (long number = 0; number < count; number++) {
		disk_clear(&all[number]->parts);
		free(all[number]->label);
		free(all[number]);
	}
	memset(buckets, 0, sizeof buckets);
	count = 0;
}

static void add_configuration(struct text *text, const struct raft_buffer *encoded)
{
	static const char *const roles[] = {"standby", "voter", "spare"};
	struct raft_configuration configuration;
	decode_configuration(encoded, &configuration);
	text_add(text, "configuration");
	for (unsigned place = 0; place < configuration.n; place++)
		text_add(text, " S%llu %s", configuration.servers[place].id,
			 roles[configuration.servers[place].role]);
	raft_configuration_close(&configuration);
}

void add_content(struct text *text, unsigned short type, const struct raft_buffer *buffer)
{
	if (type == RAFT_CHANGE)
		add_configuration(text, buffer);
	else if (type == RAFT_COMMAND)
		text_add(text, "%.*s", (int)buffer->len, (const char *)buffer->base);
}

static void add_entries(const struct raft_append_entries *request)
{
	text_add(&meaning, ",\"entries\":[");
	for (unsigned place = 0; place < request->n_entries; place++) {
		const struct raft_entry *entry = &request->entries[place];
		text_clear(&content);
		add_content(&content, entry->type, &entry->buf);
		text_add(&label, "%s %llu@%llu:%s", place ? "" : " entries",
			 request->prev_log_index + 1 + place, entry->term, content.start);
		text_add(&meaning, "%s[%llu,", place ? "," : "", entry->term);
		text_add_string(&meaning, content.start);
		text_add(&meaning, "]");
	}
	text_add(&meaning, "]");
}

static void describe_append(const struct raft_append_entries *request)
{
	text_add(&label, "AppendEntries t%llu prev %llu@%llu", request->term,
		 request->prev_log_index, request->prev_log_term);
	text_add(&meaning,
		 "\"append_entries\",\"term\":%llu,\"prev_log_index\":%llu,\"prev_log_term\":%llu,"
		 "\"leader_commit\":%llu",
		 request->term, request->prev_log_index, request->prev_log_term,
		 request->leader_commit);
	add_entries(request);
	text_add(&label, " commit %llu", request->leader_commit);
}

static void describe_append_result(const struct raft_append_entries_result *result)
{
	text_add(&label, "AppendEntriesResult t%llu last %llu", result->term,
		 result->last_log_index);
	text_add(&meaning, "\"append_entries_response\",\"term\":%llu,\"success\":%s", result->term,
		 result->rejected ? "false" : "true");
	if (result->rejected)
		text_add(&label, " rejects %llu", result->rejected);
	else
		text_add(&meaning, ",\"match_index\":%llu", result->last_log_index);
}

static void describe_vote(const struct raft_request_vote *request)
{
	text_add(&label, "%s t%llu last %llu@%llu%s", request->pre_vote ? "PreVote" : "RequestVote",
		 request->term, request->last_log_index, request->last_log_term,
		 request->disrupt_leader ? " disrupts" : "");
	text_add(&meaning, "\"%s\",\"term\":%llu,\"last_log_index\":%llu,\"last_log_term\":%llu",
		 request->pre_vote ? "pre_vote" : "request_vote", request->term,
		 request->last_log_index, request->last_log_term);
	if (request->disrupt_leader && !request->pre_vote)
		text_add(&meaning, ",\"by_transfer\":true");
}

static void describe_vote_result(const struct raft_request_vote_result *result)
{
	bool is_pre_vote = result->pre_vote == raft_tribool_true;
	text_add(&label, "%s t%llu %s", is_pre_vote ? "PreVoteResult" : "RequestVoteResult",
		 result->term, result->vote_granted ? "grants" : "rejects");
	text_add(&meaning, "\"%s\",\"term\":%llu,\"vote_granted\":%s",
		 is_pre_vote ? "pre_vote_response" : "request_vote_response", result->term,
		 result->vote_granted ? "true" : "false");
}

static void describe_snapshot(const struct raft_install_snapshot *request, const struct disk *parts)
{
	text_clear(&content);
	add_configuration(&content, &parts->snapshot.configuration);
	text_add(&label, "InstallSnapshot t%llu to %llu@%llu %s of %llu", request->term,
		 request->last_index, request->last_term, content.start, request->conf_index);
	for (size_t place = 0; place < request->data.len; place++)
		text_add(&label, "%s%02x", place ? "" : " ",
			 ((const unsigned char *)request->data.base)[place]);
	text_add(&meaning,
		 "\"install_snapshot\",\"term\":%llu,\"last_included_index\":%llu,"
		 "\"last_included_term\":%llu",
		 request->term, request->last_index, request->last_term);
}

static void describe_timeout_now(const struct raft_timeout_now *request)
{
	text_add(&label, "TimeoutNow t%llu last %llu@%llu", request->term, request->last_log_index,
		 request->last_log_term);
	text_add(&meaning,
		 "\"timeout_now\",\"term\":%llu,\"last_log_index\":%llu,\"last_log_term\":%llu",
		 request->term, request->last_log_index, request->last_log_term);
}

static void describe(const struct raft_message *message, const struct disk *parts)
{
	switch (message->type) {
	case RAFT_IO_APPEND_ENTRIES:
		describe_append(&message->append_entries);
		break;
	case RAFT_IO_APPEND_ENTRIES_RESULT:
		describe_append_result(&message->append_entries_result);
		break;
	case RAFT_IO_REQUEST_VOTE:
		describe_vote(&message->request_vote);
		break;
	case RAFT_IO_REQUEST_VOTE_RESULT:
		describe_vote_result(&message->request_vote_result);
		break;
	case RAFT_IO_INSTALL_SNAPSHOT:
		describe_snapshot(&message->install_snapshot, parts);
		break;
	default:
		describe_timeout_now(&message->timeout_now);
	}
}

/* Keep what a message points to. */
static void copy_parts(struct disk *parts, const struct raft_message *message)
{
	*parts = (struct disk){.first = 1};
	if (message->type == RAFT_IO_APPEND_ENTRIES) {
		disk_append(parts, message->append_entries.entries,
			    message->append_entries.n_entries);
	} else if (message->type == RAFT_IO_INSTALL_SNAPSHOT) {
		const struct raft_install_snapshot *request = &message->install_snapshot;
		struct raft_buffer data = request->data;
		struct raft_snapshot snapshot = {.index = request->last_index,
						 .term = request->last_term,
						 .configuration = request->conf,
						 .configuration_index = request->conf_index,
						 .bufs = &data,
						 .n_bufs = 1};
		disk_keep_snapshot(parts, &snapshot, 0);
	}
}

static struct kept **bucket_of(raft_id from, raft_id to, const char *text)
{
	unsigned hash = (unsigned)(from * 31 + to);
	for (; *text; text++)
		hash = hash * 33 + (unsigned char)*text;
	return &buckets[hash % BUCKETS];
}

static struct kept *add_kept(struct kept **bucket)
{
	struct kept *kept = calloc(1, sizeof *kept);
	if (count == room) {
		room = 2 * room + 64;
		all = realloc(all, (size_t)room * sizeof(struct kept *));
	}
	if (!kept || !all)
		abort();
	kept->next = *bucket;
	*bucket = kept;
	kept->number = count;
	all[count++] = kept;
	return kept;
}

/* The number of a message with the present label. */
static long number_of(raft_id from, const struct raft_message *message, struct disk *parts)
{
	struct kept **bucket = bucket_of(from, message->server_id, label.start), *kept = *bucket;
	while (kept && (kept->from != from || kept->message.server_id != message->server_id ||
			strcmp(kept->label, label.start) != 0))
		kept = kept->next;
	if (kept) {
		disk_clear(parts);
		return kept->number;
	}
	kept = add_kept(bucket);
	kept->from = from;
	kept->label = strdup(label.start);
	kept->message = *message;
	kept->parts = *parts;
	return kept->number;
}

void messages_keep(struct text *list, raft_id from, const struct raft_message *message)
{
	struct disk parts;
	text_clear(&label);
	text_clear(&meaning);
	copy_parts(&parts, message);
	describe(message, &parts);
	long number = number_of(from, message, &parts);
	text_add(list, "%s{\"from\":\"S%llu\",\"to\":\"S%llu\",\"message\":%ld,\"label\":",
		 list->length ? "," : "", from, message->server_id, number);
	text_add_string(list, label.start);
	text_add(list, ",\"meaning\":{\"type\":%s}}", meaning.start);
}

static void open_snapshot(const struct disk *parts, struct raft_install_snapshot *request)
{
	struct raft_snapshot *snapshot = disk_snapshot(parts);
	request->conf = snapshot->configuration;
	request->data = snapshot->bufs[0];
	raft_free(snapshot->bufs);
	raft_free(snapshot);
}

void messages_open(long number, struct raft_message *message)
{
	static char address[24];
	if (number < 0 || number >= count)
		fail("message: found %ld, expected a number that was sent", number);
	const struct kept *kept = all[number];
	*message = kept->message;
	message->server_id = kept->from;
	snprintf(address, sizeof address, "S%llu", kept->from);
	message->server_address = address;
	if (message->type == RAFT_IO_APPEND_ENTRIES) {
		message->append_entries.entries = disk_entries(&kept->parts);
		message->append_entries.n_entries = (unsigned)kept->parts.count;
	} else if (message->type == RAFT_IO_INSTALL_SNAPSHOT) {
		open_snapshot(&kept->parts, &message->install_snapshot);
	}
}
