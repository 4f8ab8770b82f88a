/* The adapter protocol, version 1: one JSON object a line, each command answered by one line.
 *
 * There is nothing to change here. main reads commands, calls the adapter, and writes what came of
 * it; of a log it writes only what differs from what it wrote last. */
#define _POSIX_C_SOURCE 200809L
#include "adapter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The log of a server as it was shown last; commands are compared by their text. */
struct shown {
	bool is_known;
	long length, room;
	struct {
		long term;
		char *content;
	} *entries;
};

static struct shown shown[MOST_SERVERS];
static int servers;
static struct text sent, reply;
static jmp_buf given_up;

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
	longjmp(given_up, 1);
}

void protocol_send(int from, int destination, const char *message, const char *label,
		   const char *meaning)
{
	text_add(&sent, "%s{\"from\":\"S%d\",\"to\":\"S%d\",\"message\":", sent.length ? "," : "",
		 from + 1, destination + 1);
	text_add_string(&sent, message);
	text_add(&sent, ",\"label\":");
	text_add_string(&sent, label);
	text_add(&sent, ",\"meaning\":%s}", meaning);
}

static int number_of(const char *name)
{
	int number = name[0] == 'S' ? atoi(name + 1) : 0;
	if (number < 1 || number > MOST_SERVERS)
		fail("server: found %s, expected S1 to S%d", name, MOST_SERVERS);
	return number - 1;
}

/* Forget a shown log from a position on. */
static void forget_from(struct shown *log, long position)
{
	while (log->length > position)
		free(log->entries[--log->length].content);
}

static void show_again(struct shown *log, struct entry entry)
{
	if (log->length == log->room) {
		log->room = 2 * log->room + 8;
		log->entries = realloc(log->entries, (size_t)log->room * sizeof *log->entries);
	}
	log->entries[log->length].term = entry.term;
	log->entries[log->length++].content = strdup(entry.command);
}

/* Write the part of a log that was not shown before. */
static void add_log(int server)
{
	struct shown *log = &shown[server];
	long length = adapter_log_length(server), same = 0;
	while (same < length && same < log->length) {
		struct entry entry = adapter_log_entry(server, same + 1);
		if (entry.term != log->entries[same].term ||
		    strcmp(entry.command, log->entries[same].content) != 0)
			break;
		same++;
	}
	if (log->is_known && same == length && same == log->length)
		return;
	log->is_known = true;
	forget_from(log, same);
	text_add(&reply, ",\"log\":{\"from\":%ld,\"entries\":[", same + 1);
	for (long index = same + 1; index <= length; index++) {
		struct entry entry = adapter_log_entry(server, index);
		text_add(&reply, "%s[%ld,", index > same + 1 ? "," : "", entry.term);
		text_add_string(&reply, entry.command);
		text_add(&reply, "]");
		show_again(log, entry);
	}
	text_add(&reply, "]}");
}

/* What was sent, and what servers look like now. */
static void answer(int first, int last)
{
	text_add(&reply, "{\"sent\":[%s],\"views\":{", sent.start);
	for (int server = first; server <= last; server++) {
		text_add(&reply, "%s\"S%d\":{", server > first ? "," : "", server + 1);
		adapter_view(server, &reply);
		add_log(server);
		text_add(&reply, "}");
	}
	text_add(&reply, "}}");
}

static void reset(const struct json *asked)
{
	const struct json *names = json_get(asked, "servers");
	servers = 0;
	for (const struct json *name = names ? names->first : NULL; name; name = name->next)
		servers++;
	if (servers < 1 || servers > MOST_SERVERS)
		fail("servers: found %d, expected 1 to %d", servers, MOST_SERVERS);
	for (int server = 0; server < MOST_SERVERS; server++) {
		forget_from(&shown[server], 0);
		shown[server].is_known = false;
	}
	adapter_reset(servers, json_get(asked, "settings"));
	answer(0, servers - 1);
}

/* Do a command at one server. */
static void call(const char *name, int server, const struct json *asked)
{
	if (strcmp(name, "election_timeout") == 0)
		adapter_election_timeout(server);
	else if (strcmp(name, "heartbeat_timeout") == 0)
		adapter_heartbeat_timeout(server);
	else if (strcmp(name, "client_request") == 0)
		adapter_client_request(server, json_text(asked, "command"));
	else if (strcmp(name, "receive") == 0)
		adapter_receive(server, number_of(json_text(asked, "from")),
				json_text(asked, "message"));
	else if (strcmp(name, "restart") == 0)
		adapter_restart(server);
	else if (strcmp(name, "connect") != 0 && strcmp(name, "disconnect") != 0)
		fail("unknown op %s", name);
	answer(server, server);
}

/* Do one command. */
static void handle(const char *line)
{
	const struct json *asked = json_read(line);
	const char *name = json_text(asked, "op");
	if (strcmp(name, "hello") == 0) {
		text_add(&reply, "%s", hello);
	} else if (strcmp(name, "reset") == 0) {
		reset(asked);
	} else if (strcmp(name, "crash") == 0) {
		int server = number_of(json_text(asked, "server"));
		adapter_crash(server);
		forget_from(&shown[server], 0);
		shown[server].is_known = false;
		text_add(&reply, "{}");
	} else {
		call(name, json_get(asked, "server") ? number_of(json_text(asked, "server")) : 0,
		     asked);
	}
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, stdin) > 0) {
		text_clear(&sent);
		text_clear(&reply);
		if (setjmp(given_up) == 0)
			handle(line);
		json_forget();
		puts(reply.start);
		fflush(stdout);
	}
	free(line);
	return 0;
}
