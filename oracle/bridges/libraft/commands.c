/* The protocol's commands at a running server, put to libraft; see commands.h. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "messages.h"

/* The same functions for all servers. */
static raft_io_tick_cb tick;
static raft_io_recv_cb receive;

void commands_listen(raft_io_tick_cb on_tick, raft_io_recv_cb on_receive)
{
	tick = on_tick;
	receive = on_receive;
}

raft_id id_of(const char *name)
{
	int id = name[0] == 'S' ? atoi(name + 1) : 0;
	if (id < 1 || id > MOST_SERVERS)
		fail("server: found %s, expected S1 to S%d", name, MOST_SERVERS);
	return (raft_id)id;
}

/* As much time as an election timeout has: a leader looks whether it hears a majority. */
static void election_timeout(struct server *server, const struct json *asked)
{
	(void)asked;
	raft_time due = server->raft.election_timer_start + ELECTION_TIMEOUT;
	if (server->raft.state == RAFT_LEADER)
		server->now += ELECTION_TIMEOUT;
	else if (server->now < due)
		server->now = due;
	tick(&server->io);
}

static void heartbeat_timeout(struct server *server, const struct json *asked)
{
	(void)asked;
	if (server->raft.state != RAFT_LEADER)
		return;
	server->now += HEARTBEAT_TIMEOUT;
	tick(&server->io);
}

static void client_request(struct server *server, const struct json *asked)
{
	const char *command = json_text(asked, "command");
	struct raft_buffer buffer = {raft_malloc(strlen(command) + 1), strlen(command)};
	memcpy(buffer.base, command, buffer.len);
	if (raft_apply(&server->raft, raft_calloc(1, sizeof(struct raft_apply)), &buffer, 1,
		       NULL) != 0)
		raft_free(buffer.base);
}

/* Whoever is asked for a vote has not heard from a leader for long, unless it is sticky. */
static void receive_message(struct server *server, const struct json *asked)
{
	struct raft_message message;
	messages_open(json_number(asked, "message"), &message);
	if (message.type == RAFT_IO_REQUEST_VOTE && !server->options->sticky)
		message.request_vote.disrupt_leader = true;
	if (message.type == RAFT_IO_APPEND_ENTRIES)
		server->told =
			message.append_entries.prev_log_index + message.append_entries.n_entries;
	receive(&server->io, &message);
}

static void transfer_leadership(struct server *server, const struct json *asked)
{
	raft_id target = id_of(json_text(asked, "target"));
	if (server->options->transfers)
		raft_transfer(&server->raft, raft_calloc(1, sizeof(struct raft_transfer)), target,
			      NULL);
}

/* The role that a change asks for; -1 where the server is to go. */
static int wanted_role(const struct json *asked, raft_id id)
{
	static const char *const fields[] = {"learners", "voters"};
	int found = -1;
	for (int role = RAFT_STANDBY; role <= RAFT_VOTER; role++) {
		const struct json *names = json_get(asked, fields[role]);
		for (const struct json *name = names ? names->first : NULL; name; name = name->next)
			if (id_of(name->text) == id)
				found = role;
	}
	return found;
}

static int present_role(const struct raft *raft, raft_id id)
{
	for (unsigned place = 0; place < raft->configuration.n; place++)
		if (raft->configuration.servers[place].id == id)
			return raft->configuration.servers[place].role;
	return -1;
}

static int voters_in(const struct raft *raft)
{
	int count = 0;
	for (unsigned place = 0; place < raft->configuration.n; place++)
		count += raft->configuration.servers[place].role == RAFT_VOTER;
	return count;
}

/* One server at a time, as libraft does: the first whose role is another than what is asked for. A
 * new server is a spare first. What the library refuses, it refuses. Two voters stay: a single one
 * would lead its old term again from its start on. */
static void change_membership(struct server *server, const struct json *asked)
{
	struct raft *raft = &server->raft;
	for (raft_id id = 1; server->options->membership && id <= MOST_SERVERS; id++) {
		int wanted = wanted_role(asked, id), present = present_role(raft, id);
		struct raft_change *change = raft_calloc(1, sizeof *change);
		char address[24];
		snprintf(address, sizeof address, "S%llu", id);
		if (wanted == present || (present == RAFT_VOTER && voters_in(raft) == 2))
			continue;
		if (wanted == -1)
			raft_remove(raft, change, id, NULL);
		else if (present == -1)
			raft_add(raft, change, id, address, NULL);
		else
			raft_assign(raft, change, id, wanted, NULL);
		return;
	}
}

static void crash_inside(struct server *server, const struct json *asked)
{
	server->is_armed = true;
	server->after = json_number(asked, "after");
}

static void complete_write(struct server *server, const struct json *asked)
{
	(void)asked;
	server->may_write = 1;
}

/* Connections are the network's. */
static void do_nothing(struct server *server, const struct json *asked)
{
	(void)server, (void)asked;
}

void command_do(struct server *server, const char *name, const struct json *asked)
{
	static const struct {
		const char *name;
		void (*act)(struct server *server, const struct json *asked);
	} commands[] = {{"election_timeout", election_timeout},
			{"heartbeat_timeout", heartbeat_timeout},
			{"client_request", client_request},
			{"receive", receive_message},
			{"transfer_leadership", transfer_leadership},
			{"change_membership", change_membership},
			{"complete_write", complete_write},
			{"crash_inside", crash_inside},
			{"connect", do_nothing},
			{"disconnect", do_nothing}};
	for (size_t place = 0; place < sizeof commands / sizeof *commands; place++)
		if (strcmp(commands[place].name, name) == 0) {
			commands[place].act(server, asked);
			return;
		}
	fail("op: found %s, which this bridge does not know", name);
}
