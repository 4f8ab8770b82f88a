/* One server; see server.h.
 *
 * Nothing happens between commands. What raft_io is asked to do is done when the library has
 * returned, and then it is called back, in the order in which it asked. */
#include "server.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "messages.h"

enum kind { SENT, READ_SNAPSHOT, APPEND, TRUNCATE, INSTALL_SNAPSHOT, TAKE_SNAPSHOT };

/* What raft_io was asked to do. */
struct request {
	struct request *next;
	enum kind kind;
	long step;
	void *asked; /* libraft's own request */
	void (*done)(void);
	const struct raft_entry *entries;
	unsigned count; /* of entries, or of those that a snapshot leaves */
	raft_index index;
	const struct raft_snapshot *snapshot;
};

struct text sent;
static jmp_buf crash_point;

/* Count a write or a send, which does not happen where the server crashes before. */
static void count_operation(struct server *server)
{
	if (server->is_armed && server->after-- == 0)
		longjmp(crash_point, 1);
}

static void put(struct queue *queue, struct request *request)
{
	if (queue->first)
		queue->last->next = request;
	else
		queue->first = request;
	queue->last = request;
}

/* Writes are done in their order, but for a snapshot that a server takes, which stops no other. */
static struct queue *queue_for(struct server *server, enum kind kind)
{
	if (kind == SENT || kind == READ_SNAPSHOT)
		return &server->prompt;
	return kind == TAKE_SNAPSHOT ? &server->snapshots : &server->writes;
}

static struct request *ask(struct raft_io *io, enum kind kind, void *asked, void (*done)(void))
{
	struct server *server = io->impl;
	struct request *request = raft_calloc(1, sizeof *request);
	request->kind = kind;
	request->step = server->steps;
	request->asked = asked;
	request->done = done;
	put(queue_for(server, kind), request);
	return request;
}

/* raft_io */

static int io_init(struct raft_io *io, raft_id id, const char *address)
{
	(void)io, (void)id, (void)address;
	return 0;
}

static void io_close(struct raft_io *io, raft_io_close_cb done)
{
	done(io);
}

static int io_load(struct raft_io *io, raft_term *term, raft_id *voted_for,
		   struct raft_snapshot **snapshot, raft_index *start_index,
		   struct raft_entry **entries, size_t *count)
{
	const struct server *server = io->impl;
	*term = server->disk.term;
	*voted_for = server->disk.voted_for;
	*snapshot = disk_snapshot(&server->disk);
	*start_index = server->disk.first;
	*entries = disk_entries(&server->disk);
	*count = server->disk.count;
	return 0;
}

/* Time goes by when a command says so. */
static int io_start(struct raft_io *io, unsigned interval, raft_io_tick_cb tick,
		    raft_io_recv_cb receive)
{
	(void)io, (void)interval;
	commands_listen(tick, receive);
	return 0;
}

static int io_bootstrap(struct raft_io *io, const struct raft_configuration *configuration)
{
	struct server *server = io->impl;
	disk_bootstrap(&server->disk, configuration);
	return 0;
}

static int io_recover(struct raft_io *io, const struct raft_configuration *configuration)
{
	(void)io, (void)configuration;
	return RAFT_IOERR;
}

static int io_set_term(struct raft_io *io, raft_term term)
{
	struct server *server = io->impl;
	count_operation(server);
	server->disk.term = term;
	server->disk.voted_for = 0;
	return 0;
}

static int io_set_vote(struct raft_io *io, raft_id id)
{
	struct server *server = io->impl;
	count_operation(server);
	server->disk.voted_for = id;
	return 0;
}

/* What a server sends; where that is asked for, it acknowledges no more than what it was sent. */
static struct raft_message mended(const struct server *server, const struct raft_message *message)
{
	struct raft_message result = *message;
	struct raft_append_entries_result *told = &result.append_entries_result;
	bool is_capped = message->type == RAFT_IO_APPEND_ENTRIES_RESULT && told->rejected == 0 &&
			 server->options->cap_acknowledgements && server->told > 0;
	if (is_capped && told->last_log_index > server->told)
		told->last_log_index = server->told;
	return result;
}

static int io_send(struct raft_io *io, struct raft_io_send *asked,
		   const struct raft_message *message, raft_io_send_cb done)
{
	struct server *server = io->impl;
	struct raft_message leaving = mended(server, message);
	count_operation(server);
	if (message->server_id == 0 && server->options->async_writes) {
		/* A follower that knows no leader answers nobody once a write completes. */
		ask(io, SENT, asked, (void (*)(void))done);
		return 0;
	}
	/* What stands there may be an address, which no two runs have in common. */
	if (message->server_id < 1 || message->server_id > MOST_SERVERS)
		fail("libraft sends a message to a server that there is not");
	messages_keep(&sent, server->id, &leaving);
	ask(io, SENT, asked, (void (*)(void))done);
	return 0;
}

static int io_append(struct raft_io *io, struct raft_io_append *asked,
		     const struct raft_entry entries[], unsigned count, raft_io_append_cb done)
{
	struct request *request = ask(io, APPEND, asked, (void (*)(void))done);
	request->entries = entries;
	request->count = count;
	return 0;
}

static int io_truncate(struct raft_io *io, raft_index index)
{
	ask(io, TRUNCATE, NULL, NULL)->index = index;
	return 0;
}

static int io_snapshot_put(struct raft_io *io, unsigned trailing,
			   struct raft_io_snapshot_put *asked, const struct raft_snapshot *snapshot,
			   raft_io_snapshot_put_cb done)
{
	enum kind kind = trailing > 0 ? TAKE_SNAPSHOT : INSTALL_SNAPSHOT;
	struct request *request = ask(io, kind, asked, (void (*)(void))done);
	request->snapshot = snapshot;
	request->count = trailing;
	return 0;
}

static int io_snapshot_get(struct raft_io *io, struct raft_io_snapshot_get *asked,
			   raft_io_snapshot_get_cb done)
{
	ask(io, READ_SNAPSHOT, asked, (void (*)(void))done);
	return 0;
}

static raft_time io_time(struct raft_io *io)
{
	const struct server *server = io->impl;
	return server->now;
}

static int io_random(struct raft_io *io, int least, int most)
{
	(void)io, (void)most;
	return least;
}

static struct raft_io io_of(struct server *server)
{
	return (struct raft_io){.version = 1,
				.impl = server,
				.init = io_init,
				.close = io_close,
				.load = io_load,
				.start = io_start,
				.bootstrap = io_bootstrap,
				.recover = io_recover,
				.set_term = io_set_term,
				.set_vote = io_set_vote,
				.send = io_send,
				.append = io_append,
				.truncate = io_truncate,
				.snapshot_put = io_snapshot_put,
				.snapshot_get = io_snapshot_get,
				.time = io_time,
				.random = io_random};
}

/* raft_fsm: a hash of all commands in their order */

static int fsm_apply(struct raft_fsm *fsm, const struct raft_buffer *command, void **result)
{
	struct server *server = fsm->data;
	const unsigned char *bytes = command->base;
	server->digest = (server->digest ^ 0x100) * 0x100000001b3u;
	for (size_t place = 0; place < command->len; place++)
		server->digest = (server->digest ^ bytes[place]) * 0x100000001b3u;
	*result = NULL;
	return 0;
}

static int fsm_snapshot(struct raft_fsm *fsm, struct raft_buffer *buffers[], unsigned *count)
{
	const struct server *server = fsm->data;
	*count = 1;
	*buffers = raft_malloc(sizeof **buffers);
	(*buffers)[0] =
		(struct raft_buffer){raft_malloc(sizeof server->digest), sizeof server->digest};
	memcpy((*buffers)[0].base, &server->digest, sizeof server->digest);
	return 0;
}

static int fsm_restore(struct raft_fsm *fsm, struct raft_buffer *buffer)
{
	struct server *server = fsm->data;
	memcpy(&server->digest, buffer->base, sizeof server->digest);
	raft_free(buffer->base);
	return 0;
}

static struct raft_fsm fsm_of(struct server *server)
{
	return (struct raft_fsm){.version = 1,
				 .data = server,
				 .apply = fsm_apply,
				 .snapshot = fsm_snapshot,
				 .restore = fsm_restore};
}

/* What was asked for is done */

static void finish_write(struct server *server, const struct request *request)
{
	count_operation(server);
	if (request->kind == APPEND) {
		disk_append(&server->disk, request->entries, request->count);
		((raft_io_append_cb)request->done)(request->asked, 0);
	} else if (request->kind == TRUNCATE) {
		disk_truncate(&server->disk, request->index);
	} else {
		disk_keep_snapshot(&server->disk, request->snapshot, request->count);
		((raft_io_snapshot_put_cb)request->done)(request->asked, 0);
	}
}

static void finish(struct server *server, const struct request *request)
{
	if (request->kind == READ_SNAPSHOT)
		((raft_io_snapshot_get_cb)request->done)(request->asked,
							 disk_snapshot(&server->disk), 0);
	else if (request->kind != SENT)
		finish_write(server, request);
	else if (request->done)
		((raft_io_send_cb)request->done)(request->asked, 0);
}

/* The first request of a queue, if it is of a step before this one. */
static struct request *take(struct queue *queue, long before)
{
	struct request *found = queue->first;
	if (!found || found->step >= before)
		return NULL;
	queue->first = found->next;
	return found;
}

/* The next request that is due. A snapshot that a server takes is kept in its next step. */
static struct request *next_due(struct server *server)
{
	struct request *found = take(&server->prompt, server->steps + 1);
	if (!found && (!server->options->async_writes || server->may_write > 0)) {
		found = take(&server->writes, server->steps + 1);
		server->may_write = 0;
	}
	return found ? found : take(&server->snapshots, server->steps);
}

unsigned server_writes(const struct server *server)
{
	unsigned count = 0;
	if (server->options->async_writes)
		for (const struct request *each = server->writes.first; each; each = each->next)
			count++;
	return count;
}

static void drain(struct server *server)
{
	for (struct request *due = next_due(server); due; due = next_due(server)) {
		finish(server, due);
		raft_free(due);
	}
}

/* A new leader appends a barrier, where it is asked to: libraft leaves that to its user. */
static void take_office(struct server *server)
{
	bool is_new = server->raft.state == RAFT_LEADER && server->led != server->raft.current_term;
	if (!is_new)
		return;
	server->led = server->raft.current_term;
	if (server->options->barrier &&
	    raft_barrier(&server->raft, raft_calloc(1, sizeof(struct raft_barrier)), NULL) != 0)
		fail("a new leader refuses a barrier");
}

/* Start and stop */

static void configure(struct server *server)
{
	const struct options *options = server->options;
	raft_set_election_timeout(&server->raft, ELECTION_TIMEOUT);
	raft_set_heartbeat_timeout(&server->raft, HEARTBEAT_TIMEOUT);
	raft_set_install_snapshot_timeout(&server->raft, HEARTBEAT_TIMEOUT);
	raft_set_snapshot_threshold(&server->raft, options->snapshot_threshold);
	raft_set_snapshot_trailing(&server->raft, options->snapshot_trailing);
	raft_set_pre_vote(&server->raft, options->pre_vote);
}

static void initialise(struct server *server)
{
	server->io = io_of(server);
	server->fsm = fsm_of(server);
	server->digest = 0xcbf29ce484222325u;
	server->now = 0;
	server->led = 0;
	if (raft_init(&server->raft, &server->io, &server->fsm, server->id, server->address) != 0)
		fail("raft_init: %s", raft_errmsg(&server->raft));
	configure(server);
}

static void bootstrap(struct server *server, int servers)
{
	struct raft_configuration configuration;
	raft_configuration_init(&configuration);
	for (int id = 1; id <= servers; id++) {
		char address[24];
		snprintf(address, sizeof address, "S%d", id);
		raft_configuration_add(&configuration, (raft_id)id, address, RAFT_VOTER);
	}
	initialise(server);
	if (raft_bootstrap(&server->raft, &configuration) != 0)
		fail("raft_bootstrap: %s", raft_errmsg(&server->raft));
	heap_clear(&server->heap);
}

void server_create(struct server *server, raft_id id, int servers, const struct options *options)
{
	server_crash(server);
	disk_clear(&server->disk);
	server->id = id;
	snprintf(server->address, sizeof server->address, "S%llu", id);
	server->options = options;
	heap_use(&server->heap);
	bootstrap(server, servers);
}

void server_crash(struct server *server)
{
	heap_clear(&server->heap);
	memset(&server->raft, 0, sizeof server->raft);
	server->prompt = server->writes = server->snapshots = (struct queue){0};
	server->is_running = server->is_armed = false;
}

static void restart(struct server *server)
{
	server_crash(server);
	initialise(server);
	server->is_running = true;
	if (raft_start(&server->raft) != 0)
		fail("raft_start: %s", raft_errmsg(&server->raft));
}

static void step(struct server *server, const char *name, const struct json *asked)
{
	bool was_armed = server->is_armed;
	bool is_start = strcmp(name, "restart") == 0;
	server->steps++;
	server->told = 0;
	server->may_write = 0;
	if (is_start)
		restart(server);
	else
		command_do(server, name, asked);
	drain(server);
	if (!is_start)
		take_office(server);
	drain(server);
	if (server->raft.state == RAFT_UNAVAILABLE)
		fail("S%llu shuts down%s%s", server->id, *server->raft.errmsg ? ": " : "",
		     server->raft.errmsg);
	if (was_armed)
		server->is_armed = false;
}

bool server_act(struct server *server, const char *name, const struct json *asked)
{
	heap_use(&server->heap);
	if (strcmp(name, "crash") == 0) {
		server_crash(server);
		return false;
	}
	if (setjmp(crash_point) == 0) {
		step(server, name, asked);
		return false;
	}
	server_crash(server);
	return true;
}
