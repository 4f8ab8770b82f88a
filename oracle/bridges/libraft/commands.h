/* The protocol's commands at a running server, put to libraft. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "server.h"

/* Where libraft wants to hear of time and of messages. */
void commands_listen(raft_io_tick_cb tick, raft_io_recv_cb receive);
void command_do(struct server *server, const char *name, const struct json *asked);

#endif
