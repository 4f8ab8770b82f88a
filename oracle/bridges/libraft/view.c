/* Servers as the protocol shows them; see view.h. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "messages.h"

/* What was shown of a server last. */
struct shown {
	struct text state; /* all but snapshot and log */
	raft_index last;   /* of the log */
	raft_index since;  /* the configuration's index */
	bool is_whole;	   /* the log was shown since the last start */
	size_t room;
	struct entry {
		raft_term term;
		char *content;
	} *entries; /* by index */
};

static struct shown all_shown[MOST_SERVERS + 1];
static struct text content, state;

static struct shown *shown_of(const struct server *server)
{
	return &all_shown[server->id];
}

static void forget_from(struct shown *shown, raft_index index)
{
	for (; shown->last >= index; shown->last--) {
		free(shown->entries[shown->last].content);
		shown->entries[shown->last].content = NULL;
	}
}

void view_forget(const struct server *server)
{
	forget_from(shown_of(server), 1);
	shown_of(server)->is_whole = false;
	shown_of(server)->since = 0;
}

void view_show_all(const struct server *server)
{
	shown_of(server)->is_whole = false;
}

/* Whether an entry was shown as it is, else it is noted; indexes between are unknown. */
static bool note(struct shown *shown, raft_index index, raft_term term)
{
	if (index >= shown->room) {
		size_t room = 2 * (size_t)index + 8;
		shown->entries = realloc(shown->entries, room * sizeof *shown->entries);
		if (!shown->entries)
			abort();
		memset(shown->entries + shown->room, 0,
		       (room - shown->room) * sizeof *shown->entries);
		shown->room = room;
	}
	struct entry *entry = &shown->entries[index];
	if (index <= shown->last && entry->content && entry->term == term &&
	    strcmp(entry->content, content.start) == 0)
		return true;
	forget_from(shown, index);
	*entry = (struct entry){term, strdup(content.start)};
	shown->last = index;
	return false;
}

/* A log, in memory or on a disk. */
struct log {
	raft_index first, last;
	const struct server *server;
	bool is_stored;
};

static struct record record_at(const struct log *log, raft_index index)
{
	if (log->is_stored)
		return log->server->disk.records[index - log->first];
	const struct raft_log *held = &log->server->raft.log;
	const struct raft_entry *entry =
		&held->entries[(held->front + (size_t)(index - log->first)) % held->size];
	return (struct record){entry->term, entry->type, entry->buf};
}

static struct log log_of(const struct server *server)
{
	const struct raft_log *held = &server->raft.log;
	size_t count = held->front <= held->back ? held->back - held->front
						 : held->size - held->front + held->back;
	return (struct log){held->offset + 1, held->offset + count, server, false};
}

static struct log stored_log_of(const struct server *server)
{
	const struct disk *disk = &server->disk;
	return (struct log){disk->first, disk->first + disk->count - 1, server, true};
}

static void read_content(const struct record *record)
{
	text_clear(&content);
	add_content(&content, record->type, &record->content);
}

/* Add the part of a log that was not shown before. */
static void add_log(struct text *reply, const struct log *log)
{
	struct shown *shown = shown_of(log->server);
	bool is_new = !shown->is_whole;
	raft_index last = shown->last;
	const char *comma = "";
	for (raft_index index = log->first; index <= log->last; index++) {
		struct record record = record_at(log, index);
		read_content(&record);
		if (note(shown, index, record.term) && !is_new)
			continue;
		if (!*comma)
			text_add(reply, ",\"log\":{\"from\":%llu,\"entries\":[", index);
		text_add(reply, "%s[%llu,", comma, record.term);
		text_add_string(reply, content.start);
		text_add(reply, "]");
		comma = ",";
		is_new = true;
	}
	if (*comma)
		text_add(reply, "]}");
	else if (!shown->is_whole || log->last < last)
		text_add(reply, ",\"log\":{\"from\":%llu,\"entries\":[]}", log->last + 1);
	forget_from(shown, log->last + 1);
	shown->is_whole = true;
}

static void add_snapshot(struct text *reply, const struct log *log)
{
	const struct raft_log *held = &log->server->raft.log;
	bool is_snapshots = !log->is_stored && held->offset == held->snapshot.last_index;
	raft_term term = is_snapshots ? held->snapshot.last_term : log->server->disk.term_before;
	if (log->first > 1)
		text_add(reply, ",\"snapshot\":[%llu,%llu]", log->first - 1, term);
}

static void add_names(struct text *text, const char *field, const struct raft_configuration *from,
		      int role)
{
	const char *comma = "";
	text_add(text, ",\"%s\":[", field);
	for (raft_id id = 1; id <= MOST_SERVERS; id++)
		for (unsigned place = 0; place < from->n; place++)
			if (from->servers[place].id == id && from->servers[place].role == role) {
				text_add(text, "%s\"S%llu\"", comma, id);
				comma = ",";
			}
	text_add(text, "]");
}

/* Spares get no entries and have no vote, so they are not shown. */
static void add_configuration(struct text *text, const struct raft_configuration *configuration,
			      raft_index since)
{
	add_names(text, "voters", configuration, RAFT_VOTER);
	add_names(text, "learners", configuration, RAFT_STANDBY);
	text_add(text, ",\"voters_since\":%llu", since);
}

/* The entry that put the configuration in force: after a restart, libraft itself may name another.
 */
static raft_index since_when(const struct server *server)
{
	const struct raft *raft = &server->raft;
	const struct log log = log_of(server);
	struct raft_buffer encoded;
	raft_index found = 0;
	if (raft->configuration.n == 0 ||
	    raft_configuration_encode(&raft->configuration, &encoded) != 0)
		return 0;
	for (raft_index index = log.last; index >= log.first && found == 0; index--) {
		struct record record = record_at(&log, index);
		if (record.type == RAFT_CHANGE && record.content.len == encoded.len &&
		    memcmp(record.content.base, encoded.base, encoded.len) == 0)
			found = index;
	}
	raft_free(encoded.base);
	return found ? found : raft->configuration_index;
}

/* Configurations that came and went inside the step. */
static void add_earlier(struct text *reply, const struct server *server, raft_index before,
			raft_index since)
{
	const struct log log = log_of(server);
	const char *comma = "";
	text_add(reply, ",\"earlier\":[");
	for (raft_index index = before + 1 > log.first ? before + 1 : log.first;
	     before && index < since; index++) {
		struct record record = record_at(&log, index);
		struct raft_configuration passed;
		if (record.type != RAFT_CHANGE)
			continue;
		decode_configuration(&record.content, &passed);
		text_clear(&content);
		add_configuration(&content, &passed, index);
		raft_configuration_close(&passed);
		text_add(reply, "%s{%s}", comma, content.start + 1);
		comma = ",";
	}
	text_add(reply, "]");
}

static void add_progress(const struct raft *raft, const char *field, bool is_match)
{
	const char *comma = "";
	text_add(&state, ",\"%s\":{", field);
	for (unsigned place = 0; place < raft->configuration.n; place++) {
		const struct raft_progress *progress = &raft->leader_state.progress[place];
		raft_id id = raft->configuration.servers[place].id;
		if (id == raft->id || raft->configuration.servers[place].role == RAFT_SPARE)
			continue;
		text_add(&state, "%s\"S%llu\":%llu", comma, id,
			 is_match ? progress->match_index : progress->next_index);
		comma = ",";
	}
	text_add(&state, "}");
}

static const char *role_of(const struct raft *raft)
{
	if (raft->state == RAFT_LEADER)
		return "leader";
	return raft->state == RAFT_CANDIDATE && !raft->candidate_state.in_pre_vote ? "candidate"
										   : "follower";
}

static void add_state(const struct server *server, raft_index since)
{
	const struct raft *raft = &server->raft;
	text_clear(&state);
	text_add(&state,
		 "\"role\":\"%s\",\"term\":%llu,\"commit\":%llu,\"applied\":%llu,\"digest\":\"%"
		 "016llx\"",
		 role_of(raft), raft->current_term, raft->commit_index, raft->last_applied,
		 (unsigned long long)server->digest);
	if (raft->voted_for)
		text_add(&state, ",\"vote\":\"S%llu\"", raft->voted_for);
	else
		text_add(&state, ",\"vote\":null");
	if (server->options->async_writes)
		text_add(&state, ",\"writes\":%u", server_writes(server));
	add_configuration(&state, &raft->configuration, since);
	if (raft->state == RAFT_LEADER) {
		add_progress(raft, "match", true);
		add_progress(raft, "next", false);
	}
}

void view_add(struct text *reply, const struct server *server)
{
	struct shown *shown = shown_of(server);
	const struct log log = log_of(server);
	raft_index since = since_when(server);
	add_state(server, since);
	text_clear(&shown->state);
	text_add(&shown->state, "%s", state.start);
	text_add(reply, "{%s", state.start);
	if (shown->since != since)
		add_earlier(reply, server, shown->since, since);
	shown->since = since;
	add_snapshot(reply, &log);
	add_log(reply, &log);
	text_add(reply, "}");
}

void view_add_crashed(struct text *reply, const struct server *server)
{
	const struct log log = stored_log_of(server);
	text_add(reply, "{%s", shown_of(server)->state.start);
	view_show_all(server);
	add_snapshot(reply, &log);
	add_log(reply, &log);
	text_add(reply, "}");
	view_show_all(server);
}
