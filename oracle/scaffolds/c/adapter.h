/* What protocol.c asks of adapter.c. Servers have numbers from 0; number n is "S<n+1>". */
#ifndef ADAPTER_H
#define ADAPTER_H

#include "json.h"
#include "raft.h"

/* What the adapter says of itself, as JSON. */
extern const char hello[];

void adapter_reset(int servers, const struct json *settings);
void adapter_election_timeout(int server);
void adapter_heartbeat_timeout(int server);
void adapter_client_request(int server, const char *command);
void adapter_receive(int server, int from, const char *message);
void adapter_crash(int server);
void adapter_restart(int server);

/* Write the view of a running server as members of a JSON object, without its log. */
void adapter_view(int server, struct text *view);
long adapter_log_length(int server);
/* The entry at an index from 1. */
struct entry adapter_log_entry(int server, long index);

/* What adapter.c calls to send: a text, a label, and a meaning as JSON. */
void protocol_send(int from, int destination, const char *message, const char *label,
		   const char *meaning);

#endif
