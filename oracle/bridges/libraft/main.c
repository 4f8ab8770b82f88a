/* A bridge to libraft: a whole cluster of it behind raft-oracle's adapter protocol, version 1.
 *
 * It reads one JSON object a line, and answers each with one. There is no clock, no network and no
 * randomness: a server does something only when it is told to, and then to the end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "messages.h"
#include "options.h"
#include "version.h"
#include "view.h"

static struct server servers[MOST_SERVERS];
static int server_count;
static struct options options;
static struct text reply;
static sigjmp_buf given_up;

_Noreturn void fail(const char *format, ...)
{
	char reason[1000];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	text_clear(&reply);
	text_add(&reply, "{\"error\":");
	text_add_string(&reply, reason);
	text_add(&reply, "}");
	siglongjmp(given_up, 1);
}

static void on_fault(int number)
{
	fail(number == SIGFPE ? "libraft divides by zero"
			      : "libraft reads or writes memory that is not there");
}

static void say_hello(void)
{
	text_add(&reply,
		 "{\"protocol\":1,\"name\":\"libraft\",\"version\":\"%s\",\"network\":\"any\",",
		 LIBRAFT_VERSION);
	text_add(&reply,
		 "\"summary\":\"canonical's C library, under dqlite, driven through its raft_io "
		 "and raft_fsm\",\"observes\":[\"voted_for\",\"next_index and match_index\","
		 "\"applied_digest\",\"snapshots\",\"memberships\",\"message meanings\"],"
		 "\"offers\":[\"ChangeMembership\",\"CompleteWrite\",\"CrashInside\","
		 "\"TransferLeadership\"],"
		 "\"settings\":");
	options_add(&reply);
	text_add(&reply, "}");
}

static void add_view(struct server *server, bool has_crashed)
{
	text_add(&reply, "\"S%llu\":", server->id);
	if (has_crashed)
		view_add_crashed(&reply, server);
	else
		view_add(&reply, server);
}

static void reset(const struct json *asked)
{
	const struct json *names = json_get(asked, "servers");
	options_read(&options, json_get(asked, "settings"));
	messages_clear();
	server_count = 0;
	for (const struct json *name = names ? names->first : NULL; name; name = name->next)
		server_count++;
	if (server_count < 1 || server_count > MOST_SERVERS)
		fail("servers: found %d, expected 1 to %d", server_count, MOST_SERVERS);
	text_add(&reply, "{\"views\":{");
	for (int place = 0; place < server_count; place++) {
		struct server *server = &servers[place];
		server_create(server, (raft_id)place + 1, server_count, &options);
		view_forget(server);
		server_act(server, "restart", asked);
		text_add(&reply, "%s", place ? "," : "");
		add_view(server, false);
	}
	text_add(&reply, "},\"sent\":[%s]%s}", sent.start,
		 options.async_writes ? "" : ",\"without\":[\"CompleteWrite\"]");
}

/* Do a command at one server, and tell what came of it. */
static void call(const char *name, const struct json *asked)
{
	struct server *server = &servers[id_of(json_text(asked, "server")) - 1];
	bool is_up = server->is_running;
	bool has_crashed = server_act(server, name, asked);
	if (!server->is_running && !has_crashed) {
		text_add(&reply, "{}");
		return;
	}
	if (!is_up)
		view_show_all(server);
	text_add(&reply, "{\"sent\":[%s],\"crashed\":%s,\"views\":{", sent.start,
		 has_crashed ? "true" : "false");
	add_view(server, has_crashed);
	text_add(&reply, "}}");
}

static void answer(const char *line)
{
	const struct json *asked = json_read(line);
	const char *name = json_text(asked, "op");
	if (strcmp(name, "hello") == 0)
		say_hello();
	else if (strcmp(name, "reset") == 0)
		reset(asked);
	else
		call(name, asked);
}

int main(void)
{
	struct sigaction fault = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};
	char *line = NULL;
	size_t room = 0;
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGFPE, &fault, NULL);
	heap_install();
	while (getline(&line, &room, stdin) > 0) {
		text_clear(&sent);
		text_clear(&reply);
		if (sigsetjmp(given_up, 1) == 0)
			answer(line);
		json_forget();
		puts(reply.start);
		fflush(stdout);
	}
	free(line);
	return 0;
}
